import fc from "fast-check";
import { expect, test } from "vitest";
import { programOf } from "./random-program.ts";
import { assertSame } from "./same-seen.ts";
import { runPlain, runTogether, runWaiting } from "./waiting-programs.ts";

const decisions = fc.array(fc.nat(0xffff), { maxLength: 1_500, size: "max" });
const numRuns = Number(process.env["RHAI_RUNS"] ?? 150);

test("runs that take turns do what a run alone does", () => {
  fc.assert(
    fc.property(decisions, fc.array(fc.nat(15), { minLength: 1, maxLength: 100 }), (list, turns) => {
      const source = programOf(list, true);
      const alone = runWaiting(source);
      let turn = 0;
      const together = runTogether(source, 16, (below) => (turns[turn++ % turns.length] ?? 0) % below);
      for (const seen of together) assertSame(source, seen, alone);
      expect(alone.error?.variant).not.toBe("InternalError");
      // An error leaves the calls open that it came out of.
      expect(alone.error === undefined ? alone.depth : 0).toBe(0);
    }),
    { numRuns },
  );
}, 120_000);

test("functions that wait do what plain functions do", () => {
  fc.assert(
    fc.property(decisions, (list) => {
      const source = programOf(list, true);
      assertSame(source, runPlain(source), runWaiting(source));
      expect(source).not.toBe("");
    }),
    { numRuns },
  );
}, 120_000);

test("random programs ask their host", () => {
  const sample = fc.sample(decisions, { numRuns: 100, seed: 1 });
  const calls = sample.map((list) => runWaiting(programOf(list, true)).calls.length);
  expect(calls.filter((count) => count > 0).length).toBeGreaterThan(30);
});
