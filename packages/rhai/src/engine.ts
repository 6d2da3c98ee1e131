/** Runs Rhai inside a JavaScript program. */
import { compile } from "./compile.ts";
import { type CompileOptions, type HostName } from "./compile.ts";
import { fromJs, toJs } from "./convert.ts";
import { type Diagnostic } from "./diagnostics.ts";
import { compileEvaluated, instantiate, moduleLoader } from "./instantiate.ts";
import { RhaiError } from "./runtime/error.ts";
import { setEvaluator } from "./runtime/evaluator.ts";
import { type HostFunction, type HostReply, type HostRequest } from "./runtime/host.ts";
import { Run } from "./runtime/run.ts";
import { type Runnable, type Step } from "./runtime/run.ts";
import { type Limits, type Output } from "./runtime/state.ts";
import { type Value } from "./runtime/value.ts";

export { fromJs, toJs } from "./convert.ts";
export { RhaiError } from "./runtime/error.ts";
export { type HostReply, type HostRequest } from "./runtime/host.ts";
export { JsonError, JsonTooLong, fromJson, toJson } from "./runtime/json.ts";
export { type Trace, textOf, traceOf } from "./runtime/position.ts";
export { Run, type Step } from "./runtime/run.ts";
export { Arr, Blob, Char, Dict, Float, FnPtr, Range, type Value, charOf } from "./runtime/value.ts";

export interface EngineOptions {
  /** Limits of each run. Absent ones: 64 calls inside each other, no other limit. */
  readonly limits?: Partial<Limits>;
  /** What the parser and the compiler accept. */
  readonly language?: Pick<CompileOptions, "strict" | "shadowing" | "looping" | "limits">;
  /** Reading a key that a map does not have is an error. */
  readonly failsOnMissing?: boolean;
  /** Gets the lines of `print`. Absent: they are lost. */
  readonly print?: Output["print"];
  /** Gets the lines of `debug`, with line and column of the call. */
  readonly debug?: Output["debug"];
  /** Source of the module that `import "path"` names; undefined: there is none. */
  readonly resolve?: (path: string) => string | undefined;
}

/** The source is not a script: what the compiler found, the first first. */
export class CompileError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    const [first] = diagnostics;
    super(
      first === undefined ? "no script" : `${first.message} (line ${first.line}, position ${first.column})`,
    );
    this.name = "CompileError";
    this.diagnostics = diagnostics;
  }
}

/** A compiled script of one engine. Can run any number of times. */
export interface Script {
  /** Names of the variables that it gets from outside. */
  readonly scope: readonly string[];
  /** It may wait for the host: `eval` refuses it, `evalAsync` and `start` run it. */
  readonly suspends: boolean;
  /** The JavaScript that it became. */
  readonly code: string;
}

/** Values of the variables that a script gets from outside, as plain JavaScript or values of Rhai. */
export type Scope = Readonly<Record<string, unknown>>;

interface AsyncFunction {
  readonly call: (...args: Value[]) => Promise<Value>;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #functions = new Map<string, HostFunction>();
  readonly #asyncFunctions = new Map<string, AsyncFunction>();
  readonly #units = new WeakMap<Script, Runnable>();

  constructor(options: EngineOptions = {}) {
    this.#options = options;
    setEvaluator(compileEvaluated);
  }

  /** Makes `name` (or `namespace::name`) a function of the scripts that are compiled afterwards, for as many arguments as
   *  `fn` has parameters. Scripts call it as `name(a, b)` and as `a.name(b)`. Arguments and result are plain JavaScript
   *  (`convert.ts`). What it throws is thrown in the script. */
  registerFn(name: string, fn: (...args: never[]) => unknown): this {
    this.#functions.set(`${name}/${fn.length}`, (...args) => {
      const result = guarded(name, () => (fn as (...all: unknown[]) => unknown)(...args.map(toJs)));
      return fromJs(result, `result of ${name}`);
    });
    return this;
  }

  /** Like `registerFn`, for functions that give a promise. Scripts wait for it; other runs go on meanwhile. */
  registerAsyncFn(name: string, fn: (...args: never[]) => Promise<unknown>): this {
    const call = async (...args: Value[]): Promise<Value> => {
      const result = await (fn as (...all: unknown[]) => Promise<unknown>)(...args.map(toJs));
      return fromJs(result, `result of ${name}`);
    };
    this.#asyncFunctions.set(`${name}/${fn.length}`, { call });
    return this;
  }

  /** Throws CompileError. `scope`: names of the variables that runs will get. */
  compile(source: string, scope: readonly string[] = []): Script {
    const made = compile(source, this.#compileOptions(scope));
    if (!made.ok) throw new CompileError(made.diagnostics);
    const script: Script = { scope, suspends: made.suspends, code: made.code };
    this.#units.set(script, instantiate(made.code));
    return script;
  }

  #compileOptions(scope: readonly string[]): CompileOptions {
    const { language, resolve } = this.#options;
    const functions = new Map<string, HostName>();
    for (const key of this.#functions.keys()) functions.set(key, { suspends: false });
    for (const key of this.#asyncFunctions.keys()) functions.set(key, { suspends: true });
    return {
      ...language,
      scope,
      host: { functions, methods: new Map() },
      ...(resolve === undefined ? {} : { resolve }),
    };
  }

  /** Compiles if need be, runs to the end, and gives the result as plain JavaScript. Throws CompileError, RhaiError, and
   *  TypeError for a script that may wait. */
  eval(script: string | Script, scope: Scope = {}): unknown {
    return toJs(this.evalValue(script, scope));
  }

  /** Like `eval`; the result is the value itself. */
  evalValue(script: string | Script, scope: Scope = {}): Value {
    const compiled = typeof script === "string" ? this.compile(script, Object.keys(scope)) : script;
    if (compiled.suspends) throw new TypeError("the script waits for the host: run it with evalAsync");
    const step = this.start(compiled, scope).start();
    if (!step.done) throw new Error("a script that does not suspend did");
    return step.value;
  }

  /** Like `eval`, for scripts that may wait for asynchronous functions. */
  async evalAsync(script: string | Script, scope: Scope = {}): Promise<unknown> {
    const compiled = typeof script === "string" ? this.compile(script, Object.keys(scope)) : script;
    const run = this.start(compiled, scope);
    let step: Step = run.start();
    while (!step.done) step = run.resume(await this.#answer(step.request));
    return toJs(step.value);
  }

  /** A run that the caller drives: `start()`, then `resume(reply)` for each request of the host. */
  start(script: Script, scope: Scope = {}): Run {
    const unit = this.#units.get(script);
    if (unit === undefined) throw new TypeError("the script was compiled by another engine");
    const values = script.scope.map((name) => fromJs(scope[name], name));
    const { limits, failsOnMissing, print = ignore, debug = ignore } = this.#options;
    return new Run(unit, values, {
      output: { print, debug },
      hosts: this.#functions,
      load: moduleLoader(this.#compileOptions([])),
      ...(limits === undefined ? {} : { limits }),
      ...(failsOnMissing === undefined ? {} : { failsOnMissing }),
    });
  }

  async #answer({ fn, args }: HostRequest): Promise<HostReply> {
    const found = this.#asyncFunctions.get(`${fn}/${args.length}`);
    if (found === undefined) return { ok: false, error: `no function ${fn} with ${args.length} arguments` };
    try {
      return { ok: true, value: await found.call(...args) };
    } catch (error) {
      return { ok: false, error: thrownValue(error) };
    }
  }
}

function ignore(): void {}

/** What a function of the host throws, as `throw` in the script would. */
function guarded(name: string, call: () => unknown): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof RhaiError) throw error;
    throw new RhaiError("ErrorRuntime", `Runtime error: ${textOf(error)}`, { thrown: thrownValue(error) });
  }
  if (result instanceof Promise)
    throw new TypeError(`${name} gives a promise: register it with registerAsyncFn`);
  return result;
}

/** The text of an Error; any other value as it is, if Rhai has it. */
function thrownValue(error: unknown): Value {
  if (error instanceof Error) return error.message;
  try {
    return fromJs(error);
  } catch {
    return String(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
