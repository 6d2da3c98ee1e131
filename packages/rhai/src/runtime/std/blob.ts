/** Functions of blobs. Bytes are the low 8 bits of integers. */
import { hasByte } from "../compare.ts";
import { appendBytes } from "../blob-bytes.ts";
import { type Int, isInt } from "../integer.ts";
import { tick } from "../fuel.ts";
import { checkArray, checkString } from "../limits.ts";
import { define, defineGetter, defineNone, NONE, type Result } from "../native.ts";
import { dataTooLarge } from "../too-large.ts";
import { S } from "../state.ts";
import { decodeUtf8, encodeUtf8 } from "../text-operators.ts";
import { Arr, Blob, Char, ownBytes, type Value } from "../value.ts";
import { clamp, clampedPosition, portion, portionOf, position, type Portion } from "./arguments.ts";

/** What a blob may hold at most without a limit of the run: 512 MiB. */
const bytesMax = 2 ** 29;

/** The low 8 bits. */
function byteOf(value: Int): number {
  return typeof value === "number" ? ((value % 256) + 256) % 256 : Number(BigInt.asUintN(8, value));
}

/** New content, and a check of its size. */
function become(blob: Blob, bytes: Uint8Array): undefined {
  tick(bytes.length >> 6);
  blob.bytes = bytes;
  blob.shared = false;
  checkArray(bytes.length);
}

/** `from` up to `to` replaced by `middle`. */
function spliced(bytes: Uint8Array, { from, to }: Portion, middle: Uint8Array): Uint8Array {
  const made = new Uint8Array(bytes.length - (to - from) + middle.length);
  made.set(bytes.subarray(0, from));
  made.set(middle, from);
  made.set(bytes.subarray(to), from + middle.length);
  return made;
}

const empty = new Uint8Array(0);

function make(length: Int, value: Value): Result {
  if (!isInt(value)) return NONE;
  const count = Math.max(clamp(length), 0);
  checkLength(count);
  return new Blob(new Uint8Array(count).fill(byteOf(value)));
}

function checkLength(count: number): void {
  const max = S.limits.arrayItems;
  if (count > bytesMax || (max > 0 && count > max)) dataTooLarge("Size of array/BLOB");
  tick(count >> 6);
}

function get(blob: Blob, index: Value): Result {
  if (!isInt(index)) return NONE;
  return blob.bytes[clampedPosition(blob.bytes.length, index)] ?? 0;
}

function set(blob: Blob, index: Value, value: Value): Result {
  if (!isInt(index) || !isInt(value)) return NONE;
  const bytes = ownBytes(blob);
  const at = clampedPosition(bytes.length, index);
  if (at < bytes.length) bytes[at] = byteOf(value);
  return undefined;
}

function push(blob: Blob, value: Value): Result {
  return isInt(value) ? grow(blob, oneByte(value)) : NONE;
}

function grow(blob: Blob, more: Uint8Array): undefined {
  appendBytes(blob, more);
  checkArray(blob.bytes.length);
}

function oneByte(value: Int): Uint8Array {
  return Uint8Array.of(byteOf(value));
}

/** The bytes that `append` adds. */
function bytesOf(value: Value): Uint8Array | undefined {
  if (value instanceof Blob) return value.bytes;
  if (isInt(value)) return oneByte(value);
  if (typeof value === "string") return encodeUtf8(value);
  return value instanceof Char ? encodeUtf8(value.text) : undefined;
}

function append(blob: Blob, value: Value): Result {
  const more = bytesOf(value);
  return more === undefined ? NONE : grow(blob, more);
}

function insert(blob: Blob, index: Value, value: Value): Result {
  if (!isInt(index) || !isInt(value)) return NONE;
  const at = clampedPosition(blob.bytes.length, index);
  return become(blob, spliced(blob.bytes, { from: at, to: at }, oneByte(value)));
}

function pad(blob: Blob, count: Value, value: Value): Result {
  if (!isInt(count) || !isInt(value)) return NONE;
  const to = clamp(count);
  const { length } = blob.bytes;
  if (to <= length) return undefined;
  checkLength(to);
  const made = new Uint8Array(to).fill(byteOf(value));
  made.set(blob.bytes);
  return become(blob, made);
}

/** Takes one byte out; 0 if there is none. */
function removeAt(blob: Blob, at: number | undefined): Result {
  const byte = at === undefined ? undefined : blob.bytes[at];
  if (at === undefined || byte === undefined) return 0;
  become(blob, spliced(blob.bytes, { from: at, to: at + 1 }, empty));
  return byte;
}

function remove(blob: Blob, index: Value): Result {
  return isInt(index) ? removeAt(blob, position(blob.bytes.length, index)) : NONE;
}

function truncate(blob: Blob, count: Value): Result {
  if (!isInt(count)) return NONE;
  return become(blob, blob.bytes.slice(0, Math.max(clamp(count), 0)));
}

function chop(blob: Blob, count: Value): Result {
  if (!isInt(count)) return NONE;
  const { length } = blob.bytes;
  return become(blob, blob.bytes.slice(Math.max(length - Math.max(clamp(count), 0), 0)));
}

/** Without anything to replace, native appends. */
function splice(blob: Blob, part: Portion, replacement: Value): Result {
  if (!(replacement instanceof Blob)) return NONE;
  const { length } = blob.bytes;
  const at = part.from === part.to ? { from: length, to: length } : part;
  return become(blob, spliced(blob.bytes, at, replacement.bytes));
}

function spliceRange(blob: Blob, range: Value, replacement: Value): Result {
  const part = portionOf(blob.bytes.length, range);
  return part === undefined ? NONE : splice(blob, part, replacement);
}

function spliceSpan(blob: Blob, start: Value, count: Value, replacement: Value): Result {
  const part = portionOf(blob.bytes.length, start, count);
  return part === undefined ? NONE : splice(blob, part, replacement);
}

function extractPortion(blob: Blob, part: Portion | undefined): Result {
  if (part === undefined) return NONE;
  tick((part.to - part.from) >> 6);
  return new Blob(blob.bytes.slice(part.from, part.to));
}

function extractFrom(blob: Blob, start: Value): Result {
  const { length } = blob.bytes;
  return extractPortion(blob, isInt(start) ? portion(length, start, length) : portionOf(length, start));
}

function splitAt(blob: Blob, index: Value): Result {
  if (!isInt(index)) return NONE;
  const at = clampedPosition(blob.bytes.length, index);
  const tail = new Blob(blob.bytes.slice(at));
  become(blob, blob.bytes.slice(0, at));
  return tail;
}

function drain(blob: Blob, part: Portion | undefined): Result {
  if (part === undefined) return NONE;
  const taken = new Blob(blob.bytes.slice(part.from, part.to));
  become(blob, spliced(blob.bytes, part, empty));
  return taken;
}

/** Keeps a portion, gives the rest. */
function retain(blob: Blob, part: Portion | undefined): Result {
  if (part === undefined) return NONE;
  const rest = new Blob(spliced(blob.bytes, part, empty));
  become(blob, blob.bytes.slice(part.from, part.to));
  return rest;
}

function retainSpan(blob: Blob, start: Value, count: Value): Result {
  if (!isInt(start) || !isInt(count)) return NONE;
  // Native gives an empty blob and keeps everything.
  if (clamp(count) <= 0) return new Blob(empty);
  return retain(blob, portion(blob.bytes.length, start, count));
}

function retainRange(blob: Blob, range: Value): Result {
  const part = portionOf(blob.bytes.length, range);
  if (part !== undefined && part.from === part.to && part.from < blob.bytes.length) return new Blob(empty);
  return retain(blob, part);
}

function toArray(blob: Blob): Result {
  tick(blob.bytes.length >> 2);
  return new Arr(Array.from(blob.bytes));
}

export function defineBlobs(): void {
  defineNone("blob", () => new Blob(new Uint8Array(0)));
  define("int", "blob", (length) => make(length, 0));
  define("int", "blob", (length, value: Value) => make(length, value));
  defineGetter("blob", "len", (blob) => blob.bytes.length);
  defineGetter("blob", "is_empty", (blob) => blob.bytes.length === 0);
  define("blob", "contains", (blob, value: Value) => (isInt(value) ? hasByte(blob.bytes, value) : NONE));
  define("blob", "get", get);
  define("blob", "set", set, "mutates");
  define("blob", "push", push, "mutates");
  define("blob", "append", append, "mutates");
  define("blob", "insert", insert, "mutates");
  define("blob", "pad", pad, "mutates");
  define("blob", "pop", (blob) => removeAt(blob, blob.bytes.length - 1), "mutates");
  define("blob", "shift", (blob) => removeAt(blob, 0), "mutates");
  define("blob", "remove", remove, "mutates");
  define("blob", "clear", (blob) => become(blob, new Uint8Array(0)), "mutates");
  define("blob", "truncate", truncate, "mutates");
  define("blob", "chop", chop, "mutates");
  define("blob", "reverse", (blob) => become(blob, blob.bytes.toReversed()), "mutates");
  definePortions();
  define("blob", "to_array", toArray);
  define("blob", "as_string", (blob) => checkString(decodeUtf8(blob.bytes)));
}

function definePortions(): void {
  define("blob", "splice", spliceRange, "mutates");
  define("blob", "splice", spliceSpan, "mutates");
  define("blob", "extract", extractFrom, "mutates");
  define(
    "blob",
    "extract",
    (blob, a: Value, b: Value) => extractPortion(blob, portionOf(blob.bytes.length, a, b)),
    "mutates",
  );
  define("blob", "split", splitAt, "mutates");
  define(
    "blob",
    "drain",
    (blob, range: Value) => drain(blob, portionOf(blob.bytes.length, range)),
    "mutates",
  );
  define(
    "blob",
    "drain",
    (blob, a: Value, b: Value) => drain(blob, portionOf(blob.bytes.length, a, b)),
    "mutates",
  );
  define("blob", "retain", retainRange, "mutates");
  define("blob", "retain", retainSpan, "mutates");
}
