/** What `for` iterates over, and how `switch` compares. */
import { charList } from "./chars.ts";
import { isInRange } from "./compare.ts";
import { type Int, intOf, isInt } from "./integer.ts";
import { range } from "./operators.ts";
import { forExpr } from "./raise.ts";
import { Arr, Blob, Dict, Float, Range, Sequence, type Value } from "./value.ts";

/** The items of a loop: all of them, or piece by piece. */
export interface Items {
  readonly items: readonly Value[];
  /** The next piece, empty at the end. */
  readonly more?: () => readonly Value[];
}

/** Items of a piece of a lazy sequence. */
const PIECE = 64;

/** Throws ErrorFor for what is not iterable. A container's items stay as they are now, whatever happens to it. */
export function iterate(value: Value): Items {
  if (value instanceof Arr) {
    value.shared = true;
    return value;
  }
  if (typeof value === "string") return { items: charList(value) };
  if (value instanceof Range) return rangePieces(value);
  if (value instanceof Sequence) {
    const values = value.values();
    return "next" in values ? pieces(values) : { items: values };
  }
  if (value instanceof Blob) return { items: Array.from(value.bytes) };
  return forExpr();
}

function pieces(values: Iterator<Value>): Items {
  return {
    items: [],
    more: () => {
      const items: Value[] = [];
      while (items.length < PIECE) {
        const { done, value } = values.next();
        if (done === true) break;
        items.push(value);
      }
      return items;
    },
  };
}

/** The ints of a range, without a generator as long as they are numbers. */
function rangePieces({ start, end, isInclusive }: Range): Items {
  if (typeof start !== "number" || typeof end !== "number")
    return pieces(rangeValues(start, end, isInclusive));
  const last = isInclusive ? end : end - 1;
  let at = start;
  return {
    items: [],
    more: () => {
      const items: Value[] = [];
      const to = Math.min(at + PIECE - 1, last);
      while (at <= to) items.push(at++);
      return items;
    },
  };
}

function* rangeValues(start: Int, end: Int, isInclusive: boolean): Generator<Value, undefined> {
  const low = BigInt(start);
  const high = BigInt(end) + (isInclusive ? 1n : 0n);
  for (let i = low; i < high; i++) yield intOf(i);
}

/** A counting loop with a bound beyond 2^53. */
export interface WideRange {
  /** Last index of an inclusive range, number of passes of others. */
  readonly count: number;
  readonly at: (index: number) => Int;
}

/** Throws if a bound is no int. */
export function wideRange(from: Value, to: Value, isInclusive: boolean): WideRange {
  if (!isInt(from) || !isInt(to)) {
    range(from, to, isInclusive);
    return forExpr();
  }
  const low = BigInt(from);
  return { count: Number(BigInt(to) - low), at: (index) => intOf(low + BigInt(index)) };
}

/** A range case of `switch`: a float may match a range of ints. */
export function isInCase(value: Value, from: Int, to: Int, isInclusive: boolean): boolean {
  if (typeof value === "number") return value >= from && (isInclusive ? value <= to : value < to);
  if (value instanceof Float) return value.v >= from && (isInclusive ? value.v <= to : value.v < to);
  return typeof value === "bigint" && isInRange(new Range(from, to, isInclusive), value);
}

/** Same type, same value: how cases that are no plain literals compare. */
export function isSameCase(value: Value, literal: Value): boolean {
  if (value instanceof Float) return literal instanceof Float && value.v === literal.v;
  if (value instanceof Arr) {
    return (
      literal instanceof Arr &&
      value.items.length === literal.items.length &&
      value.items.every((item, index) => isSameCase(item, literal.items[index]))
    );
  }
  if (value instanceof Dict) {
    if (!(literal instanceof Dict) || value.entries.size !== literal.entries.size) return false;
    return [...value.entries].every(
      ([key, item]) => literal.entries.has(key) && isSameCase(item, literal.entries.get(key)),
    );
  }
  if (value instanceof Range) {
    return (
      literal instanceof Range &&
      value.start === literal.start &&
      value.end === literal.end &&
      value.isInclusive === literal.isInclusive
    );
  }
  return value === literal;
}
