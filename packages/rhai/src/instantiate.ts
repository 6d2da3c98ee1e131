/** From emitted text to a unit that runs. */
import { compile, type CompileOptions } from "./compile.ts";
import { compileEval } from "./compile-eval.ts";
import { type Diagnostic } from "./diagnostics.ts";
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

/** What `import` loads when its path is known at run time only. `options` are those of the script. */
export function moduleLoader(options: CompileOptions): (path: string) => runtime.LoadedModule | undefined {
  const { scope: _, ...others } = options;
  return (path) => {
    const source = options.resolve?.(path);
    if (source === undefined) return undefined;
    const compiled = compile(source, { ...others, path });
    return compiled.ok ? instantiate(compiled.code) : faultOf(compiled.diagnostics);
  };
}

function faultOf([first]: readonly Diagnostic[]): runtime.ParseFault {
  if (first === undefined) throw new Error("a module was refused without a reason");
  const { code, message, line, column, lex } = first;
  return { code, message, place: { line, column }, ...(lex === undefined ? {} : { lex }) };
}

/** Runs a script to its end: for tests and small tools. Throws RhaiError, or an error with the first diagnostic. */
export function evaluate(source: string, options: CompileOptions & runtime.RunOptions = {}): runtime.Value {
  const compiled = compile(source, options);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message ?? "no diagnostic");
  const step = new runtime.Run(instantiate(compiled.code), [], {
    load: moduleLoader(options),
    ...options,
  }).start();
  if (!step.done) throw new Error("the script waits for its host");
  return step.value;
}
