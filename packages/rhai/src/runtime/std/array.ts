/** Functions of arrays without callbacks. */
import { tick } from "../fuel.ts";
import { checkArray } from "../limits.ts";
import { eqInner } from "../compare.ts";
import { define, defineGetter, NONE, type Result } from "../native.ts";
import { dataTooLarge } from "../too-large.ts";
import { S } from "../state.ts";
import { Arr, copy, ownItems, type Value } from "../value.ts";
import { isInt } from "../integer.ts";
import { clamp, clampedPosition, portion, position, type Portion, portionOf } from "./arguments.ts";

/** What an array may hold at most without a limit of the run: more would end the process. */
const itemsMax = 100_000_000;

function push(array: Arr, item: Value): undefined {
  ownItems(array).push(item);
  if (S.limits.arrayItems !== 0) checkArray(array.items.length);
}

function append(array: Arr, more: Value): Result {
  if (!(more instanceof Arr)) return NONE;
  tick(more.items.length);
  appendItems(array, more);
  return undefined;
}

/** The items of `more` at the end of `array`. */
export function appendItems(array: Arr, more: Arr): void {
  const items = ownItems(array);
  // `more` may be the same array: its length is read once.
  const added = more.items;
  const count = added.length;
  for (let at = 0; at < count; at++) items.push(copy(added[at]));
  checkArray(array.items.length);
}

function insert(array: Arr, index: Value, item: Value): Result {
  if (!isInt(index)) return NONE;
  const items = ownItems(array);
  tick(items.length >> 4);
  items.splice(clampedPosition(items.length, index), 0, item);
  checkArray(array.items.length);
  return undefined;
}

function get(array: Arr, index: Value): Result {
  if (!isInt(index)) return NONE;
  const { items } = array;
  return copy(items[clampedPosition(items.length, index)]);
}

function set(array: Arr, index: Value, item: Value): Result {
  if (!isInt(index)) return NONE;
  const items = ownItems(array);
  const at = clampedPosition(items.length, index);
  if (at >= items.length) return undefined;
  items[at] = item;
  checkArray(array.items.length);
  return undefined;
}

function remove(array: Arr, index: Value): Result {
  if (!isInt(index)) return NONE;
  const items = ownItems(array);
  const at = position(items.length, index);
  if (at === undefined) return undefined;
  tick(items.length >> 4);
  return items.splice(at, 1)[0];
}

function truncate(array: Arr, count: Value): Result {
  if (!isInt(count)) return NONE;
  const items = ownItems(array);
  items.length = Math.min(items.length, Math.max(clamp(count), 0));
  return undefined;
}

function chop(array: Arr, count: Value): Result {
  if (!isInt(count)) return NONE;
  const items = ownItems(array);
  items.splice(0, items.length - Math.max(clamp(count), 0));
  return undefined;
}

function clear(array: Arr): undefined {
  array.items = [];
  array.shared = false;
}

function reverse(array: Arr): undefined {
  tick(array.items.length >> 3);
  ownItems(array).reverse();
}

function pad(array: Arr, count: Value, item: Value): Result {
  if (!isInt(count)) return NONE;
  const to = clamp(count);
  if (to <= array.items.length) return undefined;
  const max = S.limits.arrayItems;
  if (to > itemsMax || (max > 0 && to > max)) dataTooLarge("Size of array/BLOB");
  const items = ownItems(array);
  tick(to - items.length);
  while (items.length < to) items.push(copy(item));
  checkArray(array.items.length);
  return undefined;
}

/** Items of a portion, copied. */
function copied(items: readonly Value[], { from, to }: Portion): Arr {
  tick((to - from) >> 2);
  const part: Value[] = [];
  for (let at = from; at < to; at++) part.push(copy(items[at]));
  return new Arr(part);
}

function extract(array: Arr, start: Value, count: Value): Result {
  const part = portionOf(array.items.length, start, count);
  return part === undefined ? NONE : copied(array.items, part);
}

function extractFrom(array: Arr, start: Value): Result {
  const { length } = array.items;
  if (isInt(start)) return copied(array.items, portion(length, start, length));
  const part = portionOf(length, start);
  return part === undefined ? NONE : copied(array.items, part);
}

function splice(array: Arr, part: Portion, replacement: Value): Result {
  if (!(replacement instanceof Arr)) return NONE;
  const items = ownItems(array);
  tick(items.length + replacement.items.length);
  const added = replacement.items.map((item) => copy(item));
  const { from, to } = part;
  const tail = items.slice(to);
  items.length = from;
  for (const item of added) items.push(item);
  for (const item of tail) items.push(item);
  checkArray(array.items.length);
  return undefined;
}

function spliceRange(array: Arr, range: Value, replacement: Value): Result {
  const part = portionOf(array.items.length, range);
  return part === undefined ? NONE : splice(array, part, replacement);
}

function spliceSpan(array: Arr, start: Value, count: Value, replacement: Value): Result {
  if (!isInt(start) || !isInt(count)) return NONE;
  return splice(array, portion(array.items.length, start, count), replacement);
}

function splitAt(array: Arr, index: Value): Result {
  if (!isInt(index)) return NONE;
  const items = ownItems(array);
  tick(items.length >> 3);
  return new Arr(items.splice(clampedPosition(items.length, index)));
}

/** Takes a portion out. */
export function drainPortion(array: Arr, part: Portion): Arr {
  const items = ownItems(array);
  tick(items.length >> 3);
  return new Arr(items.splice(part.from, part.to - part.from));
}

function drain(array: Arr, start: Value, count: Value): Result {
  const part = portionOf(array.items.length, start, count);
  return part === undefined ? NONE : drainPortion(array, part);
}

/** Keeps a portion, gives the rest. */
export function retainPortion(array: Arr, { from, to }: Portion): Arr {
  const items = ownItems(array);
  tick(items.length >> 3);
  array.items = items.slice(from, to);
  return new Arr([...items.slice(0, from), ...items.slice(to)]);
}

function retain(array: Arr, start: Value, count: Value): Result {
  if (!isInt(start) || !isInt(count)) return NONE;
  // Native gives an empty array and keeps everything if there is nothing to keep by length.
  if (clamp(count) <= 0) return new Arr([]);
  const part = portion(array.items.length, start, count);
  if (part.from === part.to) return new Arr([]);
  return retainPortion(array, part);
}

function contains(array: Arr, value: Value): Result {
  return indexFrom(array.items, value, 0) >= 0;
}

/** First position from `start` on that holds a value equal to `value`; -1. */
export function indexFrom(items: readonly Value[], value: Value, start: number): number {
  tick((items.length - start) >> 2);
  for (let at = start; at < items.length; at++) if (eqInner(items[at], value)) return at;
  return -1;
}

export function defineArrays(): void {
  defineGetter("array", "len", (array) => array.items.length);
  defineGetter("array", "is_empty", (array) => array.items.length === 0);
  define("array", "get", get, "mutates");
  define("array", "set", set, "mutates");
  define("array", "push", push, "mutates");
  define("array", "append", append, "mutates");
  define("array", "insert", insert, "mutates");
  define("array", "pop", (array) => ownItems(array).pop(), "mutates");
  define("array", "shift", (array) => ownItems(array).shift(), "mutates");
  define("array", "remove", remove, "mutates");
  define("array", "clear", clear, "mutates");
  define("array", "truncate", truncate, "mutates");
  define("array", "chop", chop, "mutates");
  define("array", "reverse", reverse, "mutates");
  define("array", "pad", pad, "mutates");
  define("array", "splice", spliceRange, "mutates");
  define("array", "splice", spliceSpan, "mutates");
  define("array", "extract", extractFrom, "mutates");
  define("array", "extract", extract, "mutates");
  define("array", "split", splitAt, "mutates");
  define("array", "drain", drain, "mutates");
  define("array", "retain", retain, "mutates");
  define("array", "contains", contains);
}
