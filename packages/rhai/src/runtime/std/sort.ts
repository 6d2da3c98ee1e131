/** Sorting without a comparer: elements of one type that has an order. */
import { eqInner } from "../compare.ts";
import { compareText, mismatchName } from "../format.ts";
import { RhaiError } from "../error.ts";
import { isInt } from "../integer.ts";
import { define, type Result } from "../native.ts";
import { tick } from "../fuel.ts";
import { functionNotFoundText } from "../raise.ts";
import { Arr, Char, Float, ownItems, type Value } from "../value.ts";
import { isPlain } from "../chars.ts";

type Comparison = (a: Value, b: Value) => number;

function compareNumbers(a: Value, b: Value): number {
  if (!isInt(a) || !isInt(b)) return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareFloats(a: Value, b: Value): number {
  if (!(a instanceof Float) || !(b instanceof Float)) return 0;
  return a.v < b.v ? -1 : a.v > b.v ? 1 : 0;
}

function compareStrings(a: Value, b: Value): number {
  return typeof a === "string" && typeof b === "string" ? compareText(a, b) : 0;
}

function comparePlainStrings(a: Value, b: Value): number {
  if (typeof a !== "string" || typeof b !== "string") return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareChars(a: Value, b: Value): number {
  return a instanceof Char && b instanceof Char ? compareText(a.text, b.text) : 0;
}

/** The order of the elements' type. Throws if they have different types, or one without order. */
function comparisonOf(items: readonly Value[]): Comparison {
  const first = items[0];
  const type = mismatchName(first);
  if (!items.every((item) => mismatchName(item) === type)) {
    return functionNotFoundText("elements of different types cannot be sorted");
  }
  if (isInt(first)) return compareNumbers;
  if (first instanceof Float) return compareFloats;
  if (typeof first === "string") {
    const isSimple = items.every((item) => typeof item === "string" && isPlain(item));
    return isSimple ? comparePlainStrings : compareStrings;
  }
  if (first instanceof Char) return compareChars;
  if (typeof first === "boolean") return (a, b) => Number(a) - Number(b);
  if (first === undefined) return () => 0;
  return functionNotFoundText(`elements of ${type} cannot be sorted`);
}

function isNumbers(items: readonly Value[]): items is number[] {
  return items.every((item) => typeof item === "number");
}

/** Sorts numbers without -0 and NaN. Equal ones can't be told apart, so they may be counted, or sorted as typed arrays do
 *  it: both are several times faster than comparisons. */
function sortedNumbers(items: readonly number[]): number[] {
  let low = Infinity;
  let high = -Infinity;
  for (const item of items) {
    if (item < low) low = item;
    if (item > high) high = item;
  }
  const width = high - low + 1;
  if (width > items.length * 2) return Array.from(Float64Array.from(items).toSorted());
  const counts = new Uint32Array(width);
  for (const item of items) counts[item - low] = (counts[item - low] ?? 0) + 1;
  const sorted: number[] = [];
  for (let at = 0; at < width; at++) for (let left = counts[at] ?? 0; left > 0; left--) sorted.push(low + at);
  return sorted;
}

function sortedItems(items: readonly Value[], isDescending: boolean): Value[] {
  tick(items.length * Math.ceil(Math.log2(items.length + 1)));
  if (isNumbers(items)) {
    const sorted: Value[] = sortedNumbers(items);
    return isDescending ? sorted.toReversed() : sorted;
  }
  const compare = comparisonOf(items);
  return items.toSorted(isDescending ? (a, b) => compare(b, a) : compare);
}

function sort(array: Arr, isDescending: boolean): Result {
  if (array.items.length > 1) array.items = sortedItems(ownItems(array), isDescending);
  return undefined;
}

/** A sorted copy. */
function order(array: Arr, isDescending: boolean): Result {
  array.shared = true;
  const sorted = new Arr(array.items, true);
  sort(sorted, isDescending);
  return sorted;
}

/** Equal as `==` has it; values that it can't compare are not. */
function isSame(a: Value, b: Value): boolean {
  try {
    return eqInner(a, b);
  } catch (error) {
    if (error instanceof RhaiError && error.variant === "ErrorFunctionNotFound") return false;
    throw error;
  }
}

function dedup(array: Arr): Result {
  const items = ownItems(array);
  tick(items.length);
  const kept: Value[] = [];
  for (const item of items) if (kept.length === 0 || !isSame(kept.at(-1), item)) kept.push(item);
  array.items = kept;
  return undefined;
}

export function defineSorts(): void {
  define("array", "sort", (array) => sort(array, false), "mutates");
  define("array", "sort_desc", (array) => sort(array, true), "mutates");
  define("array", "order", (array) => order(array, false), "mutates");
  define("array", "order_desc", (array) => order(array, true), "mutates");
  define("array", "dedup", dedup, "mutates");
}
