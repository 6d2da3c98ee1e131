import { expect, test } from "vitest";
import { RhaiError } from "./error.ts";
import { toDebug } from "./format.ts";
import { getIndex, getIndexRef, getPropRef, setIndex } from "./indexing.ts";
import { getProp, setProp } from "./property.ts";
import { Arr, Blob, charOf, copy, Dict, Float, ownItems, Range, type Value } from "./value.ts";

function shown(f: () => Value): string {
  try {
    return toDebug(f());
  } catch (error) {
    if (error instanceof RhaiError) return error.text;
    throw error;
  }
}

const map = (entries: Record<string, Value>): Dict => new Dict(new Map(Object.entries(entries)));
const to = (a: number, b: number): Range => new Range(a, b, false);

test.each<[Value, Value, string]>([
  [new Arr([1, 2]), -1, "2"],
  [new Arr([1]), 5, "Array index 5 out of bounds: only 1 element in array"],
  [new Arr([1, 2]), -3, "Array index -3 out of bounds: only 2 elements in array"],
  [new Arr([]), 2n ** 60n, "Array index 1152921504606846976 out of bounds: array is empty"],
  [new Arr([]), to(0, 1), "Data type incorrect: core::ops::range::Range<i64> (expecting i64)"],
  [map({ a: 1 }), "a", "1"],
  [map({}), "constructor", "()"],
  [map({}), 0, "Data type incorrect: i64 (expecting string)"],
  ["日本😀x", 2, "😀"],
  ["日本😀x", -1, "x"],
  ["abc", 3, "String index 3 out of bounds: only 3 characters in string"],
  ["", 0, "String index 0 out of bounds: string is empty"],
  ["日本😀x", to(1, 3), '"本😀"'],
  ["abc", to(-2, 99), '"bc"'],
  ["abc", to(5, 2), '""'],
  [10, 1, "true"],
  [-1, -64, "true"],
  [10, 64, "Bit-field index 64 out of bounds: only 64 bits in bit-field"],
  [0x1234, to(4, 8), "3"],
  [-1, to(0, 64), "-1"],
  [5, to(60, 70), "Bit-field index 70 out of bounds: only 64 bits in bit-field"],
  [new Blob(Uint8Array.of(7)), 0, "7"],
  [new Float(1), "a", "Indexer unavailable: f64 [string]"],
])("read %#", (object, index, expected) => {
  expect(shown(() => getIndex(object, index))).toBe(expected);
});

test.each<[Value, Value, Value, string]>([
  [new Arr([1, 2]), -1, 5, "[1, 5]"],
  [map({}), "k", 1, '#{"k": 1}'],
  ["añc", 1, charOf("😀"), '"a😀c"'],
  // As native does: written to position 1.
  ["abc", -1, charOf("x"), '"axc"'],
  ["abc", 1, "x", "Data type incorrect: string (expecting char)"],
  ["hello", to(1, 3), "ZZZ", '"hZZZlo"'],
  [0, -1, true, "-9223372036854775808"],
  [0, 1, 5, "Data type incorrect: i64 (expecting bool)"],
  [-1, to(32, 64), 0, "4294967295"],
  [new Blob(Uint8Array.of(1)), 0, -1, "[ff]"],
  [undefined, "c", 1, "Indexer unavailable: () [string] = i64"],
])("write %#", (object, index, value, expected) => {
  expect(shown(() => setIndex(object, index, value))).toBe(expected);
});

test("a walk to an inner place changes that place alone", () => {
  const inner = new Arr([1]);
  const a = map({ list: inner });
  const outer = new Arr([a]);
  const second = copy(outer) as Arr;
  const place = getPropRef(getIndexRef(second, 0), "list") as Arr;
  ownItems(place).push(2);
  expect(toDebug(second)).toBe('[#{"list": [1, 2]}]');
  expect(toDebug(outer)).toBe('[#{"list": [1]}]');
});

test("properties", () => {
  expect(shown(() => getProp(map({}), "len"))).toBe("()");
  expect(shown(() => getProp(1, "foo"))).toBe(
    "Unknown property 'foo' - a getter is not registered for type 'i64'",
  );
  expect(shown(() => setProp(undefined, "c", 1))).toBe(
    "No writable property 'c' - a setter is not registered for type '()' to handle 'i64'",
  );
});

test("tags go with copies", () => {
  const a = new Arr([]);
  setProp(a, "tag", 3);
  const b = copy(a);
  expect(getProp(b, "tag")).toBe(3);
  setProp(b, "tag", 4);
  expect(getProp(a, "tag")).toBe(3);
  expect(getProp(1, "tag")).toBe(0);
  expect(shown(() => setProp(a, "tag", 40_000))).toContain("too large to fit into a tag");
});
