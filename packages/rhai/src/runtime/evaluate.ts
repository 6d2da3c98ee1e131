/** `eval(text)`: the compiler is not part of the runtime, the host supplies it. */
import { type ParseFault, RhaiError, uncatchable } from "./error.ts";
import { mismatchValue, system } from "./raise.ts";
import { traceOf, textOf } from "./position.ts";
import { asRhaiError } from "./overflow.ts";
import { type Scope } from "./scope.ts";
import { S } from "./state.ts";
import { type Value } from "./value.ts";

/** Compiles a text so that it runs in the scope of its caller. */
export type Evaluator = (
  source: string,
) =>
  | { readonly ok: true; readonly main: (...args: never[]) => unknown }
  | { readonly ok: false; readonly fault: ParseFault };

let evaluator: Evaluator | undefined;

/** Called once by the host. Without it `eval` is an error. */
export function setEvaluator(compile: Evaluator): void {
  evaluator = compile;
}

/** Runs the text now. Its variables stay in the scope; its errors come as those of a call of `eval`. */
export function evaluate(source: Value, scope: Scope): Value {
  if (typeof source !== "string") return mismatchValue(source, "string");
  if (evaluator === undefined) return system("eval is not available here");
  const made = evaluator(source);
  if (!made.ok) {
    const { fault } = made;
    const { message, place } = fault;
    const where = place === undefined ? "" : ` (line ${place.line}, position ${place.column})`;
    const text = `Syntax error: ${message}${where}`;
    return inEval(text, new RhaiError("ErrorParsing", text, { parse: fault }));
  }
  const { depth, functions } = S;
  try {
    // Main of such a text takes the scope.
    return (made.main as (scope: Scope) => Value)(scope);
  } catch (thrown) {
    const error = asRhaiError(thrown);
    if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
    const trace = traceOf(error, S.depth - depth);
    S.depth = depth;
    return inEval(textOf(trace), trace.error);
  } finally {
    S.functions = functions;
  }
}

function inEval(text: string, inner: RhaiError): never {
  throw new RhaiError("ErrorInFunctionCall", `${text}\nin call to function 'eval'`, {
    fields: { function: "eval", source: "" },
    inner,
  });
}
