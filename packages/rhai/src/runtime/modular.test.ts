import fc from "fast-check";
import { expect, test } from "vitest";
import { RhaiError } from "./error.ts";
import { type Int } from "./integer.ts";
import { mulAddMod } from "./modular.ts";
import { add, mod, mul } from "./operators.ts";

const int = fc.oneof(
  fc.maxSafeInteger(),
  fc.nat(),
  fc.integer(),
  fc.constantFrom<Int>(0, 1, -1, 2 ** 31, 2 ** 31 + 1, 1_103_515_245, 2n ** 63n - 1n, -(2n ** 63n)),
);

function outcome(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    if (error instanceof RhaiError) return error.text;
    throw error;
  }
}

test("it is the three operators one after the other", () => {
  fc.assert(
    fc.property(int, int, int, int, (a, b, c, m) => {
      const expected = outcome(() => mod(add(mul(a, b), c), m));
      expect(outcome(() => mulAddMod(a, b, c, m))).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
});
