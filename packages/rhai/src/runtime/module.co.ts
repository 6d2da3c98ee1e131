/** `import`, and calls of functions of modules. `module.sync.ts` is made from this text by `npm run generate`. */
import { RhaiError, uncatchable } from "./error.ts";
import { findHost } from "./host.ts";
import {
  type Alias,
  findModule,
  functionOf,
  type Import,
  inModule,
  type Modules,
  parseText,
} from "./module.ts";
import { asRhaiError } from "./overflow.ts";
import { textOf, traceOf } from "./position.ts";
import { mismatchValue, moduleNotFound } from "./raise.ts";
import { type Co, settle } from "./settle.co.ts";
import { S } from "./state.ts";
import { stateOf } from "./unit.ts";
import { type Value } from "./value.ts";

/** A module by its path, evaluated at its first import in a run. */
export function* importModule(modules: Modules, path: Value, into: Import): Co<void> {
  if (typeof path !== "string") return mismatchValue(path, "string");
  if (!S.modules?.has(path)) yield* evaluateModule(modules, path);
  const module = S.modules?.get(path);
  // A module that imports itself on the way is not there yet.
  if (module === undefined) return moduleNotFound(path);
  const state = stateOf(into.table);
  state.imports.set(into.id, module);
  if (into.name !== undefined) state.inner.set(into.name, module);
}

function* evaluateModule(modules: Modules, path: string): Co<void> {
  const unit = modules.get(path) ?? S.load?.(path);
  if (unit === undefined) return moduleNotFound(path);
  if (!("main" in unit)) {
    const text = parseText(unit);
    return inModule(path, text, new RhaiError("ErrorParsing", text, { parse: unit }));
  }
  S.modules ??= new Map();
  S.modules.set(path, undefined);
  const { functions, depth } = S;
  try {
    const { main, suspends } = unit;
    yield* settle({ name: path, code: () => undefined, arity: 0, isColoured: suspends }, main());
    S.modules.set(path, { functions: unit.functions, state: stateOf(unit.table) });
  } catch (thrown) {
    S.modules.delete(path);
    const error = asRhaiError(thrown);
    if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
    const trace = traceOf(error, S.depth - depth);
    S.depth = depth;
    inModule(path, textOf(trace), trace.error);
  } finally {
    S.functions = functions;
  }
}

/** `a::b::name(…)`. Names of functions that are values are looked up in the module meanwhile. */
export function* callModule(alias: Alias, path: readonly string[], name: string, args: Value[]): Co<Value> {
  if (alias.id === -1) {
    const host = findHost([...path, name].join("::"), args.length);
    if (host !== undefined) return host(...args);
  }
  const module = findModule(alias, path);
  const compiled = functionOf(module, [...path, name].join("::"), args);
  const outer = S.functions;
  S.functions = module.functions;
  try {
    return yield* settle(compiled, compiled.code(undefined, ...args));
  } finally {
    S.functions = outer;
  }
}
