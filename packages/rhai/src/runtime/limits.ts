/** Sizes of values. Checked where values grow; a limit of 0 costs one comparison. */
import { tick } from "./fuel.ts";
import { dataTooLarge } from "./too-large.ts";
import { S } from "./state.ts";
import { Arr, Blob, Dict, type Value } from "./value.ts";

/** Bytes of a well-formed string in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each of the two surrogates of a four-byte char counts for two.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** The string itself, if it is not too long. `isPlaceless`: the concatenation of two strings carries no position. */
export function checkString(text: string, isPlaceless = false): string {
  const limit = S.limits.stringBytes;
  // No char takes more than three bytes per unit.
  if (limit !== 0 && text.length * 3 > limit && longLength(text) > limit) {
    dataTooLarge("Length of string", isPlaceless);
  }
  return text;
}

function longLength(text: string): number {
  if (text !== S.measured) {
    tick(text.length >> 6);
    S.measuredBytes = utf8Length(text);
    S.measured = text;
  }
  return S.measuredBytes;
}

/** `left + right`, if it is not too long. */
export function checkedSum(left: string, right: string, isPlaceless = false): string {
  const text = left + right;
  const limit = S.limits.stringBytes;
  if (limit === 0 || text.length * 3 <= limit || left.length < right.length)
    return checkString(text, isPlaceless);
  const bytes = longLength(left) + utf8Length(right);
  if (bytes > limit) dataTooLarge("Length of string", isPlaceless);
  S.measured = text;
  S.measuredBytes = bytes;
  return text;
}

/** Before a string of `units` UTF-16 units or more is made. */
export function checkStringUnits(units: number): void {
  const limit = S.limits.stringBytes;
  if (limit !== 0 && units > limit) dataTooLarge("Length of string");
}

/** `length`: items of an array or bytes of a blob. */
export function checkArray(length: number): void {
  const limit = S.limits.arrayItems;
  if (limit !== 0 && length > limit) dataTooLarge("Size of array/BLOB");
}

export function checkMap(entries: number): void {
  const limit = S.limits.mapEntries;
  if (limit !== 0 && entries > limit) dataTooLarge("Size of object map");
}

/** A new value of any type, as a function returns it. Counts what is inside of containers, as native does. O(content). */
export function checkSize(value: Value): void {
  const { stringBytes, arrayItems, mapEntries } = S.limits;
  if (stringBytes === 0 && arrayItems === 0 && mapEntries === 0) return;
  const size = { string: 0, array: 0, map: 0 };
  measure(value, size);
  checkTotal(size);
}

function checkTotal(size: Size): void {
  const { stringBytes, arrayItems, mapEntries } = S.limits;
  if (stringBytes !== 0 && size.string > stringBytes) dataTooLarge("Length of string");
  if (arrayItems !== 0 && size.array > arrayItems) dataTooLarge("Size of array/BLOB");
  if (mapEntries !== 0 && size.map > mapEntries) dataTooLarge("Size of object map");
}

/** What a container holds in all: bytes of strings, items of arrays, entries of maps. */
export interface Size {
  string: number;
  array: number;
  map: number;
}

/** An item of a literal, counted with those before it. */
export function sized(size: Size, item: Value): Value {
  measure(item, size);
  checkTotal(size);
  return item;
}

/** Stops where a limit is passed: content that many places share can be walked for ever. */
function measure(value: Value, size: Size): void {
  const { stringBytes, arrayItems, mapEntries } = S.limits;
  if (typeof value === "string") {
    if (stringBytes !== 0 && size.string <= stringBytes) size.string += utf8Length(value);
  } else if (value instanceof Blob) size.array += value.bytes.length;
  else if (value instanceof Arr) {
    size.array += value.items.length;
    tick(value.items.length);
    if (arrayItems !== 0 && size.array > arrayItems) return;
    for (const item of value.items)
      if (typeof item === "string" || typeof item === "object") measure(item, size);
  } else if (value instanceof Dict) {
    size.map += value.entries.size;
    tick(value.entries.size);
    if (mapEntries !== 0 && size.map > mapEntries) return;
    for (const item of value.entries.values()) measure(item, size);
  }
}
