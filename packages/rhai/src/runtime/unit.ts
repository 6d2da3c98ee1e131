/** Compiled texts that are in use: their tables of positions, and what a run keeps for each of them. */
import { type FunctionTable, S, type UnitState } from "./state.ts";
import { variableNotFound } from "./raise.ts";
import { copy, type Value } from "./value.ts";

/** One instantiated text. */
export interface Unit {
  readonly name: string;
  readonly main: (...scope: Value[]) => unknown;
  readonly suspends: boolean;
  readonly functions: FunctionTable;
}

/** What errors need of a unit. */
export interface UnitTable {
  readonly name: string;
  /** Line of the text's third line in the script that JavaScript sees, minus 3. */
  readonly lineOffset: number;
  positions: string;
  functions: string;
}

const tables = new Map<string, WeakRef<UnitTable>>();
const dropped = new FinalizationRegistry<string>((name) => {
  if (tables.get(name)?.deref() === undefined) tables.delete(name);
});

/** Called by a text as its first action, on its third line. */
export function newUnit(name: string): UnitTable {
  const match = new RegExp(`rhai:${name}:(\\d+)`).exec(new Error("where").stack ?? "");
  const table: UnitTable = { name, lineOffset: Number(match?.[1] ?? 3) - 3, positions: "", functions: "" };
  tables.set(name, new WeakRef(table));
  dropped.register(table, name);
  return table;
}

export function tableOf(name: string): UnitTable | undefined {
  return tables.get(name)?.deref();
}

interface Parts {
  readonly main: Unit["main"];
  readonly suspends: boolean;
  readonly functions: FunctionTable;
  readonly positions: string;
  readonly lines: string;
}

/** Called by a text as its last action: what instantiating it gives. */
export function finishUnit(table: UnitTable, parts: Parts): Unit & { readonly table: UnitTable } {
  table.positions = parts.positions;
  table.functions = parts.lines;
  const { main, suspends, functions } = parts;
  return { name: table.name, main, suspends, functions, table };
}

function stateOf(table: UnitTable): UnitState {
  S.units ??= new Map();
  let state = S.units.get(table);
  if (state === undefined) S.units.set(table, (state = { constants: new Map() }));
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
