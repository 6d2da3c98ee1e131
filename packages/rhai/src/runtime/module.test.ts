import { describe, expect, test } from "vitest";
import { evaluate } from "../instantiate.ts";
import { toDebug } from "./format.ts";
import { RhaiError, textOf, traceOf } from "./runtime.ts";

const modules: Readonly<Record<string, string>> = {
  numbers: `
    export const TWO = 2;
    let hidden = 3;
    export hidden as three;
    const FOUR = 4;
    fn add(a, b) { a + b }
    fn four() { global::FOUR }
    fn list() { [1, 2] }
    private fn secret() { 1 }
    fn reveal() { secret() }
    fn broken() {
      1 / 0
    }
    fn doubled(x) { x * 2 }
    fn all(a) { a.map(doubled) }
    fn maker(n) { |x| { n += x; n } }`,
  outer: `import "numbers" as n; fn sum(a) { n::add(a, n::TWO) } print("outer runs");`,
  late: `let n = 1; export n; let m = [1]; export m; let f = || m.push(2); f.call(); n = 7; if n == 7 { return; } n = 8;`,
  text: "let x = ;",
  thrower: '\n  throw "no";',
  one: 'import "two" as two;',
  two: 'import "one" as one;',
};

function answerOf(source: string): string {
  const printed: string[] = [];
  const output = { print: (text: string) => void printed.push(text), debug: () => {} };
  try {
    const value = toDebug(evaluate(source, { resolve: (path) => modules[path], output }));
    return [value, ...printed].join(" | ");
  } catch (error) {
    if (error instanceof RhaiError) return textOf(traceOf(error));
    throw error;
  }
}

describe("what a module gives", () => {
  test.each([
    ["functions and variables", 'import "numbers" as n; [n::add(1, 2), n::TWO, n::three]', "[3, 2, 3]"],
    ["its own constants to its functions", 'import "numbers" as n; n::four()', "4"],
    ["copies", 'import "numbers" as n; let a = n::list(); a.push(3); [a, n::list()]', "[[1, 2, 3], [1, 2]]"],
    ["private functions to its own functions only", 'import "numbers" as n; n::reveal()', "1"],
    ["its functions as values", 'import "numbers" as n; n::all([1, 2])', "[2, 4]"],
    ["closures", 'import "numbers" as n; let f = n::maker(1); [f.call(2), f.call(3)]', "[3, 6]"],
    ["its modules", 'import "outer" as o; o::n::add(o::sum(1), 1)', "4 | outer runs"],
    ["one evaluation for all who import it", 'import "outer" as a; import "outer" as b; 1', "1 | outer runs"],
    ["itself to functions", 'import "numbers" as n; fn f() { n::TWO } f()', "2"],
    ["variables as they are at its end", 'import "late" as l; [l::n, l::m]', "[7, [1, 2]]"],
    ["by a path that is computed", 'let p = "num"; import p + "bers" as n; [n::add(1, 2), n::TWO]', "[3, 2]"],
    [
      "nothing beyond the block",
      'if true { import "numbers" as n; n::TWO; } n::TWO',
      "Module not found: n (line 1, position 44)",
    ],
  ])("%s", (_, source, expected) => {
    expect(answerOf(source)).toBe(expected);
  });
});

describe("errors", () => {
  test.each([
    ["no such module", 'import "nope" as n;', "Module not found: nope (line 1, position 8)"],
    [
      "not imported yet",
      'fn f() { n::TWO } f(); import "numbers" as n;',
      "Module not found: n (line 1, position 10)\nin call to function 'f' (line 1, position 19)",
    ],
    [
      "no such function",
      'import "numbers" as n; n::nope(1)',
      "Function not found: n::nope (i64) (line 1, position 27)",
    ],
    [
      "a private function",
      'import "numbers" as n; n::secret()',
      "Function not found: n::secret () (line 1, position 27)",
    ],
    [
      "no such variable",
      'import "numbers" as n; n::nope',
      "Variable not found: n::nope (line 1, position 24)",
    ],
    [
      "inside of a function",
      'import "numbers" as n; n::broken()',
      "Division by zero: 1 / 0\nin call to function 'broken' @ 'numbers' (line 1, position 27)",
    ],
    [
      "a text that is none",
      'import "text" as t;',
      "Syntax error: Unexpected ';' (line 1, position 9)\nin module 'text' (line 1, position 8)",
    ],
    [
      "while it is evaluated",
      'import "thrower" as t;',
      "Runtime error: no (line 2, position 3)\nin module 'thrower' (line 1, position 8)",
    ],
    [
      "a circle",
      'import "one" as one;',
      "Module not found: one (line 1, position 8)\nin module 'two' (line 1, position 8)\nin module 'one' (line 1, position 8)",
    ],
  ])("%s", (_, source, expected) => {
    expect(answerOf(source)).toBe(expected);
  });

  test("can be caught, and name the module's function", () => {
    const source =
      'import "numbers" as n; let r; try { n::broken() } catch (e) { r = [e.error, e.function, e.source] } r';
    expect(answerOf(source)).toBe('["ErrorInFunctionCall", "broken", "numbers"]');
  });
});
