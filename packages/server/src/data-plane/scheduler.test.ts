import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { freezeCron, shiftCron } from "../../../../tests/support/cron-clock.ts";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import { apiContext, insertTestApp, testPlatform, type TestApp } from "../../../../tests/support/test-app.ts";
import { createTrigger, deleteTrigger } from "../features/triggers/triggers.service.ts";
import type { Sql } from "../platform/database/database.ts";
import type { Platform } from "../platform/platform.ts";
import { createScheduler } from "./scheduler.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
const asked = { read: 0, write: 0 };

beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
  app = await insertTestApp(platform);
});
beforeEach(async () => {
  await test.db.write`delete from triggers`;
  await shiftCron(test.db.write, 0);
});
afterAll(async () => {
  await test.drop();
});

/** A platform whose statements are counted. */
function counted(): Platform {
  Object.assign(asked, { read: 0, write: 0 });
  const counting = (sql: Sql, kind: "read" | "write"): Sql =>
    new Proxy(sql, {
      apply(target, self, args: unknown[]) {
        // A call with a template is a statement or a part of one; both are counted.
        asked[kind]++;
        return Reflect.apply(target, self, args) as unknown;
      },
    });
  const db = { ...test.db, read: counting(test.db.read, "read"), write: counting(test.db.write, "write") };
  return { ...platform, db };
}

async function add(schedule: string): Promise<string> {
  const input = { kind: "cron", script: "main", schedule };
  return (await createTrigger(apiContext(app), platform, app.id, input)).id;
}

async function fired(): Promise<number> {
  return (await test.db.read`select from cron_ledger where app_id = ${app.id}`).length;
}

it("without a schedule it asks nothing, with a far one seldom, and writes nothing", async () => {
  const scheduler = createScheduler(counted());
  scheduler.start();
  await expect.poll(() => asked.read).toBeGreaterThan(0);
  await sleep(100);
  const atStart = asked.read;
  await sleep(2_500);
  expect(asked.read).toBe(atStart);
  await add("@yearly");
  await expect.poll(async () => (await test.db.read`select from cron_states`).length).toBe(1);
  await sleep(100);
  const before = { ...asked };
  await sleep(2_500);
  expect(asked.read - before.read).toBeGreaterThan(0);
  // The net of the outbox: one statement each 2 s.
  expect(asked.read - before.read).toBeLessThanOrEqual(2);
  expect(asked.write).toBe(before.write);
  await scheduler.close();
});

it("fires at the second, and no more after its trigger or itself is gone", async () => {
  const scheduler = createScheduler(platform);
  scheduler.start();
  const id = await add("* * * * * *");
  await expect.poll(fired, { timeout: 15_000 }).toBeGreaterThan(3);
  const rows = await test.db.read<
    { late_ms: number }[]
  >`select late_ms from cron_ledger where status = 'ran'`;
  expect(Math.min(...rows.map((row) => row.late_ms))).toBeLessThan(500);
  await deleteTrigger(apiContext(app), platform, { app: app.id, id });
  const left = await fired();
  await sleep(1_500);
  expect(await fired()).toBe(left);
  await add("* * * * * *");
  await expect.poll(fired, { timeout: 15_000 }).toBeGreaterThan(left);
  await scheduler.close();
  const atEnd = await fired();
  await sleep(1_500);
  expect(await fired()).toBe(atEnd);
});

it("finds a clock that was set while nothing was due", async () => {
  const scheduler = createScheduler(platform);
  await freezeCron(test.db.write, "2026-11-25T10:00:00Z");
  const id = await add("0 12 * * *");
  await test.db.write`update triggers set created_at = picloud_cron_now() where id = ${id}`;
  scheduler.start();
  await expect.poll(async () => (await test.db.read`select from cron_states`).length).toBe(1);
  await freezeCron(test.db.write, "2026-11-25T12:00:00Z");
  await expect
    .poll(async () => (await test.db.read`select from cron_ledger where trigger_id = ${id}`).length, {
      timeout: 10_000,
    })
    .toBe(1);
  await scheduler.close();
});
