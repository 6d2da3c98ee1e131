/** Bits of an integer: `get_bit`, `set_bits`, `bits`. A range that ends beyond the top is an error only if inclusive. */
import { type Int, intOf, isInt, shrInts, wrapInt } from "../integer.ts";
import { define, defineGetter, NONE, type Result } from "../native.ts";
import { bitBounds } from "../raise.ts";
import { S } from "../state.ts";
import { Range, Sequence, type Value } from "../value.ts";
import { clamp, position } from "./arguments.ts";

const bitCount = 64;

function bitAt(index: Int): number {
  return position(bitCount, index) ?? bitBounds(index);
}

/** First bit and number of bits of (start, count) or of a range; undefined if the arguments are neither. */
function bitsOf(first: Value, second?: Value): { from: Int; count: number } | undefined {
  if (isInt(first) && isInt(second)) return { from: first, count: clamp(second) };
  if (!(first instanceof Range) || second !== undefined) return undefined;
  const from = Math.max(clamp(first.start), 0);
  if (!first.isInclusive) return { from, count: Math.max(clamp(first.end), from) - from };
  const to = Math.max(clamp(first.end), from - 1);
  if (to >= bitCount) return bitBounds(to);
  return { from, count: to - from + 1 };
}

function getBits(value: Int, first: Value, second?: Value): Result {
  const part = bitsOf(first, second);
  if (part === undefined) return NONE;
  if (part.count <= 0) return 0;
  const from = bitAt(part.from);
  const count = Math.min(part.count, bitCount - from);
  if (count === bitCount) return value;
  return intOf(BigInt.asUintN(count, BigInt(value) >> BigInt(from)));
}

function setBits(value: Int, first: Value, second: Value, bits: Value): Result {
  const part = bitsOf(first, second);
  if (part === undefined || !isInt(bits)) return NONE;
  if (part.count <= 0) return undefined;
  const from = bitAt(part.from);
  const mask = (1n << BigInt(Math.min(part.count, bitCount - from))) - 1n;
  const cleared = BigInt(value) & ~(mask << BigInt(from));
  S.self = wrapInt(cleared | ((BigInt(bits) & mask) << BigInt(from)));
  return undefined;
}

function getBit(value: Int, index: Value): Result {
  if (!isInt(index)) return NONE;
  return ((BigInt(value) >> BigInt(bitAt(index))) & 1n) === 1n;
}

function setBit(value: Int, index: Value, bit: Value): Result {
  if (!isInt(index) || typeof bit !== "boolean") return NONE;
  const mask = 1n << BigInt(bitAt(index));
  S.self = wrapInt(bit ? BigInt(value) | mask : BigInt(value) & ~mask);
  return undefined;
}

/** The bits as a sequence of bools, lowest first. */
function sequence(value: Int, start: Int, count: number): Sequence {
  const from = bitAt(start);
  const length = Math.max(Math.min(count, bitCount - from), 0);
  const shifted = shrInts(value, from);
  return new Sequence("rhai::packages::iter_basic::BitRange", () =>
    Array.from({ length }, (_, at) => ((BigInt(shifted) >> BigInt(at)) & 1n) === 1n),
  );
}

function bitsFrom(value: Int, first: Value): Result {
  if (isInt(first)) return sequence(value, first, bitCount);
  if (!(first instanceof Range)) return NONE;
  const from = Math.max(clamp(first.start), 0);
  const end = clamp(first.end) + (first.isInclusive ? 1 : 0);
  return sequence(value, from, Math.max(end, from) - from);
}

function bitsSome(value: Int, start: Value, count: Value): Result {
  return isInt(start) && isInt(count) ? sequence(value, start, clamp(count)) : NONE;
}

export function defineBits(): void {
  define("int", "get_bit", getBit);
  define("int", "set_bit", setBit, "replaces");
  define("int", "get_bits", (value, range: Value) => getBits(value, range));
  define("int", "get_bits", (value, start: Value, count: Value) => getBits(value, start, count));
  define(
    "int",
    "set_bits",
    (value, range: Value, bits: Value) => setBits(value, range, undefined, bits),
    "replaces",
  );
  define("int", "set_bits", setBits, "replaces");
  defineGetter("int", "bits", (value) => sequence(value, 0, bitCount));
  define("int", "bits", bitsFrom);
  define("int", "bits", bitsSome);
}
