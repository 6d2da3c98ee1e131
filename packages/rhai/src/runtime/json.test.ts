import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonError, JsonTooLong, fromJson, toJson } from "./json.ts";
import { Arr, Blob, Dict, Float, FnPtr, Handle, Range, Timestamp, charOf } from "./value.ts";
import { type Value } from "./value.ts";

describe("from JSON", () => {
  test.each<[string, Value]>([
    ["4", 4],
    ["4.0", new Float(4)],
    ["4e0", new Float(4)],
    ["-0", 0],
    ["-0.0", new Float(-0)],
    ["9007199254740991", 9_007_199_254_740_991],
    ["9007199254740993", 9_007_199_254_740_993n],
    ["-9223372036854775808", -9_223_372_036_854_775_808n],
    ["9223372036854775808", new Float(9_223_372_036_854_775_808)],
    ["1e400", new Float(Infinity)],
    ["null", undefined],
    [" true ", true],
    [String.raw`"a\u00e9\n\ud83d\ude00"`, "aé\n😀"],
    [String.raw`"\ud800"`, "\u{fffd}"],
    ["[]", new Arr([])],
    ["[1,[2.5]]", new Arr([1, new Arr([new Float(2.5)])])],
    [
      '{"b": 1, "a": {}, "b": 2}',
      new Dict(
        new Map<string, Value>([
          ["b", 2],
          ["a", new Dict(new Map())],
        ]),
      ),
    ],
    ['{"__proto__": 1}', new Dict(new Map<string, Value>([["__proto__", 1]]))],
  ])("%s", (text, value) => {
    expect(fromJson(text)).toStrictEqual(value);
  });

  test.each([
    "",
    "[",
    "[1,]",
    "{a:1}",
    '{"a"}',
    "01",
    "1.",
    "+1",
    ".5",
    "NaN",
    "tru",
    '"\t"',
    '"\\x"',
    "1 2",
    "'a'",
  ])("refuses %j", (text) => {
    expect(() => fromJson(text)).toThrow(JsonError);
  });

  test("accepts and refuses what JSON.parse does", () => {
    const alphabet = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"',
      "\\",
      "t",
      "0",
      "1",
      ".",
      "e",
      "-",
      " ",
      "\n",
    );
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: alphabet, maxLength: 12 })), (text) => {
        expect(outcome(() => plain(JSON.parse(toJson(fromJson(text)))))).toEqual(
          outcome(() => plain(JSON.parse(text))),
        );
      }),
    );
  });

  test("refuses what is nested too deep, without exhausting the stack", () => {
    expect(() => fromJson("[".repeat(1_000_000))).toThrow("nested deeper than 128");
  });
});

function outcome(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof JsonError || error instanceof SyntaxError) return "refused";
    throw error;
  }
}

/** -0 is the int 0, and surrogates are mended. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (part === 0 ? 0 : part)).toWellFormed());
}

const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Value>(undefined, true, false),
    fc.maxSafeInteger(),
    fc.bigInt(9_007_199_254_740_992n, 9_223_372_036_854_775_807n),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((v) => new Float(v)),
    fc.string({ unit: "binary" }),
    fc.array(tie("value")).map((items) => new Arr(items)),
    fc
      .dictionary(fc.string({ unit: "binary" }), tie("value"))
      .map((o) => new Dict(new Map(Object.entries(o)))),
  ),
})).value;

describe("to JSON", () => {
  test("and back gives the same value", () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = toJson(value);
        expect(toJson(fromJson(text))).toBe(text);
        expect(fromJson(text)).toEqual(value);
      }),
    );
  });

  test.each<[Value, string]>([
    [new Float(4), "4.0"],
    [new Float(1e20), "100000000000000000000.0"],
    [new Float(1e21), "1e+21"],
    [new Float(-0), "-0.0"],
    [9_223_372_036_854_775_807n, "9223372036854775807"],
    [charOf("é"), '"é"'],
    [
      new Dict(
        new Map<string, Value>([
          ["\u{10000}", 1],
          ["\u{ff5e}", 2],
          ["a", 3],
        ]),
      ),
      '{"a":3,"～":2,"𐀀":1}',
    ],
  ])("%o", (value, text) => {
    expect(toJson(value)).toBe(text);
  });

  test.each<[Value, string]>([
    [new Float(Infinity), "Infinity"],
    [new Float(NaN), "NaN"],
    [new Blob(new Uint8Array(2)), "a blob"],
    [new Range(0, 1, false), "a range"],
    [new FnPtr("f", undefined), "a function"],
    [new Timestamp(0), "a timestamp"],
    [new Handle("kv collection", 1), "a kv collection"],
  ])("refuses %o and says where it is", (value, noun) => {
    const root = new Dict(new Map([["list", new Arr([1, new Dict(new Map([["a b", value]]))])]]));
    expect(() => toJson(root, "result")).toThrow(`result.list[1]["a b"] is ${noun}, which has no JSON`);
  });

  test("writes blobs as the text that the caller makes of them, counted like any text", () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    const root = new Arr([
      new Blob(new Uint8Array([1, 255])),
      new Dict(new Map([["b", new Blob(new Uint8Array(2))]])),
    ]);
    expect(toJson(root, "value", 100, hex)).toBe('["01ff",{"b":"0000"}]');
    expect(() => toJson(root, "value", 10, hex)).toThrow(JsonTooLong);
  });

  test("stops before a text that is too long, also when the value itself is small", () => {
    let value: Value = new Arr(["some text", new Float(0.5)]);
    for (let doubled = 0; doubled < 60; doubled++) value = new Arr([value, value]);
    expect(() => toJson(value, "result", 10_000)).toThrow("result is longer than 10000 characters of JSON");
    expect(toJson("abc", "result", 4)).toBe('"abc"');
    expect(() => toJson("abcd", "result", 4)).toThrow(JsonTooLong);
  });

  test("refuses what is nested too deep", () => {
    let value: Value = new Arr([]);
    for (let depth = 0; depth < 100_000; depth++) value = new Arr([value]);
    expect(() => toJson(value)).toThrow("nested deeper than 128");
  });
});
