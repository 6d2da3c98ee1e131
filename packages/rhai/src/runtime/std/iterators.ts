/** Ranges and lazy sequences: `range(…)`, `chars(…)`. */
import { RhaiError } from "../error.ts";
import { type Int, INT_MAX, INT_MIN, intOf, isInt } from "../integer.ts";
import { isInRange } from "../compare.ts";
import { define, defineGetter, NONE, type Result } from "../native.ts";
import { tick } from "../fuel.ts";
import { Float, Range, Sequence, type Value } from "../value.ts";
import { clamp, portion, rangeCount, rangeStart } from "./arguments.ts";
import { charCount, charList, sliceChars } from "../chars.ts";

/** Native makes this error itself, so the call wraps it and only the wrapper has a position. */
function zeroStep(): never {
  const inner = new RhaiError("ErrorArithmetic", "step value cannot be zero", { isPlaceless: true });
  throw new RhaiError("ErrorInFunctionCall", `${inner.text}\nin call to function 'range'`, {
    fields: { function: "range", source: "" },
    inner,
  });
}

/** The sum, or undefined beyond 64 bits. */
function added(a: Int, b: Int): Int | undefined {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  return sum > INT_MAX || sum < INT_MIN ? undefined : intOf(sum);
}

function* steps(from: Int, to: Int, step: Int): Generator<Int, void, unknown> {
  for (let at: Int = from; step > 0 ? at < to : at > to;) {
    const next = added(at, step);
    // As in native, a value whose successor does not fit is not given.
    if (next === undefined) return;
    yield at;
    at = next;
  }
}

function intSteps(from: Int, to: Int, step: Int): Sequence {
  if (step === 0) zeroStep();
  return new Sequence("rhai::packages::iter_basic::StepRange<i64>", () => steps(from, to, step));
}

function* floatSteps(from: number, to: number, step: number): Generator<Float, void, unknown> {
  for (let at = from; step > 0 ? at < to : at > to; at += step) {
    yield new Float(at);
    // A step too small to change the value would never end: native has found that out before.
    if (at + step === at) return;
  }
}

function rangeOfFloats(from: Float, to: Value, step: Value): Result {
  if (!(to instanceof Float) || !(step instanceof Float)) return NONE;
  if (from.v + step.v === from.v) zeroStep();
  return new Sequence("rhai::packages::iter_basic::StepRange<f64>", () => floatSteps(from.v, to.v, step.v));
}

function allChars(text: string): Sequence {
  tick(text.length >> 4);
  return new Sequence("rhai::packages::iter_basic::CharsStream", () => charList(text));
}

function charsSequence(text: string, start: Int, count: Int): Sequence {
  const n = clamp(count);
  const { from, to } = n <= 0 ? { from: 0, to: 0 } : portion(charCount(text), start, n);
  return allChars(sliceChars(text, from, to));
}

function charsFrom(text: string, first: Value): Result {
  if (isInt(first)) return charsSequence(text, first, text.length);
  if (!(first instanceof Range)) return NONE;
  const start = rangeStart(first);
  // Unlike portions, an inclusive range that ends before its start is empty here.
  const count = first.isInclusive && clamp(first.end) < start ? 0 : rangeCount(first);
  return charsSequence(text, start, count);
}

export function defineIterators(): void {
  define("int", "range", (from, to: Value) => (isInt(to) ? new Range(from, to, false) : NONE));
  define("int", "range", (from, to: Value, step: Value) =>
    isInt(to) && isInt(step) ? intSteps(from, to, step) : NONE,
  );
  define("float", "range", rangeOfFloats);
  define("range", "range", (range, step: Value) =>
    isInt(step) && !range.isInclusive ? intSteps(range.start, range.end, step) : NONE,
  );
  defineGetter("string", "chars", allChars);
  define("string", "chars", charsFrom);
  define("string", "chars", (text, start: Value, count: Value) =>
    isInt(start) && isInt(count) ? charsSequence(text, start, count) : NONE,
  );
  defineGetter("range", "start", (range) => range.start);
  defineGetter("range", "end", (range) => range.end);
  defineGetter("range", "is_inclusive", (range) => range.isInclusive);
  defineGetter("range", "is_exclusive", (range) => !range.isInclusive);
  defineGetter("range", "is_empty", (range) => !isInRange(range, range.start));
  define("range", "contains", (range, value: Value) => (isInt(value) ? isInRange(range, value) : NONE));
}
