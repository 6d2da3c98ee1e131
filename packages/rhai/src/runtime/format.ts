/** Values as text, and names of types. */
import { floatDebug, floatText } from "./float.ts";
import { tick } from "./fuel.ts";
import { dataTooLarge } from "./too-large.ts";
import { S } from "./state.ts";
import {
  Arr,
  Blob,
  Char,
  Dict,
  Float,
  FnPtr,
  Handle,
  Range,
  Sequence,
  Timestamp,
  type Value,
} from "./value.ts";

/** Of `print`, `to_string`, interpolation and `+` with a string. */
export function toText(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value instanceof Float) return floatText(value.v);
  if (value instanceof Char) return value.text;
  if (value === undefined) return "";
  return toDebug(value);
}

/** Of `debug`, `to_debug` and of the elements of containers. */
export function toDebug(value: Value): string {
  if (typeof value === "string") return quoted(value);
  if (value === undefined) return "()";
  if (typeof value !== "object") return String(value);
  return bounded(() => objectText(value, debugText));
}

/** A text whose pieces `make` takes from `spend`. Throws ErrorDataTooLarge where it becomes longer than strings may be. */
export function bounded(make: () => string): string {
  const outer = room;
  room = S.limits.stringBytes === 0 ? CHARS_MAX : S.limits.stringBytes;
  try {
    return make();
  } catch (error) {
    if (error === tooLong) dataTooLarge("Length of string");
    throw error;
  } finally {
    room = outer;
  }
}

function debugText(value: Value): string {
  if (typeof value === "string") return quoted(value);
  if (value === undefined) return "()";
  return typeof value === "object" ? objectText(value, debugText) : String(value);
}

/** What the text that is being made may still have: shared content makes a small value long. */
let room = 0;
/** Below the longest string of JavaScript engines. */
const CHARS_MAX = 256 * 1024 * 1024;
/** Of the text of a thrown value in a message. */
const MESSAGE_CHARS_MAX = 64 * 1024;
const tooLong = new Error("too long");

/** Takes so many characters of the text that is being made. */
export function spend(chars: number): void {
  room -= chars;
  if (room < 0) throw tooLong;
}

/** Of the message of a thrown value: chars inside of containers are quoted, names of functions too. A value with a very long
 *  text is called by its type. */
export function displayText(value: Value): string {
  if (value === undefined) return "";
  const isPlain =
    typeof value === "string" || value instanceof Char || value instanceof Float || value instanceof FnPtr;
  if (isPlain) return toText(value);
  const outer = room;
  room = MESSAGE_CHARS_MAX;
  try {
    return rustDebug(value);
  } catch (error) {
    if (error === tooLong) return typeName(value);
    throw error;
  } finally {
    room = outer;
  }
}

/** Rust's `{:?}` of a value. */
function rustDebug(value: Value): string {
  if (value instanceof Char) return `'${escaped(value.text, "'")}'`;
  if (value instanceof FnPtr) return `Fn(${[quoted(value.name), ...value.curry.map(rustDebug)].join(", ")})`;
  return typeof value === "object" ? objectText(value, rustDebug) : toDebug(value);
}

function objectText(value: Value & object, inner: (item: Value) => string): string {
  if (value instanceof Float) return floatDebug(value.v);
  if (value instanceof Char) return value.text;
  if (value instanceof Arr) return arrayText(value, inner);
  if (value instanceof Dict) return dictText(value, inner);
  if (value instanceof Blob) return blobText(value.bytes);
  if (value instanceof Range) return `${value.start}${value.isInclusive ? "..=" : ".."}${value.end}`;
  if (value instanceof FnPtr) return `Fn(${value.name})`;
  if (value instanceof Timestamp) return "<timestamp>";
  if (value instanceof Sequence) return value.display;
  return value.type;
}

/** Containers that share their content can be far larger as text than in memory: each item is paid for. */
function arrayText(array: Arr, inner: (item: Value) => string): string {
  tick(array.items.length);
  spend(2 * array.items.length);
  return `[${array.items.map((item) => counted(inner(item), item)).join(", ")}]`;
}

/** The text of an item; those inside of it have counted theirs. */
function counted(text: string, item: Value): string {
  if (!(item instanceof Arr || item instanceof Dict)) spend(text.length);
  return text;
}

function dictText(dict: Dict, inner: (item: Value) => string): string {
  const parts = sortedKeys(dict).map((key) => {
    const item = dict.entries.get(key);
    spend(key.length + 4);
    return `${quoted(key)}: ${counted(inner(item), item)}`;
  });
  return `#{${parts.join(", ")}}`;
}

/** Hexadecimal, a blank after each eight bytes. */
function blobText(bytes: Uint8Array): string {
  tick(bytes.length >> 2);
  let text = "[";
  for (let i = 0; i < bytes.length; i++) {
    if (i > 0 && i % 8 === 0) text += " ";
    text += (bytes[i] ?? 0).toString(16).padStart(2, "0");
  }
  return `${text}]`;
}

/** Order of code points, which is that of UTF-8 bytes. JavaScript's own is that of UTF-16 units: it differs where
 *  a surrogate meets a unit from U+E000 on. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return (x >= 0xd800 && y >= 0xd800 ? rotated(x) - rotated(y) : x - y) < 0 ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

/** Surrogates moved behind U+E000..U+FFFF. */
function rotated(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** What sorting costs a key. */
const SORT_OPERATIONS = 4;

/** The keys in native's order. */
export function sortedKeys(dict: Dict): string[] {
  const keys = [...dict.entries.keys()];
  tick(keys.length * SORT_OPERATIONS);
  if (keys.length > FEW) return keys.toSorted(compareText);
  // Few keys are sorted faster by hand.
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] ?? "";
    let at = i;
    for (; at > 0 && compareText(keys[at - 1] ?? "", key) > 0; at--) keys[at] = keys[at - 1] ?? "";
    keys[at] = key;
  }
  return keys;
}

const FEW = 12;

const PLAIN = /^[ !#-[\]-~]*$/;

/** Rust's `{:?}` of a string. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : `"${escaped(text, '"')}"`;
}

const SHORT: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\0": "\\0",
  "\\": "\\\\",
};
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Grapheme_Extend}]/u;

function escaped(text: string, quote: string): string {
  let result = "";
  for (const char of text) {
    const short = SHORT[char];
    if (short !== undefined) result += short;
    else if (char === quote) result += `\\${quote}`;
    else if (char !== " " && UNPRINTABLE.test(char))
      result += `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
    else result += char;
  }
  return result;
}

/** `type_of`. */
export function typeName(value: Value): string {
  if (typeof value === "object") return objectTypeName(value);
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  return value === undefined ? "()" : "i64";
}

function objectTypeName(value: Value & object): string {
  if (value instanceof Float) return "f64";
  if (value instanceof Char) return "char";
  if (value instanceof Arr) return "array";
  if (value instanceof Dict) return "map";
  if (value instanceof Blob) return "blob";
  if (value instanceof Range) return value.isInclusive ? "range=" : "range";
  if (value instanceof FnPtr) return "Fn";
  if (value instanceof Timestamp) return "timestamp";
  return value instanceof Handle ? value.type : "range";
}

/** In "Function not found". */
export function signatureName(value: Value): string {
  return typeof value === "string" ? "&str | ImmutableString | String" : typeName(value);
}

/** In "Data type incorrect": native lets the Rust names of ranges through. */
export function mismatchName(value: Value): string {
  if (value instanceof Range) return `core::ops::range::Range${value.isInclusive ? "Inclusive" : ""}<i64>`;
  return typeName(value);
}
