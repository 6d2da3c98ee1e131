/** The examples of the standard library's page give what it says, in both languages, and fit its typings. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, expect, test } from "vitest";

import { rhaiFunctionNames, standardLibrary } from "../../packages/sandbox/src/sandbox.ts";
import { job, run, testSandbox } from "../../packages/sandbox/src/testing/harness.ts";
import { compileRhai } from "../../packages/server/src/features/scripts/compile-rhai.ts";
import { compileTypescript } from "../../packages/server/src/features/scripts/compile-typescript.ts";
import { readRhaiTexts } from "../../packages/server/src/platform/rhai-texts.ts";

const sandbox = testSandbox({ rhai: readRhaiTexts() });
afterAll(async () => await sandbox.close());

const examples = standardLibrary.flatMap(({ functions }) => functions.map(({ example }) => example));
const inTypescript = examples.flatMap(({ typescript, gives }) =>
  typescript === undefined ? [] : [{ code: typescript, gives }],
);
const inRhai = examples.map(({ rhai, gives }) => ({ code: rhai, gives }));
const spaces = standardLibrary.flatMap(({ typescript }) => typescript ?? []);
const listed = (list: readonly { readonly code: string }[]): string =>
  list.map(({ code }) => code).join(",\n");
const typescriptSource = `import { ${spaces.join(", ")} } from "picloud";\nexport default () => [\n${listed(inTypescript)}\n];\n`;

async function answerOf(
  compiled: ReturnType<typeof compileTypescript> | ReturnType<typeof compileRhai>,
  name: string,
  language: "javascript" | "rhai",
): Promise<unknown[]> {
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join("\n"));
  const { code } = compiled;
  const hash = createHash("sha256").update(code).digest("hex");
  const { error, body } = await run(sandbox, job({ hash, name, code, language }));
  expect(error).toBeUndefined();
  return JSON.parse(body) as unknown[];
}
const shown = (
  list: readonly { readonly code: string; readonly gives: string | undefined }[],
  given: unknown[],
) => {
  expect(given).toHaveLength(list.length);
  // What has no text on the page is something else each time.
  return list.map(({ code, gives }, i) => [code, gives === undefined ? undefined : JSON.stringify(given[i])]);
};

test("in TypeScript", async () => {
  const given = await answerOf(compileTypescript(typescriptSource, "a.ts"), "a.ts", "javascript");
  expect(shown(inTypescript, given)).toEqual(inTypescript.map(({ code, gives }) => [code, gives]));
});

test("in Rhai", async () => {
  const host = { plain: rhaiFunctionNames(), suspending: [], methods: [] };
  const given = await answerOf(
    compileRhai({ source: `[\n${listed(inRhai)}\n]`, kind: "endpoint", host }),
    "a.rhai",
    "rhai",
  );
  expect(shown(inRhai, given)).toEqual(inRhai.map(({ code, gives }) => [code, gives]));
});

test("in the typings", async () => {
  const folder = await mkdtemp(join(tmpdir(), "picloud-typings-"));
  const root = fileURLToPath(new URL("../..", import.meta.url));
  try {
    const wrong = `import { random, regex, time } from "picloud";
const all: string[] = regex.findAll("a", "a", 1), one: string | undefined = regex.find("a", "a");
const roll: number = random.int(1, 6), big: bigint = random.int(1n, 6n), weekday: number = time.parts(0).weekday;
export { all, one, roll, big, weekday };
// @ts-expect-error
regex.isMatch(1, "a");
// @ts-expect-error
random.int(1n, 6);
`;
    await writeFile(join(folder, "examples.ts"), typescriptSource + wrong.replace(/^.*\n/, ""));
    const typings = await readFile(join(root, "packages/script-types/picloud.d.ts"), "utf8");
    await writeFile(join(folder, "picloud.d.ts"), typings);
    const options = {
      include: ["*"],
      compilerOptions: { strict: true, noEmit: true, target: "esnext", types: [] },
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      folder,
    ]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  } finally {
    await rm(folder, { recursive: true });
  }
}, 30_000);
