import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildRhai } from "./build-rhai.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rhai-build-"));
  buildRhai(join(folder, "node_modules", "@picloud", "rhai"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const built = (path: string): string => join(folder, "node_modules", "@picloud", "rhai", path);

test("nothing of the built package is TypeScript but the declarations", () => {
  const files = globSync("**/*.{ts,js}", { cwd: built(".") });
  expect(files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
  const named = files.filter((path) => /(from|import) "\.[^"]*\.ts"/.test(readFileSync(built(path), "utf8")));
  expect(named).toEqual([]);
});

test("a program in plain JavaScript runs scripts with it", () => {
  const program = `
    import { compile } from "@picloud/rhai";
    import { Engine } from "@picloud/rhai/engine";
    const engine = new Engine().registerFn("twice", (n) => n * 2);
    console.log(engine.eval("let a = [1, 2]; a.push(twice(20)); a"), compile("let x = ;").diagnostics[0].message);
  `;
  writeFileSync(join(folder, "program.mjs"), program);
  const flags = ["--no-experimental-strip-types", join(folder, "program.mjs")];
  expect(execFileSync(process.execPath, flags, { encoding: "utf8" })).toBe("[ 1, 2, 40 ] Unexpected ';'\n");
});

test("its command answers rows", () => {
  const input = '{"id": 1, "code": "40 + 2"}\n';
  const { stdout, status } = spawnSync(process.execPath, [built("rhai"), "eval", "--jsonl"], {
    input,
    encoding: "utf8",
  });
  expect([stdout, status]).toEqual(['{"id":1,"ok":true,"type":"i64","value":{"i":"42"},"printed":[]}\n', 0]);
});
