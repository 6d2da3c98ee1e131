import { afterEach, beforeEach, expect, test } from "vitest";
import { addAssign } from "./assign.ts";
import { RhaiError } from "./error.ts";
import { native } from "./native.ts";
import { add } from "./operators.ts";
import { S } from "./state.ts";
import { defineLibrary } from "./std/all.ts";
import { Arr, Blob, Dict, type Value } from "./value.ts";

defineLibrary();
const before = { ...S };

beforeEach(() => {
  S.fuel = 100_000;
  S.rest = 0;
});
afterEach(() => {
  Object.assign(S, before);
});

/** Grows what `make` gives until something stops it; gives the name of the error. */
function grow(make: () => Value, step: (value: Value) => Value): string {
  let value = make();
  try {
    for (let steps = 0; steps < 200; steps++) value = step(value);
  } catch (error) {
    if (error instanceof RhaiError) return error.variant;
    throw error;
  }
  return "nothing";
}

const call = (name: string, ...args: Value[]): Value => native(name, args.length)(...args);

test.each<readonly [string, () => Value, (value: Value) => Value]>([
  ["a += a", () => new Arr([1]), (a) => addAssign(a, a)],
  ["a + a", () => new Arr([1]), (a) => add(a, a)],
  ["a.append(a)", () => new Arr([1]), (a) => (call("append", a, a), a)],
  ["a.splice", () => new Arr([1]), (a) => (call("splice", a, 0, 0, a), a)],
  ["blob += blob", () => new Blob(new Uint8Array(64)), (a) => addAssign(a, a)],
  ["blob.append(blob)", () => new Blob(new Uint8Array(64)), (a) => (call("append", a, a), a)],
  ["to_chars", () => "x".repeat(1000), (a) => (call("to_chars", a), a)],
  ["split", () => "x,".repeat(1000), (a) => (call("split", a, ","), a)],
  [
    "map + map",
    () => new Dict(new Map(Array.from({ length: 1000 }, (_, i) => [String(i), i]))),
    (a) => add(a, a),
  ],
  [
    "keys",
    () => new Dict(new Map(Array.from({ length: 1000 }, (_, i) => [String(i), i]))),
    (a) => (call("keys", a), a),
  ],
  ["sort", () => new Arr(Array.from({ length: 1000 }, (_, i) => -i)), (a) => (call("sort", a), a)],
  [
    "contains",
    () => new Arr(Array.from({ length: 9000 }, (_, i) => i)),
    (a) => (call("contains", a, "x"), a),
  ],
])("operations stop %s", (_, make, step) => {
  expect(grow(make, step)).toBe("ErrorTooManyOperations");
});
