import { jsonText, JsonText } from "@picloud/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import type { Platform } from "../../platform/platform.ts";
import { createTrigger } from "../triggers/triggers.service.ts";
import { newMessage, newMessages, type MessageOptions } from "./queue-message.ts";
import {
  listQueues,
  pauseQueue,
  peekMessages,
  purgeQueue,
  resumeQueue,
  sendMessages,
} from "./queue.service.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
beforeAll(async () => {
  test = await testDatabase();
});
beforeEach(async () => {
  await test.db.write`truncate outbox, events, queue_groups, queue_dedupe, queue_pauses`;
  platform = testPlatform(test);
  app = await insertTestApp(platform);
});
afterAll(async () => {
  await test.drop();
});

const key = () => ({ appId: app.id, queue: "mails" });

async function send(data: unknown, options: MessageOptions = {}): Promise<string> {
  const make = () => [newMessage("mails", jsonText(data), options)];
  const [id = ""] = await sendMessages(runContext(platform, app), platform, key(), make);
  return id;
}

async function sendBatch(text: string): Promise<readonly string[]> {
  const make = () => newMessages("mails", new JsonText(text));
  return await sendMessages(runContext(platform, app), platform, key(), make);
}

const all = { limit: 100, cursor: undefined };

async function peek() {
  return (await peekMessages(apiContext(app), platform, key(), all)).items;
}

/** `data state reason` of each message. */
async function shown(): Promise<string[]> {
  const rows = await peek();
  return rows.map(
    (row) => `${row.data} ${row.state}${row.held_reason === null ? "" : ` ${row.held_reason}`}`,
  );
}

async function consume(fields: Record<string, unknown> = {}): Promise<string> {
  const input = { kind: "queue", queue: "mails", script_id: app.scriptId, ...fields };
  return (await createTrigger(apiContext(app), platform, app.slug, input)).id;
}

async function counts() {
  const { items } = await listQueues(apiContext(app), platform, app.id, all);
  return items[0];
}

/** As a node that holds the message, then completes it. */
async function claimFirst(): Promise<string | undefined> {
  const [row] = await test.db.write<{ id: string }[]>`
    update outbox set locked_by = ${test.nodeId}, lease_until = now() + interval '1 minute' where id = (
      select id from outbox where app_id = ${app.id} and state = 'ready' and locked_by is null and run_after <= now()
      order by run_after limit 1 for update skip locked) returning id`;
  return row?.id;
}

async function finish(id: string): Promise<void> {
  await test.db.write`delete from outbox where app_id = ${app.id} and id = ${id}`;
}

describe("a pause", () => {
  it("holds what waits and what comes, and the end of it frees them", async () => {
    await consume();
    await send(1, { group: "g" });
    await send(2, { group: "g" });
    expect(await pauseQueue(apiContext(app), platform, key())).toMatchObject({
      paused: true,
      held: 2,
      waiting: 0,
    });
    await send(3);
    expect(await shown()).toEqual(["1 held queue_paused", "2 held group", "3 held queue_paused"]);
    await pauseQueue(apiContext(app), platform, key());
    expect(await resumeQueue(apiContext(app), platform, key())).toMatchObject({
      paused: false,
      waiting: 2,
      held: 1,
    });
    expect(await shown()).toEqual(["1 waiting", "2 held group", "3 waiting"]);
    const entries = await test.db
      .read`select action from audit where action like 'queue.%' and app_id = ${app.id} order by id`;
    expect(entries.map((entry) => entry["action"])).toEqual(["queue.pause", "queue.resume"]);
  });

  it("and its end under load leave nothing behind", { timeout: 30_000 }, async () => {
    await consume();
    let isOver = false;
    const sender = async (): Promise<void> => {
      while (!isOver) await send(1);
    };
    const senders = Array.from({ length: 8 }, sender);
    for (let i = 0; i < 6; i++) {
      await pauseQueue(apiContext(app), platform, key());
      await resumeQueue(apiContext(app), platform, key());
    }
    isOver = true;
    await Promise.all(senders);
    const { held, waiting } = (await counts()) ?? {};
    expect(held).toBe(0);
    expect(waiting).toBeGreaterThan(0);
  });

  it("goes over more messages than one statement", async () => {
    await consume();
    for (let i = 0; i < 12; i++)
      await sendBatch(`[${Array.from({ length: 1000 }, () => '{"data":1}').join()}]`);
    expect(await pauseQueue(apiContext(app), platform, key())).toMatchObject({ held: 12_000, waiting: 0 });
    expect(await resumeQueue(apiContext(app), platform, key())).toMatchObject({ held: 0, waiting: 12_000 });
    expect(await purgeQueue(apiContext(app), platform, key())).toBe(12_000);
  });
});

describe("a purge", () => {
  it("deletes all but what runs, and groups go on", async () => {
    await consume();
    await send(1, { group: "g" });
    await send(2, { group: "g" });
    await send(3, { delay: "1h" });
    await send(4);
    const running = await claimFirst();
    expect(await purgeQueue(apiContext(app), platform, key())).toBe(3);
    expect(await shown()).toEqual(["1 running"]);
    await send(5, { group: "g" });
    expect(await shown()).toEqual(["1 running", "5 held group"]);
    await finish(String(running));
    expect(await shown()).toEqual(["5 waiting"]);
  });

  it("ends under load, and leaves groups that go on", { timeout: 30_000 }, async () => {
    await consume();
    let isOver = false;
    const sender = async (n: number): Promise<void> => {
      while (!isOver) await send(1, { group: `g${n % 3}` });
    };
    const senders = Array.from({ length: 8 }, async (_, n) => await sender(n));
    let purged = 0;
    for (let i = 0; i < 10; i++) purged += await purgeQueue(apiContext(app), platform, key());
    isOver = true;
    await Promise.all(senders);
    expect(purged).toBeGreaterThan(0);
    for (const group of ["g0", "g1", "g2"]) {
      const rows = await test.db.read<{ state: string }[]>`
        select state from outbox where app_id = ${app.id} and group_key = ${group} order by group_seq`;
      // Exactly the first one can go.
      expect(rows.map(({ state }) => state)).toEqual(rows.map((_, i) => (i === 0 ? "ready" : "held")));
    }
  });
});

describe("lists", () => {
  it("have every queue with messages, a consumer or a pause, page by page", async () => {
    for (const name of ["c", "a", "b"])
      await sendMessages(runContext(platform, app), platform, { appId: app.id, queue: name }, () => [
        newMessage(name, jsonText(1), {}),
      ]);
    await consume({ queue: "d" });
    await pauseQueue(apiContext(app), platform, { appId: app.id, queue: "e" });
    const first = await listQueues(apiContext(app), platform, app.id, { limit: 2, cursor: undefined });
    expect(first.items.map(({ name }) => name)).toEqual(["a", "b"]);
    const rest = await listQueues(apiContext(app), platform, app.id, {
      limit: 10,
      cursor: first.next_cursor ?? undefined,
    });
    expect(rest.items.map(({ name, paused }) => `${name} ${paused}`)).toEqual([
      "c false",
      "d false",
      "e true",
    ]);
    expect(rest.next_cursor).toBeNull();
  });

  it("of messages come page by page, oldest first", async () => {
    await sendBatch(`[${Array.from({ length: 7 }, (_, n) => `{"data":${n}}`).join()}]`);
    const page = await peekMessages(apiContext(app), platform, key(), { limit: 4, cursor: undefined });
    const rest = await peekMessages(apiContext(app), platform, key(), {
      limit: 4,
      cursor: page.next_cursor ?? undefined,
    });
    expect([...page.items, ...rest.items].map(({ data }) => data)).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
    ]);
  });
});
