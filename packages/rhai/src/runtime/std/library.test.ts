import { describe, expect, test } from "vitest";
import { toDebug } from "../format.ts";
import { RhaiError } from "../error.ts";
import { hasNative, isMutator, native, setsSelf } from "../native.ts";
import { getProp } from "../property.ts";
import { S } from "../state.ts";
import { Arr, Blob, charOf, copy, Dict, Float, Range, type Value } from "../value.ts";
import { defineLibrary } from "./all.ts";

defineLibrary();

const list = (...items: Value[]): Arr => new Arr(items);
const map = (entries: Record<string, Value>): Dict => new Dict(new Map(Object.entries(entries)));
const float = (x: number): Float => new Float(x);
const upTo = (a: number, b: number): Range => new Range(a, b, false);
const through = (a: number, b: number): Range => new Range(a, b, true);
const bytes = (...items: number[]): Blob => new Blob(Uint8Array.from(items));
const c = charOf;

/** Result, or the message of the error. */
function call(name: string, args: readonly Value[]): string {
  try {
    return toDebug(native(name, args.length)(...args));
  } catch (error) {
    if (error instanceof RhaiError) return `! ${error.text}`;
    throw error;
  }
}

/** Result and what the receiver has become. */
function change(name: string, args: readonly Value[]): string {
  const result = call(name, args);
  const receiver = setsSelf(name, args.length) ? (S.self as Value) : args[0];
  return `${result} -> ${toDebug(receiver)}`;
}

type Case = readonly [name: string, args: readonly Value[], expected: string];

describe("strings", () => {
  test.each<Case>([
    ["len", ["日本😀"], "3"],
    ["bytes", ["日本😀"], "10"],
    ["index_of", ["héllo wörld", c("l"), 3], "3"],
    ["index_of", ["hello", "lo", -2], "3"],
    ["index_of", ["", ""], "-1"],
    ["index_of", ["😀a", "a"], "1"],
    ["index_of", ["abc", "c", 9_007_199_254_740_993n], "-1"],
    ["contains", ["abc", c("b")], "true"],
    ["starts_with", ["abc", "b"], "false"],
    ["get", ["😀b", 0], "😀"],
    ["get", ["ab", -3], "()"],
    ["sub_string", ["héllo", 1, 2], '"él"'],
    ["sub_string", ["héllo", -3, 2], '"ll"'],
    ["sub_string", ["hello", upTo(1, 3)], '"el"'],
    ["sub_string", ["hello", through(3, 99)], '"lo"'],
    ["sub_string", ["hello", 0, -1], '""'],
    ["to_upper", ["Straße"], '"STRASSE"'],
    ["to_upper", [c("ß")], "ß"],
    ["to_chars", ["a😀"], "[a, 😀]"],
    ["to_blob", ["é😀"], "[c3a9f09f9880]"],
    ["max", ["\ue000", "😀"], '"😀"'],
    ["parse_int", [" 12 "], "12"],
    ["parse_int", ["-ff", 16], "-255"],
    ["parse_int", ["-9223372036854775808"], "-9223372036854775808"],
    ["parse_int", ["9007199254740993"], "9007199254740993"],
    ["parse_int", ["-0"], "0"],
    ["parse_int", ["+"], "! Error parsing integer number '+': invalid digit found in string"],
    ["parse_int", [""], "! Error parsing integer number '': cannot parse integer from empty string"],
    [
      "parse_int",
      ["-9223372036854775809"],
      "! Error parsing integer number '-9223372036854775809': number too small to fit in target type",
    ],
    ["parse_int", ["1", 37], "! Invalid radix: '37'"],
    ["parse_float", [" -Infinity"], "-inf"],
    ["parse_float", ["5."], "5.0"],
    ["parse_float", ["."], "! Error parsing floating-point number '.': invalid float literal"],
    ["parse_float", ["1_0"], "! Error parsing floating-point number '1_0': invalid float literal"],
    ["to_int", ["5"], "! Function not found: to_int (&str | ImmutableString | String)"],
  ])("%s(%s) is %s", (name, args, expected) => {
    expect(call(name, args)).toBe(expected);
  });

  test.each<Case>([
    ["split", ["a,b,,c", ","], '["a", "b", "", "c"]'],
    ["split", ["a,b,,c", c(","), 2], '["a", "b,,c"]'],
    ["split", [" a  b ", undefined], "! Function not found: split (&str | ImmutableString | String, ())"],
    ["split", ["\u00a0a \u0085 b "], '["a", "b"]'],
    ["split", ["", ","], '[""]'],
    ["split", ["a😀", ""], '["", "a", "😀", ""]'],
    ["split", ["abc", "", 3], '["", "a", "bc"]'],
    ["split", ["hello", -2], '["hel", "lo"]'],
    ["split", ["hello", 0], '["hello", ""]'],
    ["split", ["hello", 99], '["hello", ""]'],
    ["split_rev", ["a,b,,c", ","], '["c", "", "b", "a"]'],
    ["split_rev", ["a,b,,c", ",", 2], '["c", "a,b,"]'],
    ["split_rev", ["aaa", "aa"], '["", "a"]'],
    ["split_rev", ["abc", "", 3], '["", "c", "ab"]'],
    ["split_rev", ["abc", ",", 0], '["abc"]'],
  ])("%s(%s) is %s", (name, args, expected) => {
    expect(call(name, args)).toBe(expected);
  });

  test.each<Case>([
    ["trim", ["\u0085 a\ufeff "], '() -> "a\\u{feff}"'],
    ["truncate", ["a😀b", 2], '() -> "a😀"'],
    ["truncate", ["abc", -1], '() -> ""'],
    ["pop", ["a😀"], '😀 -> "a"'],
    ["pop", [""], '() -> ""'],
    ["pop", ["hello", 2], '"lo" -> "hel"'],
    ["pop", ["hello", 0], '"" -> "hello"'],
    ["remove", ["hello", "l"], '() -> "heo"'],
    ["remove", ["hello", ""], '() -> "hello"'],
    ["replace", ["a-b", "-", "$&"], '() -> "a$&b"'],
    ["replace", ["a😀", "", c("-")], '() -> "-a-😀-"'],
    ["set", ["😀b", 0, c("x")], '() -> "xb"'],
    ["set", ["ab", 5, c("x")], '() -> "ab"'],
    ["crop", ["hello", -2], '() -> "lo"'],
    ["crop", ["hello", through(1, 2)], '() -> "el"'],
    ["pad", ["a", 9, "ab"], '() -> "aabababab"'],
    ["pad", ["a", 3, ""], '() -> "a"'],
    ["append", ["a", 65], '() -> "a65"'],
    ["append", ["a", bytes(0xff)], '() -> "a\ufffd"'],
    ["make_upper", [c("é")], "() -> É"],
  ])("%s(%s) gives %s", (name, args, expected) => {
    expect(change(name, args)).toBe(expected);
  });

  test("a limit stops padding before anything is built", () => {
    const { limits } = S;
    S.limits = { ...limits, stringBytes: 10 };
    try {
      expect(call("pad", ["", 2 ** 40, c("x")])).toBe("! Length of string too large");
      expect(call("replace", ["aaaaaaaaaa", "a", "bb"])).toBe("! Length of string too large");
    } finally {
      S.limits = limits;
    }
    expect(call("pad", ["", Number.MAX_SAFE_INTEGER, c("x")])).toBe("! Length of string too large");
  });
});

describe("arrays", () => {
  test.each<Case>([
    ["insert", [list(1, 2), -1, 9], "() -> [1, 9, 2]"],
    ["insert", [list(), -5, 9], "() -> [9]"],
    ["remove", [list(1, 2, 3), -2], "2 -> [1, 3]"],
    ["remove", [list(1), 5], "() -> [1]"],
    ["pop", [list()], "() -> []"],
    ["shift", [list(1, 2)], "1 -> [2]"],
    ["truncate", [list(1, 2, 3), 2], "() -> [1, 2]"],
    ["chop", [list(1, 2, 3), 2], "() -> [2, 3]"],
    ["chop", [list(1, 2, 3), 9], "() -> [1, 2, 3]"],
    ["chop", [list(1, 2, 3), -1], "() -> []"],
    ["pad", [list(1), 3, 0], "() -> [1, 0, 0]"],
    ["splice", [list(3, 1, 2, 2), upTo(1, 3), list(10)], "() -> [3, 10, 2]"],
    ["splice", [list(3, 1), 99, 1, list(5)], "() -> [3, 1, 5]"],
    ["splice", [list(3, 1, 2), -2, 0, list(5)], "() -> [3, 5, 1, 2]"],
    ["extract", [list(3, 1, 2, 2), -3, 2], "[1, 2] -> [3, 1, 2, 2]"],
    ["extract", [list(1, 2, 3), through(1, 9)], "[2, 3] -> [1, 2, 3]"],
    ["split", [list(1, 2, 3), -1], "[3] -> [1, 2]"],
    ["drain", [list(3, 1, 2, 2), through(0, 1)], "[3, 1] -> [2, 2]"],
    ["drain", [list(1, 2), 0, -1], "[] -> [1, 2]"],
    ["retain", [list(3, 1, 2, 2), 1, 2], "[3, 2] -> [1, 2]"],
    ["set", [list(1, 2), -1, "z"], '() -> [1, "z"]'],
    ["set", [list(1, 2), 9, "z"], "() -> [1, 2]"],
    ["dedup", [list(1, float(1), 2, 2, 1)], "() -> [1, 2, 1]"],
    ["sort", [list(3, 10, -1, 9_007_199_254_740_993n)], "() -> [-1, 3, 10, 9007199254740993]"],
    ["sort", [list("😀", "\ue000", "a")], '() -> ["a", "\ue000", "😀"]'.replace("\ue000", "\\u{e000}")],
    ["sort_desc", [list(float(1.5), float(-2))], "() -> [1.5, -2.0]"],
    ["order", [list(true, false)], "[false, true] -> [true, false]"],
    [
      "sort",
      [list(1, "a")],
      '! Function not found: elements of different types cannot be sorted -> [1, "a"]',
    ],
    [
      "sort",
      [list(list(2), list(1))],
      "! Function not found: elements of array cannot be sorted -> [[2], [1]]",
    ],
    ["push", [list(), list(1)], "() -> [[1]]"],
    ["reverse", [list(1, 2)], "() -> [2, 1]"],
  ])("%s(%s) gives %s", (name, args, expected) => {
    expect(change(name, args)).toBe(expected);
  });

  test.each<Case>([
    ["get", [list(1, 2), -1], "2"],
    ["get", [list(1, 2), 2], "()"],
    ["contains", [list(1, "2"), float(1)], "true"],
    ["index_of", [list("a", "b"), "b"], "1"],
    ["index_of", [list(1, 2, 1), 1, -2], "2"],
    ["sum", [list(1)], "! Function not found: sum (array)"],
  ])("%s(%s) is %s", (name, args, expected) => {
    expect(call(name, args)).toBe(expected);
  });

  test("a copy keeps its items when the other place changes", () => {
    const a = list(1, list(2));
    const b = copy(a);
    for (const args of [
      ["push", a, 3],
      ["append", a, a],
      ["reverse", a],
      ["sort", list()],
    ] as const) {
      const [name, ...rest] = args;
      native(name, rest.length)(...rest);
    }
    expect(toDebug(b)).toBe("[1, [2]]");
    expect(toDebug(a)).toBe("[3, [2], 1, 3, [2], 1]");
  });

  test("padding puts a copy of the item into each place", () => {
    const a = list(1);
    native("pad", 3)(a, 3, list(1));
    native("push", 2)(a.items[2], 2);
    expect(toDebug(a)).toBe("[1, [1], [1, 2]]");
  });

  test("a limit stops padding", () => {
    const { limits } = S;
    S.limits = { ...limits, arrayItems: 5 };
    try {
      expect(call("pad", [list(), 10, 0])).toBe("! Size of array/BLOB too large");
      expect(call("push", [list(1, 2, 3, 4, 5), 0])).toBe("! Size of array/BLOB too large");
    } finally {
      S.limits = limits;
    }
    expect(call("pad", [list(), 2 ** 50, 0])).toBe("! Size of array/BLOB too large");
  });
});

describe("maps", () => {
  test.each<Case>([
    ["keys", [map({ z: 1, a: 2, "\ue000": 3, "😀": 4 })], '["a", "z", "\\u{e000}", "😀"]'],
    ["values", [map({ z: 1, a: 2 })], "[2, 1]"],
    ["get", [map({ a: 1 }), "b"], "()"],
    ["contains", [map({ a: undefined }), "a"], "true"],
    [
      "to_json",
      [map({ a: float(1), b: 'x"y', c: c("'"), d: undefined, e: list(1, true), f: map({}) })],
      String.raw`"{\"a\":1.0,\"b\":\"x\\\"y\",\"c\":'\\'',\"d\":null,\"e\":[1,true],\"f\":{}}"`,
    ],
  ])("%s(%s) is %s", (name, args, expected) => {
    expect(call(name, args)).toBe(expected);
  });

  test.each<Case>([
    ["remove", [map({ a: 1, b: 2 }), "a"], '1 -> #{"b": 2}'],
    ["set", [map({ a: 1 }), "__proto__", 2], '() -> #{"__proto__": 2, "a": 1}'],
    ["mixin", [map({ a: 1 }), map({ a: 2, b: 3 })], '() -> #{"a": 2, "b": 3}'],
    ["fill_with", [map({ a: 1 }), map({ a: 2, b: 3 })], '() -> #{"a": 1, "b": 3}'],
    ["clear", [map({ a: 1 })], "() -> #{}"],
  ])("%s(%s) gives %s", (name, args, expected) => {
    expect(change(name, args)).toBe(expected);
  });
});

describe("numbers", () => {
  test.each<Case>([
    ["abs", [-9_223_372_036_854_775_808n], "! Negation overflow: --9223372036854775808"],
    ["sign", [-5], "-1"],
    ["is_odd", [-3], "true"],
    ["to_hex", [-1], '"ffffffffffffffff"'],
    ["to_binary", [10], '"1010"'],
    ["max", [3, float(5.5)], "5.5"],
    ["min", [3, float(5.5)], "3.0"],
    ["min", [1, "a"], "! Function not found: min (i64, &str | ImmutableString | String)"],
    ["to_int", [float(-0.5)], "0"],
    ["to_int", [float(NaN)], "0"],
    ["to_int", [float(1e19)], "! Integer overflow: to_int(10000000000000000000)"],
    ["to_int", [float(1.5e22)], "! Integer overflow: to_int(15000000000000000000000)"],
    ["to_int", [float(2 ** 63)], "9223372036854775807"],
    ["to_int", [c("a")], "97"],
    ["round", [float(-2.5)], "-3.0"],
    ["round", [float(0.49999999999999994)], "0.0"],
    ["sign", [float(NaN)], "! Sign of NaN is undefined"],
    ["log", [float(100), float(10)], "2.0"],
    ["floor", [5], "! Function not found: floor (i64)"],
    ["get_bits", [0x1234, 4, 8], "35"],
    ["get_bits", [0x1234, through(4, 11)], "35"],
    ["get_bits", [5, 70, 2], "! Bit-field index 70 out of bounds: only 64 bits in bit-field"],
    ["get_bits", [-1, 0, 64], "-1"],
    ["get_bit", [-1, -64], "true"],
  ])("%s(%s) is %s", (name, args, expected) => {
    expect(call(name, args)).toBe(expected);
  });

  test.each<Case>([
    ["set_bit", [0, 63, true], "() -> -9223372036854775808"],
    ["set_bits", [0, 4, 4, 9], "() -> 144"],
    ["set_bits", [0, through(4, 7), 9], "() -> 144"],
  ])("%s(%s) gives %s", (name, args, expected) => {
    expect(change(name, args)).toBe(expected);
  });
});

describe("blobs", () => {
  test.each<Case>([
    ["push", [bytes(1), -1], "() -> [01ff]"],
    ["append", [bytes(1), c("é")], "() -> [01c3a9]"],
    ["insert", [bytes(1, 2), -1, 255], "() -> [01ff02]"],
    ["remove", [bytes(1, 2), 9], "0 -> [0102]"],
    ["pop", [bytes(1, 2)], "2 -> [01]"],
    ["pad", [bytes(1), 3, 255], "() -> [01ffff]"],
    ["splice", [bytes(1, 2, 3, 4), 1, 2, bytes(7, 7, 7)], "() -> [0107070704]"],
    ["retain", [bytes(1, 2, 3, 4), 1, 2], "[0104] -> [0203]"],
    ["drain", [bytes(1, 2, 3), upTo(1, 2)], "[02] -> [0103]"],
    ["write_be", [bytes(0, 0, 0, 0, 0, 0, 0, 0), 0, 8, float(1.5)], "() -> [3ff8000000000000]"],
    ["write_ascii", [bytes(0, 0, 0), through(0, 2), "héy"], "() -> [687900]"],
    ["parse_le_int", [bytes(65, 66), 0, 2], "16961 -> [4142]"],
    ["parse_be_int", [bytes(65, 66, 67, 68), 0, 2], "4702320960928219136 -> [41424344]"],
    ["as_string", [bytes(0xf0, 0x9f, 0x41)], '"\ufffdA" -> [f09f41]'],
  ])("%s(%s) gives %s", (name, args, expected) => {
    expect(change(name, args)).toBe(expected);
  });
});

test("sequences give their values", () => {
  const values = (name: string, ...args: Value[]): string => {
    const made = native(name, args.length)(...args);
    if (!(typeof made === "object" && "values" in made)) throw new Error("no sequence");
    const given = made.values();
    return toDebug(new Arr("next" in given ? [...Iterator.from(given)] : [...given]));
  };
  expect(values("range", 10, 0, -3)).toBe("[10, 7, 4, 1]");
  expect(values("range", upTo(0, 5), 2)).toBe("[0, 2, 4]");
  expect(values("range", float(0), float(1), float(0.25))).toBe("[0.0, 0.25, 0.5, 0.75]");
  expect(values("chars", "héllo", -3, 2)).toBe("[l, l]");
  expect(values("bits", 10, 0, 4)).toBe("[false, true, false, true]");
  expect(call("range", [0, 5, 0])).toBe("! step value cannot be zero\nin call to function 'range'");
});

test("names, effects and getters are known", () => {
  expect(hasNative("push", 2)).toBe(true);
  expect(hasNative("push", 3)).toBe(false);
  expect(isMutator(list(), "push", 2)).toBe(true);
  expect(isMutator("a", "trim", 1)).toBe(true);
  expect(isMutator("a", "to_upper", 1)).toBe(false);
  expect(setsSelf("push", 2)).toBe(false);
  expect(getProp("abc", "len")).toBe(3);
  expect(toDebug(getProp(float(2.5), "floor"))).toBe("2.0");
});
