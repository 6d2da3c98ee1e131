/** The compiler is not part of the runtime: the host supplies what `eval` needs. */
import { type ParseFault } from "./error.ts";

/** Names of the host's functions and methods, as the compiler wants them. */
export interface HostList {
  readonly functions: readonly (readonly [string, { readonly suspends: boolean }])[];
  readonly methods: readonly (readonly [string, { readonly suspends: boolean }])[];
}

/** Compiles a text so that it runs in the scope of its caller. `host`: the text may wait for it. */
export type Evaluator = (
  source: string,
  host?: HostList,
) =>
  | { readonly ok: true; readonly main: (...args: never[]) => unknown; readonly suspends?: boolean }
  | { readonly ok: false; readonly fault: ParseFault };

let evaluator: Evaluator | undefined;

/** Called once by the host. Without it `eval` is an error. */
export function setEvaluator(compile: Evaluator): void {
  evaluator = compile;
}

export function getEvaluator(): Evaluator | undefined {
  return evaluator;
}
