import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { replayDeadLetter, replayDeadLetters, replayOwnDeadLetter } from "./dead-letters-replay.service.ts";
import {
  countDeadLetters,
  getDeadLetter,
  listDeadLetters,
  listOwnDeadLetters,
  resolveDeadLetter,
  resolveOwnDeadLetter,
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
  changes: {
    readonly age?: string;
    readonly triggerId?: string;
    readonly scriptId?: string;
    readonly source?: string;
    readonly code?: string;
    readonly replays?: number;
  } = {},
): Promise<string> {
  const [id = ""] = await insertLetters(1, changes);
  return id;
}

/** Ids in the order of their age, the oldest first. */
async function insertLetters(
  count: number,
  changes: Parameters<typeof insertLetter>[0] = {},
): Promise<string[]> {
  const error = JSON.stringify({ code: changes.code ?? "script_error", message: "no" });
  const ids = Array.from({ length: count }, newId);
  await test.db.write`
    insert into dead_letters (app_id, id, outbox_id, event_id, trigger_id, script_id, source, op, event, attempts,
      last_error, root_execution_id, depth, replays, last_attempt_at, created_at)
    select ${app.id}, id, picloud_uuid_v7(), picloud_uuid_v7(), ${changes.triggerId ?? null},
      ${changes.scriptId ?? app.scriptId}, ${changes.source ?? "kv"}, 'insert', ${event}::text::json, 3,
      ${error}::text::json, picloud_uuid_v7(), 1, ${changes.replays ?? 0}, now(),
      now() - ${changes.age ?? "0"}::text::interval from unnest(${ids}::uuid[]) as n (id)`;
  return ids;
}

/** What waits to be delivered, by the dead letter that it is for. */
async function deliveries(): Promise<string[]> {
  const rows = await test.db.read<{ id: string }[]>`
    select dead_letter_id as id from outbox where app_id = ${app.id} order by dead_letter_id`;
  return rows.map((row) => row.id);
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

  it("are replayed once, whoever asks again", async () => {
    const id = await insertLetter();
    const tries = await Promise.allSettled(
      Array.from(
        { length: 8 },
        async () => await replayDeadLetter(apiContext(app), platform, { app: app.id, id }),
      ),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refusals = tries.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    expect(refusals).toEqual(refusals.map(() => expect.objectContaining({ code: "stale" })));
    expect(await deliveries()).toEqual([id]);
    // Opened again by hand it may be.
    await resolveDeadLetter(apiContext(app), platform, { app: app.id, id }, { reason: "handler_failed" });
    await replayDeadLetter(apiContext(app), platform, { app: app.id, id });
    expect(await deliveries()).toEqual([id, id]);
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

describe("a selection", () => {
  it("narrows by source, script, trigger, code and time", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    const scriptId = newId();
    await test.db.write`insert into scripts (app_id, id, name, language, version)
      values (${app.id}, ${scriptId}, 'other', 'typescript', 1)`;
    const old = await insertLetter({ age: "2 hours" });
    const docs = await insertLetter({ source: "docs" });
    const triggered = await insertLetter({ triggerId });
    const other = await insertLetter({ scriptId });
    const slow = await insertLetter({ code: "timeout" });
    const found = async (filter: object): Promise<string[]> => {
      const query = { app: app.id, limit: 100, ...filter };
      const { items } = await listDeadLetters(apiContext(app), platform, query);
      const { count } = await countDeadLetters(apiContext(app), platform, { app: app.id, ...filter });
      expect(count).toBe(items.length);
      return items.map((item) => item.id);
    };
    expect(await found({ source: "docs" })).toEqual([docs]);
    expect(await found({ trigger_id: triggerId })).toEqual([triggered]);
    expect(await found({ script: "other" })).toEqual([other]);
    expect(await found({ script: scriptId })).toEqual([other]);
    expect(await found({ script: "nobody" })).toEqual([]);
    expect(await found({ code: "timeout" })).toEqual([slow]);
    expect(await found({ until: "1h" })).toEqual([old]);
    expect(await found({ since: "3h", until: "1h", source: "kv" })).toEqual([old]);
    expect(await found({ since: new Date(Date.now() - 60_000).toISOString() })).toHaveLength(4);
    expect(await found({})).toHaveLength(5);
    await expect(found({ since: "yesterday" })).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a mass replay", () => {
  const replayMany = async (changes: { filter?: object; limit?: number; cursor?: string | undefined }) =>
    await replayDeadLetters(apiContext(app), platform, { app: app.id, filter: {}, limit: 1000, ...changes });

  it("goes on from batch to batch, oldest first, and ends with what was there at its start", async () => {
    const ids = await insertLetters(5);
    const first = await replayMany({ limit: 2 });
    expect(first).toMatchObject({ replayed: 2, skipped: 0 });
    expect(await deliveries()).toEqual(ids.slice(0, 2));
    // What fails again meanwhile is for another round.
    const [later = ""] = await insertLetters(1);
    const second = await replayMany({ limit: 2, cursor: first.next_cursor ?? undefined });
    const third = await replayMany({ limit: 2, cursor: second.next_cursor ?? undefined });
    expect(third).toEqual({ replayed: 1, skipped: 0, next_cursor: null });
    expect(await deliveries()).toEqual(ids);
    await expect(
      replayMany({ filter: { source: "kv" }, cursor: first.next_cursor ?? undefined }),
    ).rejects.toMatchObject({ code: "invalid_cursor" });
    // Without a cursor it takes what is open, and nothing twice.
    expect(await replayMany({})).toEqual({ replayed: 1, skipped: 0, next_cursor: null });
    expect(await replayMany({})).toEqual({ replayed: 0, skipped: 0, next_cursor: null });
    expect(await deliveries()).toEqual([...ids, later]);
  });

  it("takes open ones of the filter only, and leaves those without a script open", async () => {
    const [closed = "", failed = ""] = await insertLetters(2);
    const ctx = apiContext(app);
    await resolveDeadLetter(ctx, platform, { app: app.id, id: closed }, { reason: "ignored" });
    await resolveDeadLetter(ctx, platform, { app: app.id, id: failed }, { reason: "handler_failed" });
    await insertLetter({ source: "docs" });
    await insertLetter({ scriptId: newId() });
    expect(await replayMany({ filter: { source: "kv" } })).toEqual({
      replayed: 1,
      skipped: 1,
      next_cursor: null,
    });
    expect(await deliveries()).toEqual([failed]);
    expect(await countDeadLetters(ctx, platform, { app: app.id, unresolved: true })).toEqual({ count: 2 });
    const audit = await test.db.read`
      select after from audit where app_id = ${app.id} and action = 'dead_letters.replay_many'`;
    expect(audit).toEqual([{ after: { count: 1, filter: { source: "kv" } } }]);
  });

  it("by many callers, beside sweeps and replays of single ones, replays each exactly once", async () => {
    const ids = [...(await insertLetters(600, { age: "31 days" })), ...(await insertLetters(600))];
    let isOver = false;
    const sweeping = (async () => {
      let swept = 0;
      while (!isOver) swept += await sweepDeadLetters(platform, 50);
      return swept;
    })();
    const all = async (): Promise<number> => {
      let replayed = 0;
      for (let cursor: string | undefined; ;) {
        const batch = await replayMany({ limit: 70, cursor });
        replayed += batch.replayed;
        if (batch.next_cursor === null) return replayed;
        cursor = batch.next_cursor;
      }
    };
    const single = async (): Promise<number> => {
      const tries = await Promise.allSettled(
        ids
          .slice(1000)
          .map(async (id) => await replayDeadLetter(apiContext(app), platform, { app: app.id, id })),
      );
      return tries.filter(({ status }) => status === "fulfilled").length;
    };
    const counts = await Promise.all([all(), all(), all(), single()]);
    isOver = true;
    const swept = await sweeping;
    const made = await deliveries();
    expect(new Set(made).size).toBe(made.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(made.length);
    // Each old one was either swept before somebody came to replay it, or is still there for its delivery.
    expect(made.length + swept).toBe(ids.length);
    const [kept] = await test.db.read<{ count: number }[]>`
      select count(*)::int as count from outbox o join dead_letters d on d.app_id = o.app_id and d.id = o.dead_letter_id
      where o.app_id = ${app.id} and d.resolution = 'replayed'`;
    expect(kept?.count).toBe(made.length);
  });
});

/** A run on behalf of the app's owner. */
function ownRun(changes: { readonly depth?: number } = {}) {
  return { ...runContext(platform, app, changes), principal: app.user };
}

describe("a script", () => {
  it("replays one deeper than itself, and the row counts it", async () => {
    const id = await insertLetter({ replays: 2 });
    const ctx = ownRun({ depth: 3 });
    expect(await replayOwnDeadLetter(ctx, platform, { appId: app.id, id })).toBe(true);
    expect(await replayOwnDeadLetter(ctx, platform, { appId: app.id, id })).toBe(false);
    const rows = await test.db.read`
      select depth, replays, root_execution_id, parent_execution_id from outbox where app_id = ${app.id}`;
    const { id: executionId, rootExecutionId } = ctx.execution;
    expect(rows).toEqual([
      { depth: 4, replays: 3, root_execution_id: rootExecutionId, parent_execution_id: executionId },
    ]);
    // The run that is the parent has a row, whatever becomes of the server.
    expect(await test.db.read`select status from executions where id = ${executionId}`).toHaveLength(1);
    await expect(replayOwnDeadLetter(ctx, platform, { appId: app.id, id: newId() })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("at the end of its chain leaves the dead letter open", async () => {
    const id = await insertLetter();
    const ctx = ownRun({ depth: 8 });
    await expect(replayOwnDeadLetter(ctx, platform, { appId: app.id, id })).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await deliveries()).toEqual([]);
    expect((await listOwnDeadLetters(ctx, platform, app.id, open)).items).toHaveLength(1);
  });

  it("lists and closes them, and has no right of its own to do so", async () => {
    const id = await insertLetter();
    const ctx = ownRun();
    await resolveOwnDeadLetter(ctx, platform, { appId: app.id, id }, "handled_by_script");
    const { items } = await listOwnDeadLetters(ctx, platform, app.id, { unresolved: false, limit: 10 });
    expect(items).toMatchObject([{ id, resolution: "handled_by_script" }]);
    expect((await listOwnDeadLetters(ctx, platform, app.id, open)).items).toEqual([]);
    const nobody = runContext(platform, app);
    await expect(listOwnDeadLetters(nobody, platform, app.id, open)).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await expect(
      resolveOwnDeadLetter(nobody, platform, { appId: app.id, id }, "ignored"),
    ).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

const open = { unresolved: true, limit: 10 };
