/** Comparisons, deep equality and `in`. */
import { compareText } from "./format.ts";
import { type Int, isInt } from "./integer.ts";
import { tick } from "./fuel.ts";
import { functionNotFound } from "./raise.ts";
import { Arr, Blob, Char, Dict, Float, Range, Timestamp, type Value } from "./value.ts";

export function lt(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (a instanceof Float && b instanceof Float) return a.v < b.v;
  return ordered("<", a, b, isLess);
}

export function le(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a <= b;
  if (a instanceof Float && b instanceof Float) return a.v <= b.v;
  return ordered("<=", a, b, isLessOrEqual);
}

export function gt(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a > b;
  if (a instanceof Float && b instanceof Float) return a.v > b.v;
  return ordered(">", a, b, isGreater);
}

export function ge(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a >= b;
  if (a instanceof Float && b instanceof Float) return a.v >= b.v;
  return ordered(">=", a, b, isGreaterOrEqual);
}

type Order = (a: Int, b: Int) => boolean;
const isLess: Order = (a, b) => a < b;
const isLessOrEqual: Order = (a, b) => a <= b;
const isGreater: Order = (a, b) => a > b;
const isGreaterOrEqual: Order = (a, b) => a >= b;

function ordered(name: "<" | "<=" | ">" | ">=", a: Value, b: Value, test: Order): boolean {
  if (isInt(a) && isInt(b)) return test(a, b);
  const x = floatOf(a);
  const y = floatOf(b);
  if (x !== undefined && y !== undefined) return test(x, y);
  const left = textOf(a);
  const right = textOf(b);
  if (left !== undefined && right !== undefined) return test(compareText(left, right), 0);
  if (typeof a === "boolean" && typeof b === "boolean") return test(Number(a), Number(b));
  if (a instanceof Timestamp && b instanceof Timestamp) return test(a.ms, b.ms);
  return areIncomparable(a, b) ? functionNotFound(name, [a, b]) : false;
}

/** The value of a number as a float: integers beyond 2^53 are rounded, as native does. */
function floatOf(value: Value): number | undefined {
  if (value instanceof Float) return value.v;
  return isInt(value) ? Number(value) : undefined;
}

function textOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Char ? value.text : undefined;
}

/** Native has no operator for these two; for other values of different types a comparison is false. */
function areIncomparable(a: Value, b: Value): boolean {
  if (a instanceof Blob && b instanceof Char) return true;
  return typeof a === "object" && typeof b === "object" && a.constructor === b.constructor;
}

export function eq(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a === b;
  if (typeof a === "string" && typeof b === "string") return a === b;
  return eqSlow(a, b, "==");
}

export function ne(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a !== b;
  if (typeof a === "string" && typeof b === "string") return a !== b;
  return neSlow(a, b);
}

function neSlow(a: Value, b: Value): boolean {
  const x = floatOf(a);
  const y = floatOf(b);
  // Not the opposite of `==`: NaN is neither equal nor unequal to anything.
  if (x !== undefined && y !== undefined && !(isInt(a) && isInt(b))) return Math.abs(x - y) > Number.EPSILON;
  if (a instanceof Range && b instanceof Range && a.isInclusive !== b.isInclusive) return true;
  return !eqSlow(a, b, "!=");
}

function eqSlow(a: Value, b: Value, name: "==" | "!="): boolean {
  if (typeof a !== "object" && typeof b !== "object") return a === b;
  if (a instanceof Float) return eqFloat(a.v, b);
  if (b instanceof Float) return eqFloat(b.v, a);
  if (a instanceof Char) return a === b || a.text === b;
  if (b instanceof Char) return a instanceof Blob ? functionNotFound(name, [a, b]) : a === b.text;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return eqObjects(a, b, name);
}

/** Native counts floats as equal that differ by no more than its epsilon. */
function eqFloat(x: number, b: Value): boolean {
  if (b instanceof Float) return Math.abs(x - b.v) <= Number.EPSILON;
  return isInt(b) && Math.abs(x - Number(b)) <= Number.EPSILON;
}

function eqObjects(a: Value & object, b: Value & object, name: "==" | "!="): boolean {
  if (a instanceof Arr && b instanceof Arr) return eqItems(a.items, b.items);
  if (a instanceof Dict && b instanceof Dict) return eqEntries(a.entries, b.entries);
  if (a instanceof Blob && b instanceof Blob) return eqBytes(a.bytes, b.bytes);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.ms === b.ms;
  if (a instanceof Range && b instanceof Range && a.isInclusive === b.isInclusive) {
    return a.start === b.start && a.end === b.end;
  }
  return a.constructor === b.constructor ? functionNotFound(name, [a, b]) : false;
}

function eqItems(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  tick(a.length);
  for (let i = 0; i < a.length; i++) if (!eqInner(a[i], b[i])) return false;
  return true;
}

function eqEntries(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false;
  tick(a.size);
  for (const key of a.keys()) if (!b.has(key)) return false;
  for (const [key, value] of a) if (!eqInner(value, b.get(key))) return false;
  return true;
}

/** Equality of two elements, as `==` has it, but ranges of the two kinds are two types here. */
export function eqInner(a: Value, b: Value): boolean {
  if (a instanceof Range && b instanceof Range && a.isInclusive !== b.isInclusive) return false;
  if (a instanceof Blob && b instanceof Char) return false;
  return eq(a, b);
}

function eqBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  tick(a.length >> 2);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The byte is the int modulo 256. */
export function hasByte(bytes: Uint8Array, item: Int): boolean {
  tick(bytes.length >> 6);
  return bytes.includes(Number(BigInt.asUintN(8, BigInt(item))));
}

/** `item in container`. */
export function contains(container: Value, item: Value): boolean {
  if (container instanceof Dict && typeof item === "string") return container.entries.has(item);
  if (container instanceof Arr) {
    tick(container.items.length);
    return container.items.some((element) => eqInner(item, element));
  }
  const text = textOf(item);
  if (typeof container === "string" && text !== undefined) return container.includes(text);
  if (isInt(item)) {
    if (container instanceof Range) return isInRange(container, item);
    if (container instanceof Blob) return hasByte(container.bytes, item);
  }
  return functionNotFound("contains", [container, item]);
}

export function isInRange(range: Range, value: Int): boolean {
  return value >= range.start && (range.isInclusive ? value <= range.end : value < range.end);
}
