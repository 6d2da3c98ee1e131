/** `+` and `-` of strings, chars and containers. */
import { toText } from "./format.ts";
import { tick } from "./fuel.ts";
import { checkArray, checkedSum, checkMap } from "./limits.ts";
import { functionNotFound } from "./raise.ts";
import { isInt } from "./integer.ts";
import { Arr, Blob, Char, copy, Dict, Float, Timestamp, type Value } from "./value.ts";

/** `+` where not both operands are numbers. */
export function addOther(a: Value, b: Value, isPlaceless: boolean): Value {
  const left = pieceOf(a);
  const right = pieceOf(b);
  if (left !== undefined && right !== undefined) return checkedSum(left, right, isPlaceless);
  if (typeof b === "string") return checkedSum(concatText(a), b);
  if (typeof a === "string") return checkedSum(a, concatText(b));
  if (a instanceof Arr && b instanceof Arr) {
    checkArray(a.items.length + b.items.length);
    return new Arr([...copies(a.items), ...copies(b.items)]);
  }
  if (a instanceof Dict && b instanceof Dict) return mixed(a, b);
  if (a instanceof Blob && right !== undefined) return new Blob(joined(a.bytes, encodeUtf8(right)));
  if (a instanceof Blob && b instanceof Blob) return new Blob(joined(a.bytes, b.bytes));
  if (a instanceof Timestamp) return shifted(a, b, 1, "+");
  return functionNotFound("+", [a, b]);
}

/** `-` where not both operands are numbers: every occurrence of the right operand is taken out. */
export function subOther(a: Value, b: Value): Value {
  if (a instanceof Timestamp) {
    return b instanceof Timestamp ? new Float((a.ms - b.ms) / 1000) : shifted(a, b, -1, "-");
  }
  const right = pieceOf(b);
  if (typeof a !== "string" || right === undefined) return functionNotFound("-", [a, b]);
  return right === "" ? a : a.split(right).join("");
}

/** A timestamp so many seconds later or earlier. Native cuts fractions of milliseconds off. */
function shifted(timestamp: Timestamp, by: Value, sign: 1 | -1, name: string): Timestamp {
  if (isInt(by)) return new Timestamp(timestamp.ms + sign * Number(by) * 1000);
  if (by instanceof Float) return new Timestamp(timestamp.ms + sign * Math.trunc(by.v * 1000));
  return functionNotFound(name, [timestamp, by]);
}

/** The text of a string or a char. */
export function pieceOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Char ? value.text : undefined;
}

/** How a value joins a string: as printed, but the bytes of a blob are text. */
export function concatText(value: Value): string {
  return value instanceof Blob ? decodeUtf8(value.bytes) : toText(value);
}

function copies(items: readonly Value[]): Value[] {
  tick(items.length);
  return items.map((item) => copy(item));
}

function mixed(a: Dict, b: Dict): Dict {
  tick(a.entries.size + b.entries.size);
  const entries = new Map<string, Value>();
  for (const [key, value] of a.entries) entries.set(key, copy(value));
  for (const [key, value] of b.entries) entries.set(key, copy(value));
  checkMap(entries.size);
  return new Dict(entries);
}

/** The bytes of both, one after the other. */
export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  tick((a.length + b.length) >> 4);
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

/** The UTF-8 bytes of a well-formed string. Written out because isolates have no TextEncoder. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
    }
  }
  return Uint8Array.from(bytes);
}

/** Text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, one for each longest beginning of a char (as in Rust and the
 *  WHATWG decoder). */
export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let i = 0;
  tick(bytes.length >> 3);
  while (i < bytes.length) {
    const end = endOfAscii(bytes, i);
    if (end > i) {
      parts.push(String.fromCharCode(...bytes.subarray(i, end)));
      i = end;
      continue;
    }
    const length = charLength(bytes, i);
    parts.push(length > 0 ? String.fromCodePoint(charAt(bytes, i, length)) : "\ufffd");
    i += Math.abs(length);
  }
  return parts.join("");
}

/** Characters of a call of `fromCharCode`: its arguments are on the stack. */
const CHUNK = 4096;

function endOfAscii(bytes: Uint8Array, start: number): number {
  const most = Math.min(bytes.length, start + CHUNK);
  let end = start;
  while (end < most && (bytes[end] ?? 0x80) < 0x80) end++;
  return end;
}

/** Bytes of the char at `i`; negative: so many bytes to skip, they begin no char. */
function charLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i] ?? 0;
  const { length, low, high } = shapeOf(first);
  for (let k = 1; k < length; k++) {
    const byte = bytes[i + k] ?? 0;
    if (byte < (k === 1 ? low : 0x80) || byte > (k === 1 ? high : 0xbf)) return -k;
  }
  return length === 0 ? -1 : length;
}

/** Bytes of a char by its first one (0: it begins none), and the bounds of the second (Unicode 15, table 3-7). */
function shapeOf(first: number): { length: number; low: number; high: number } {
  if (first < 0x80) return { length: 1, low: 0x80, high: 0xbf };
  if (first < 0xc2 || first > 0xf4) return { length: 0, low: 0x80, high: 0xbf };
  if (first < 0xe0) return { length: 2, low: 0x80, high: 0xbf };
  if (first < 0xf0)
    return { length: 3, low: first === 0xe0 ? 0xa0 : 0x80, high: first === 0xed ? 0x9f : 0xbf };
  return { length: 4, low: first === 0xf0 ? 0x90 : 0x80, high: first === 0xf4 ? 0x8f : 0xbf };
}

function charAt(bytes: Uint8Array, i: number, length: number): number {
  const first = bytes[i] ?? 0;
  let code = length === 1 ? first : first & (0x7f >> length);
  for (let k = 1; k < length; k++) code = (code << 6) | ((bytes[i + k] ?? 0) & 63);
  return code;
}
