/** `eval(text)`. `evaluate.sync.ts` is made from this text by `npm run generate`. */
import { RhaiError, uncatchable } from "./error.ts";
import { tick } from "./fuel.ts";
import { getEvaluator, type HostList } from "./evaluator.ts";
import { asRhaiError } from "./overflow.ts";
import { textOf, traceOf } from "./position.ts";
import { mismatchValue, stackOverflow, system } from "./raise.ts";
import { type Scope } from "./scope.ts";
import { type Co, settle } from "./settle.co.ts";
import { S } from "./state.ts";
import { type Value } from "./value.ts";

/** What a text costs before it runs: to compile it takes as long as so many operations. */
const EVAL_OPERATIONS = 5_000;
const CHAR_OPERATIONS = 20;

/** Runs the text now. Its variables stay in the scope; its errors come as those of a call of `eval`. */
export function* evaluate(source: Value, scope: Scope, host?: HostList): Co<Value> {
  if (typeof source !== "string") return mismatchValue(source, "string");
  const evaluator = getEvaluator();
  if (evaluator === undefined) return system("eval is not available here");
  // Compiling is work too, and a text that evaluates itself must end.
  tick(EVAL_OPERATIONS + source.length * CHAR_OPERATIONS);
  const made = evaluator(source, host);
  if (!made.ok) {
    const { fault } = made;
    const { message, place } = fault;
    const where = place === undefined ? "" : ` (line ${place.line}, position ${place.column})`;
    const text = `Syntax error: ${message}${where}`;
    return inEval(text, new RhaiError("ErrorParsing", text, { parse: fault }));
  }
  if (++S.depth > S.limits.callDepth) return stackOverflow();
  const { depth, functions } = S;
  try {
    // Main of such a text takes the scope.
    const main = made.main as (scope: Scope) => Value;
    const compiled = { name: "eval", code: () => undefined, arity: 0, isColoured: made.suspends ?? false };
    const value = yield* settle(compiled, main(scope));
    S.depth--;
    return value;
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
