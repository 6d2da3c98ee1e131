/** Compiled texts that are in use: their tables of positions, and what a run keeps for each of them. */
import { variableNotFound } from "./raise.ts";
import { type FunctionTable, S, type UnitState } from "./state.ts";
import { copy, type Value } from "./value.ts";

/** One instantiated text. */
export interface Unit {
  readonly main: (...scope: Value[]) => unknown;
  readonly suspends: boolean;
  readonly functions: FunctionTable;
  readonly table: UnitTable;
}

/** What errors need of a text. */
export interface UnitTable {
  /** Of a module; "" of a script. */
  readonly path: string;
  /** Lines of the JavaScript source that it takes, from its third one. */
  readonly firstLine: number;
  lastLine: number;
  positions: string;
  functions: string;
  /** The JavaScript source: keeps its other tables alive. */
  readonly source: Source;
}

/** One JavaScript source: a script, with the modules inside of it. */
interface Source {
  readonly tables: UnitTable[];
}

// Taken now: isolates remove both names before a script runs.
const Weak = WeakRef;
const sources = new Map<string, WeakRef<Source>>();
const dropped = new FinalizationRegistry<string>((name) => {
  if (sources.get(name)?.deref() === undefined) sources.delete(name);
});

/** Name of a source and line of the innermost frame that is compiled code. */
function callingLine(): { readonly name: string; readonly line: number } {
  const match = /rhai:([\w-]+):(\d+)/.exec(new Error("where").stack ?? "");
  return { name: match?.[1] ?? "", line: Number(match?.[2] ?? 0) };
}

/** Called by a text as its first action, on its third line. */
export function newUnit(path: string): UnitTable {
  const { name, line } = callingLine();
  let source = sources.get(name)?.deref();
  if (source === undefined) {
    source = { tables: [] };
    sources.set(name, new Weak(source));
    dropped.register(source, name);
  }
  const table = { path, firstLine: line, lastLine: Infinity, positions: "", functions: "", source };
  // The same text once more has the same positions.
  const at = source.tables.findIndex((other) => other.firstLine === line);
  source.tables.splice(at === -1 ? source.tables.length : at, at === -1 ? 0 : 1, table);
  return table;
}

/** The table of the innermost text that has the line. */
export function tableOf(name: string, line: number): UnitTable | undefined {
  const tables = sources.get(name)?.deref()?.tables ?? [];
  let found: UnitTable | undefined;
  for (const table of tables) {
    const isInside = table.firstLine <= line && line <= table.lastLine;
    if (isInside && table.firstLine >= (found?.firstLine ?? 0)) found = table;
  }
  return found;
}

interface Parts {
  readonly main: Unit["main"];
  readonly suspends: boolean;
  readonly functions: FunctionTable;
  readonly positions: string;
  readonly lines: string;
}

/** Called by a text as its last action: what instantiating it gives. */
export function finishUnit(table: UnitTable, parts: Parts): Unit {
  table.positions = parts.positions;
  table.functions = parts.lines;
  table.lastLine = callingLine().line;
  const { main, suspends, functions } = parts;
  return { main, suspends, functions, table };
}

/** What this run keeps for a text. */
export function stateOf(table: object): UnitState {
  S.units ??= new Map();
  let state = S.units.get(table);
  if (state === undefined) {
    state = { constants: new Map(), exports: new Map(), imports: new Map(), inner: new Map() };
    S.units.set(table, state);
  }
  return state;
}

/** `const NAME = value` at the top level. */
export function setGlobal(table: UnitTable, name: string, value: Value): void {
  stateOf(table).constants.set(name, value);
}

/** `global::NAME`. */
export function globalConstant(table: UnitTable, name: string): Value {
  const { constants } = stateOf(table);
  const value = constants.get(name);
  return value === undefined && !constants.has(name) ? variableNotFound(`global::${name}`) : copy(value);
}
