import { expect, test } from "vitest";
import { displayText, mismatchName, signatureName, toDebug, toText, typeName } from "./format.ts";
import { Arr, Blob, charOf, Dict, Float, FnPtr, Range, type Value } from "./value.ts";

test.each([
  [0, "0.0", "0.0"],
  [-0, "0.0", "-0.0"],
  [100, "100.0", "100.0"],
  [0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"],
  [9_999_999_827_968, "9999999827968.0", "9999999827968.0"],
  [9_999_999_827_969, "9.999999827969e12", "9999999827969.0"],
  [1e15, "1e15", "1000000000000000.0"],
  [1e16, "1e16", "1e16"],
  [1e21, "1e21", "1e21"],
  [1e-4, "0.0001", "0.0001"],
  [1e-5, "0.00001", "1e-5"],
  [-1.5e-9, "-0.0000000015", "-1.5e-9"],
  [1e-14, "1e-14", "1e-14"],
  [Infinity, "inf", "inf"],
  [-Infinity, "-inf", "-inf"],
  [Number.NaN, "NaN", "NaN"],
])("float %d", (x, text, debug) => {
  expect(toText(new Float(x))).toBe(text);
  expect(toDebug(new Float(x))).toBe(debug);
});

test.each([
  ["plain", '"plain"'],
  ["a\"b\\c\n\r\t\0'", String.raw`"a\"b\\c\n\r\t\0'"`],
  ["\u0001\u007f\u00a0\u00ad\u200b\ue000", String.raw`"\u{1}\u{7f}\u{a0}\u{ad}\u{200b}\u{e000}"`],
  ["e\u0301", String.raw`"e\u{301}"`],
  ["é日😀", '"é日😀"'],
])("string %j", (text, debug) => {
  expect(toDebug(text)).toBe(debug);
  expect(toText(text)).toBe(text);
});

test("containers", () => {
  const value = new Arr([
    new Float(1),
    "a",
    charOf("b"),
    undefined,
    new Dict(
      new Map<string, Value>([
        ["z", 1],
        ["\u{10000}", 2],
        ["\uffff", 3],
        ["a b", new Float(1e-5)],
      ]),
    ),
    new Blob(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 255)),
    new Range(-1, 5, true),
    new FnPtr("f", undefined),
  ]);
  const rest = String.raw`(), #{"a b": 1e-5, "z": 1, "\u{ffff}": 3, "𐀀": 2}, [0102030405060708 ff], -1..=5`;
  expect(toText(value)).toBe(`[1.0, "a", b, ${rest}, Fn(f)]`);
  expect(displayText(value)).toBe(`[1.0, "a", 'b', ${rest}, Fn("f")]`);
});

test("names of types", () => {
  const values = [
    undefined,
    true,
    1,
    2n ** 60n,
    new Float(1),
    "s",
    charOf("c"),
    new Range(1, 2, false),
    new Range(1, 2, true),
  ];
  expect(values.map((value) => typeName(value))).toEqual([
    "()",
    "bool",
    "i64",
    "i64",
    "f64",
    "string",
    "char",
    "range",
    "range=",
  ]);
  expect(signatureName("s")).toBe("&str | ImmutableString | String");
  expect(mismatchName(new Range(1, 2, true))).toBe("core::ops::range::RangeInclusive<i64>");
});
