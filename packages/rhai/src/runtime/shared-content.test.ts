import { beforeEach, expect, test } from "vitest";
import { toDebug, toText } from "./format.ts";
import { runtimeError } from "./raise.ts";
import { S, defaultLimits } from "./state.ts";
import { toJson } from "./std/map.ts";
import { Arr, Dict, type Value } from "./value.ts";

/** 2^100 items, of which only a hundred are there. */
function endless(): Arr {
  let value = new Arr(["x"]);
  for (let i = 0; i < 100; i++) value = new Arr([value, value]);
  return value;
}

beforeEach(() => {
  S.limits = defaultLimits;
  S.fuel = 2 ** 30;
  S.rest = 0;
});

test("a text that would never end is too large, and the next one is made as ever", () => {
  S.limits = { ...defaultLimits, stringBytes: 1_000 };
  const inMap: Value = new Dict(new Map([["k", endless()]]));
  for (const make of [toText, toDebug, toJson])
    for (const value of [endless(), inMap]) expect(() => make(value)).toThrow("Length of string too large");
  expect(toText(new Arr([1, new Arr(["a"])]))).toBe(`[1, ["a"]]`);
  expect(toJson(new Dict(new Map([["k", "v"]])))).toBe(`{"k":"v"}`);
});

test("a name is as long in the text as it is", () => {
  S.limits = { ...defaultLimits, stringBytes: 10_000 };
  const long = new Dict(new Map([["k".repeat(2_000), 1]]));
  expect(() => toDebug(new Arr([long, long, long, long, long]))).toThrow("too large");
  expect(() => toJson(new Arr([long, long, long, long, long]))).toThrow("too large");
});

test("a thrown value whose text is too long is thrown all the same", () => {
  expect(() => runtimeError(endless())).toThrow("Runtime error: array");
  expect(() => runtimeError(new Arr([1]))).toThrow("Runtime error: [1]");
});

test("each item of a text is paid for", () => {
  S.fuel = 10_000;
  expect(() => toText(endless())).toThrow("Too many operations");
});
