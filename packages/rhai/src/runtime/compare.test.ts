import fc from "fast-check";
import { expect, test } from "vitest";
import { contains, eq, ge, gt, le, lt, ne } from "./compare.ts";
import { RhaiError } from "./error.ts";
import { compareText } from "./format.ts";
import { Arr, Blob, charOf, Dict, Float, FnPtr, Range, type Value } from "./value.ts";

function shown(f: () => boolean): boolean | string {
  try {
    return f();
  } catch (error) {
    if (error instanceof RhaiError) return error.text;
    throw error;
  }
}

const blob = new Blob(Uint8Array.of(1));
const nan = new Float(Number.NaN);

test.each<[(a: Value, b: Value) => boolean, Value, Value, boolean | string]>([
  [eq, 1, new Float(1), true],
  [eq, 9_007_199_254_740_993n, new Float(9_007_199_254_740_992), true],
  [eq, 9_007_199_254_740_993n, 9_007_199_254_740_993n, true],
  [eq, charOf("a"), "a", true],
  [eq, undefined, undefined, true],
  [eq, undefined, 0, false],
  [eq, nan, nan, false],
  [ne, nan, nan, false],
  [eq, new Arr([1, new Arr([2])]), new Arr([new Float(1), new Arr([2])]), true],
  [ne, new Arr([1]), new Arr([1, 2]), true],
  [eq, new Dict(new Map([["a", 1]])), new Dict(new Map([["b", 1]])), false],
  [eq, new FnPtr("f", undefined), new FnPtr("f", undefined), "Function not found: == (Fn, Fn)"],
  [
    eq,
    new Arr([new FnPtr("f", undefined)]),
    new Arr([new FnPtr("f", undefined)]),
    "Function not found: == (Fn, Fn)",
  ],
  [eq, new FnPtr("f", undefined), 1, false],
  [eq, new Range(1, 3, false), new Range(1, 3, false), true],
  [eq, new Range(1, 3, false), new Range(1, 2, true), "Function not found: == (range, range=)"],
  [ne, new Range(1, 3, false), new Range(1, 2, true), true],
  [eq, new Arr([new Range(1, 3, false)]), new Arr([new Range(1, 2, true)]), false],
  [lt, "é", "z", false],
  [lt, "\u{e000}", "\u{10000}", true],
  [lt, charOf("a"), "b", true],
  [lt, 1, "b", false],
  [lt, new Arr([]), new Arr([]), "Function not found: < (array, array)"],
  [lt, new Arr([]), undefined, false],
  [lt, blob, charOf("a"), "Function not found: < (blob, char)"],
  [le, undefined, undefined, false],
  [gt, true, false, true],
  [ge, 9_223_372_036_854_775_807n, 5, true],
  [ge, nan, nan, false],
])("comparison %#", (operator, a, b, expected) => {
  expect(shown(() => operator(a, b))).toBe(expected);
});

test.each<[Value, Value, boolean | string]>([
  [new Arr([1, "a"]), new Float(1), true],
  ["héllo", charOf("é"), true],
  ["héllo", "lo", true],
  [new Dict(new Map([["__proto__", 1]])), "__proto__", true],
  [new Dict(new Map()), "__proto__", false],
  [new Range(0, 3, false), 3, false],
  [new Range(0, 3, true), 3, true],
  [blob, 257, true],
  [5, 5, "Function not found: contains (i64, i64)"],
  ["5", 5, "Function not found: contains (&str | ImmutableString | String, i64)"],
])("in %#", (container, item, expected) => {
  expect(shown(() => contains(container, item))).toBe(expected);
});

test("strings compare as their bytes do", () => {
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const [x, y] = [Buffer.from(encoder.encode(a)), Buffer.from(encoder.encode(b))];
      expect(Math.sign(compareText(a, b))).toBe(x.compare(y));
    }),
  );
});
