import { describe, expect, test } from "vitest";
import { importedModules } from "./module-imports.ts";

describe("importedModules", () => {
  const cases: readonly [source: string, modules: readonly string[]][] = [
    ["import { a, b as c, type D } from \"./util\"; import e, * as f from './other.ts';", ["util", "other"]],
    [
      'import "./side.js"; export * from "./all"; export { x as y } from "./x"; export * as n from "./n.mjs"',
      ["side", "all", "x", "n"],
    ],
    [
      'import type { A } from "./types"; export type { B } from "./types"; import type from "./word"',
      ["word"],
    ],
    [
      'import { kv } from "picloud"; import x from "lodash"; import y from "../up"; import z from "./Big"',
      [],
    ],
    [
      '// import "./a"\n/* import "./b" */ const s = `import "./c"`, t = \'import "./d"\'; x.import("./e"); import("./f")',
      [],
    ],
    ['const q = /["]/; let l = 1;\nimport { g } from "./g"', ["g"]],
    [
      'export const from = "./no"; export default { from: "./no" }; export function f() { return "./no" }',
      [],
    ],
    ['import{a}from"./tight";import b from"./tight"', ["tight"]],
  ];
  test.each(cases)("%s", (source, modules) => {
    expect(importedModules(source, "typescript")).toEqual(modules);
  });

  test("Rhai", () => {
    const source =
      'import "util" as u;\nfn f() { import "other"; } // import "no"\nexport let x = "util"; import "a/b" as c;';
    expect(importedModules(source, "rhai")).toEqual(["util", "other"]);
  });
});
