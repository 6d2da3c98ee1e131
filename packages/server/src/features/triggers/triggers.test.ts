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
import { checkCollectionGlob } from "./trigger-pattern.ts";

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
    expect(await create({ kind: "cron" })).toBe("invalid kind");
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

it("globs have one star, at the end, alone or after a colon", () => {
  for (const good of ["*", "a", "a:*", "a:b:*", ":*"])
    expect(() => checkCollectionGlob(good, "g")).not.toThrow();
  for (const bad of ["", "**", "*a", "a*", "a:**", "a:*:b", "\u0000", "a\ud800"])
    expect(() => checkCollectionGlob(bad, "g")).toThrow(PicloudError);
});
