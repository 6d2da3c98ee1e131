/** Numbers and texts in the bytes of a blob: `parse_le_int`, `write_be`, `write_utf8` … */
import { isInt, wrapInt } from "../integer.ts";
import { define, NONE, type Result } from "../native.ts";
import { encodeUtf8 } from "../text-operators.ts";
import { type Blob, Float, ownBytes, type Value } from "../value.ts";
import { type Portion, portionOf } from "./arguments.ts";

/** Numbers have 8 bytes; a shorter portion is filled up with zeros behind. */
const numberBytes = 8;

function view(blob: Blob, { from, to }: Portion): DataView {
  const bytes = new Uint8Array(numberBytes);
  bytes.set(blob.bytes.subarray(from, Math.min(to, from + numberBytes)));
  return new DataView(bytes.buffer);
}

function parseInt64(blob: Blob, part: Portion | undefined, isLittle: boolean): Result {
  return part === undefined ? NONE : wrapInt(view(blob, part).getBigInt64(0, isLittle));
}

function parseFloat64(blob: Blob, part: Portion | undefined, isLittle: boolean): Result {
  return part === undefined ? NONE : new Float(view(blob, part).getFloat64(0, isLittle));
}

/** What a number is in bytes; undefined for other values. */
function encoded(value: Value, isLittle: boolean): Uint8Array | undefined {
  const data = new DataView(new ArrayBuffer(numberBytes));
  if (isInt(value)) data.setBigInt64(0, BigInt(value), isLittle);
  else if (value instanceof Float) data.setFloat64(0, value.v, isLittle);
  else return undefined;
  return new Uint8Array(data.buffer);
}

/** Writes as much as fits into the portion. */
function write(blob: Blob, part: Portion | undefined, bytes: Uint8Array | undefined): Result {
  if (part === undefined || bytes === undefined) return NONE;
  ownBytes(blob).set(bytes.subarray(0, part.to - part.from), part.from);
  return undefined;
}

function utf8(value: Value): Uint8Array | undefined {
  return typeof value === "string" ? encodeUtf8(value) : undefined;
}

/** Chars that are not ASCII are left out. */
function ascii(value: Value): Uint8Array | undefined {
  return utf8(value)?.filter((byte) => byte < 0x80);
}

type Reader = (blob: Blob, part: Portion | undefined) => Result;
type Encoder = (value: Value) => Uint8Array | undefined;

function defineReader(name: string, read: Reader): void {
  define("blob", name, (blob, range: Value) => read(blob, portionOf(blob.bytes.length, range)));
  define("blob", name, (blob, start: Value, count: Value) =>
    read(blob, portionOf(blob.bytes.length, start, count)),
  );
}

function defineWriter(name: string, encode: Encoder): void {
  define(
    "blob",
    name,
    (blob, range: Value, value: Value) => write(blob, portionOf(blob.bytes.length, range), encode(value)),
    "mutates",
  );
  define(
    "blob",
    name,
    (blob, start: Value, count: Value, value: Value) =>
      write(blob, portionOf(blob.bytes.length, start, count), encode(value)),
    "mutates",
  );
}

export function defineBlobCodecs(): void {
  defineReader("parse_le_int", (blob, part) => parseInt64(blob, part, true));
  defineReader("parse_be_int", (blob, part) => parseInt64(blob, part, false));
  defineReader("parse_le_float", (blob, part) => parseFloat64(blob, part, true));
  defineReader("parse_be_float", (blob, part) => parseFloat64(blob, part, false));
  defineWriter("write_le", (value) => encoded(value, true));
  defineWriter("write_be", (value) => encoded(value, false));
  defineWriter("write_utf8", utf8);
  defineWriter("write_ascii", ascii);
}
