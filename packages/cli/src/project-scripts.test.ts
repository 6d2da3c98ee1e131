import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readProject } from "./project-scripts.ts";
import type { ProjectOptions } from "./project-scripts.ts";
import { testIo } from "./test-io.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pic-project-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}

/** Each script as `file name`, modules with a star. */
const project = async (
  files: readonly string[],
  options: Partial<ProjectOptions> = {},
): Promise<string[]> => {
  const io = testIo({ cwd: folder });
  const scripts = await readProject(io, files, { name: undefined, isModule: false, ...options });
  return scripts.map(({ file, name, kind }) => `${file} ${name}${kind === undefined ? "" : "*"}`);
};

test("the modules beside a file come with it, and theirs; what is not there is on the server", async () => {
  await write({
    "src/main.ts":
      'import { a } from "./util"; import "./gone"; import type { T } from "./types"; export default a;',
    "src/util.js": 'export { a } from "./base";',
    "src/base.mts": "export const a = 1;",
    "src/types.ts": "export type T = 1;",
    "gone.ts": "",
  });
  expect(await project(["src/main.ts"])).toEqual([
    "src/main.ts main",
    "src/util.js util*",
    "src/base.mts base*",
  ]);
});

test("several files: those that others import are modules, in whatever order they are named", async () => {
  await write({
    "util.ts": "export const a = 1;",
    "one.ts": 'import { a } from "./util"; export default () => a;',
    "two.ts": "export default () => 2;",
  });
  expect(await project(["util.ts", "one.ts", "two.ts"])).toEqual([
    "util.ts util*",
    "one.ts one",
    "two.ts two",
  ]);
  expect(await project(["two.ts"], { name: "other", isModule: true })).toEqual(["two.ts other*"]);
});

test("Rhai finds Rhai, TypeScript finds TypeScript; circles end", async () => {
  await write({
    "main.rhai": 'import "util" as u; u::f()',
    "util.rhai": 'import "back" as b; fn f() { 1 }',
    "back.rhai": 'import "util" as u;',
    "util.ts": "export const a = 1;",
    "main.ts": 'import { a } from "./util"; export default () => a;',
  });
  expect(await project(["main.rhai"])).toEqual(["main.rhai main", "util.rhai util*", "back.rhai back*"]);
  expect(await project(["main.ts"])).toEqual(["main.ts main", "util.ts util*"]);
});

test("two files of one name are refused", async () => {
  await write({ "a/x.ts": "", "b/x.ts": "" });
  await expect(project(["a/x.ts", "b/x.ts"])).rejects.toThrow("a/x.ts and b/x.ts are both called x");
});
