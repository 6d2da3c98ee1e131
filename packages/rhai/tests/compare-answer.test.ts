import { describe, expect, test } from "vitest";
import { type Answer, type Outcome } from "../src/cli/row.ts";
import { isRight } from "./compare-answer.ts";
import { type CorpusRow } from "./corpus-rows.ts";

const five: Outcome = { ok: true, type: "i64", value: { i: "5" }, printed: ["a"] };

function row(more: Partial<CorpusRow> = {}): CorpusRow {
  return { id: "x", feature: "f", code: "5", expect: five, ...more };
}

function answer(outcome: Outcome): Answer {
  return { id: "x", ...outcome };
}

describe("an answer", () => {
  test("is right when it is equal; the count of operations does not matter", () => {
    const counted: Outcome & { readonly ops: number } = { ...five, ops: 12 };
    expect(isRight(row({ expect: counted }), answer(five))).toBe(true);
  });

  test.each<Outcome>([
    { ...five, value: { i: "6" } },
    { ...five, value: { f: "5.0" } },
    { ...five, type: "f64" },
    { ...five, printed: [] },
    { ...five, printed: ["a", "b"] },
    {
      ok: false,
      error: { kind: "parse", variant: "Reserved", msg: "", line: 1, col: 1 },
      printed: ["a"],
    },
  ])("is wrong when anything differs: %j", (outcome) => {
    expect(isRight(row(), answer(outcome))).toBe(false);
  });

  test("is wrong under another id", () => {
    expect(isRight(row(), { ...answer(five), id: "y" })).toBe(false);
  });

  test("may be any of the alternatives", () => {
    const six: Outcome = { ...five, value: { i: "6" } };
    const seven: Outcome = { ...five, value: { i: "7" } };
    const choices = row({ expect_noopt: six, expect_1_25: seven });
    expect([five, six, seven].map((outcome) => isRight(choices, answer(outcome)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("may name closures as it likes", () => {
    const named = (fn: string): Outcome => ({ ...five, value: { fn, curry: [] }, printed: [`Fn(${fn})`] });
    expect(isRight(row({ expect: named("anon$*") }), answer(named("anon$00112233aabbccdd")))).toBe(true);
    expect(isRight(row({ expect: named("anon$*") }), answer(named("foo")))).toBe(false);
  });

  test("may differ in the last digit of floats where the row says so, and nowhere else", () => {
    const printed = (text: string): Outcome => ({ ...five, printed: [text] });
    const expected = { expect: printed("0.1: 0.479425538604203") };
    const close = answer(printed("0.1: 0.47942553860420306"));
    expect(isRight(row(expected), close)).toBe(false);
    expect(isRight(row({ ...expected, approx: true }), close)).toBe(true);
    expect(isRight(row({ ...expected, approx: true }), answer(printed("0.1: 0.4794")))).toBe(false);
    expect(isRight(row({ expect: printed("5"), approx: true }), answer(printed("6")))).toBe(false);
  });
});
