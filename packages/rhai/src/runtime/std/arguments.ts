/** How library functions read their arguments: integers, ranges, and portions given by start and length. */
import { isInt } from "../integer.ts";
import { Range, type Value } from "../value.ts";

/** Largest integer that is a number; what lies beyond is clamped where only positions and lengths matter. */
const top = Number.MAX_SAFE_INTEGER;

/** An integer as a number, clamped to ±(2^53-1): right for every position and length. */
export function clamp(value: number | bigint): number {
  if (typeof value === "number") return value;
  return value > 0n ? top : -top;
}

/** A portion of something with a length: `from` up to `to`, both within it. */
export interface Portion {
  readonly from: number;
  readonly to: number;
}

const nothing: Portion = { from: 0, to: 0 };

/** Start and length as native takes them: a negative start counts from the end, all is clamped. */
export function portion(length: number, start: number | bigint, count: number | bigint): Portion {
  let from = clamp(start);
  if (from < 0) from = Math.max(length + from, 0);
  else if (from >= length) return { from: length, to: length };
  const n = clamp(count);
  return { from, to: n <= 0 ? from : Math.min(length, from + n) };
}

/** A range as start and length, as native turns one into the other: a negative start is 0. */
export function rangeStart(range: Range): number {
  return Math.max(clamp(range.start), 0);
}

export function rangeCount(range: Range): number {
  const start = rangeStart(range);
  const end = clamp(range.end);
  if (range.isInclusive) return Math.max(end, start) - start + 1;
  return Math.max(end, start) - start;
}

export function rangePortion(length: number, range: Range): Portion {
  return portion(length, rangeStart(range), rangeCount(range));
}

/** A position from the start or, if negative, from the end; undefined outside. */
export function position(length: number, index: number | bigint): number | undefined {
  const at = clamp(index);
  if (at < 0) return at + length < 0 ? undefined : at + length;
  return at < length ? at : undefined;
}

/** A position as `portion` reads a start: before the beginning is 0, beyond the end is `length`. */
export function clampedPosition(length: number, index: number | bigint): number {
  return portion(length, index, 0).from;
}

/** The portion of (start, count) or (range); undefined if the arguments are neither. */
export function portionOf(length: number, first: Value, second?: Value): Portion | undefined {
  if (first instanceof Range) return second === undefined ? rangePortion(length, first) : undefined;
  if (!isInt(first) || !isInt(second)) return undefined;
  return clamp(second) <= 0 ? nothing : portion(length, first, second);
}
