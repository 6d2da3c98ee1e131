import { afterAll, beforeAll, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import { insertTestApp, testPlatform } from "../../../../tests/support/test-app.ts";
import { newId } from "../platform/ids.ts";
import { createSweeper } from "./sweeper.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(async () => {
  await test.drop();
});

it("deletes what is over its time and nothing that is needed", async () => {
  const platform = testPlatform(test);
  const app = await insertTestApp(platform);
  const { write, read } = test.db;
  const event = async (days: number): Promise<string> => {
    const id = newId();
    await write`insert into events (app_id, id, source, op, payload, depth, created_at)
      values (${app.id}, ${id}, 'kv', 'insert', '{}', 1, now() - ${days}::float8 * interval '1 day')`;
    return id;
  };
  const entry = async (key: string, ms: number): Promise<void> => {
    await write`insert into kv (app_id, collection, key, value, version, expires_at)
      values (${app.id}, 'c', ${key}, '1', 1, now() + ${ms}::float8 * interval '1 millisecond')`;
  };
  const [, recent, needed] = [await event(15), await event(13), await event(15)];
  await write`insert into outbox (app_id, id, event_id, script_id, execution_id, root_execution_id, depth, state,
      held_reason) values (${app.id}, ${newId()}, ${needed}, ${app.scriptId}, ${newId()}, ${newId()}, 1, 'held',
      'script_disabled')`;
  await entry("gone", -1000);
  await entry("kept", 60_000);
  for (const days of [6, 8]) {
    await write`insert into abandoned_executions (app_id, execution_id, script_id, reason, status, created_at)
      values (${app.id}, ${newId()}, ${app.scriptId}, 'x', 'ok', now() - ${days}::float8 * interval '1 day')`;
  }
  let woken = 0;
  platform.signals.on("outbox", () => void woken++);
  const sweeper = createSweeper(platform);
  await sweeper.sweep();

  const events = await read<{ id: string }[]>`select id from events where app_id = ${app.id} order by id`;
  expect(events.map((row) => row.id)).toEqual([recent, needed]);
  expect(await read`select key from kv where app_id = ${app.id}`).toEqual([{ key: "kept" }]);
  expect(await read`select from abandoned_executions where app_id = ${app.id}`).toHaveLength(1);
  expect(await read`select state from outbox where app_id = ${app.id}`).toEqual([{ state: "ready" }]);
  expect(woken).toBe(1);
  sweeper.close();
});

it("deletes requests that have been dealt with soon, those that wait never", async () => {
  const platform = testPlatform(test);
  const app = await insertTestApp(platform);
  const { write, read } = test.db;
  const request = async (minutes: number, isWaiting: boolean, source = "http"): Promise<string> => {
    const id = newId();
    await write`insert into events (app_id, id, source, op, payload, depth, created_at)
      values (${app.id}, ${id}, ${source}, 'request', '{}', 0, now() - ${minutes}::float8 * interval '1 minute')`;
    if (isWaiting) {
      await write`insert into outbox (app_id, id, event_id, script_id, execution_id, root_execution_id, depth)
        values (${app.id}, ${newId()}, ${id}, ${app.scriptId}, ${newId()}, ${newId()}, 0)`;
    }
    return id;
  };
  await request(11, false);
  const kept = [await request(9, false), await request(11, true), await request(11, false, "kv")];
  const sweeper = createSweeper(platform);
  await sweeper.sweep();
  const rows = await read<{ id: string }[]>`select id from events where app_id = ${app.id} order by id`;
  expect(rows.map(({ id }) => id)).toEqual(kept.toSorted());
  sweeper.close();
});
