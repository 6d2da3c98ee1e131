/** `import`, `export`, and what stands behind `alias::`. */
import { type ParseFault, RhaiError, uncatchable } from "./error.ts";
import { findHost } from "./host.ts";
import { asRhaiError } from "./overflow.ts";
import { textOf, traceOf } from "./position.ts";
import { functionNotFound, mismatchValue, moduleNotFound, variableNotFound } from "./raise.ts";
import { type Module, S } from "./state.ts";
import { stateOf, type Unit, type UnitTable } from "./unit.ts";
import { type Compiled, copy, type Value } from "./value.ts";

/** Modules compiled into the script, by path; or why their source is no script. */
export type Modules = Map<string, Unit | ParseFault>;

/** `export name`. */
export function exportVariable(table: UnitTable, name: string, value: Value): void {
  stateOf(table).exports.set(name, value);
}

/** Where an `import` puts the module. */
export interface Import {
  readonly table: UnitTable;
  /** Number of the import in its text; -1: it has no name. */
  readonly id: number;
  /** Its name, if it stands at the top level. */
  readonly name: string | undefined;
}

/** A module by its path, evaluated at its first import in a run. */
export function importModule(modules: Modules, path: Value, into: Import): void {
  if (typeof path !== "string") return mismatchValue(path, "string");
  if (!S.modules?.has(path)) evaluateModule(modules, path);
  const module = S.modules?.get(path);
  // A module that imports itself on the way is not there yet.
  if (module === undefined) return moduleNotFound(path);
  const state = stateOf(into.table);
  state.imports.set(into.id, module);
  if (into.name !== undefined) state.inner.set(into.name, module);
}

function evaluateModule(modules: Modules, path: string): void {
  const unit = modules.get(path);
  if (unit === undefined) return moduleNotFound(path);
  if (!("main" in unit))
    return inModule(path, parseText(unit), new RhaiError("ErrorParsing", parseText(unit), { parse: unit }));
  S.modules ??= new Map();
  S.modules.set(path, undefined);
  const { functions, depth } = S;
  try {
    unit.main();
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

function parseText({ message, place }: ParseFault): string {
  const where = place === undefined ? "" : ` (line ${place.line}, position ${place.column})`;
  return `Syntax error: ${message}${where}`;
}

function inModule(path: string, text: string, inner: RhaiError): never {
  throw new RhaiError("ErrorInModule", `${text}\nin module '${path}'`, { fields: { module: path }, inner });
}

/** What a name with namespaces starts from: the number of the import that the compiler found, -1 if it found none. */
export interface Alias {
  readonly table: UnitTable;
  readonly id: number;
}

function find({ table, id }: Alias, path: readonly string[]): Module {
  let module = stateOf(table).imports.get(id);
  for (const name of path.slice(1)) module = module?.state.inner.get(name);
  return module ?? moduleNotFound(path.join("::"));
}

/** `a::b::NAME`. */
export function moduleVariable(alias: Alias, path: readonly string[], name: string): Value {
  const { exports } = find(alias, path).state;
  const value = exports.get(name);
  return value === undefined && !exports.has(name)
    ? variableNotFound([...path, name].join("::"))
    : copy(value);
}

/** `a::b::name(…)`. Names of functions that are values are looked up in the module meanwhile. */
export function callModule(alias: Alias, path: readonly string[], name: string, args: Value[]): Value {
  if (alias.id === -1) {
    const host = findHost([...path, name].join("::"), args.length);
    if (host !== undefined) return host(...args);
  }
  const module = find(alias, path);
  const { code } = functionOf(module, [...path, name].join("::"), args);
  const outer = S.functions;
  S.functions = module.functions;
  try {
    return code(undefined, ...args) as Value;
  } finally {
    S.functions = outer;
  }
}

function functionOf({ functions }: Module, qualified: string, args: readonly Value[]): Compiled {
  const name = qualified.slice(qualified.lastIndexOf("::") + 2);
  const compiled = functions.get(`${name}/${args.length}`);
  return compiled === undefined || compiled.isPrivate === true ? functionNotFound(qualified, args) : compiled;
}

/** A function of the host that answers at once. */
export function callHost(name: string, args: readonly Value[]): Value {
  const host = findHost(name, args.length);
  return host === undefined ? functionNotFound(name, args) : host(...args);
}
