/** `object[index]`, read and written. */
import { getBit, getBitRange, setBit, setBitRange } from "./bit-field.ts";
import { charCount, isPlain, sliceChars, unitOf } from "./chars.ts";
import { type Int, isInt } from "./integer.ts";
import { tick } from "./fuel.ts";
import { checkMap, checkString } from "./limits.ts";
import { getProp } from "./property.ts";
import {
  arrayBounds,
  indexingType,
  indexSetType,
  mismatchAssigned,
  mismatchValue,
  propertyNotFound,
  stringBounds,
} from "./raise.ts";
import { S } from "./state.ts";
import {
  Arr,
  Blob,
  Char,
  charOf,
  charOfUnit,
  Dict,
  ownBytes,
  ownEntries,
  ownItems,
  Range,
  type Value,
} from "./value.ts";

/** The element as it lies in the container: who stores it elsewhere copies it. */
export function getIndex(object: Value, index: Value): Value {
  if (object instanceof Arr && typeof index === "number") {
    const items = object.items;
    if (index >= 0 && index < items.length) return items[index];
  }
  return getIndexSlow(object, index);
}

function getIndexSlow(object: Value, index: Value): Value {
  if (object instanceof Arr) return object.items[arrayAt(object.items.length, index)];
  if (object instanceof Dict) return getEntry(object, index);
  if (typeof object === "string") return getChars(object, index);
  if (isInt(object)) return getBits(object, index);
  if (object instanceof Blob) return object.bytes[arrayAt(object.bytes.length, index)];
  return indexingType(object, index);
}

/** `object?[index]`. */
export function getIndexElvis(object: Value, index: Value): Value {
  return object === undefined ? undefined : getIndex(object, index);
}

/** The offset of an index that may count from the end. */
function arrayAt(length: number, index: Value): number {
  if (!isInt(index)) return mismatchValue(index, "i64");
  const at = Number(index) + (index < 0 ? length : 0);
  return at >= 0 && at < length ? at : arrayBounds(length, index);
}

function keyOf(index: Value): string {
  return typeof index === "string" ? index : mismatchValue(index, "string");
}

function getEntry(dict: Dict, index: Value): Value {
  const key = keyOf(index);
  const value = dict.entries.get(key);
  if (value === undefined && S.failsOnMissing && !dict.entries.has(key)) return propertyNotFound(key);
  return value;
}

function getChars(text: string, index: Value): Value {
  if (index instanceof Range) {
    const { start, end } = sliceOf(text, index);
    return sliceChars(text, start, end);
  }
  if (!isInt(index)) return mismatchValue(index, "i64");
  if (isPlain(text)) {
    const at = Number(index) + (index < 0 ? text.length : 0);
    return at >= 0 && at < text.length ? charOfUnit(text.charCodeAt(at)) : stringBounds(text.length, index);
  }
  const count = charCount(text);
  const at = Number(index) + (index < 0 ? count : 0);
  if (at < 0 || at >= count) return stringBounds(count, index);
  return charOf(String.fromCodePoint(text.codePointAt(unitOf(text, at)) ?? 0));
}

/** A negative start counts from the end; both ends are cut to the text. */
function sliceOf(text: string, range: Range): { start: number; end: number } {
  const count = charCount(text);
  const from = Number(range.start);
  const start = Math.min(from < 0 ? Math.max(count + from, 0) : from, count);
  const to = Number(range.end);
  const end = (to < 0 ? count + to : to) + (range.isInclusive ? 1 : 0);
  return { start, end: Math.min(Math.max(end, start), count) };
}

function getBits(value: Int, index: Value): Value {
  if (isInt(index)) return getBit(value, index);
  return index instanceof Range ? getBitRange(value, index) : mismatchValue(index, "i64");
}

/** Stores a value that is the place's own (a temporary or a copy). Gives the container for writing it back to its own
 *  place: the same one, or a new string or int. */
export function setIndex(object: Value, index: Value, value: Value): Value {
  if (object instanceof Arr && typeof index === "number" && !object.shared) {
    const items = object.items;
    if (index >= 0 && index < items.length) {
      items[index] = value;
      return object;
    }
  }
  return setIndexSlow(object, index, value);
}

function setIndexSlow(object: Value, index: Value, value: Value): Value {
  if (object instanceof Arr) {
    const at = arrayAt(object.items.length, index);
    ownItems(object)[at] = value;
    return object;
  }
  if (object instanceof Dict) {
    const key = keyOf(index);
    const entries = ownEntries(object);
    entries.set(key, value);
    checkMap(entries.size);
    return object;
  }
  if (typeof object === "string") return setChars(object, index, value);
  if (isInt(object)) return setBits(object, index, value);
  if (object instanceof Blob) {
    const at = arrayAt(object.bytes.length, index);
    if (!isInt(value)) return mismatchAssigned(value, "INT");
    ownBytes(object)[at] = Number(BigInt.asUintN(8, BigInt(value)));
    return object;
  }
  return indexSetType(object, index, value);
}

function setChars(text: string, index: Value, value: Value): Value {
  if (index instanceof Range) {
    const { start, end } = sliceOf(text, index);
    if (typeof value !== "string") return mismatchAssigned(value, "string");
    return spliced(text, start, end, value);
  }
  // The bounds are those of reading.
  getChars(text, index);
  if (!(value instanceof Char)) return mismatchAssigned(value, "char");
  // Native writes to the absolute value of a negative index, and nothing beyond the end.
  const at = Math.abs(Number(index));
  return at < charCount(text) ? spliced(text, at, at + 1, value.text) : text;
}

function spliced(text: string, start: number, end: number, piece: string): string {
  tick(text.length >> 7);
  return checkString(text.slice(0, unitOf(text, start)) + piece + text.slice(unitOf(text, end)));
}

function setBits(object: Int, index: Value, value: Value): Value {
  if (index instanceof Range) {
    getBitRange(object, index);
    return isInt(value) ? setBitRange(object, index, value) : mismatchAssigned(value, "i64");
  }
  if (!isInt(index)) return mismatchValue(index, "i64");
  getBit(object, index);
  return typeof value === "boolean" ? setBit(object, index, value) : mismatchAssigned(value, "bool");
}

/** An element on the way to a change inside of it: the container is made the only owner of its items, so that changing
 *  the element in place changes this place alone. Scalars are returned, the caller writes them back with `setIndex`. */
export function getIndexRef(object: Value, index: Value): Value {
  if (object instanceof Arr) {
    const items = object.shared ? ownItems(object) : object.items;
    if (typeof index === "number" && index >= 0 && index < items.length) return items[index];
  } else if (object instanceof Dict && object.shared) ownEntries(object);
  return getIndex(object, index);
}

/** An entry of a map, where an entry that is `()` or not there at all must be told apart from others. */
export function entryOf(dict: Dict, key: string): Value {
  return dict.entries.get(key) ?? getEntry(dict, key);
}

/** `getIndexRef` for a map. */
export function entryRef(dict: Dict, key: string): Value {
  if (dict.shared) ownEntries(dict);
  return dict.entries.get(key) ?? getEntry(dict, key);
}

/** `setIndex` for a map. */
export function setEntry(dict: Dict, key: string, value: Value): void {
  const entries = dict.shared ? ownEntries(dict) : dict.entries;
  entries.set(key, value);
  checkMap(entries.size);
}

/** `getIndexRef` for a property. */
export function getPropRef(object: Value, name: string): Value {
  if (object instanceof Dict && object.shared) ownEntries(object);
  return getProp(object, name);
}
