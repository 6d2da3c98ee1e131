import { describe, expect, test } from "vitest";
import { Arr, Blob, Dict, Float, FnPtr, Cell, Range, Sequence, charOf } from "../runtime/value.ts";
import { type Value } from "../runtime/value.ts";
import { type Tagged } from "./row.ts";
import { fromTagged, toTagged } from "./tagged.ts";

describe("a tagged value", () => {
  test.each<[Value, Tagged]>([
    [undefined, { u: 1 }],
    [true, { b: true }],
    [-5, { i: "-5" }],
    [9_223_372_036_854_775_807n, { i: "9223372036854775807" }],
    [new Float(4), { f: "4.0" }],
    [new Float(-0), { f: "-0.0" }],
    [new Float(1e-5), { f: "1e-5" }],
    [new Float(1e16), { f: "1e16" }],
    [new Float(-Infinity), { f: "-inf" }],
    [new Float(NaN), { f: "NaN" }],
    ["a\u{1f600}", { s: "a\u{1f600}" }],
    [charOf("\u{1f600}"), { c: "\u{1f600}" }],
    [new Arr([1, new Arr([])]), { a: [{ i: "1" }, { a: [] }] }],
    [new Blob(new Uint8Array([0, 255])), { blob: "00ff" }],
    [new Range(1, 3, false), { range: ["1", "3"] }],
    [new Range(-9_223_372_036_854_775_808n, 3, true), { rangei: ["-9223372036854775808", "3"] }],
    [
      new Dict(new Map<string, Value>([["__proto__", 1]])),
      { m: Object.fromEntries([["__proto__", { i: "1" }]]) },
    ],
  ])("%o goes both ways", (value, tagged) => {
    expect(toTagged(value)).toEqual(tagged);
    expect(fromTagged(tagged)).toEqual(value);
  });

  test("of a function has what it captured in front, and no accidental name", () => {
    const closure = new FnPtr("anon$0123456789abcdef", undefined, [new Cell(1)], ["x"]);
    expect(toTagged(closure)).toEqual({ fn: "anon$*", curry: [{ i: "1" }, { s: "x" }] });
    expect(() => fromTagged({ fn: "f", curry: [] })).toThrow("not a tagged value");
  });

  test("of anything else is its type and text", () => {
    const chars = new Sequence("rhai::packages::iter_basic::CharsStream", () => [][Symbol.iterator]());
    expect(toTagged(chars)).toEqual({ other: "range", display: "rhai::packages::iter_basic::CharsStream" });
  });

  test("of a huge or deep value is refused", () => {
    let wide: Value = new Arr([1, 2, 3, 4]);
    for (let doubled = 0; doubled < 100; doubled++) wide = new Arr([wide, wide]);
    expect(() => toTagged(wide)).toThrow(RangeError);
    let deep: Value = 1;
    for (let nested = 0; nested < 1_000; nested++) deep = new Arr([deep]);
    expect(() => toTagged(deep)).toThrow("nested deeper");
    const text = "x".repeat(1_000_000);
    expect(() => toTagged(new Arr(Array.from({ length: 100 }, () => text)))).toThrow("characters");
  });

  test.each([
    null,
    5,
    {},
    { i: 5 },
    { i: "9223372036854775808" },
    { i: "x" },
    { f: "1,5" },
    { c: "ab" },
    { b: 1 },
    { q: "" },
    { i: "1", s: "" },
  ])("%j is none", (tagged) => {
    expect(() => fromTagged(tagged)).toThrow(TypeError);
  });
});
