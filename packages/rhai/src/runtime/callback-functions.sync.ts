/** Made from callback-functions.co.ts by `npm run generate`: change that one. */
import * as hof from "./hof.sync.ts";
import { type Co } from "./settle.sync.ts";
import { RhaiError } from "./error.ts";
import { isInt } from "./integer.ts";
import { hasNative, NONE, type Result } from "./native.ts";
import { S } from "./state.ts";
import { clampedPosition, rangePortion } from "./std/arguments.ts";
import { drainPortion, indexFrom, retainPortion } from "./std/array.ts";
import { checkFnName } from "./fn-name.ts";
import { Arr, type Dict, FnPtr, Range, type Value } from "./value.ts";

/** A callback: a function pointer, or the name of a function. */
function fnOf(value: Value): FnPtr | undefined {
  if (value instanceof FnPtr) return value;
  if (typeof value !== "string") return undefined;
  checkFnName(value);
  return new FnPtr(value, undefined);
}

export function map(array: Arr, callback: Value): Co<Result> {
  const fn = fnOf(callback);
  return fn === undefined ? NONE : hof.map(array, fn);
}

export function filter(array: Arr, callback: Value): Co<Result> {
  const fn = fnOf(callback);
  return fn === undefined ? NONE : hof.filter(array, fn);
}

export function some(array: Arr, callback: Value): Co<Result> {
  const fn = fnOf(callback);
  return fn === undefined ? NONE : hof.some(array, fn);
}

export function all(array: Arr, callback: Value): Co<Result> {
  const fn = fnOf(callback);
  return fn === undefined ? NONE : hof.all(array, fn);
}

export function forEach(array: Arr, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.forEach(array, callback) : NONE;
}

export function find(array: Arr, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.find(array, callback, 0) : NONE;
}

export function findFrom(array: Arr, callback: Value, start: Value): Co<Result> {
  if (!(callback instanceof FnPtr) || !isInt(start)) return NONE;
  return hof.find(array, callback, clampedPosition(array.items.length, start));
}

export function findMap(array: Arr, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.findMap(array, callback, 0) : NONE;
}

export function findMapFrom(array: Arr, callback: Value, start: Value): Co<Result> {
  if (!(callback instanceof FnPtr) || !isInt(start)) return NONE;
  return hof.findMap(array, callback, clampedPosition(array.items.length, start));
}

export function indexOf(array: Arr, what: Value): Co<Result> {
  return indexOfFrom(array, what, 0);
}

export function indexOfFrom(array: Arr, what: Value, start: Value): Co<Result> {
  if (!isInt(start)) return NONE;
  const from = clampedPosition(array.items.length, start);
  if (what instanceof FnPtr) return hof.findIndex(array, what, from);
  if (typeof what === "string" && mayBeFn(what)) {
    const found = indexByName(array, what, from);
    if (found !== NONE) return found;
  }
  return indexFrom(array.items, what, from);
}

/** Is there a function that takes an element, as `this` or as a parameter? */
function mayBeFn(name: string): boolean {
  for (let count = 0; count <= 2; count++) {
    if (S.functions?.has(`${name}/${count}`) === true || hasNative(name, count)) return true;
  }
  return false;
}

/** `index_of("is_odd")`: native takes a string for a function's name first. NONE if no such function takes the elements. */
function indexByName(array: Arr, name: string, from: number): Co<Result> {
  const depth = S.depth;
  try {
    return hof.findIndex(array, new FnPtr(name, undefined), from);
  } catch (error) {
    const cause = error instanceof RhaiError ? (error.inner ?? error) : undefined;
    if (cause?.variant !== "ErrorFunctionNotFound" || cause.fields.function?.startsWith(name) !== true)
      throw error;
    S.depth = depth;
    return NONE;
  }
}

export function reduce(array: Arr, callback: Value): Co<Result> {
  return reduceWith(array, callback, undefined);
}

export function reduceWith(array: Arr, callback: Value, initial: Value): Co<Result> {
  const fn = fnOf(callback);
  return fn === undefined ? NONE : hof.reduce(array, fn, initial);
}

export function reduceReverse(array: Arr, callback: Value): Co<Result> {
  return reduceReverseWith(array, callback, undefined);
}

export function reduceReverseWith(array: Arr, callback: Value, initial: Value): Co<Result> {
  const fn = fnOf(callback);
  return fn === undefined ? NONE : hof.reduceReverse(array, fn, initial);
}

export function zip(array: Arr, other: Value, callback: Value): Co<Result> {
  if (!(other instanceof Arr) || !(callback instanceof FnPtr)) return NONE;
  return hof.zip(array, other, callback);
}

export function dedup(array: Arr, comparer: Value): Co<Result> {
  const fn = fnOf(comparer);
  return fn === undefined ? NONE : hof.dedup(array, fn);
}

export function sort(array: Arr, comparer: Value): Co<Result> {
  const fn = fnOf(comparer);
  return fn === undefined ? NONE : hof.sort(array, fn);
}

export function sortBy(array: Arr, comparer: Value): Co<Result> {
  return comparer instanceof FnPtr ? hof.sort(array, comparer) : NONE;
}

/** A sorted copy. */
export function order(array: Arr, comparer: Value): Co<Result> {
  if (!(comparer instanceof FnPtr)) return NONE;
  array.shared = true;
  const sorted = new Arr(array.items, true);
  hof.sort(sorted, comparer);
  return sorted;
}

export function drain(array: Arr, which: Value): Co<Result> {
  if (which instanceof Range) return drainPortion(array, rangePortion(array.items.length, which));
  const fn = fnOf(which);
  return fn === undefined ? NONE : hof.separate(array, fn, true);
}

export function retain(array: Arr, which: Value): Co<Result> {
  if (which instanceof Range) {
    const part = rangePortion(array.items.length, which);
    // Native keeps everything if there is nothing to keep.
    return part.from === part.to ? new Arr([]) : retainPortion(array, part);
  }
  const fn = fnOf(which);
  return fn === undefined ? NONE : hof.separate(array, fn, false);
}

export function mapEntries(dict: Dict, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.mapEntries(dict, callback) : NONE;
}

export function filterEntries(dict: Dict, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.filterEntries(dict, callback) : NONE;
}

export function drainEntries(dict: Dict, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.separateEntries(dict, callback, true) : NONE;
}

export function retainEntries(dict: Dict, callback: Value): Co<Result> {
  return callback instanceof FnPtr ? hof.separateEntries(dict, callback, false) : NONE;
}
