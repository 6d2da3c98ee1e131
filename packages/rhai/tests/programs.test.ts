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
const host = { functions: new Map([["host::wait/0", { suspends: true }]]), methods: new Map() };
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

test("random programs do the same with every function a generator", () => {
  // A module that is compiled alone, for a host that scripts wait for: anything may wait.
  const path = "alone";
  fc.assert(
    fc.property(decisions, (list) => {
      const source = programOf(list);
      const plain = runProgram(source, { path });
      assertSame(source, runProgram(source, { path, host }), plain);
      expect(plain.error?.variant).not.toBe("InternalError");
    }),
    { numRuns },
  );
}, 120_000);

test("random programs do the same if they wait at their end", () => {
  // So main is a generator, and its loops, which do not wait, are functions of their own.
  fc.assert(
    fc.property(decisions, (list) => {
      const source = programOf(list);
      const plain = runProgram(`${source}\n;()`);
      assertSame(source, runProgram(`${source}\n;host::wait()`, { host }), plain);
      expect(plain.error?.variant).not.toBe("InternalError");
    }),
    { numRuns },
  );
}, 120_000);

test("most random programs run to their end", () => {
  const sample = fc.sample(decisions, { numRuns: 200, seed: 1 });
  const ends = sample.map((list) => runProgram(programOf(list)).error === undefined);
  expect(ends.filter(Boolean).length).toBeGreaterThan(60);
});
