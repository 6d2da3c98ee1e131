/** The scripts in the guide compile, load and answer. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { afterAll, expect, test } from "vitest";

import {
  createSandbox,
  type Host,
  type HttpInput,
  type EventInput,
} from "../../packages/sandbox/src/sandbox.ts";
import { compileTypescript } from "../../packages/server/src/features/scripts/compile-typescript.ts";

const guide = readFileSync(new URL("../../docs/guide/typescript.md", import.meta.url), "utf8");
const scripts = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, source = ""]) => source);

const sandbox = createSandbox({
  services: [
    { service: "kv", method: "set", on: "collection", effect: "write" },
    { service: "kv", method: "increment", on: "collection", effect: "write" },
  ],
  executors: 1,
  isolation: "shared",
  now: Date.now,
  log: () => undefined,
});
afterAll(async () => await sandbox.close());

const get: HttpInput = {
  kind: "http",
  method: "GET",
  url: "http://app/?name=Ada",
  headers: [],
  body: new Uint8Array(),
};
const event: EventInput = {
  kind: "event",
  event: JSON.stringify({
    id: "1",
    source: "kv",
    op: "insert",
    attempt: 1,
    kv: { collection: "c", key: "k", value: 1 },
  }),
};

async function answerOf(source: string, input: HttpInput | EventInput): Promise<unknown> {
  const compiled = compileTypescript(source, "guide.ts");
  if (!compiled.ok) return compiled.diagnostics;
  const { code } = compiled;
  const lines: string[] = [];
  const host: Host = {
    call: async ({ method }) => {
      if (method === "increment") throw Object.assign(new Error("by: must be whole"), { code: "invalid" });
      return undefined;
    },
    log: ({ message }) => void lines.push(message),
    restart: () => undefined,
  };
  const run = sandbox.start(
    {
      executionId: "execution",
      appId: "app",
      scriptId: createHash("sha256").update(code).digest("hex"),
      artifact: { hash: createHash("sha256").update(code).digest("hex"), name: "guide.ts", code },
      limits: {
        timeoutMs: 20_000,
        cpuMs: 5_000,
        memoryMb: 64,
        hostCalls: 100,
        responseBytes: 1e6,
        logBytes: 1e5,
      },
      seed: new Uint8Array(32),
      input,
      ctx: JSON.stringify({ execution_id: "execution", trigger_depth: 0 }),
    },
    host,
  );
  const head = await run.head;
  const { error } = await run.done;
  return { error, status: head?.status, body: head?.body, lines };
}

test("each script of the guide does what the guide says", async () => {
  const [hello = "", handler = "", post = "", failing = "", signed = "", ...more] = scripts;
  expect(more).toEqual([]);
  const quiet = { error: undefined, lines: [] };
  expect(await answerOf(hello, get)).toEqual({ ...quiet, status: 200, body: '{"hello":"Ada"}' });
  expect(await answerOf(handler, event)).toEqual({
    error: undefined,
    status: undefined,
    body: undefined,
    lines: ["changed"],
  });
  expect(await answerOf(post, get)).toEqual({ ...quiet, status: 405, body: "POST a number" });
  const number = { ...get, method: "POST", body: Buffer.from("21") };
  expect(await answerOf(post, number)).toEqual({ ...quiet, status: 201, body: '{"double":42}' });
  const text = { ...get, method: "POST", body: Buffer.from('"x"') };
  expect(await answerOf(post, text)).toEqual({ ...quiet, status: 422, body: '{"error":"not a number"}' });
  expect(await answerOf(failing, get)).toEqual({
    ...quiet,
    status: 200,
    body: '{"code":"invalid","message":"by: must be whole"}',
  });
  expect(await answerOf(signed, get)).toEqual({ ...quiet, status: 401, body: "wrong signature" });
});
