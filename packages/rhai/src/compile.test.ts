import { describe, expect, test } from "vitest";
import { compile } from "./compile.ts";
import { evaluate } from "./instantiate.ts";
import { toDebug } from "./runtime/format.ts";

function codeOf(source: string, options: Parameters<typeof compile>[1] = {}): string {
  const made = compile(source, options);
  if (!made.ok) throw new Error(made.diagnostics[0]?.message);
  return made.code;
}

describe("the text", () => {
  test("is ASCII, whatever the source holds", () => {
    const code = codeOf("let s = \"äß日😀\u2028\u0001\"; let c = '日'; `x${s}ü` + c");
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(/^[\n\x20-\x7e]*$/.test(code)).toBe(true);
  });

  test("has no generator if no function of the host suspends", () => {
    const source = 'fn f(g) { g.call(1) } f(|x| [x].map(|y| y + 1)); eval("1")';
    expect(codeOf(source)).not.toContain("function*");
    const host = { functions: new Map([["log/1", { suspends: false }]]), methods: new Map() };
    expect(codeOf(source, { host })).not.toContain("function*");
  });

  test("is the same for the same source", () => {
    const source = "let f = |x| x * 2; [1, 2].map(f)";
    expect(codeOf(source)).toBe(codeOf(source));
  });

  test("says what it needs", () => {
    const made = compile('import "a" as a; fn f() { import "b" as b; } eval("1")', { resolve: () => "" });
    expect(made).toMatchObject({ ok: true, usesEval: true, suspends: false, imports: ["a", "b"] });
  });
});

describe("names of JavaScript are ordinary names", () => {
  test.each([
    "__proto__",
    "constructor",
    "arguments",
    "then",
    "toString",
    "hasOwnProperty",
    "S",
    "rt",
    "self",
    "t1",
  ])("%s", (name) => {
    const source =
      `fn ${name}(${name}) { let r = ${name} + 1; r } ` +
      `let ${name} = 1; let m = #{"${name}": ${name}}; m["${name}"] += 1; ` +
      `let f = |x| ${name} + x; ${name} += 10; ` +
      `[${name}, ${name}(4), m["${name}"], f.call(1), m.keys(), is_def_var("${name}")]`;
    expect(toDebug(evaluate(source))).toBe(`[11, 5, 2, 12, ["${name}"], true]`);
  });

  test("also by name at run time", () => {
    const source =
      'let __proto__ = 1; eval("let constructor = __proto__ + 1; __proto__ = 5"); [__proto__, constructor]';
    expect(toDebug(evaluate(source))).toBe("[5, 2]");
  });
});
