/** Variables that are found by name: those of code with `eval` or calls like `f!()`. */
import { constAssign, mismatchValue, variableNotFound } from "./raise.ts";
import { S } from "./state.ts";
import { Cell, FnPtr, type Value } from "./value.ts";

/** A stack of variables; the innermost of a name counts. */
export class Scope {
  readonly names: string[] = [];
  readonly cells: Cell[] = [];
  readonly constants: boolean[] = [];
}

/** A new variable. A cell that is given is shared with others. */
export function declareName(scope: Scope, name: string, value: Value | Cell, isConst: boolean): Cell {
  const cell = value instanceof Cell ? value : new Cell(value);
  scope.names.push(name);
  scope.cells.push(cell);
  scope.constants.push(isConst);
  return cell;
}

export function rewindScope(scope: Scope, length: number): void {
  scope.names.length = length;
  scope.cells.length = length;
  scope.constants.length = length;
}

/** The name of a function of the script is a value too. */
export function readName(scope: Scope, name: string): Value {
  const index = scope.names.lastIndexOf(name);
  const cell = scope.cells[index];
  if (cell !== undefined) return cell.v;
  if (S.functions?.keys().some((key) => key.startsWith(`${name}/`)) === true)
    return new FnPtr(name, undefined);
  return variableNotFound(name);
}

export function writeName(scope: Scope, name: string, value: Value): void {
  const index = scope.names.lastIndexOf(name);
  const cell = scope.cells[index];
  if (cell === undefined) return variableNotFound(name);
  if (scope.constants[index] === true) constAssign(name);
  cell.v = value;
}

/** The cell of a variable for a closure. A constant is copied: the closure may change its own. */
export function shareName(scope: Scope, name: string): Cell {
  const index = scope.names.lastIndexOf(name);
  const cell = scope.cells[index];
  if (cell === undefined) return variableNotFound(name);
  return scope.constants[index] === true ? new Cell(cell.v) : cell;
}

/** `is_def_var(name)`. */
export function isDefinedName(scope: Scope, name: Value): boolean {
  return isDefinedVariable(name, scope.names);
}

export function isDefinedVariable(name: Value, names: readonly string[]): boolean {
  return typeof name === "string" ? names.includes(name) : mismatchValue(name, "string");
}

/** `is_shared(name)`. */
export function isSharedName(scope: Scope, name: string): boolean {
  return scope.cells[scope.names.lastIndexOf(name)]?.isShared ?? false;
}

/** `is_def_fn(name, arity)`. */
export function isDefinedFunction(name: Value, arity: Value): boolean {
  if (typeof name !== "string") return mismatchValue(name, "string");
  if (typeof arity !== "number") return mismatchValue(arity, "i64");
  return S.functions?.has(`${name}/${arity}`) ?? false;
}
