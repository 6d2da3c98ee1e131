/** The parser is native code: what it can't take ends the process, so these texts must not reach it. */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileTypescript } from "./compile-typescript.ts";
import { measureNesting } from "./source-nesting.ts";

const NESTED: Record<string, (count: number) => string> = {
  parentheses: (n) => `x=${"(".repeat(n)}a${")".repeat(n)}`,
  arrays: (n) => `x=${"[".repeat(n)}${"]".repeat(n)}`,
  objects: (n) => `x=${"{a:".repeat(n)}1${"}".repeat(n)}`,
  blocks: (n) => "{".repeat(n) + "}".repeat(n),
  functions: (n) => "function f(){".repeat(n) + "}".repeat(n),
  classes: (n) => `x=${"class{x=".repeat(n)}1${"}".repeat(n)}`,
  templates: (n) => `x=${"`${".repeat(n)}1${"}`".repeat(n)}`,
  "calls in calls": (n) => `x=${"f(".repeat(n)}1${")".repeat(n)}`,
  "if without braces": (n) => `${"if(a)\n".repeat(n)};`,
  "else after a semicolon": (n) => `${"if(a);else ".repeat(n)};`,
  "else on a new line": (n) => `${"if(a) b\nelse ".repeat(n)};`,
  "else after a block": (n) => `${"if(a){b}\nelse ".repeat(n)};`,
  do: (n) => `${"do ".repeat(n)};${"while(a);".repeat(n)}`,
  try: (n) => "try{".repeat(n) + "}finally{}".repeat(n),
  switch: (n) => "switch(a){case 1:".repeat(n) + "}".repeat(n),
  labels: (n) => `${Array.from({ length: n }, (_, index) => `a${index}:`).join("")};`,
  arrows: (n) => `x=${"a=>".repeat(n)}1`,
  assignments: (n) => `${"a=".repeat(n)}1`,
  conditionals: (n) => `x=${"a?b:".repeat(n)}1`,
  powers: (n) => `x=${"a**".repeat(n)}1`,
  negations: (n) => `x=${"!".repeat(n)}a`,
  awaits: (n) => `${"await ".repeat(n)}1`,
  new: (n) => `x=${"new ".repeat(n)}a`,
  comparisons: (n) => `x=${"a<".repeat(n)}1`,
  "type arguments": (n) => `type A=${"B<".repeat(n)}C${">".repeat(n)}`,
  "type operators": (n) => `type A=${"keyof\n".repeat(n)}B`,
  "function types": (n) => `type A=${"()=>".repeat(n)}B`,
  "conditional types": (n) => `type A=${"B extends C?D:".repeat(n)}E`,
  namespaces: (n) => `${"namespace A{".repeat(n)}let x=1;${"}".repeat(n)}`,
  "a regular expression with a backtick": (n) => `x=[...typeof /\`/,${"(".repeat(n)}1${")".repeat(n)},/\`/]`,
};

describe("nesting", () => {
  for (const [title, source] of Object.entries(NESTED)) {
    test(`${title}: 50 levels compile, 100,000 are refused`, () => {
      const handler = "\nexport default 1";
      expect(measureNesting(source(50) + handler)).toBeUndefined();
      expect(measureNesting(source(100_000))?.message).toBe(
        "The source is nested more than 500 levels deep here.",
      );
      expect(compileTypescript(source(100_000), "a.ts").ok).toBe(false);
    });
  }

  test("at the bound the parser, the transform and the passes still stand", () => {
    for (const [title, source] of Object.entries(NESTED)) {
      let most = 100;
      while (measureNesting(source(most + 50)) === undefined) most += 50;
      const compiled = compileTypescript(`${source(most)}\nexport default 1`, "a.ts");
      expect([title, compiled.ok || compiled.diagnostics[0]?.message]).toEqual([title, true]);
    }
  });

  test("a slash that only the grammar explains is refused, no text hides behind it", () => {
    expect(measureNesting(`x=function(){} /"/${"(".repeat(9999)}`)?.message).toContain("not clear");
    expect(
      measureNesting("if (a) /x`/.test(b); a = b / c / `d`; (a) / b; a[0] / b; x = a! / b; return /`/"),
    ).toBeUndefined();
  });

  test("long flat programs are not nested", () => {
    const flat = [
      "let a = 1;",
      "foo(a)\n",
      "const b = { a: 1, b: [2] }\n",
      "if (a) { b() } else { c() }\n",
      "x = a ? b : c,",
    ];
    for (const line of flat) expect([line, measureNesting(line.repeat(20_000))]).toEqual([line, undefined]);
  });

  test("this repository's own files are read", () => {
    const root = new URL("../../../../", import.meta.url).pathname;
    const files = globSync(`${root}*/src/**/*.ts`);
    expect(files.length).toBeGreaterThan(10);
    for (const file of files)
      expect([file, measureNesting(readFileSync(file, "utf8"))]).toEqual([file, undefined]);
  });
});
