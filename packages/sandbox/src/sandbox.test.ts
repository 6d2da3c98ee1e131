import { afterAll, expect, test } from "vitest";

import { handler, job, run, TestHost, testSandbox } from "./testing/harness.ts";

const sandbox = testSandbox();
afterAll(async () => await sandbox.close());

test("a script answers", async () => {
  const answer = await run(sandbox, job(handler("() => ({ hello: 'world' })")));
  expect(answer).toMatchObject({ status: 200, body: '{"hello":"world"}', contextCall: 0, wrote: false });
  expect(answer.headers).toEqual(["content-type", "application/json"]);
  expect(answer.error).toBeUndefined();
  expect(answer.heapBytes).toBeGreaterThan(100_000);
});

test("hundreds of runs wait for the host at the same time", async () => {
  const code = handler("async (req) => ({ v: await kv.collection('c').get('k') })");
  const waiting: (() => void)[] = [];
  const host = new TestHost(async () => await new Promise((resolve) => waiting.push(() => resolve("42"))));
  const runs = Array.from({ length: 300 }, async () => await run(sandbox, job(code), host));
  while (waiting.length < 300) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const answer of waiting) answer();
  for (const answer of await Promise.all(runs)) expect(answer.body).toBe('{"v":42}');
  expect(host.calls[0]).toEqual({ service: "kv", method: "get", args: ['"c"', '"k"'] });
});
