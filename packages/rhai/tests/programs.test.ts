import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "../src/syntax/parser.ts";
import { printTree } from "../src/syntax/print-tree.ts";
import { bareTree } from "./bare-tree.ts";
import { programOf } from "./random-program.ts";
import { assertSame } from "./same-seen.ts";
import { runProgram } from "./run-program.ts";

const decisions = fc.array(fc.nat(0xffff), { maxLength: 1_500, size: "max" });
/** Nesting up to what the stack carries. */
const limits = { expr: 0, fn_expr: 0 };
const numRuns = Number(process.env["RHAI_RUNS"] ?? 300);

test("printing a random program's tree and parsing it gives the tree", () => {
  fc.assert(
    fc.property(decisions, (list) => {
      const source = programOf(list);
      const { program, diagnostics } = parse(source, { limits });
      assertSame(source, diagnostics, []);
      const printed = printTree(program);
      const again = bareTree(parse(printed, { limits }).program);
      assertSame(printed, again, bareTree(program));
      expect(again).toBeDefined();
    }),
    { numRuns },
  );
});

test("random programs do the same with and without optimisations", () => {
  fc.assert(
    fc.property(decisions, (list) => {
      const source = programOf(list);
      const fast = runProgram(source, { optimise: true });
      assertSame(source, fast, runProgram(source, { optimise: false }));
      expect(fast.error?.variant).not.toBe("InternalError");
    }),
    { numRuns },
  );
}, 120_000);

test("most random programs run to their end", () => {
  const sample = fc.sample(decisions, { numRuns: 200, seed: 1 });
  const ends = sample.map((list) => runProgram(programOf(list)).error === undefined);
  expect(ends.filter(Boolean).length).toBeGreaterThan(60);
});
