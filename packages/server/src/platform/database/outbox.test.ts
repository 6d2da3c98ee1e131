import { JsonText } from "@picloud/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
} from "../../../../../tests/support/test-app.ts";
import { deleteKey, setValue } from "../../features/kv/kv.service.ts";
import { silentLogger } from "../logger.ts";
import type { Platform } from "../platform.ts";
import { candidatePatterns } from "./outbox.ts";

let test: TestDatabase;
let platform: Platform;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
});
afterAll(async () => {
  await test.drop();
});

const value = new JsonText(`{"n":4.0}`);

async function deliveriesOf(appId: string): Promise<Record<string, unknown>[]> {
  return await test.db.read`
    select o.trigger_id, e.op, e.payload::text, o.depth, o.state, o.root_execution_id, o.parent_execution_id,
      o.execution_id, e.written_by
    from outbox o join events e on e.app_id = o.app_id and e.id = o.event_id
    where o.app_id = ${appId} order by o.created_at, o.id`;
}

describe("a write", () => {
  it("makes one event and one delivery for each matching trigger of its app", async () => {
    const app = await insertTestApp(platform);
    const other = await insertTestApp(platform);
    const matching = [
      await insertTestTrigger(platform, app, { pattern: "*" }),
      await insertTestTrigger(platform, app, { pattern: "orders:*", ops: ["insert"] }),
      await insertTestTrigger(platform, app, { pattern: "orders:eu", ops: ["insert", "delete"] }),
    ];
    await insertTestTrigger(platform, app, { pattern: "orders" });
    await insertTestTrigger(platform, app, { pattern: "orders:eu:*" });
    await insertTestTrigger(platform, app, { pattern: "orders:eu", ops: ["update"] });
    await insertTestTrigger(platform, other, { pattern: "*" });
    const off = await insertTestTrigger(platform, app, { pattern: "*" });
    await test.db.write`update triggers set enabled = false where app_id = ${app.id} and id = ${off}`;
    const signals: (string | undefined)[] = [];
    platform.signals.on("outbox", (appId) => signals.push(appId));

    const ctx = runContext(platform, app, { depth: 2 });
    await setValue(ctx, platform, { appId: app.id, collection: "orders:eu", key: `k"ü` }, { value });

    const rows = await deliveriesOf(app.id);
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map((row) => row["trigger_id"]))).toEqual(new Set(matching));
    for (const row of rows) {
      expect(row).toMatchObject({
        op: "insert",
        payload: `{"collection":"orders:eu","key":"k\\"ü","value":{"n":4.0}}`,
        depth: 3,
        state: "ready",
        root_execution_id: ctx.execution.rootExecutionId,
        parent_execution_id: ctx.execution.id,
        written_by: ctx.execution.id,
      });
      expect(row["execution_id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    }
    expect(new Set(rows.map((row) => row["execution_id"])).size).toBe(3);
    expect(await test.db.read`select from events where app_id = ${app.id}`).toHaveLength(1);
    expect(await test.db.read`select from outbox where app_id = ${other.id}`).toHaveLength(0);
    expect(signals).toEqual([app.id]);
  });

  it("without a matching trigger makes no event and wakes nobody", async () => {
    const app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "a" });
    const signals: unknown[] = [];
    platform.signals.on("outbox", (appId) => signals.push(appId));
    await setValue(
      runContext(platform, app),
      platform,
      { appId: app.id, collection: "b", key: "k" },
      { value },
    );
    expect(await test.db.read`select from events where app_id = ${app.id}`).toHaveLength(0);
    expect(signals).toEqual([]);
  });

  it("by the API is by nobody's execution and starts a chain", async () => {
    const app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "*" });
    const at = { appId: app.id, collection: "c", key: "k" };
    await setValue(apiContext(app), platform, at, { value });
    await deleteKey(apiContext(app), platform, at);
    const rows = await deliveriesOf(app.id);
    expect(rows).toMatchObject([
      { op: "insert", depth: 1, parent_execution_id: null, written_by: null },
      { op: "delete", depth: 1, payload: `{"collection":"c","key":"k"}` },
    ]);
    for (const row of rows) expect(row["root_execution_id"]).toBe(row["execution_id"]);
  });

  it("of the deepest run that is allowed ends the chain with a log entry", async () => {
    const app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "*" });
    const lines: unknown[] = [];
    const log = { ...silentLogger, warn: (event: string) => void lines.push(event) };
    const at = { appId: app.id, collection: "c", key: "k" };
    await setValue(runContext(platform, app, { depth: 7, log }), platform, at, { value });
    expect(lines).toEqual([]);
    await setValue(runContext(platform, app, { depth: 8, log }), platform, at, { value });
    expect(lines).toEqual(["trigger_depth_exceeded"]);
    expect((await deliveriesOf(app.id)).map((row) => row["depth"])).toEqual([8]);
  });

  it("uses few statement texts, so that they stay prepared", async () => {
    const app = await insertTestApp(platform);
    const texts = new Set<string>();
    const sql = test.db.write;
    const { options } = sql;
    const debug = options.debug;
    options.debug = (_connection, query) => void texts.add(query);
    try {
      for (const key of ["a", "b"]) {
        const ctx = runContext(platform, app);
        for (const collection of ["c", "c:d", "c:d:e"])
          await setValue(
            ctx,
            platform,
            { appId: app.id, collection, key },
            { value, ttl: key === "a" ? 1000 : null },
          );
      }
    } finally {
      options.debug = debug;
    }
    // With the run's row, and without it once that has been written.
    expect(texts.size).toBe(2);
  });
});

function matches(pattern: string, name: string): boolean {
  return (
    pattern === "*" || (pattern.endsWith(":*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name)
  );
}

describe("candidate patterns", () => {
  it("are exactly the patterns that match", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", ":"), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(name, name, (one, other) => {
        for (const pattern of [other, `${other}:*`, "*"])
          expect(candidatePatterns(one, ":").includes(pattern)).toBe(matches(pattern, one));
      }),
    );
    expect(candidatePatterns("a.b.c", ".")).toEqual(["a.b.c", "a.*", "a.b.*", "*"]);
  });
});
