/** Compiles what a script gives to `eval`. Also the entry of `compiler.generated.js`, which isolates load for scripts that
 *  use `eval`. */
import { type HostName } from "./analysis/host-names.ts";
import { compile } from "./compile.ts";

export type CompiledEval =
  | { readonly ok: true; readonly code: string; readonly suspends: boolean }
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

/** Names of the host as the emitted code of a script passes them on: entries of the two maps. */
export interface HostEntries {
  readonly functions: Iterable<readonly [string, HostName]>;
  readonly methods: Iterable<readonly [string, HostName]>;
}

/** A text that runs in the scope of its caller. `host`: the text may wait for it. Never throws for any source. */
export function compileEval(source: string, host?: HostEntries): CompiledEval {
  const names =
    host === undefined
      ? {}
      : { host: { functions: new Map(host.functions), methods: new Map(host.methods) } };
  const compiled = compile(source, { isEvaluated: true, ...names });
  if (compiled.ok) return { ok: true, code: compiled.code, suspends: compiled.suspends };
  const [first] = compiled.diagnostics;
  if (first === undefined) throw new Error("a text was refused without a reason");
  const { code, lex, message, line, column } = first;
  // A function inside of an eval is an error without a place.
  const place = code === "WrongFnDefinition" ? {} : { place: { line, column } };
  return { ok: false, fault: { code, message, ...(lex === undefined ? {} : { lex }), ...place } };
}
