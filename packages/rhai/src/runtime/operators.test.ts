import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addAssign, mulAssign } from "./assign.ts";
import { RhaiError } from "./error.ts";
import { toDebug } from "./format.ts";
import { type Int, INT_MAX, INT_MIN, intOf } from "./integer.ts";
import {
  add,
  bitAnd,
  bitOr,
  bitXor,
  div,
  mod,
  mul,
  neg,
  not,
  pow,
  range,
  shl,
  shr,
  sub,
} from "./operators.ts";
import { Arr, Blob, charOf, copy, Dict, Float, FnPtr, Range, type Value } from "./value.ts";

type Operator = (a: Value, b: Value) => Value;

/** The result as `debug` shows it, or the text of the error. */
function shown(f: () => Value): string {
  try {
    return toDebug(f());
  } catch (error) {
    if (error instanceof RhaiError) return error.text;
    throw error;
  }
}

/** Integers around the places where their form changes. */
const ints = fc
  .oneof(
    fc.bigInt({ min: INT_MIN, max: INT_MAX }),
    fc.integer({ min: -70, max: 70 }).map(BigInt),
    fc.constantFrom(
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 53n + 1n,
      -(2n ** 53n),
      2n ** 31n,
      2n ** 32n,
      INT_MAX,
      INT_MIN,
    ),
  )
  .map(intOf);

const inRange = (x: bigint): boolean => x <= INT_MAX && x >= INT_MIN;

// oxlint-disable vitest/expect-expect -- `agrees` asserts
/** `model` gives undefined where the operator must fail with `error`. */
function agrees(
  operator: Operator,
  model: (a: bigint, b: bigint) => bigint | undefined,
  error: string,
): void {
  fc.assert(
    fc.property(ints, ints, (a, b) => {
      const expected = model(BigInt(a), BigInt(b));
      const result = shown(() => operator(a, b));
      expect(result).toBe(
        expected === undefined ? error.replace("$A", String(a)).replace("$B", String(b)) : String(expected),
      );
    }),
    { numRuns: 2_000 },
  );
}

describe("integers agree with exact arithmetic in 64 bits", () => {
  const within = (x: bigint): bigint | undefined => (inRange(x) ? x : undefined);
  const wrap = (x: bigint): bigint => BigInt.asIntN(64, x);
  const shift = (a: bigint, count: bigint): bigint => {
    if (count >= 64n) return 0n;
    if (count <= -64n) return a < 0n ? -1n : 0n;
    return count < 0n ? a >> -count : wrap(a << count);
  };
  test("add", () => agrees(add, (a, b) => within(a + b), "Addition overflow: $A + $B"));
  test("sub", () => agrees(sub, (a, b) => within(a - b), "Subtraction overflow: $A - $B"));
  test("mul", () => agrees(mul, (a, b) => within(a * b), "Multiplication overflow: $A * $B"));
  test("and", () => agrees(bitAnd, (a, b) => a & b, ""));
  test("or", () => agrees(bitOr, (a, b) => a | b, ""));
  test("xor", () => agrees(bitXor, (a, b) => a ^ b, ""));
  test("shl", () => agrees(shl, shift, ""));
  test("shr", () => agrees(shr, (a, b) => shift(a, -b), ""));
  test("div", () => {
    agrees(
      (a, b) => (b === 0 ? 0 : div(a, b)),
      (a, b) => (b === 0n ? 0n : within(a / b)),
      "Division overflow: $A / $B",
    );
  });
  test("mod", () => {
    const model = (a: bigint, b: bigint): bigint | undefined =>
      b === 0n ? 0n : a === INT_MIN && b === -1n ? undefined : a % b;
    agrees((a, b) => (b === 0 ? 0 : mod(a, b)), model, "Modulo division by zero or overflow: $A % $B");
  });
});

test("an integer is never -0 and has one form", () => {
  fc.assert(
    fc.property(ints, ints, (a, b) => {
      for (const operator of [add, sub, mul, div, mod]) {
        let result: Value;
        try {
          result = operator(a, b);
        } catch {
          continue;
        }
        expect(result).toBe(intOf(BigInt(result as Int)));
      }
    }),
  );
});

test.each([
  [() => div(5, 0), "Division by zero: 5 / 0"],
  [() => mod(5, 0), "Modulo division by zero or overflow: 5 % 0"],
  [() => pow(2, 63), "Exponential overflow: 2 ** 63"],
  [() => pow(2, -1), "Integer raised to a negative power: 2 ** -1"],
  [() => pow(-1, 4_294_967_295), "-1"],
  [() => pow(-1, 4_294_967_296), "Exponential overflow: -1 ** 4294967296"],
  [() => pow(3, 39), "4052555153018976267"],
  [() => pow(-2, 63), "-9223372036854775808"],
  [() => neg(INT_MIN), "Negation overflow: --9223372036854775808"],
  [() => neg(0), "0"],
])("arithmetic %#", (f, expected) => {
  expect(shown(f)).toBe(expected);
});

test("binary arithmetic errors have no position, those of assignments have one", () => {
  const error = (f: () => Value): unknown => {
    try {
      return f();
    } catch (caught) {
      return caught;
    }
  };
  expect(error(() => mul(INT_MAX, 2))).toMatchObject({ isPlaceless: true });
  expect(error(() => mulAssign(INT_MAX, 2))).toMatchObject({ isPlaceless: false });
});

const blob = (...bytes: number[]): Blob => new Blob(Uint8Array.from(bytes));
const map = (entries: Record<string, Value>): Dict => new Dict(new Map(Object.entries(entries)));

test.each<[Operator, Value, Value, string]>([
  [add, 5, new Float(2.5), "7.5"],
  [add, 9_007_199_254_740_993n, new Float(0), "9007199254740992.0"],
  [add, "str", new Range(1, 3, true), '"str1..=3"'],
  [add, undefined, "x", '"x"'],
  [add, charOf("a"), charOf("b"), '"ab"'],
  [add, "x", blob(65, 0xff), '"xA\ufffd"'],
  [add, blob(65), charOf("é"), "[41c3a9]"],
  [add, blob(65), "é", '"Aé"'],
  [add, new Arr([1]), new Arr([2]), "[1, 2]"],
  [add, map({ a: 1 }), map({ a: 2, b: 3 }), '#{"a": 2, "b": 3}'],
  [add, charOf("a"), 1, "Function not found: + (char, i64)"],
  [add, new Arr([1]), 2, "Function not found: + (array, i64)"],
  [sub, "banana", "an", '"ba"'],
  [sub, "banana", charOf("a"), '"bnn"'],
  [sub, "a", 1, "Function not found: - (&str | ImmutableString | String, i64)"],
  [mul, true, new FnPtr("f", undefined), "Function not found: * (bool, Fn)"],
  [mod, new Float(5.5), 0, "NaN"],
  [pow, new Float(1), new Float(Number.NaN), "1.0"],
  [bitXor, true, false, "true"],
  [bitAnd, true, 1, "Function not found: & (bool, i64)"],
  [shl, new Float(1), 1, "Function not found: << (f64, i64)"],
])("operators of other types %#", (operator, a, b, expected) => {
  expect(shown(() => operator(a, b))).toBe(expected);
});

test("not, and ranges", () => {
  expect(shown(() => not("x"))).toBe("Function not found: ! (&str | ImmutableString | String)");
  expect(shown(() => range(1, 5, false))).toBe("1..5");
  expect(shown(() => range(1, "5", true))).toBe(
    "Function not found: ..= (i64, &str | ImmutableString | String)",
  );
});

test("assignment changes the container itself, and nobody else's", () => {
  const a = new Arr([1]);
  const b = copy(a) as Arr;
  expect(addAssign(b, new Arr([2, 3]))).toBe(b);
  expect(toDebug(b)).toBe("[1, 2, 3]");
  expect(toDebug(a)).toBe("[1]");
  expect(toDebug(addAssign(a, "x"))).toBe('[1, "x"]');
  expect(toDebug(addAssign(a, copy(a)))).toBe('[1, "x", 1, "x"]');
  expect(toDebug(addAssign(blob(1), 300))).toBe("[012c]");
  expect(toDebug(addAssign(blob(1), "AB"))).toBe("[014142]");
  expect(toDebug(addAssign(map({ a: 1 }), map({ a: 2 })))).toBe('#{"a": 2}');
});
