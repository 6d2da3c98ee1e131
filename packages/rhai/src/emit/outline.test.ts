/** Loops of a script that waits for its host run in plain functions; nobody may notice. */
import { describe, expect, test } from "vitest";
import { compile } from "../compile.ts";
import { instantiate } from "../instantiate.ts";
import { Run } from "../runtime/run.ts";
import { RhaiError, toDebug, textOf, traceOf } from "../runtime/runtime.ts";

const host = { functions: new Map([["host::get/1", { suspends: true }]]), methods: new Map() };

function codeOf(source: string): string {
  const made = compile(source, { host });
  if (!made.ok) throw new Error(made.diagnostics[0]?.message);
  return made.code;
}

/** The host answers with the question. */
function answerOf(source: string): string {
  const run = new Run(instantiate(codeOf(source)));
  try {
    let step = run.start();
    while (!step.done) step = run.resume({ ok: true, value: step.request.args[0] });
    return `${toDebug(step.value)} depth ${run.depth}`;
  } catch (error) {
    if (error instanceof RhaiError) return textOf(traceOf(error));
    throw error;
  }
}

const countOf = (source: string): number => codeOf(source).match(/^function o\d+\$\(/gm)?.length ?? 0;

describe("which loops", () => {
  test.each([
    ["a loop that does not wait", "host::get(1); let s = 0; for i in 0..9 { s += i; } s", 1],
    ["one inside of a loop that waits", "for i in 0..2 { host::get(i); while false { 1; } }", 1],
    ["loops inside of it come along", "host::get(1); for i in 0..2 { for j in 0..2 { 1; } }", 1],
    ["not one that waits", "for i in 0..2 { host::get(i); }", 0],
    ["nor one that calls what waits", "fn f() { host::get(1) } loop { f(); break; }", 0],
    ["none in a script that never waits", "let s = 0; for i in 0..9 { s += i; } s", 0],
    [
      "none whose error would lose what it did",
      "host::get(1); let s = 0; try { loop { s += 1; throw s; } } catch {}",
      0,
    ],
    [
      "none whose condition leaves the loop around",
      "for i in 0..2 { host::get(i); while (if i == 1 { break; } else { false }) {} }",
      0,
    ],
    ["none that throws a caught error on", "try { host::get(1) } catch { loop { throw; } }", 0],
  ])("%s", (_, source, count) => {
    expect(countOf(source)).toBe(count);
  });
});

describe("same answers", () => {
  test.each([
    ["let s = 0; let t = 1; for i in 0..10 { s += i; t *= 2; } [s, t]", "[45, 1024] depth 0"],
    ["let r = loop { break 7; }; r", "7 depth 0"],
    ["let a = []; for i in 0..3 { a.push(i); } a", "[0, 1, 2] depth 0"],
    ["let x = 9223372036854775800; for i in 0..7 { x += 1; } x", "9223372036854775807 depth 0"],
    ["let x = 9007199254740990; while x < 9007199254740995 { x += 1; } x", "9007199254740995 depth 0"],
    ["let x = 1.5; for i in 0..3 { x *= 2.0; } x", "12.0 depth 0"],
    ['let s = " a "; loop { s.trim(); break; } s', '"a" depth 0'],
    ["let n = 0; let f = || n += 1; for i in 0..3 { f.call(); } n", "3 depth 0"],
    [
      "let fs = []; let k = 5; for i in 0..2 { fs.push(|| k + i); } k = 7; fs.map(|f| f.call())",
      "[8, 8] depth 0",
    ],
    [
      "fn f(n) { host::get(0); for i in 0..9 { if i == n { return [i, n]; } } () } [f(3), f(20)]",
      "[[3, 3], ()] depth 0",
    ],
    [
      "fn f() { host::get(0); for i in 0..3 { print(this.len()); } this.len() } let a = [1]; a.f()",
      "1 depth 0",
    ],
    ["fn f() { host::get(0); for i in 0..3 { this.push(i); } } let a = []; a.f(); a", "[0, 1, 2] depth 0"],
    ["let i = 0; do { i += 1; if i == 2 { continue; } } while i < 5; i", "5 depth 0"],
    ["let s = 0; for (x, i) in [5, 6] { s += x * i; } s", "6 depth 0"],
  ])("%s", (source, expected) => {
    expect(answerOf(`host::get(1); ${source}`)).toBe(expected);
  });

  test("errors have the place and the calls of the script", () => {
    const source = "fn f() {\n  host::get(1);\n  for i in 0..3 {\n    nope(i);\n  }\n}\nf()";
    expect(answerOf(source)).toBe(
      "Function not found: nope (i64) (line 4, position 5)\nin call to function 'f' (line 7, position 1)",
    );
  });
});
