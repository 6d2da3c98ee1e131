import { jsonText, JsonText, PicloudError } from "@picloud/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { freeLeaderlessGroups, settleAllQueues } from "../../platform/database/queue-messages.ts";
import { dropDeliveriesOfScript } from "../../platform/database/outbox-holds.ts";
import type { Platform } from "../../platform/platform.ts";
import { createTrigger, deleteTrigger, updateTrigger } from "../triggers/triggers.service.ts";
import { newMessage, newMessages, type MessageOptions } from "./queue-message.ts";
import { queueLimits } from "./queue.contract.ts";
import { deleteOldGroups, deleteOldKeys } from "./queue.repository.ts";
import { listQueues, peekMessages, sendMessages } from "./queue.service.ts";

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

async function code(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof PicloudError ? `${error.code} ${error.fields?.[0]?.path ?? ""}` : String(error);
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

describe("a message", () => {
  it("waits visibly without a consumer, and goes to the one that comes", async () => {
    const id = await send({ n: 4 });
    expect(await shown()).toEqual(['{"n":4} held no_consumer']);
    expect(await counts()).toMatchObject({
      name: "mails",
      held: 1,
      waiting: 0,
      trigger_id: null,
      paused: false,
    });
    const signalled = vi.fn<() => void>();
    platform.signals.on("outbox", signalled);
    const triggerId = await consume();
    expect(signalled).toHaveBeenCalled();
    expect(await shown()).toEqual(['{"n":4} waiting']);
    expect(await counts()).toMatchObject({ waiting: 1, held: 0, trigger_id: triggerId, script_name: "main" });
    const [row] = await test.db.read<{ payload: string; event_id: string; trigger_id: string }[]>`
      select e.payload::text, o.event_id, o.trigger_id from outbox o join events e on e.id = o.event_id`;
    expect(row).toMatchObject({ event_id: id, trigger_id: triggerId });
    expect(row?.payload).toMatch(
      new RegExp(
        `^\\{"queue":"mails","message_id":"${id}","data":\\{"n":4\\},"enqueued_at":"\\d{4}-[^"]+Z"\\}$`,
      ),
    );
  });

  it("stays in the queue when its consumer is deleted, and goes to the next", async () => {
    const first = await consume();
    await send(1);
    await send(2, { group: "g" });
    await send(3, { group: "g" });
    const removed = await deleteTrigger(apiContext(app), platform, { app: app.slug, id: first });
    expect(removed.dropped_deliveries).toBe(0);
    expect(await shown()).toEqual(["1 held no_consumer", "2 held no_consumer", "3 held group"]);
    const next = await consume();
    expect(await shown()).toEqual(["1 waiting", "2 waiting", "3 held group"]);
    const rows = await test.db.read`select distinct trigger_id from outbox`;
    expect(rows).toEqual([{ trigger_id: next }]);
  });

  it("stays in the queue when its script is deleted, but what other triggers sent goes", async () => {
    await consume();
    await send(1);
    await send(2, { group: "g" });
    await send(3, { group: "g" });
    const kept = await claimFirst();
    const scriptKey = { appId: app.id, scriptId: app.scriptId };
    await test.db.write.begin(async (tx) => {
      expect(await dropDeliveriesOfScript(tx, scriptKey)).toBe(0);
      await tx`delete from scripts where app_id = ${app.id} and id = ${app.scriptId}`;
    });
    expect(await shown()).toEqual(["1 running", "2 held no_consumer", "3 held group"]);
    // The run of the first one fails after that.
    await test.db
      .write`update outbox set locked_by = null, attempt = 1 where app_id = ${app.id} and id = ${kept ?? ""}`;
    await settleAllQueues(test.db.side);
    expect(await shown()).toEqual(["1 held no_consumer", "2 held no_consumer", "3 held group"]);
  });

  it("waits while its consumer is off", async () => {
    const id = await consume();
    await send(1);
    await updateTrigger(apiContext(app), platform, { app: app.slug, id }, { enabled: false });
    await send(2);
    expect(await shown()).toEqual(["1 held trigger_disabled", "2 held trigger_disabled"]);
    await updateTrigger(apiContext(app), platform, { app: app.slug, id }, { enabled: true });
    expect(await shown()).toEqual(["1 waiting", "2 waiting"]);
  });

  it("is delayed by the database's clock", async () => {
    await consume();
    await send(1, { delay: "1h" });
    await send(2);
    expect(await shown()).toEqual(["1 delayed", "2 waiting"]);
    expect(await counts()).toMatchObject({ waiting: 1, delayed: 1 });
    const [row] = await test.db.read<{ ms: number }[]>`
      select (extract(epoch from run_after - created_at) * 1000)::float8 as ms from outbox order by id limit 1`;
    expect(row?.ms).toBe(3_600_000);
  });

  it("keeps its numbers as they were written", async () => {
    await sendBatch('[{"data":{"a":4.0,"b":12345678901234567890}},{"data":1e2,"delay":5000.0}]');
    expect(await shown()).toEqual([
      '{"a":4.0,"b":12345678901234567890} held no_consumer',
      "1e2 held no_consumer",
    ]);
  });

  it("names the run that sent it", async () => {
    const ctx = runContext(platform, app);
    await sendMessages(ctx, platform, key(), () => [newMessage("mails", jsonText(1), {})]);
    expect((await peek())[0]?.written_by).toBe(ctx.execution.id);
    expect(await test.db.read`select from executions where id = ${ctx.execution.id}`).toHaveLength(1);
    expect(ctx.execution.recorded).toBe(true);
  });

  it("at the end of a chain is held, with a line in the log", async () => {
    await consume();
    const warnAuthor = vi.fn<(line: string) => void>();
    const ctx = { ...runContext(platform, app, { depth: platform.config.maxTriggerDepth }), warnAuthor };
    const make = () => [newMessage("mails", jsonText(1), { group: "g" })];
    const [id] = await sendMessages(ctx, platform, key(), make);
    expect(warnAuthor.mock.calls[0]?.[0]).toContain("chain of triggers ends here");
    await send(2, { group: "g" });
    await settleAllQueues(test.db.side);
    expect(await shown()).toEqual(["1 held depth_limit", "2 waiting"]);
    expect((await peek())[0]).toMatchObject({ id, group: "g" });
  });

  it("for an app that is being deleted is refused", async () => {
    await test.db.write`update apps set state = 'deleting' where id = ${app.id}`;
    expect(await code(send(1, { group: "g", dedupeKey: "k" }))).toBe("app_gone ");
    for (const table of ["outbox", "events", "queue_groups", "queue_dedupe"])
      expect(await test.db.read`select from ${test.db.read(table)}`).toHaveLength(0);
  });
});

describe("what is refused", () => {
  it.each([
    [1, { delay: "soon" }, "invalid delay"],
    [1, { delay: "400d" }, "invalid delay"],
    [1, { delay: -1 }, "invalid delay"],
    [1, { group: "" }, "invalid group"],
    [1, { group: "g".repeat(257) }, "too_large group"],
    [1, { dedupeKey: "\u0000" }, "invalid dedupe_key"],
    ["x".repeat(queueLimits.dataBytes), {}, "too_large data"],
  ])("%j %j", async (data, options, expected) => {
    expect(await code(send(data, options))).toBe(expected);
  });

  it.each([
    ["{}", "invalid messages"],
    ['[{"dta":1}]', "invalid messages[0]"],
    ['[{"data":1},{"data":1,"dely":1}]', "invalid messages[1]"],
    ['[{"data":1},{"data":1,"delay":true}]', "invalid messages[1].delay"],
    [`[${'{"data":1},'.repeat(1000)}{"data":1}]`, "too_large messages"],
  ])("a batch %.30s", async (text, expected) => {
    expect(await code(sendBatch(text))).toBe(expected);
    expect(await peek()).toEqual([]);
  });

  it("names of queues", async () => {
    const named = async (queue: string) =>
      await code(sendMessages(runContext(platform, app), platform, { appId: app.id, queue }, () => []));
    expect(await named("")).toBe("invalid name");
    expect(await named("a*")).toBe("invalid name");
    expect(await named("ü".repeat(65))).toBe("too_large name");
    expect(await named("ü".repeat(64))).toBe("undefined");
  });

  it("all messages of a batch if one is", async () => {
    expect(await code(sendBatch('[{"data":1},{"data":"\\u0000"}]'))).toBe("invalid messages[1].data");
    expect(await peek()).toEqual([]);
  });
});

describe("a dedupe key", () => {
  it("gives the first id again, also within a batch", async () => {
    const id = await send(1, { dedupeKey: "k" });
    expect(await send(2, { dedupe_key: "k" })).toBe(id);
    const ids = await sendBatch(
      '[{"data":3,"dedupe_key":"k"},{"data":4,"dedupeKey":"new"},{"data":5},{"data":6,"dedupe_key":"new"}]',
    );
    expect(ids[0]).toBe(id);
    expect(ids[3]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    expect((await peek()).map((row) => row.data)).toEqual(["1", "4", "5"]);
  });

  it("is exact with 16 senders at once", async () => {
    const ids = await Promise.all(
      Array.from({ length: 160 }, async (_, n) => await send(n, { dedupeKey: `k${n % 5}`, group: "g" })),
    );
    expect(new Set(ids).size).toBe(5);
    expect(new Set((await peek()).map((row) => row.id))).toEqual(new Set(ids));
    const seqs = await test.db.read<
      { seq: number }[]
    >`select group_seq as seq from outbox order by group_seq`;
    expect(seqs.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it("counts for its queue and for 24 hours", async () => {
    const id = await send(1, { dedupeKey: "k" });
    const [other] = await sendMessages(
      runContext(platform, app),
      platform,
      { appId: app.id, queue: "b" },
      () => [newMessage("b", jsonText(1), { dedupeKey: "k" })],
    );
    expect(other).not.toBe(id);
    expect(await deleteOldKeys(test.db.write, 100)).toBe(0);
    await test.db.write`update queue_dedupe set expires_at = now()`;
    const again = await send(2, { dedupeKey: "k" });
    expect(again).not.toBe(id);
    expect(await send(3, { dedupeKey: "k" })).toBe(again);
    expect(await deleteOldKeys(test.db.write, 100)).toBe(1);
  });
});

describe("a group", () => {
  it("lets one message go at a time, in order", async () => {
    await consume();
    for (const n of [1, 2, 3]) await send(n, { group: "g" });
    await send(9);
    expect(await shown()).toEqual(["1 waiting", "2 held group", "3 held group", "9 waiting"]);
    const [first, second] = await peek();
    expect(second?.held_by).toBe(first?.id);
    const id = await claimFirst();
    expect(id).toBe(first?.id);
    await send(4, { group: "g" });
    expect(await shown()).toEqual(["1 running", "2 held group", "3 held group", "9 waiting", "4 held group"]);
    await finish(String(id));
    expect(await shown()).toEqual(["2 waiting", "3 held group", "9 waiting", "4 held group"]);
  });

  it("is held by a message in back-off", async () => {
    await consume();
    await send(1, { group: "g" });
    await send(2, { group: "g" });
    await test.db
      .write`update outbox set attempt = 1, run_after = now() + interval '1 hour' where state = 'ready'`;
    expect(await claimFirst()).toBeUndefined();
    expect(await shown()).toEqual(["1 delayed", "2 held group"]);
  });

  it("keeps the order of commits with 16 senders and 2 nodes", { timeout: 30_000 }, async () => {
    await consume();
    const groups = ["a", "b", "c"];
    const [total, done]: [number, string[]] = [240, []];
    const claimer = async (): Promise<void> => {
      while (done.length < total) {
        const id = await claimFirst();
        if (id === undefined) await new Promise((resolve) => setImmediate(resolve));
        else {
          const [row] = await test.db.read<{ at: string }[]>`
            select group_key || ' ' || group_seq as at from outbox where app_id = ${app.id} and id = ${id}`;
          done.push(row?.at ?? "none");
          await finish(id);
        }
      }
    };
    let sent = 0;
    const sender = async (): Promise<void> => {
      while (sent < total) {
        const n = sent++;
        await send(n, { group: groups[n % 3] });
      }
    };
    await Promise.all([...Array.from({ length: 16 }, sender), claimer(), claimer()]);
    for (const group of groups) {
      const order = done.filter((at) => at.startsWith(group));
      expect(order).toEqual(Array.from({ length: total / 3 }, (_, i) => `${group} ${i + 1}`));
    }
  });

  it("numbers by commits: who comes second waits for the first one's end", async () => {
    await consume();
    const open = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const first = test.db.write.begin(async (tx) => {
      const ctx = { ...runContext(platform, app), transaction: inTransaction(tx) };
      await sendMessages(ctx, platform, key(), () => [
        newMessage("mails", jsonText("first"), { group: "g" }),
      ]);
      begun.resolve(undefined);
      await open.promise;
    });
    await begun.promise;
    let isSent = false;
    const second = send("second", { group: "g" }).finally(() => {
      isSent = true;
    });
    await vi.waitFor(
      async () => {
        const waits = await test.db.read`
        select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`;
        expect(waits.length).toBeGreaterThan(0);
      },
      { timeout: 8000 },
    );
    expect(isSent).toBe(false);
    open.resolve(undefined);
    await Promise.all([first, second]);
    const rows = await test.db.read`
      select e.payload->>'data' as data, o.state from outbox o join events e on e.id = o.event_id order by group_seq`;
    expect(rows).toEqual([
      { data: "first", state: "ready" },
      { data: "second", state: "held" },
    ]);
  });

  it("whose first message a serializable transaction removed is freed by the net", async () => {
    await consume();
    const first = await send(1, { group: "g" });
    await send(2, { group: "g" });
    await test.db.write.begin("isolation level serializable", async (tx) => {
      await tx`delete from outbox where app_id = ${app.id} and id = ${first}`;
    });
    expect(await shown()).toEqual(["2 held group"]);
    expect(await freeLeaderlessGroups(test.db.write)).toBe(1);
    expect(await shown()).toEqual(["2 waiting"]);
    expect(await freeLeaderlessGroups(test.db.write)).toBe(0);
  });

  it("is forgotten when it is empty and old", async () => {
    await send(1, { group: "old" });
    await send(2, { group: "full" });
    await test.db.write`delete from outbox where group_key = 'old'`;
    expect(await deleteOldGroups(test.db.write, 100)).toBe(0);
    await test.db.write`update queue_groups set used_at = now() - interval '2 hours'`;
    expect(await deleteOldGroups(test.db.write, 100)).toBe(1);
    await send(3, { group: "old" });
    expect(await test.db.read`select group_key, last_seq from queue_groups order by 1`).toEqual([
      { group_key: "full", last_seq: 1 },
      { group_key: "old", last_seq: 1 },
    ]);
  });
});

function inTransaction(db: Parameters<Parameters<typeof test.db.write.begin>[1]>[0]) {
  return { db, afterCommit: () => undefined, afterRollback: () => undefined };
}
