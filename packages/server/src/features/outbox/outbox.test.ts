import { JsonText } from "@picloud/contract";
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
import { setValue } from "../kv/kv.service.ts";
import { waits, type Wait } from "./outbox.contract.ts";
import { countOutbox, listOutbox, type DeliverySlots, type OutboxQuery } from "./outbox.service.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let open: ReturnType<DeliverySlots["open"]>;
const slots: DeliverySlots = { open: () => open, held: () => 128, most: () => 128 };
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
});
beforeEach(async () => {
  open = "yes";
  app = await insertTestApp(platform);
});
afterAll(async () => {
  await test.drop();
});

async function write(key: string): Promise<void> {
  const at = { appId: app.id, collection: "c", key };
  await setValue(apiContext(app), platform, at, { value: new JsonText("1") });
}

const list = async (query: Partial<OutboxQuery> & { limit?: number; cursor?: string } = {}) =>
  await listOutbox(apiContext(app), { platform, slots }, { app: app.slug, limit: 100, ...query });
const count = async (query: Partial<OutboxQuery> = {}) =>
  await countOutbox(apiContext(app), { platform, slots }, { app: app.slug, ...query });

/** The only delivery of the app. */
async function only() {
  const { items } = await list();
  expect(items).toHaveLength(1);
  const [item] = items;
  if (item === undefined) throw new Error("there is none");
  return item;
}

/** A row for each wait that a row alone can have; the trigger stays as it is. */
async function insertRow(
  columns: Readonly<Record<string, unknown>>,
  target: { triggerId: string | null; scriptId?: string },
): Promise<string> {
  const id = newId();
  await test.db.write`insert into outbox ${test.db.write({
    app_id: app.id,
    id,
    event_id: newId(),
    trigger_id: target.triggerId,
    script_id: target.scriptId ?? app.scriptId,
    execution_id: newId(),
    root_execution_id: newId(),
    depth: 1,
    ...columns,
  })}`;
  return id;
}

const later = new Date(Date.now() + 40_000);
const before = new Date(Date.now() - 60_000);

describe("a delivery says why it waits:", () => {
  it("due, as true as the node's slots are", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    await write("k");
    expect(await only()).toMatchObject({
      wait: "due",
      why: expect.stringMatching(/^due since 2\d{3}-.*Z; the next claim takes it$/),
      source: "kv",
      op: "insert",
      trigger_id: triggerId,
      script_id: app.scriptId,
      script_name: "main",
      attempt: 0,
      max_attempts: 3,
      node_id: null,
      locked_at: null,
    });
    open = "none_free";
    expect((await only()).why).toContain("no free slot: this node holds 128 deliveries, 128 are the most");
    open = "app_share";
    expect(await only()).toMatchObject({
      wait: "app_share",
      why: expect.stringContaining("one app may have"),
    });
  });

  it("a trigger or script that is off, before and after its batch has put the row aside", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    await write("k");
    await test.db.write`update triggers set paused_reason = 'user_disabled' where id = ${triggerId}`;
    expect(await only()).toMatchObject({
      wait: "trigger_paused",
      why: `trigger ${triggerId} is paused: user_disabled`,
    });
    await test.db.write`update triggers set enabled = false where id = ${triggerId}`;
    expect(await only()).toMatchObject({ wait: "trigger_disabled", why: `trigger ${triggerId} is disabled` });
    await test.db
      .write`update outbox set state = 'held', held_reason = 'trigger_disabled' where app_id = ${app.id}`;
    expect((await only()).wait).toBe("trigger_disabled");
    await test.db.write`update triggers set enabled = true, paused_reason = null where id = ${triggerId}`;
    expect((await only()).wait).toBe("being_freed");
    await test.db.write`update scripts set enabled = false where id = ${app.scriptId}`;
    expect(await only()).toMatchObject({ wait: "script_disabled", why: "script main is disabled" });
    await test.db.write`delete from triggers where id = ${triggerId}`;
    expect((await only()).wait).toBe("target_gone");
  });

  it("a trigger that is off does not hold what is fired by hand, unless it was switched off after it", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    await test.db.write`update triggers set enabled = false where id = ${triggerId}`;
    const id = await insertRow({ by_hand: true }, { triggerId });
    const rowIs = async (columns: object): Promise<string> => {
      await test.db
        .write`update outbox set ${test.db.write(columns)} where app_id = ${app.id} and id = ${id}`;
      return (await only()).wait;
    };
    expect(await rowIs({ attempt: 0 })).toBe("due");
    expect(await rowIs({ attempt: 1, run_after: later })).toBe("retry");
    expect(await rowIs({ state: "held", held_reason: "trigger_disabled" })).toBe("trigger_disabled");
    await test.db.write`update scripts set enabled = false where id = ${app.scriptId}`;
    expect(await rowIs({ held_reason: "script_disabled" })).toBe("script_disabled");
  });

  it("what has no trigger, as a request to an async route, has the server's attempts", async () => {
    const error = { code: "timeout", message: "slow" };
    await insertRow({ attempt: 2, run_after: later, last_error: error }, { triggerId: null });
    const { triggerRetryMaxAttempts: most } = platform.config;
    expect(await only()).toMatchObject({
      wait: "retry",
      max_attempts: most,
      why: expect.stringContaining(`failed 2 of ${most} times`),
    });
  });

  it("a retry, a delay, a group, a queue, a node", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*", maxAttempts: 5 });
    const error = { code: "timeout", message: "slow" };
    const node = newId();
    const first = await insertRow(
      { run_after: later, queue: "q", group_key: "g", group_seq: 1 },
      { triggerId },
    );
    const rows: [Wait, Record<string, unknown>, RegExp][] = [
      [
        "retry",
        { run_after: later, attempt: 2, last_error: error },
        /^retry in (3\d|40) s, at 2.*; failed 2 of 5 times, last with timeout$/,
      ],
      ["no_free_slot", { run_after: later, held_reason: "no_free_slot" }, /no free slot/],
      ["queue_paused", { state: "held", held_reason: "queue_paused" }, /^the queue is paused$/],
      [
        "group",
        { state: "held", held_reason: "group", queue: "q", group_key: "g", group_seq: 2 },
        new RegExp(`^group g is held by ${first}$`),
      ],
      [
        "running",
        { locked_by: node, locked_at: before, lease_until: later },
        new RegExp(`^being run by node ${node} since ${before.toISOString()}$`),
      ],
      ["lease_ended", { locked_by: node, locked_at: before, lease_until: before }, /its lease ended at/],
      ["target_gone", { script_id: newId() }, /its trigger or script is gone/],
    ];
    const ids = new Map([[first, "delayed"]]);
    for (const [wait, columns] of rows) ids.set(await insertRow(columns, { triggerId }), wait);
    const { items } = await list();
    expect(new Map(items.map(({ id, wait }) => [id, wait]))).toEqual(ids);
    expect(items[0]?.why).toMatch(/^delayed until 2.*Z, for (3\d|40) s$/);
    for (const [wait, , why] of rows) expect(items.find((item) => item.wait === wait)?.why).toMatch(why);
    for (const [wait] of rows) expect((await list({ wait })).items.map((item) => item.wait)).toEqual([wait]);
  });
});

describe("the list", () => {
  it("is paged in the order of the events, and filtered", async () => {
    const all = await insertTestTrigger(platform, app, { pattern: "*" });
    const some = await insertTestTrigger(platform, app, { pattern: "c" });
    for (const key of ["a", "b", "c"]) await write(key);
    const { items } = await list();
    expect(items).toHaveLength(6);
    const page = await list({ limit: 4 });
    const rest = await list({ limit: 4, cursor: page.next_cursor ?? "" });
    expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(items.map(({ id }) => id).toSorted());
    expect(rest.next_cursor).toBeNull();
    expect((await list({ trigger_id: some })).items.map((item) => item.trigger_id)).toEqual([
      some,
      some,
      some,
    ]);
    expect((await list({ script_id: newId() })).items).toEqual([]);
    await expect(list({ cursor: page.next_cursor ?? "", trigger_id: all })).rejects.toMatchObject({
      code: "invalid_cursor",
    });
    const other = await insertTestApp(platform);
    const ofOther = await listOutbox(apiContext(other), { platform, slots }, { app: other.id, limit: 100 });
    expect(ofOther.items).toEqual([]);
  });

  it("is counted by what it waits for, the most first", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    await insertRow({ run_after: later, created_at: before }, { triggerId });
    await insertRow({ run_after: later }, { triggerId });
    await write("k");
    expect(await count()).toEqual({
      count: 3,
      waits: [
        { wait: "delayed", count: 2, oldest_at: before.toISOString() },
        { wait: "due", count: 1, oldest_at: expect.any(String) },
      ],
    });
    expect(await count({ wait: "retry" })).toEqual({ count: 0, waits: [] });
    expect(new Set(waits).size).toBe(waits.length);
  });
});
