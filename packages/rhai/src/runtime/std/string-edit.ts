/** Functions that change a string or char variable: they leave the new one in `S.self`. */
import { tick } from "../fuel.ts";
import { checkString } from "../limits.ts";
import { toText } from "../format.ts";
import { define, NONE, type Result } from "../native.ts";
import { dataTooLarge } from "../too-large.ts";
import { S } from "../state.ts";
import { Blob, Char, charOf, Range, type Value } from "../value.ts";
import { isInt } from "../integer.ts";
import { clamp, position, rangeCount, rangeStart } from "./arguments.ts";
import { lowerChar, subText, textOf, upperChar } from "./string.ts";
import { charCount, sliceChars, unitOf } from "../chars.ts";
import { charsOf, trimText } from "./text.ts";
import { decodeUtf8 } from "../text-operators.ts";

/** Stores the new receiver; the function itself gives `()`. */
function become(text: string): undefined {
  S.self = text;
}

/** All occurrences replaced; an empty `find` matches between all code points. */
export function replaceAll(text: string, find: string, substitute: string): string {
  tick((text.length + substitute.length) >> 3);
  if (text === "") return "";
  const parts = find === "" ? ["", ...charsOf(text), ""] : text.split(find);
  tick(parts.length);
  if (parts.length === 1) return text;
  growth(text.length + (parts.length - 1) * substitute.length);
  return checkString(parts.join(substitute));
}

/** Refuses a length before the text is built. */
function growth(length: number): void {
  const max = S.limits.stringBytes;
  if (length > stringLengthMax || (max > 0 && length > max * 2)) dataTooLarge("Length of string");
}

/** What V8 can hold in one string (2^29-24 units). */
const stringLengthMax = 0x1fffffe8;

function replace(text: string, find: Value, substitute: Value): Result {
  const from = textOf(find);
  const to = textOf(substitute);
  if (from === undefined || to === undefined) return NONE;
  return become(replaceAll(text, from, to));
}

function remove(text: string, what: Value): Result {
  const find = textOf(what);
  if (find === undefined) return NONE;
  return become(find === "" ? text : replaceAll(text, find, ""));
}

function truncate(text: string, count: Value): Result {
  return isInt(count) ? become(sliceChars(text, 0, Math.max(clamp(count), 0))) : NONE;
}

function pop(text: string): Result {
  if (text === "") return undefined;
  const unit = text.charCodeAt(text.length - 1);
  const last = text.length - (unit >= 0xdc00 && unit < 0xe000 ? 2 : 1);
  S.self = text.slice(0, last);
  return charOf(text.slice(last));
}

function popSome(text: string, count: Value): Result {
  if (!isInt(count)) return NONE;
  const n = clamp(count);
  if (text === "" || n <= 0) return "";
  const at = unitOf(text, Math.max(charCount(text) - n, 0));
  S.self = text.slice(0, at);
  return text.slice(at);
}

function set(text: string, index: Value, char: Value): Result {
  if (!isInt(index) || !(char instanceof Char)) return NONE;
  const at = position(charCount(text), index);
  if (at === undefined) return undefined;
  const unit = unitOf(text, at);
  const rest = text.slice(unit + ((text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1));
  return become(checkString(text.slice(0, unit) + char.text + rest));
}

function crop(text: string, start: Value, count: Value): Result {
  return isInt(start) && isInt(count) ? become(subText(text, start, count)) : NONE;
}

function cropFrom(text: string, start: Value): Result {
  if (start instanceof Range) return become(subText(text, rangeStart(start), rangeCount(start)));
  return isInt(start) ? become(subText(text, start, text.length)) : NONE;
}

function pad(text: string, count: Value, padding: Value): Result {
  const unit = textOf(padding);
  if (!isInt(count) || unit === undefined) return NONE;
  const to = clamp(count);
  const max = S.limits.stringBytes;
  if (to > stringLengthMax || (max > 0 && to > max)) dataTooLarge("Length of string");
  const missing = to - charCount(text);
  // Native pads for ever with "": nothing to add is the only other answer.
  if (missing <= 0 || unit === "") return undefined;
  tick(missing);
  const length = charCount(unit);
  const whole = unit.repeat(Math.floor(missing / length));
  return become(checkString(text + whole + sliceChars(unit, 0, missing % length)));
}

function append(text: string, value: Value): Result {
  const more = value instanceof Blob ? decodeUtf8(value.bytes) : toText(value);
  return become(more === "" ? text : checkString(text + more));
}

export function defineStringEdits(): void {
  define("string", "clear", (_text) => become(""), "replaces");
  define("string", "trim", (text) => become(trimText(text)), "replaces");
  define("string", "truncate", truncate, "replaces");
  define("string", "pop", pop, "replaces");
  define("string", "pop", popSome, "replaces");
  define("string", "remove", remove, "replaces");
  define("string", "replace", replace, "replaces");
  define("string", "set", set, "replaces");
  define("string", "crop", cropFrom, "replaces");
  define("string", "crop", crop, "replaces");
  define("string", "pad", pad, "replaces");
  define("string", "append", append, "replaces");
  define("string", "make_upper", (text) => become(checkString(text.toUpperCase())), "replaces");
  define("string", "make_lower", (text) => become(checkString(text.toLowerCase())), "replaces");
  define("char", "make_upper", (char) => void (S.self = upperChar(char)), "replaces");
  define("char", "make_lower", (char) => void (S.self = lowerChar(char)), "replaces");
}
