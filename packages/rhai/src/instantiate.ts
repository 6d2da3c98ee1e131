/** From emitted text to a unit that runs. */
import { compile, type CompileOptions } from "./compile.ts";
import { compileEval } from "./compile-eval.ts";
import * as runtime from "./runtime/runtime.ts";

export type Runtime = typeof runtime;

/** Makes the unit of a compiled text, in this instance of the runtime. */
export function instantiate(code: string): runtime.Unit {
  runtime.setEvaluator(compileEvaluated);
  // The text is the compiler's own; indirect, so that it sees nothing of this module.
  // oxlint-disable-next-line no-eval
  const make = (0, eval)(code) as (rt: Runtime) => runtime.Unit;
  return make(runtime);
}

/** Compiles the text of an `eval`, in the scope of the caller. */
export function compileEvaluated(source: string, host?: runtime.HostList): ReturnType<runtime.Evaluator> {
  const compiled = compileEval(source, host);
  if (!compiled.ok) return compiled;
  const { main, suspends } = instantiate(compiled.code);
  return { ok: true, main, suspends };
}

/** Runs a script to its end: for tests and small tools. Throws RhaiError, or an error with the first diagnostic. */
export function evaluate(source: string, options: CompileOptions & runtime.RunOptions = {}): runtime.Value {
  const compiled = compile(source, options);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message ?? "no diagnostic");
  const step = new runtime.Run(instantiate(compiled.code), [], options).start();
  if (!step.done) throw new Error("the script waits for its host");
  return step.value;
}
