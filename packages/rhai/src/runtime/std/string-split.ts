/** `split` and `split_rev` in all their forms. */
import { tick } from "../fuel.ts";
import { checkArray } from "../limits.ts";
import { define, NONE, type Result } from "../native.ts";
import { Arr, Char, type Value } from "../value.ts";
import { isInt } from "../integer.ts";
import { clamp } from "./arguments.ts";
import { charCount, unitOf } from "../chars.ts";
import { charsOf, wordsOf } from "./text.ts";

function arrayOf(parts: string[]): Arr {
  tick(parts.length);
  const array = new Arr(parts);
  checkArray(array.items.length);
  return array;
}

function delimiterOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Char ? value.text : undefined;
}

/** In two at a position. 0 is "from the end by 0": native's rule. */
function splitAt(text: string, index: number): Arr {
  const length = charCount(text);
  const at = index > 0 ? index : Math.max(length + index, 0);
  const unit = unitOf(text, at);
  return new Arr([text.slice(0, unit), text.slice(unit)]);
}

function split(text: string, by: Value): Result {
  tick(text.length >> 3);
  if (isInt(by)) return splitAt(text, clamp(by));
  const delimiter = delimiterOf(by);
  if (delimiter === undefined) return NONE;
  if (text === "") return new Arr([text]);
  return arrayOf(delimiter === "" ? ["", ...charsOf(text), ""] : text.split(delimiter));
}

function splitSome(text: string, by: Value, count: Value): Result {
  const delimiter = delimiterOf(by);
  if (delimiter === undefined || !isInt(count)) return NONE;
  tick(text.length >> 3);
  const most = clamp(count);
  if (most <= 1 || text === "") return new Arr([text]);
  if (delimiter === "") return arrayOf(firstParts(["", ...charsOf(text), ""], most));
  const parts: string[] = [];
  let from = 0;
  while (parts.length < most - 1) {
    const at = text.indexOf(delimiter, from);
    if (at < 0) break;
    parts.push(text.slice(from, at));
    from = at + delimiter.length;
  }
  parts.push(text.slice(from));
  return arrayOf(parts);
}

/** The first `most - 1` parts and the rest as one. */
function firstParts(parts: string[], most: number): string[] {
  if (parts.length <= most) return parts;
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join("")];
}

function splitReverse(text: string, by: Value): Result {
  return splitReverseSome(text, by, Number.MAX_SAFE_INTEGER);
}

function splitReverseSome(text: string, by: Value, count: Value): Result {
  const delimiter = delimiterOf(by);
  if (delimiter === undefined || !isInt(count)) return NONE;
  tick(text.length >> 3);
  const most = clamp(count);
  if (most <= 1 || text === "") return new Arr([text]);
  if (delimiter === "") return arrayOf(lastParts(["", ...charsOf(text), ""], most));
  const parts: string[] = [];
  let to = text.length;
  while (parts.length < most - 1 && to >= delimiter.length) {
    const at = text.lastIndexOf(delimiter, to - delimiter.length);
    if (at < 0) break;
    parts.push(text.slice(at + delimiter.length, to));
    to = at;
  }
  parts.push(text.slice(0, to));
  return arrayOf(parts);
}

/** From the end: the last `most - 1` parts, then the rest as one. */
function lastParts(parts: string[], most: number): string[] {
  const reversed = parts.toReversed();
  if (reversed.length <= most) return reversed;
  const rest = parts.slice(0, parts.length - most + 1);
  return [...reversed.slice(0, most - 1), rest.join("")];
}

function splitWords(text: string): Result {
  tick(text.length >> 3);
  return text === "" ? new Arr([text]) : arrayOf(wordsOf(text));
}

export function defineStringSplits(): void {
  define("string", "split", splitWords);
  define("string", "split", split);
  define("string", "split", splitSome);
  define("string", "split_rev", splitReverse);
  define("string", "split_rev", splitReverseSome);
}
