/** The scripts in the guide, and the examples of every service, compile and answer. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { afterAll, expect, test } from "vitest";

import { contracts } from "../../packages/server/src/contract.ts";
import { compileRhai } from "../../packages/server/src/features/scripts/compile-rhai.ts";
import { serviceMethods } from "../../packages/server/src/data-plane/calls.ts";
import { readRhaiTexts } from "../../packages/server/src/platform/rhai-texts.ts";
import { scriptHostOf } from "../../packages/server/src/platform/script-host.ts";
import {
  job,
  type JobOptions,
  run,
  TestHost,
  testSandbox,
} from "../../packages/sandbox/src/testing/harness.ts";

const guide = readFileSync(new URL("../../docs/guide/rhai.md", import.meta.url), "utf8");
const scripts = [...guide.matchAll(/```rust\n(.*?)```/gs)].map(([, source = ""]) => source);

const host = scriptHostOf(contracts);
const sandbox = testSandbox({ services: serviceMethods(contracts), rhai: readRhaiTexts() });
afterAll(async () => await sandbox.close());

async function answerOf(
  source: string,
  options: JobOptions = {},
  modules?: Readonly<Record<string, string>>,
): Promise<unknown> {
  const compiled = compileRhai({ source, kind: "endpoint", host, modules });
  if (!compiled.ok) return compiled.diagnostics;
  const { code } = compiled;
  const hash = createHash("sha256").update(code).digest("hex");
  const testHost = new TestHost(async ({ method }) => {
    if (method === "increment") throw Object.assign(new Error("by: must be whole"), { code: "invalid" });
    return method === "list" ? `{"items":[],"next_cursor":null}` : undefined;
  });
  const work = job({ hash, name: "guide.rhai", code, language: "rhai" }, options);
  const { error, status, body, host: seen } = await run(sandbox, work, testHost);
  return { error, status, body, lines: seen.lines.map(({ message }) => message) };
}

test("each script of the guide does what the guide says", async () => {
  const [hello = "", handler = "", post = "", failing = "", signed = "", ...more] = scripts;
  expect(more).toEqual([]);
  const quiet = { error: undefined, lines: [] };
  expect(await answerOf(hello, { url: "http://app/?name=Ada" })).toEqual({
    ...quiet,
    status: 200,
    body: '{"hello":"Ada"}',
  });
  expect(await answerOf(hello)).toEqual({ ...quiet, status: 200, body: '{"hello":"world"}' });
  const event = {
    id: "1",
    source: "kv",
    op: "insert",
    attempt: 1,
    kv: { collection: "c", key: "k", value: 1 },
  };
  expect(await answerOf(handler, { event })).toEqual({
    error: undefined,
    status: undefined,
    body: "",
    lines: ["changed"],
  });
  expect(await answerOf(post)).toEqual({ ...quiet, status: 405, body: "POST a number" });
  const json = { method: "POST", headers: ["content-type", "application/json"] };
  expect(await answerOf(post, { ...json, body: "21" })).toEqual({
    ...quiet,
    status: 201,
    body: '{"double":42}',
  });
  expect(await answerOf(post, { ...json, body: "21.0" })).toEqual({
    ...quiet,
    status: 422,
    body: '{"error":"not a number"}',
  });
  expect(await answerOf(failing)).toEqual({
    ...quiet,
    status: 200,
    body: '{"code":"invalid","message":"by: must be whole"}',
  });
  expect(await answerOf(signed)).toEqual({ ...quiet, status: 401, body: "wrong signature" });
});

test("the example of each method makes its call", async () => {
  let count = 0;
  for (const [service, { methods }] of Object.entries(contracts)) {
    for (const [method, { example }] of Object.entries(methods)) {
      const source = `try { ${example.rhai} } catch (e) { if e.code == () { throw e; } }`;
      expect(await answerOf(source), `${service}.${method}`).toMatchObject({ error: undefined, status: 200 });
      count++;
    }
  }
  expect(count).toBeGreaterThan(6);
});

test("the modules of the guide do what it says", async () => {
  const blocks = [...guide.matchAll(/```rust (\w+)\.rhai\n(.*?)```/gs)];
  const sources = Object.fromEntries(blocks.map(([, name = "", source = ""]) => [name, source]));
  const { main = "", ...modules } = sources;
  for (const source of Object.values(modules))
    expect(compileRhai({ source, kind: "module", host }).ok).toBe(true);
  const answer = await answerOf(main, { url: "http://app/?net=200" }, modules);
  expect(answer).toMatchObject({ status: 200, body: '{"gross":238,"rate":19}' });
});
