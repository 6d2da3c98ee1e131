/** Functions of strings that only look: lengths, search, portions, case. */
import { compareText } from "../format.ts";
import { tick } from "../fuel.ts";
import { checkArray, checkString, utf8Length } from "../limits.ts";
import { define, defineGetter, NONE, type Result } from "../native.ts";
import { Arr, Blob, Char, charOf, Range, type Value } from "../value.ts";
import { isInt } from "../integer.ts";
import { clamp, position, portion, rangeCount, rangeStart } from "./arguments.ts";
import { charCount, charList, isPlain, sliceChars, unitOf } from "../chars.ts";
import { unitToChar } from "./text.ts";
import { encodeUtf8 } from "../text-operators.ts";

/** The text of a string or char argument; undefined for others. */
export function textOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Char ? value.text : undefined;
}

function indexOf(text: string, what: Value, from: number): Result {
  const find = textOf(what);
  if (find === undefined) return NONE;
  if (text === "") return -1;
  tick(text.length >> 4);
  const unit = text.indexOf(find, from);
  return unit < 0 ? -1 : unitToChar(text, unit);
}

function indexOfFrom(text: string, what: Value, start: Value): Result {
  if (!isInt(start)) return NONE;
  const at = clamp(start);
  const length = charCount(text);
  if (at >= length && at > 0) return textOf(what) === undefined ? NONE : -1;
  return indexOf(text, what, unitOf(text, at < 0 ? Math.max(length + at, 0) : at));
}

function contains(text: string, what: Value): Result {
  const find = textOf(what);
  if (find === undefined) return NONE;
  tick(text.length >> 4);
  return text.includes(find);
}

function startsWith(text: string, what: Value): Result {
  const find = textOf(what);
  return find === undefined ? NONE : text.startsWith(find);
}

function endsWith(text: string, what: Value): Result {
  const find = textOf(what);
  return find === undefined ? NONE : text.endsWith(find);
}

/** Code points from `start`, at most `count`. */
export function subText(text: string, start: number | bigint, count: number | bigint): string {
  tick(text.length >> 4);
  if (typeof start === "number" && typeof count === "number" && isPlain(text)) {
    const from = start < 0 ? Math.max(text.length + start, 0) : start;
    return count <= 0 ? "" : text.slice(from, from + count);
  }
  if (text === "" || clamp(count) <= 0) return "";
  const { from, to } = portion(charCount(text), start, count);
  return sliceChars(text, from, to);
}

function subString(text: string, first: Value, count: Value): Result {
  return isInt(first) && isInt(count) ? subText(text, first, count) : NONE;
}

function subStringFrom(text: string, first: Value): Result {
  if (first instanceof Range) return subText(text, rangeStart(first), rangeCount(first));
  return isInt(first) ? subText(text, first, text.length) : NONE;
}

/** The char at a position from the start or the end, or undefined. */
export function charAt(text: string, index: number | bigint): Char | undefined {
  if (isPlain(text)) {
    const at = position(text.length, index);
    return at === undefined ? undefined : charOf(text.charAt(at));
  }
  tick(text.length >> 4);
  const at = position(charCount(text), index);
  if (at === undefined) return undefined;
  const unit = unitOf(text, at);
  return charOf(String.fromCodePoint(text.codePointAt(unit) ?? 0));
}

function get(text: string, index: Value): Result {
  return isInt(index) ? charAt(text, index) : NONE;
}

function larger(a: string, b: Value): Result {
  if (typeof b !== "string") return NONE;
  return compareText(a, b) >= 0 ? a : b;
}

function smaller(a: string, b: Value): Result {
  if (typeof b !== "string") return NONE;
  return compareText(a, b) <= 0 ? a : b;
}

function toUpper(text: string): Result {
  tick(text.length >> 4);
  return checkString(text.toUpperCase());
}

function toLower(text: string): Result {
  tick(text.length >> 4);
  return checkString(text.toLowerCase());
}

function toChars(text: string): Result {
  tick(text.length);
  const array = new Arr(charList(text));
  checkArray(array.items.length);
  return array;
}

function toBlob(text: string): Result {
  tick(text.length);
  return new Blob(encodeUtf8(text));
}

/** Upper case of one char: itself if the upper case is more than one (`'ß'`). */
export function upperChar(char: Char): Char {
  return oneChar(char, char.text.toUpperCase());
}

export function lowerChar(char: Char): Char {
  return oneChar(char, char.text.toLowerCase());
}

function oneChar(char: Char, text: string): Char {
  return charCount(text) === 1 ? charOf(text) : char;
}

export function defineStrings(): void {
  defineGetter("string", "len", (text) => charCount(text));
  defineGetter("string", "is_empty", (text) => text === "");
  defineGetter("string", "bytes", (text) => utf8Length(text));
  define("string", "contains", contains);
  define("string", "starts_with", startsWith);
  define("string", "ends_with", endsWith);
  define("string", "index_of", (text, what: Value) => indexOf(text, what, 0));
  define("string", "index_of", indexOfFrom);
  define("string", "get", get);
  define("string", "sub_string", subStringFrom);
  define("string", "sub_string", subString);
  define("string", "to_upper", toUpper);
  define("string", "to_lower", toLower);
  define("string", "to_chars", toChars);
  define("string", "to_blob", toBlob);
  define("string", "max", larger);
  define("string", "min", smaller);
  defineChars();
}

function defineChars(): void {
  define("char", "to_upper", (char) => upperChar(char));
  define("char", "to_lower", (char) => lowerChar(char));
  define("char", "to_int", (char) => char.text.codePointAt(0));
  define("char", "max", (a, b: Value) =>
    b instanceof Char ? (compareText(a.text, b.text) >= 0 ? a : b) : NONE,
  );
  define("char", "min", (a, b: Value) =>
    b instanceof Char ? (compareText(a.text, b.text) <= 0 ? a : b) : NONE,
  );
}
