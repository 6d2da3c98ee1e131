import fc from "fast-check";
import { expect, test } from "vitest";
import { Exit, RhaiError } from "../error.ts";
import { toDebug, toText } from "../format.ts";
import { native, nativeNames } from "../native.ts";
import { defaultLimits, S } from "../state.ts";
import {
  Arr,
  Blob,
  charOf,
  Dict,
  Float,
  FnPtr,
  Range,
  Sequence,
  Timestamp,
  type Code,
  type Value,
} from "../value.ts";
import { defineLibrary } from "./all.ts";

defineLibrary();

const int = fc.oneof(
  fc.integer({ min: -5, max: 70 }),
  fc.constantFrom(2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n),
);
const float = fc.double().map((x) => new Float(x));
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("", "a,b,c", " x ", "1.5", "-7", '{"a": [1]}', "len", "😀".repeat(40)),
);
const char = fc.constantFrom("a", "é", "😀", " ").map(charOf);
const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => new Blob(array));
const range = fc.tuple(int, int, fc.boolean()).map(([a, b, isInclusive]) => new Range(a, b, isInclusive));

/** A callback that gives the same thing each time, or its first argument. */
const callback = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom<Value>(true, -1, 0, undefined, "x"), fc.boolean())
  .map(([arity, answer, isEcho]) => {
    const code: Code = (_, first) => (isEcho ? first : answer);
    return new FnPtr("anon$0", { name: "anon$0", code, arity, isColoured: false });
  });
const named = fc
  .constantFrom("len", "abs", "no_such", "push", "trim")
  .map((name) => new FnPtr(name, undefined));

const scalar: fc.Arbitrary<Value> = fc.oneof(int, float, text, char, fc.boolean(), fc.constant(undefined));
const array = fc.array(scalar, { maxLength: 6 }).map((items) => new Arr(items));
const numbers = fc.array(int, { maxLength: 9 }).map((items) => new Arr(items));
const dict = fc.dictionary(text, scalar, { maxKeys: 4 }).map((all) => new Dict(new Map(Object.entries(all))));
const other = fc.constantFrom<Value>(new Timestamp(5), new Sequence("s", () => [1, 2]));
const value: fc.Arbitrary<Value> = fc.oneof(
  scalar,
  array,
  numbers,
  dict,
  bytes,
  range,
  callback,
  named,
  other,
);

const names = nativeNames().filter((name) => !name.startsWith("sleep/"));
const call = fc.constantFrom(...names).chain((key) => {
  const [name = "", arity] = key.split("/");
  const count = Number(arity);
  return fc.tuple(fc.constant(name), fc.array(value, { minLength: count, maxLength: count }));
});

/** Ints are numbers without -0 up to 2^53-1, bigints of 64 bits beyond. */
function isCanonical(result: Value): boolean {
  if (typeof result === "number") return Number.isSafeInteger(result) && !Object.is(result, -0);
  if (typeof result === "bigint") {
    return BigInt.asIntN(64, result) === result && !Number.isSafeInteger(Number(result));
  }
  return typeof result !== "string" || result.isWellFormed();
}

/** The result; the text of an error of the language. */
function outcome(body: () => Value): Value {
  try {
    return body();
  } catch (error) {
    if (error instanceof Exit) return error.value;
    if (error instanceof RhaiError) return error.text;
    throw error;
  }
}

test("every function takes every value: it gives a value or throws an error of the language", () => {
  const { limits } = S;
  S.limits = { ...defaultLimits, stringBytes: 1 << 16, arrayItems: 10_000, mapEntries: 1_000 };
  try {
    fc.assert(
      fc.property(call, ([name, args]) => {
        S.fuel = 2 ** 20;
        S.rest = 0;
        const result = outcome(() => native(name, args.length)(...args));
        expect(isCanonical(result)).toBe(true);
        // Texts of all values can be made.
        expect(typeof outcome(() => toText(result) + toDebug(args[0]))).not.toBe("object");
      }),
      { numRuns: 4_000 },
    );
  } finally {
    S.limits = limits;
    S.fuel = 2 ** 30 - 1;
    S.rest = Number.MAX_SAFE_INTEGER - 2 ** 30;
  }
});
