/** Compiles what a script gives to `eval`. Also the entry of `compiler.generated.js`, which isolates load for scripts that
 *  use `eval`. */
import { compile } from "./compile.ts";

export type CompiledEval =
  | { readonly ok: true; readonly code: string }
  | {
      readonly ok: false;
      /** Why the text is none. Without `place`: it has none. */
      readonly fault: {
        readonly code: string;
        readonly lex?: string;
        readonly message: string;
        readonly place?: { readonly line: number; readonly column: number };
      };
    };

/** A text that runs in the scope of its caller. Never throws for any source. */
export function compileEval(source: string): CompiledEval {
  const compiled = compile(source, { isEvaluated: true });
  if (compiled.ok) return { ok: true, code: compiled.code };
  const [first] = compiled.diagnostics;
  if (first === undefined) throw new Error("a text was refused without a reason");
  const { code, lex, message, line, column } = first;
  // A function inside of an eval is an error without a place.
  const place = code === "WrongFnDefinition" ? {} : { place: { line, column } };
  return { ok: false, fault: { code, message, ...(lex === undefined ? {} : { lex }), ...place } };
}
