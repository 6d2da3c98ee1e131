import fc from "fast-check";
import { expect, test } from "vitest";
import { numericProgram } from "./numeric-program.ts";
import { runProgram } from "./run-program.ts";
import { assertSame } from "./same-seen.ts";

const numRuns = Number(process.env["RHAI_RUNS"] ?? 300);
const seeds = fc.integer({ min: 0, max: 0x7fff_ffff });

test("numbers and arrays come out the same with and without types", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const source = numericProgram(seed);
      const typed = runProgram(source, { optimise: true });
      assertSame(source, typed, runProgram(source, { optimise: false }));
      expect(typed.error?.variant).not.toBe("InternalError");
    }),
    { numRuns },
  );
}, 120_000);

test("most of the programs run to their end", () => {
  const ends = fc
    .sample(seeds, { numRuns: 200, seed: 1 })
    .map((seed) => runProgram(numericProgram(seed)).error);
  expect(ends.filter((error) => error === undefined).length).toBeGreaterThan(80);
});
