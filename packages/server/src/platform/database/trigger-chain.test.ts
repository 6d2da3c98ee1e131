import { afterAll, beforeAll, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import { insertTestApp, runContext, testPlatform } from "../../../../../tests/support/test-app.ts";
import { newId } from "../ids.ts";
import type { Platform } from "../platform.ts";
import { triggerChain } from "./trigger-chain.ts";

let test: TestDatabase;
let platform: Platform;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
});
afterAll(async () => {
  await test.drop();
});

/** Runs of scripts `s1`, `s2` …, each caused by what the one before wrote. Gives the last one. */
async function chainOf(length: number, source = "kv", payload = `{"collection":"orders"}`) {
  const app = await insertTestApp(platform);
  const { write } = platform.db;
  let eventId: string | null = null;
  let execution = runContext(platform, app).execution;
  for (let n = 1; n <= length; n++) {
    execution = runContext(platform, app, {
      script: { id: app.scriptId, name: `s${n}`, version: 1 },
      ...(eventId === null ? {} : { eventId }),
    }).execution;
    if (n === length) break;
    const { id, script, nodeId, rootExecutionId } = execution;
    await write`
      insert into executions (app_id, id, request_id, root_execution_id, script_id, script_name, script_version, kind,
        event_id, status, started_at, node_id)
      values (${app.id}, ${id}, ${id}, ${rootExecutionId}, ${script.id}, ${script.name}, 1, 'trigger', ${eventId}, 'ok',
        now(), ${nodeId})`;
    eventId = newId();
    await write`
      insert into events (app_id, id, source, op, payload, written_by, depth)
      values (${app.id}, ${eventId}, ${source}, 'insert', ${payload}::text::json, ${id}, ${n})`;
  }
  return execution;
}

it("tells each script and the event between, from where it began", async () => {
  expect(await triggerChain(platform, await chainOf(3))).toBe(
    "s1 → orders.insert → s2 → orders.insert → s3 → …",
  );
  expect(await triggerChain(platform, await chainOf(2, "pubsub", `{"topic":"a.b"}`))).toBe(
    "s1 → pubsub a.b → s2 → …",
  );
  expect(await triggerChain(platform, await chainOf(2, "cron", `{}`))).toBe("s1 → cron → s2 → …");
  expect(await triggerChain(platform, await chainOf(1))).toBe("s1 → …");
});

it("is bounded, and read once for a run", async () => {
  const run = await chainOf(40);
  const text = await triggerChain(platform, run);
  expect(text.split(" → ")).toHaveLength(34);
  expect(text).toMatch(/^… → orders.insert → s25 → .* → s40 → …$/);
  expect(triggerChain(platform, run)).toBe(triggerChain(platform, run));
});

it("is empty when the database is away", async () => {
  const db = { ...platform.db, read: (() => Promise.reject(new Error("away"))) as never };
  expect(await triggerChain({ ...platform, db }, await chainOf(1))).toBe("");
});
