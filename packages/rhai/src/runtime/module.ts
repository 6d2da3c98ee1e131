/** `import`, `export`, and what stands behind `alias::`. */
import { type ParseFault, RhaiError } from "./error.ts";
import { findHost } from "./host.ts";
import { functionNotFound, moduleNotFound, variableNotFound } from "./raise.ts";
import { type Module } from "./state.ts";
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

/** Message of a text that is no script. */
export function parseText({ message, place }: ParseFault): string {
  const where = place === undefined ? "" : ` (line ${place.line}, position ${place.column})`;
  return `Syntax error: ${message}${where}`;
}

/** Throws the error as that of an import. */
export function inModule(path: string, text: string, inner: RhaiError): never {
  throw new RhaiError("ErrorInModule", `${text}\nin module '${path}'`, { fields: { module: path }, inner });
}

/** What a name with namespaces starts from: the number of the import that the compiler found, -1 if it found none. */
export interface Alias {
  readonly table: UnitTable;
  readonly id: number;
}

/** The module at the end of a path of names. */
export function findModule({ table, id }: Alias, path: readonly string[]): Module {
  let module = stateOf(table).imports.get(id);
  for (const name of path.slice(1)) module = module?.state.inner.get(name);
  return module ?? moduleNotFound(path.join("::"));
}

/** `a::b::NAME`. */
export function moduleVariable(alias: Alias, path: readonly string[], name: string): Value {
  const { exports } = findModule(alias, path).state;
  const value = exports.get(name);
  return value === undefined && !exports.has(name)
    ? variableNotFound([...path, name].join("::"))
    : copy(value);
}

/** A function that importers may call. */
export function functionOf({ functions }: Module, qualified: string, args: readonly Value[]): Compiled {
  const name = qualified.slice(qualified.lastIndexOf("::") + 2);
  const compiled = functions.get(`${name}/${args.length}`);
  return compiled === undefined || compiled.isPrivate === true ? functionNotFound(qualified, args) : compiled;
}

/** A function of the host that answers at once. */
export function callHost(name: string, args: readonly Value[]): Value {
  const host = findHost(name, args.length);
  return host === undefined ? functionNotFound(name, args) : host(...args);
}
