import { JsonText, PicloudError } from "@picloud/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { freeHeldDeliveries } from "../../platform/database/outbox-holds.ts";
import { openWritesEnded } from "../../platform/database/open-writes.ts";
import type { Platform } from "../../platform/platform.ts";
import { setValue } from "../kv/kv.service.ts";
import { createTrigger, deleteTrigger, getTrigger, listTriggers, updateTrigger } from "./triggers.service.ts";
import { checkCollectionGlob, checkTopicPattern } from "./trigger-pattern.ts";

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

const kv = { kind: "kv", script: "main", collection_glob: "c" } as const;

async function write(key = "k"): Promise<void> {
  const at = { appId: app.id, collection: "c", key };
  await setValue(apiContext(app), platform, at, { value: new JsonText("1") });
}

async function states(): Promise<string[]> {
  const rows = await test.db.read<{ state: string }[]>`
    select concat_ws(' ', state, held_reason) as state from outbox where app_id = ${app.id} order by id`;
  return rows.map((row) => row.state);
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PicloudError)) throw new Error(`expected a PicloudError, got ${String(error)}`);
  return `${error.code} ${error.fields?.[0]?.path ?? ""}`.trim();
}

describe("a new trigger", () => {
  it("has the server's retry settings and the caller's name", async () => {
    const made = await createTrigger(apiContext(app), platform, app.slug, { ...kv, max_attempts: 2 });
    expect(made).toMatchObject({
      app_id: app.id,
      script_id: app.scriptId,
      script_name: "main",
      kind: "kv",
      enabled: true,
      dispatch_mode: "async",
      max_attempts: 2,
      backoff: "exponential",
      base_ms: 1000,
      max_ms: 3_600_000,
      jitter_pct: 20,
      registered_by_principal: app.user.id,
      collection_glob: "c",
      ops: [],
    });
    expect(await getTrigger(apiContext(app), platform, { app: app.id, id: made.id })).toEqual(made);
  });

  it("is refused for what it can't be", async () => {
    const create = async (changes: object): Promise<string> =>
      await refusal(createTrigger(apiContext(app), platform, app.id, { ...kv, ...changes }));
    expect(await create({ kind: "email" })).toBe("invalid kind");
    expect(await create({ kind: "nothing" })).toBe("invalid kind");
    expect(await create({ collection_glob: "" })).toBe("invalid collection_glob");
    expect(await create({ collection_glob: undefined })).toBe("invalid collection_glob");
    expect(await create({ collection_glob: "a*" })).toBe("invalid collection_glob");
    expect(await create({ collection_glob: "*:a" })).toBe("invalid collection_glob");
    expect(await create({ collection_glob: "c".repeat(129) })).toBe("too_large collection_glob");
    expect(await create({ ops: ["insert", "drop"] })).toBe("invalid ops[1]");
    expect(await create({ script: "other" })).toBe("not_found");
    expect(await create({ script: undefined })).toBe("invalid script_id");
    expect(await create({ script_id: (await insertTestApp(platform)).scriptId, script: undefined })).toBe(
      "not_found",
    );
    await test.db.write`update scripts set kind = 'module' where app_id = ${app.id}`;
    expect(await create({})).toBe("target_is_module script");
    expect(await listTriggers(apiContext(app), platform, app.id, { limit: 10 })).toEqual({
      items: [],
      next_cursor: null,
    });
  });

  it("is seen by every write that begins after the answer, and waits for those that began before", async () => {
    await write();
    let isAnswered = false;
    await test.db.write.begin(async (tx) => {
      // A write that is open at the trigger's commit.
      await tx`select 1`;
      const made = createTrigger(apiContext(app), platform, app.id, kv).then(() => (isAnswered = true));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(isAnswered).toBe(false);
      return { made };
    });
    await expect.poll(() => isAnswered, { timeout: 5000 }).toBe(true);
    await write();
    expect(await states()).toEqual(["ready"]);
  });

  it("says so when open writes do not end", async () => {
    await test.db.write.begin(async (tx) => {
      await tx`select 1`;
      expect(await openWritesEnded(test.db.read, { timeoutMs: 100, pollMs: 10 })).toBe(false);
    });
    expect(await openWritesEnded(test.db.read, { timeoutMs: 1000, pollMs: 10 })).toBe(true);
  });
});

describe("triggers of an app", () => {
  it("are listed newest first, page by page, and are no other app's", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await createTrigger(apiContext(app), platform, app.id, kv)).id);
    const first = await listTriggers(apiContext(app), platform, app.id, { limit: 2 });
    const rest = await listTriggers(apiContext(app), platform, app.id, {
      limit: 2,
      cursor: first.next_cursor ?? undefined,
    });
    expect([...first.items, ...rest.items].map((item) => item.id)).toEqual(ids);
    const other = await insertTestApp(platform);
    const address = { app: other.id, id: ids[0] ?? "" };
    expect(await refusal(getTrigger(apiContext(other), platform, address))).toBe("not_found");
    expect(await refusal(deleteTrigger(apiContext(other), platform, address))).toBe("not_found");
  });

  it("are managed by app admins only", async () => {
    const ctx = {
      ...apiContext(app),
      principal: { ...app.user, role: "member" as const, appRoles: new Map([[app.id, "editor" as const]]) },
    };
    expect(await refusal(createTrigger(ctx, platform, app.id, kv))).toMatch(/^forbidden/);
    expect(await refusal(listTriggers(ctx, platform, app.id, { limit: 1 }))).toMatch(/^forbidden/);
  });
});

describe("switching", () => {
  it("off holds what waits and receives nothing; on frees it", async () => {
    const { id } = await createTrigger(apiContext(app), platform, app.id, kv);
    const address = { app: app.id, id };
    await write("a");
    await write("b");
    await updateTrigger(apiContext(app), platform, address, { enabled: false });
    await write("c");
    expect(await states()).toEqual(["held trigger_disabled", "held trigger_disabled"]);
    expect(await freeHeldDeliveries(test.db.write)).toBe(0);
    let woken = 0;
    platform.signals.on("outbox", () => void woken++);
    await updateTrigger(apiContext(app), platform, address, { enabled: true });
    expect(await states()).toEqual(["ready", "ready"]);
    expect(woken).toBe(1);
  });

  it("that a crash cut short is repaired", async () => {
    const { id } = await createTrigger(apiContext(app), platform, app.id, kv);
    await write("a");
    await updateTrigger(apiContext(app), platform, { app: app.id, id }, { enabled: false });
    await test.db.write`update triggers set enabled = true where app_id = ${app.id} and id = ${id}`;
    expect(await freeHeldDeliveries(test.db.write)).toBe(1);
    expect(await states()).toEqual(["ready"]);
    await updateTrigger(apiContext(app), platform, { app: app.id, id }, { enabled: false });
    await test.db.write`delete from triggers where app_id = ${app.id} and id = ${id}`;
    expect(await freeHeldDeliveries(test.db.write)).toBe(1);
    expect(await states()).toEqual([]);
  });

  it("changes what is given and keeps the rest", async () => {
    const { id } = await createTrigger(apiContext(app), platform, app.id, { ...kv, ops: ["insert"] });
    const changed = await updateTrigger(
      apiContext(app),
      platform,
      { app: app.id, id },
      { collection_glob: "x:*", base_ms: 5 },
    );
    expect(changed).toMatchObject({ collection_glob: "x:*", ops: ["insert"], base_ms: 5, enabled: true });
  });
});

it("deleting a trigger drops what waits for it and says how much", async () => {
  const { id } = await createTrigger(apiContext(app), platform, app.id, kv);
  await write("a");
  await write("b");
  expect(await deleteTrigger(apiContext(app), platform, { app: app.id, id })).toEqual({
    id,
    dropped_deliveries: 2,
  });
  await write("c");
  expect(await states()).toEqual([]);
});

describe("the kinds", () => {
  const script = "main";
  const id = "01890000-0000-7000-8000-000000000000";
  const show = async (triggerId: string) =>
    await getTrigger(apiContext(app), platform, { app: app.id, id: triggerId });
  const create = async (input: object) =>
    await createTrigger(apiContext(app), platform, app.id, { kind: "kv", script, ...input });
  const refused = async (input: object): Promise<string> => await refusal(create(input));

  it.each([
    [
      { kind: "kv", collection_glob: "a:*", ops: ["insert"] },
      { collection_glob: "a:*", ops: ["insert"], runs_on: "a:* insert" },
    ],
    [
      { kind: "docs", collection_glob: "a" },
      { collection_glob: "a", ops: [], runs_on: "a" },
    ],
    [
      { kind: "files", collection_glob: "*", ops: ["delete", "delete"] },
      { collection_glob: "*", ops: ["delete"], runs_on: "* delete" },
    ],
    [
      { kind: "pubsub", topic_pattern: "orders.*" },
      { topic_pattern: "orders.*", runs_on: "orders.*" },
    ],
    [
      { kind: "queue", queue: "mail" },
      { queue: "mail", batch_size: 1, runs_on: "mail" },
    ],
    [
      { kind: "queue", queue: "mail", batch_size: 1000 },
      { queue: "mail", batch_size: 1000, runs_on: "mail in batches of 1000" },
    ],
    [
      { kind: "cron", schedule: "*/5 * * * *" },
      { schedule: "*/5 * * * *", timezone: "UTC", overlap: "allow", runs_on: "*/5 * * * * UTC" },
    ],
    [
      { kind: "cron", schedule: "0 0 9 * * 1", timezone: "Europe/Berlin", overlap: "skip" },
      { schedule: "0 0 9 * * 1", timezone: "Europe/Berlin", overlap: "skip" },
    ],
    [{ kind: "dead_letter" }, { runs_on: "*", max_attempts: 1 }],
    [
      { kind: "dead_letter", source_filter: "kv" },
      { source_filter: "kv", runs_on: "source kv" },
    ],
  ])("%j is shown as it was made, with its own fields only", async (input, expected) => {
    const made = await create(input);
    expect(made).toMatchObject({ kind: input.kind, ...expected });
    expect(await show(made.id)).toEqual(made);
    const own = ["collection_glob", "ops", "topic_pattern", "queue", "batch_size", "schedule", "timezone"];
    const filters = ["overlap", "source_filter", "trigger_id_filter", "script_id_filter"];
    const expectedKeys = [...own, ...filters].filter((name) => name in expected);
    expect([...own, ...filters].filter((name) => name in made)).toEqual(expectedKeys);
  });

  it("refuse the fields of others, all of them at once, and want their own", async () => {
    const error = await create({ kind: "pubsub", collection_glob: "a", queue: "q" }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "invalid",
      fields: [
        { path: "collection_glob", message: "is no field of a pubsub trigger, which takes topic_pattern" },
        { path: "queue", message: "is no field of a pubsub trigger, which takes topic_pattern" },
        { path: "topic_pattern", message: "is required" },
      ],
    });
    expect(await refused({ kind: "queue" })).toBe("invalid queue");
    expect(await refused({ kind: "queue", queue: "q", ops: [] })).toBe("invalid ops");
    expect(await refused({ kind: "cron" })).toBe("invalid schedule");
    expect(await refused({ kind: "kv", collection_glob: "a", timezone: "UTC" })).toBe("invalid timezone");
    expect(await refused({ kind: "dead_letter", max_attempts: 2 })).toBe("invalid max_attempts");
  });

  it("check what they take", async () => {
    expect(await refused({ kind: "queue", queue: "a*" })).toBe("invalid queue");
    expect(await refused({ kind: "queue", queue: "" })).toBe("invalid queue");
    expect(await refused({ kind: "queue", queue: "q".repeat(129) })).toBe("too_large queue");
    expect(await refused({ kind: "pubsub", topic_pattern: "a.*.b" })).toBe("invalid topic_pattern");
    expect(await refused({ kind: "pubsub", topic_pattern: "a:*" })).toBe("invalid topic_pattern");
    expect(await refused({ kind: "pubsub", topic_pattern: "a..b" })).toBe("invalid topic_pattern");
    expect(await refused({ kind: "cron", schedule: "nonsense" })).toBe("invalid schedule");
    expect(await refused({ kind: "cron", schedule: "* * * * *", timezone: "Mars/Base" })).toBe(
      "invalid timezone",
    );
    expect(await refused({ kind: "dead_letter", source_filter: "dead_letter" })).toBe(
      "invalid source_filter",
    );
    expect(await refused({ kind: "dead_letter", trigger_id_filter: "x" })).toBe("invalid trigger_id_filter");
    expect(await refused({ kind: "dead_letter", trigger_id_filter: id })).toBe("invalid trigger_id_filter");
    expect(await refused({ kind: "dead_letter", script_id_filter: id })).toBe("invalid script_id_filter");
    const other = await insertTestApp(platform);
    expect(await refused({ kind: "dead_letter", script_id_filter: other.scriptId })).toBe(
      "invalid script_id_filter",
    );
  });

  it("change their own fields only", async () => {
    const change = async (triggerId: string, input: object) =>
      await updateTrigger(apiContext(app), platform, { app: app.id, id: triggerId }, input);
    const topic = await create({ kind: "pubsub", topic_pattern: "a" });
    expect(await change(topic.id, { topic_pattern: "b.*" })).toMatchObject({ topic_pattern: "b.*" });
    expect(await refusal(change(topic.id, { collection_glob: "a" }))).toBe("invalid collection_glob");
    expect(await show(topic.id)).toMatchObject({ topic_pattern: "b.*" });

    const dead = await create({
      kind: "dead_letter",
      trigger_id_filter: topic.id,
      script_id_filter: app.scriptId,
    });
    expect(dead).toMatchObject({ trigger_id_filter: topic.id, script_id_filter: app.scriptId });
    // Dead letters of async routes have no trigger.
    expect(await change(dead.id, { source_filter: "http" })).toMatchObject({ source_filter: "http" });
    const cleared = await change(dead.id, { trigger_id_filter: "", source_filter: "pubsub" });
    expect(cleared).toMatchObject({ source_filter: "pubsub", script_id_filter: app.scriptId });
    expect(cleared).not.toHaveProperty("trigger_id_filter");
    expect(await refusal(change(dead.id, { base_ms: 1 }))).toBe("invalid base_ms");
  });

  it("of cron count the changes of the schedule", async () => {
    const { id: cron } = await create({ kind: "cron", schedule: "* * * * *" });
    const change = async (input: object): Promise<unknown> => {
      await updateTrigger(apiContext(app), platform, { app: app.id, id: cron }, input);
      const [row] = await test.db.read`
        select schedule_version, overlap from triggers where app_id = ${app.id} and id = ${cron}`;
      return row;
    };
    expect(await change({ overlap: "skip" })).toEqual({ schedule_version: 1, overlap: "skip" });
    expect(await change({ timezone: "Asia/Tokyo" })).toEqual({ schedule_version: 2, overlap: "skip" });
    expect(await change({ schedule: "1 * * * *", timezone: "Asia/Tokyo" })).toMatchObject({
      schedule_version: 3,
    });
  });

  it("of a queue: one consumer that is on", async () => {
    const first = await create({ kind: "queue", queue: "mail" });
    expect(await refused({ kind: "queue", queue: "mail" })).toBe("in_use");
    const second = await create({ kind: "queue", queue: "mail", enabled: false });
    const enable = { enabled: true };
    const address = { app: app.id, id: second.id };
    expect(await refusal(updateTrigger(apiContext(app), platform, address, enable))).toBe("in_use");
    await updateTrigger(apiContext(app), platform, { app: app.id, id: first.id }, { enabled: false });
    expect(await updateTrigger(apiContext(app), platform, address, enable)).toMatchObject({ enabled: true });
    expect(await create({ kind: "queue", queue: "other" })).toMatchObject({ queue: "other" });
  });
});

it("topic patterns have one star, at the end, alone or after a dot", () => {
  for (const good of ["*", "a", "a.*", "a.b.*", "a.b", "a:b"])
    expect(() => checkTopicPattern(good, "p")).not.toThrow();
  for (const bad of ["", "**", "*.a", "a*", "a.**", "a.*.b", ".", ".a", "a.", ".*", "a..*", "a\ud800"])
    expect(() => checkTopicPattern(bad, "p")).toThrow(PicloudError);
});

it("globs have one star, at the end, alone or after a colon", () => {
  for (const good of ["*", "a", "a:*", "a:b:*", ":*"])
    expect(() => checkCollectionGlob(good, "g")).not.toThrow();
  for (const bad of ["", "**", "*a", "a*", "a:**", "a:*:b", "\u0000", "a\ud800"])
    expect(() => checkCollectionGlob(bad, "g")).toThrow(PicloudError);
});
