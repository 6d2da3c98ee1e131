/** Small makers that emitted code calls: containers from literals, closures, output. */
import { Exit } from "./error.ts";
import { toDebug, toText } from "./format.ts";
import { checkSize, checkString } from "./limits.ts";
import { constMethod } from "./raise.ts";
import { isMutator } from "./native.ts";
import { S } from "./state.ts";
import { Arr, type Cell, type Compiled, Dict, FnPtr, type Value } from "./value.ts";

/** `[…]`. The items are the array's own. */
export function makeArray(items: Value[]): Arr {
  const made = new Arr(items);
  checkSize(made);
  return made;
}

/** `#{…}`: keys and values in the same order. */
export function makeMap(keys: readonly string[], values: readonly Value[]): Dict {
  const entries = new Map<string, Value>();
  for (let i = 0; i < keys.length; i++) entries.set(keys[i] ?? "", values[i]);
  const made = new Dict(entries);
  checkSize(made);
  return made;
}

/** `|…| …` with captured variables, which are shared from now on. */
export function closure(compiled: Compiled, ...cells: Cell[]): FnPtr {
  for (const cell of cells) cell.isShared = true;
  return new FnPtr(compiled.name, compiled, cells);
}

export function print(value: Value): undefined {
  S.output.print(checkString(toText(value)));
}

export function debug(value: Value, line: number, column: number): undefined {
  debugText(toDebug(value), line, column);
}

export function debugText(text: string, line: number, column: number): undefined {
  S.output.debug(checkString(text), line, column);
}

/** `exit(value)`: the end of the script. */
export function exit(value: Value): never {
  // oxlint-disable-next-line typescript/only-throw-error -- no error
  throw new Exit(value);
}

/** A constant as the receiver of a library method: throws if the method would change it. `arity` counts the receiver. */
export function checkConstant(value: Value, name: string, arity: number): Value {
  if (isMutator(value, name, arity)) constMethod(name);
  return value;
}

/** The function that a map holds under this name, for calls in method style. */
export function functionIn(value: Value, name: string): FnPtr | undefined {
  if (!(value instanceof Dict)) return undefined;
  const held = value.entries.get(name);
  return held instanceof FnPtr ? held : undefined;
}
