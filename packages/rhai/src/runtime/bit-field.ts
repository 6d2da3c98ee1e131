/** Bits of an int: `x[3]`, `x[4..8]`. Bit 0 is the lowest. */
import { type Int, wrapInt } from "./integer.ts";
import { bitBounds } from "./raise.ts";
import { type Range } from "./value.ts";

const BITS = 64;

/** A negative index counts from the highest bit. */
function bitOf(index: Int): bigint {
  if (index >= BITS || index < -BITS) return bitBounds(index);
  return BigInt(index < 0 ? Number(index) + BITS : index);
}

export function getBit(value: Int, index: Int): boolean {
  const bit = bitOf(index);
  return ((BigInt(value) >> bit) & 1n) === 1n;
}

export function setBit(value: Int, index: Int, isOn: boolean): Int {
  const mask = 1n << bitOf(index);
  return wrapInt(isOn ? BigInt(value) | mask : BigInt(value) & ~mask);
}

interface Span {
  readonly start: bigint;
  readonly count: bigint;
}

/** A range counts from bit 0 only. */
function spanOf({ start, end, isInclusive }: Range): Span {
  if (start < 0 || start > BITS) return bitBounds(start);
  if (end < 0 || end > (isInclusive ? BITS - 1 : BITS)) return bitBounds(end);
  const count = BigInt(end) - BigInt(start) + (isInclusive ? 1n : 0n);
  return { start: BigInt(start), count: count < 0n ? 0n : count };
}

export function getBitRange(value: Int, range: Range): Int {
  const { start, count } = spanOf(range);
  return wrapInt(BigInt.asUintN(Number(count), BigInt(value) >> start));
}

export function setBitRange(value: Int, range: Range, bits: Int): Int {
  const { start, count } = spanOf(range);
  const mask = ((1n << count) - 1n) << start;
  return wrapInt((BigInt(value) & ~mask) | ((BigInt(bits) << start) & mask));
}
