import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import {
  countDeadLetters,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  resolveDeadLetter,
  sweepDeadLetters,
} from "./dead-letters.service.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
});
beforeEach(async () => {
  app = await insertTestApp(platform);
});
afterAll(async () => {
  await test.drop();
});

const event = `{"id":"e","source":"kv","op":"insert","occurred_at":"2026-01-02T03:04:05.678Z","kv":{"value":4.0}}`;

async function insertLetter(
  changes: { readonly age?: string; readonly triggerId?: string } = {},
): Promise<string> {
  const id = newId();
  await test.db.write`
    insert into dead_letters (app_id, id, outbox_id, event_id, trigger_id, script_id, source, op, event, attempts,
      last_error, root_execution_id, depth, last_attempt_at, created_at)
    values (${app.id}, ${id}, ${newId()}, ${newId()}, ${changes.triggerId ?? null}, ${app.scriptId}, 'kv', 'insert',
      ${event}::text::json, 3, '{"code":"script_error","message":"no"}', ${newId()}, 1, now(),
      now() - ${changes.age ?? "0"}::text::interval)`;
  return id;
}

describe("dead letters", () => {
  it("are listed newest first, counted, and shown with their event", async () => {
    const ids = [await insertLetter(), await insertLetter(), await insertLetter()].toReversed();
    const ctx = apiContext(app);
    const first = await listDeadLetters(ctx, platform, { app: app.slug, limit: 2 });
    const rest = await listDeadLetters(ctx, platform, {
      app: app.slug,
      limit: 2,
      cursor: first.next_cursor ?? undefined,
    });
    expect([...first.items, ...rest.items].map((item) => item.id)).toEqual(ids);
    await resolveDeadLetter(
      ctx,
      platform,
      { app: app.id, id: ids[0] ?? "" },
      { reason: "ignored", note: "test" },
    );
    expect(await countDeadLetters(ctx, platform, { app: app.id })).toEqual({ count: 3 });
    expect(await countDeadLetters(ctx, platform, { app: app.id, unresolved: true })).toEqual({ count: 2 });
    const shown = await getDeadLetter(ctx, platform, { app: app.id, id: ids[0] ?? "" });
    expect(shown).toMatchObject({
      resolution: "ignored",
      note: "test",
      attempts: 3,
      last_error: { code: "script_error" },
    });
    expect(JSON.stringify(shown)).toContain('"value":4.0');
    await resolveDeadLetter(ctx, platform, { app: app.id, id: ids[1] ?? "" }, { reason: "handler_failed" });
    expect(await countDeadLetters(ctx, platform, { app: app.id, unresolved: true })).toEqual({ count: 2 });
  });

  it("are no other app's and nothing for editors", async () => {
    const id = await insertLetter();
    const other = await insertTestApp(platform);
    await expect(getDeadLetter(apiContext(other), platform, { app: other.id, id })).rejects.toMatchObject({
      code: "not_found",
    });
    const editor = { ...app.user, role: "member" as const, appRoles: new Map([[app.id, "editor" as const]]) };
    const ctx = { ...apiContext(app), principal: editor };
    await expect(replayDeadLetter(ctx, platform, { app: app.id, id })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("that are replayed are delivered at depth 0 with all attempts", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    const id = await insertLetter({ triggerId });
    let woken = 0;
    platform.signals.on("outbox", () => void woken++);
    const shown = await replayDeadLetter(apiContext(app), platform, { app: app.id, id });
    expect(shown).toMatchObject({ resolution: "replayed" });
    expect(shown.resolved_at).not.toBeNull();
    expect(woken).toBe(1);
    const rows = await test.db.read`
      select dead_letter_id, trigger_id, attempt, depth, state, root_execution_id = execution_id as is_root
      from outbox where app_id = ${app.id}`;
    expect(rows).toEqual([
      { dead_letter_id: id, trigger_id: triggerId, attempt: 0, depth: 0, state: "ready", is_root: true },
    ]);
  });

  it("of a deleted script are not replayed", async () => {
    const id = await insertLetter();
    await test.db.write`delete from scripts where app_id = ${app.id}`;
    await expect(replayDeadLetter(apiContext(app), platform, { app: app.id, id })).rejects.toMatchObject({
      code: "not_found",
      details: { dead_letter_id: id },
    });
    expect(await countDeadLetters(apiContext(app), platform, { app: app.id, unresolved: true })).toEqual({
      count: 1,
    });
  });

  it("are swept when they are old and no delivery needs their event", async () => {
    await test.db.write`truncate dead_letters`;
    const kept = await insertLetter({ age: "29 days" });
    const needed = await insertLetter({ age: "31 days" });
    await insertLetter({ age: "31 days" });
    await replayDeadLetter(apiContext(app), platform, { app: app.id, id: needed });
    expect(await sweepDeadLetters(platform, 5000)).toBe(1);
    const rows = await test.db.read<
      { id: string }[]
    >`select id from dead_letters where app_id = ${app.id} order by id`;
    expect(rows.map((row) => row.id)).toEqual([kept, needed]);
  });
});
