import { JsonText, PicloudError } from "@picloud/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import type { Platform } from "../../platform/platform.ts";
import { setValue } from "../kv/kv.service.ts";
import { fireTrigger, type FireRequest } from "./trigger-fire.service.ts";
import { createTrigger } from "./triggers.service.ts";

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

const create = async (input: { readonly kind: string; readonly [field: string]: unknown }): Promise<string> =>
  (await createTrigger(apiContext(app), platform, app.id, { script: "main", ...input })).id;

const fire = async (id: string, more: Partial<FireRequest> = {}) =>
  await fireTrigger(apiContext(app), platform, { app: app.id, id, ...more });

async function fieldsOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PicloudError)) throw new Error(`expected a PicloudError, got ${String(error)}`);
  return [error.code, ...(error.fields ?? []).map(({ path }) => path)].join(" ");
}

async function outbox() {
  return await test.db.read<{ by_hand: boolean; state: string; held_reason: string | null }[]>`
    select by_hand, state, held_reason, depth, trigger_id, execution_id, root_execution_id from outbox
    where app_id = ${app.id} order by id`;
}

describe("firing a trigger", () => {
  it("makes an event that nobody wrote, and one delivery to it alone", async () => {
    const id = await create({ kind: "kv", collection_glob: "orders:*" });
    await create({ kind: "kv", collection_glob: "*" });
    let woken = 0;
    platform.signals.on("outbox", () => void woken++);
    const payload = new JsonText('{"collection":"orders:eu","key":"k","value":4.0}');
    const fired = await fire(id, { payload });
    expect(fired).toMatchObject({ op: "insert", payload: { text: payload.text } });
    expect(fired).not.toHaveProperty("held_reason");
    const [event] = await test.db.read`
      select source, op, payload::text as payload, written_by, root_execution_id, depth from events
      where app_id = ${app.id} and id = ${fired.event_id}`;
    expect(event).toEqual({
      source: "kv",
      op: "insert",
      payload: payload.text,
      written_by: null,
      root_execution_id: null,
      depth: 1,
    });
    expect(await outbox()).toEqual([
      {
        by_hand: true,
        state: "ready",
        held_reason: null,
        depth: 1,
        trigger_id: id,
        execution_id: fired.execution_id,
        root_execution_id: fired.execution_id,
      },
    ]);
    expect(woken).toBe(1);
  });

  it.each([
    [
      { kind: "kv", collection_glob: "a:*" },
      { collection: "a:example", value: { example: true } },
    ],
    [
      { kind: "kv", collection_glob: "a", ops: ["delete"] },
      { collection: "a", key: "example" },
    ],
    [{ kind: "docs", collection_glob: "*", ops: ["update"] }, { prev_data: { example: false } }],
    [
      { kind: "files", collection_glob: "a" },
      { name: "example.txt", size_bytes: 0 },
    ],
    [
      { kind: "pubsub", topic_pattern: "a.*" },
      { topic: "a.example", message: { example: true } },
    ],
    [
      { kind: "queue", queue: "mail" },
      { queue: "mail", data: { example: true } },
    ],
    [
      { kind: "cron", schedule: "0 9 * * *" },
      { schedule: "0 9 * * *", timezone: "UTC", missed: 0 },
    ],
    [{ kind: "dead_letter" }, { attempts: 1, original: { source: "kv" } }],
  ])("of %j makes an example of its kind", async (input, expected) => {
    const { payload } = await fire(await create(input));
    expect(payload).toBeInstanceOf(JsonText);
    expect(JSON.parse((payload as JsonText).text)).toMatchObject(expected);
  });

  it("fills in what the trigger says, and checks the rest", async () => {
    const id = await create({ kind: "docs", collection_glob: "orders", ops: ["create", "delete"] });
    const doc = "01890000-0000-7000-8000-000000000000";
    const made = await fire(id, { op: "delete", payload: { id: doc, prev_data: {} } });
    expect((made.payload as JsonText).text).toBe(`{"id":"${doc}","prev_data":{},"collection":"orders"}`);
    const refused = async (more: Partial<FireRequest>): Promise<string> => await fieldsOf(fire(id, more));
    expect(await refused({ op: "update" })).toBe("invalid op");
    expect(await refused({ payload: 1 })).toBe("invalid payload");
    expect(await refused({ payload: { id: "x" } })).toBe("invalid payload.id");
    expect(await refused({ payload: { id: doc } })).toBe("invalid payload.data");
    expect(await refused({ payload: { id: doc, data: {}, colour: 1 } })).toMatch(/^invalid payload/);
    expect(await refused({ payload: { id: doc, data: {}, prev_data: {} } })).toBe(
      "invalid payload.prev_data",
    );
    expect(await refused({ payload: { id: doc, data: {}, collection: "other" } })).toBe(
      "invalid payload.collection",
    );
    expect(await refused({ payload: { id: doc, data: { a: "\u0000" } } })).toBe("invalid payload.data.a");
    expect(await refused({ at: "2026-01-01T00:00:00Z" })).toBe("invalid at");
    expect(await refused({ last: true, payload: {} })).toBe("invalid last");
    expect(await outbox()).toHaveLength(1);
  });

  it("of cron stands for the time that is given", async () => {
    const id = await create({ kind: "cron", schedule: "0 9 * * *", timezone: "Europe/Berlin" });
    const fired = await fire(id, { at: "2026-03-01T10:00:00+01:00" });
    expect(fired.scheduled_at).toBe("2026-03-01T09:00:00.000Z");
    expect(JSON.parse((fired.payload as JsonText).text)).toMatchObject({
      scheduled_at: "2026-03-01T09:00:00.000Z",
      timezone: "Europe/Berlin",
    });
  });

  it("takes the last event that it would get, if asked", async () => {
    const id = await create({ kind: "kv", collection_glob: "orders:*", ops: ["insert"] });
    await create({ kind: "kv", collection_glob: "*" });
    expect(await fieldsOf(fire(id, { last: true }))).toBe("not_found");
    const write = async (collection: string, value: string): Promise<void> => {
      const at = { appId: app.id, collection, key: "k" };
      await setValue(apiContext(app), platform, at, { value: new JsonText(value) });
    };
    await write("orders:eu", "1.0");
    await write("orders:eu", "2");
    await write("other", "3");
    const fired = await fire(id, { last: true });
    expect((fired.payload as JsonText).text).toMatch(/"orders:eu".*1\.0/);
  });

  it("runs also when it is off; when it is paused, or its script is off, it waits", async () => {
    const off = await create({ kind: "kv", collection_glob: "a", enabled: false });
    expect(await fire(off)).not.toHaveProperty("held_reason");
    const id = await create({ kind: "kv", collection_glob: "b" });
    await test.db
      .write`update triggers set paused_reason = 'user_disabled' where app_id = ${app.id} and id = ${id}`;
    expect(await fire(id)).toMatchObject({ held_reason: "trigger_paused" });
    await test.db.write`update scripts set enabled = false where app_id = ${app.id}`;
    expect(await fire(off)).toMatchObject({ held_reason: "script_disabled" });
    expect((await outbox()).map(({ state }) => state)).toEqual(["ready", "held", "held"]);
  });

  it("is for app admins, and for the app's own triggers", async () => {
    const id = await create({ kind: "kv", collection_glob: "a" });
    const other = await insertTestApp(platform);
    const foreign = fireTrigger(apiContext(other), platform, { app: other.id, id });
    expect(await fieldsOf(foreign)).toBe("not_found");
    const editor = { ...app.user, role: "member" as const, appRoles: new Map([[app.id, "editor" as const]]) };
    const ctx = { ...apiContext(app), principal: editor };
    expect(await fieldsOf(fireTrigger(ctx, platform, { app: app.id, id }))).toMatch(/^forbidden/);
  });
});
