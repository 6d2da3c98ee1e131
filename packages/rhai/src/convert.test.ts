import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromJs, toJs } from "./convert.ts";
import { Arr, Blob, Dict, Float, FnPtr, charOf } from "./runtime/value.ts";
import { type Value } from "./runtime/value.ts";

describe("from JavaScript", () => {
  test.each<[unknown, Value]>([
    [null, undefined],
    [4, 4],
    [4.5, new Float(4.5)],
    [-0, new Float(-0)],
    [2 ** 53, new Float(2 ** 53)],
    [5n, 5],
    [9_007_199_254_740_993n, 9_007_199_254_740_993n],
    ["a\ud800", "a\u{fffd}"],
    [new Map([["a", 1]]), new Dict(new Map([["a", 1]]))],
    [JSON.parse('{"__proto__":[true]}'), new Dict(new Map([["__proto__", new Arr([true])]]))],
    [new Uint8Array([1]), new Blob(new Uint8Array([1]))],
    [[new Float(4), charOf("x")], new Arr([new Float(4), charOf("x")])],
  ])("%o", (value, expected) => {
    expect(fromJs(value)).toStrictEqual(expected);
  });

  test.each<[unknown, string]>([
    [() => 1, "x is a function"],
    [{ a: [1, Symbol("s")] }, "x.a[1] is a symbol"],
    [{ when: new Date(0) }, "x.when is a Date"],
    [[2n ** 63n], "x[0] is an integer beyond 64 bits"],
    [new Map([[1, 2]]), "x has a key that is no text"],
    [Promise.resolve(1), "x is a Promise"],
  ])("refuses %o", (value, message) => {
    expect(() => fromJs(value, "x")).toThrow(message);
  });

  test("refuses a cycle", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => fromJs(cycle)).toThrow("nested deeper than 128");
  });

  test("and back gives the same", () => {
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.boolean(),
        fc.constant(undefined),
        fc.maxSafeInteger(),
        fc.bigInt(2n ** 60n, 2n ** 62n),
        fc.double(),
        fc.string(),
        fc.uint8Array(),
        fc.array(tie("value")),
        fc.dictionary(fc.string(), tie("value"), { noNullPrototype: false }),
      ),
    })).value;
    fc.assert(
      fc.property(plain, (value) => {
        expect(toJs(fromJs(value))).toEqual(value);
      }),
    );
  });
});

describe("to JavaScript", () => {
  test("shares nothing with the script", () => {
    const blob = new Blob(new Uint8Array([1]));
    const bytes = toJs(blob) as Uint8Array;
    bytes[0] = 2;
    expect(blob.bytes[0]).toBe(1);
  });

  test("is bounded", () => {
    let wide: Value = new Arr([1]);
    for (let doubled = 0; doubled < 100; doubled++) wide = new Arr([wide, wide]);
    expect(() => toJs(wide)).toThrow(RangeError);
    wide = new Arr([1]);
    for (let doubled = 0; doubled < 40; doubled++) wide = new Arr([wide, wide]);
    expect(() => toJs(wide)).toThrow("values inside");
  });

  test("keeps what JavaScript has no form for", () => {
    const pointer = new FnPtr("f", undefined);
    expect(toJs(new Arr([pointer, charOf("x")]))).toEqual([pointer, "x"]);
  });
});
