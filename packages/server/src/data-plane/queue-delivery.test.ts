/** Messages of queues from the claim to the completion: groups, batches, pauses, lost nodes. */
import { jsonText } from "@picloud/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../tests/support/test-app.ts";
import { newMessage, type MessageOptions } from "../features/queue/queue-message.ts";
import { pauseQueue, resumeQueue, sendMessages } from "../features/queue/queue.service.ts";
import { deleteTrigger } from "../features/triggers/triggers.service.ts";
import type { ExecutionEnd } from "../platform/database/execution-row.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";
import type { DeliveryResult, DeliveryRun, RunDelivery } from "./execution-request.ts";
import { claimDeliveries, completeDeliveries, FIRST_APP, takeOver } from "./outbox.repository.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let open: Dispatcher[] = [];
beforeAll(async () => {
  test = await testDatabase();
});
beforeEach(async () => {
  await test.db
    .write`truncate outbox, events, dead_letters, executions, queue_groups, queue_dedupe, queue_pauses`;
  platform = testPlatform(test, { drainMs: 2000 });
  app = await insertTestApp(platform);
});
afterEach(async () => {
  await Promise.all(open.map(async (dispatcher) => await dispatcher.close()));
  open = [];
});
afterAll(async () => {
  await test.drop();
});

const queue = "q";
const key = () => ({ appId: app.id, queue });

interface Detail {
  readonly data: number;
  readonly group?: string;
  readonly message_id: string;
  readonly max_attempts: number;
  readonly messages?: readonly Detail[];
}
const detail = (run: DeliveryRun): Detail => (JSON.parse(run.event) as { queue: Detail }).queue;

function start(runDelivery: RunDelivery): Dispatcher {
  const dispatcher = createDispatcher({ platform, runDelivery, freeSlots: () => 100, random: () => 0.5 });
  open.push(dispatcher);
  dispatcher.start();
  return dispatcher;
}

function ended(run: DeliveryRun, fails = false): DeliveryResult {
  const end: ExecutionEnd = {
    ref: {
      id: run.executionId,
      requestId: newId(),
      rootExecutionId: run.rootExecutionId,
      depth: run.depth,
      isDeadLetterHandler: false,
      app: run.app,
      script: { id: run.scriptId, name: "main", version: 1 },
      kind: "trigger",
      eventId: run.eventId,
      attempt: run.attempt,
      nodeId: platform.nodeId,
      startedAt: new Date(),
      recorded: false,
    },
    status: fails ? "failed" : "ok",
    ...(fails ? { errorCode: "script_error", errorMessage: "no" } : {}),
    endedAt: new Date(),
    durationMs: 1,
    cpuMs: 1,
    heapBytes: 1,
    contextCall: 0,
  };
  return fails
    ? { kind: "ended", end, error: { code: "script_error", message: "no", retryable: false } }
    : { kind: "ended", end };
}

async function send(data: readonly number[], options: MessageOptions = {}): Promise<readonly string[]> {
  const make = () => data.map((n) => newMessage(queue, jsonText(n), options));
  return await sendMessages(runContext(platform, app), platform, key(), make);
}

async function consume(options: { maxAttempts?: number; batchSize?: number } = {}): Promise<string> {
  const id = await insertTestTrigger(platform, app, { kind: "queue", pattern: queue, ...options });
  await test.db.write`update triggers set batch_size = ${options.batchSize ?? 1} where id = ${id}`;
  return id;
}

async function count(table: "outbox" | "dead_letters" | "executions"): Promise<number> {
  return (await test.db.read`select from ${test.db.read(table)} where app_id = ${app.id}`).length;
}

async function eventually(check: () => Promise<void> | void): Promise<void> {
  await vi.waitFor(check, { timeout: 15_000, interval: 10 });
}

async function emptied(): Promise<void> {
  await eventually(async () => expect(await count("outbox")).toBe(0));
}

describe("a message", () => {
  it("comes with what its consumer says", async () => {
    await consume({ maxAttempts: 7 });
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(ended(run));
    });
    const [id] = await send([4], { group: "g" });
    await emptied();
    expect(detail(runs[0] as DeliveryRun)).toEqual({
      queue,
      message_id: id,
      data: 4,
      group: "g",
      enqueued_at: expect.stringMatching(/^2.*Z$/),
      max_attempts: 7,
    });
    expect(runs[0]).toMatchObject({ eventId: id, attempt: 1, depth: 1 });
  });

  it("that failed goes back to its queue when its consumer is gone, and is held", async () => {
    const triggerId = await consume();
    const begun = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    start(async (run) => {
      begun.resolve(undefined);
      await go.promise;
      return ended(run, true);
    });
    await send([1]);
    await begun.promise;
    await deleteTrigger(apiContext(app), platform, { app: app.slug, id: triggerId });
    go.resolve(undefined);
    await eventually(async () => {
      const rows = await test.db.read`select state, held_reason, trigger_id, attempt from outbox`;
      expect(rows).toEqual([{ state: "held", held_reason: "no_consumer", trigger_id: null, attempt: 1 }]);
    });
    expect(await count("dead_letters")).toBe(0);
  });

  it("claimed on the eve of a pause is held, and runs after it", async () => {
    await consume();
    await send([1]);
    await test.db.write`insert into queue_pauses (app_id, queue) values (${app.id}, ${queue})`;
    const runs = vi.fn<(data: number) => void>();
    start(async (run) => {
      runs(detail(run).data);
      return await Promise.resolve(ended(run));
    });
    await eventually(async () => {
      expect(await test.db.read`select held_reason from outbox`).toEqual([{ held_reason: "queue_paused" }]);
    });
    expect(runs).not.toHaveBeenCalled();
    await resumeQueue(apiContext(app), platform, key());
    await emptied();
    expect(runs).toHaveBeenCalledExactlyOnceWith(1);
  });

  it("of a paused queue does not run under load", { timeout: 30_000 }, async () => {
    await consume();
    let runs = 0;
    start(async (run) => {
      runs++;
      return await Promise.resolve(ended(run));
    });
    let sent = 0;
    let isOver = false;
    const sender = async (): Promise<void> => {
      while (!isOver) {
        await send([1, 2, 3]);
        sent += 3;
      }
    };
    const senders = Array.from({ length: 4 }, sender);
    for (let i = 0; i < 3; i++) {
      await pauseQueue(apiContext(app), platform, key());
      // What was claimed before the answer ends.
      await eventually(async () => {
        const rows = await test.db.read`select from outbox where locked_by is not null`;
        expect(rows).toHaveLength(0);
      });
      const [before, sentBefore] = [runs, sent];
      await eventually(() => expect(sent).toBeGreaterThan(sentBefore + 30));
      expect(runs).toBe(before);
      await resumeQueue(apiContext(app), platform, key());
      await eventually(() => expect(runs).toBeGreaterThan(before));
    }
    isOver = true;
    await Promise.all(senders);
    await emptied();
    expect(runs).toBe(sent);
  });
});

describe("a group", () => {
  it("is delivered in order, one by one, past failures and a dead letter", async () => {
    await consume({ maxAttempts: 2 });
    const runs: string[] = [];
    let running = 0;
    start(async (run) => {
      expect(++running).toBe(1);
      const { data } = detail(run);
      runs.push(`${data}.${run.attempt}`);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return ended(run, data === 2 || (data === 4 && run.attempt === 1));
    });
    for (const n of [1, 2, 3, 4, 5]) await send([n], { group: "g" });
    await emptied();
    expect(runs).toEqual(["1.1", "2.1", "2.2", "3.1", "4.1", "4.2", "5.1"]);
    expect(await count("dead_letters")).toBe(1);
  });

  it("stays in order when a node is lost between claim and completion", async () => {
    await consume();
    await send([1, 2], { group: "g" });
    const claim = { afterApp: FIRST_APP, limit: 10, appLimit: 10, fullApps: [], leaseMs: 30_000 };
    const lost = newId();
    const { deliveries } = await claimDeliveries(test.db.write, { ...claim, nodeId: lost });
    expect(deliveries).toHaveLength(1);
    await test.db
      .write`update outbox set lease_until = now() - interval '1 second' where locked_by is not null`;
    const late = completeDeliveries(
      test.db.write,
      newId(),
      deliveries.map((delivery) => ({ claim: delivery, kind: "done" as const, delayMs: 0 })),
    );
    // Who does not hold it ends nothing.
    await late;
    expect(await takeOver(test.db.write, { nodeId: platform.nodeId, onlyNode: false })).toHaveLength(1);
    const runs: string[] = [];
    start(async (run) => {
      runs.push(`${detail(run).data}.${run.attempt}`);
      return await Promise.resolve(ended(run));
    });
    await emptied();
    expect(runs).toEqual(["1.1", "2.1"]);
  });

  it("whose lock a transaction holds holds up no other deliveries", async () => {
    await consume();
    const holding = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const runs = vi.fn<(data: number) => void>();
    await send([1], { group: "g" });
    const lock = test.db.write.begin(async (tx) => {
      await tx`update queue_groups set used_at = now() where app_id = ${app.id}`;
      holding.resolve(undefined);
      await go.promise;
    });
    await holding.promise;
    start(async (run) => {
      runs(detail(run).data);
      return await Promise.resolve(ended(run));
    });
    await eventually(() => expect(runs).toHaveBeenCalledWith(1));
    await send([2]);
    await eventually(async () => {
      expect(await test.db.read`select group_key from outbox`).toEqual([{ group_key: "g" }]);
    });
    expect(runs).toHaveBeenCalledWith(2);
    go.resolve(undefined);
    await lock;
    await emptied();
  });

  it("goes on when a lost node's message becomes a dead letter", async () => {
    await consume();
    await send([1, 2], { group: "g" });
    await test.db
      .write`update outbox set takeovers = 4, locked_by = ${newId()}, lease_until = now() - interval '1 s'
      where state = 'ready'`;
    const taken = await takeOver(test.db.write, { nodeId: platform.nodeId, onlyNode: false });
    expect(taken).toMatchObject([{ is_dead: true }]);
    expect(await test.db.read`select state, group_seq from outbox`).toEqual([
      { state: "ready", group_seq: 2 },
    ]);
  });
});

describe("a consumer of batches", () => {
  const numbers = (run: DeliveryRun): number[] => (detail(run).messages ?? []).map(({ data }) => data);

  it("gets what waits, up to its size, in one run", async () => {
    await consume({ batchSize: 100 });
    const ids = await send(Array.from({ length: 250 }, (_, n) => n));
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(ended(run));
    });
    await emptied();
    expect(runs.map((run) => numbers(run).length)).toEqual([100, 100, 50]);
    expect(new Set(runs.flatMap(numbers)).size).toBe(250);
    const first = detail(runs[0] as DeliveryRun);
    expect(first).toMatchObject({ queue, messages: expect.arrayContaining([]) });
    expect(first.messages?.[0]).toMatchObject({ message_id: ids[0], max_attempts: 3, data: 0 });
    // With the run that sent them.
    expect(await count("executions")).toBe(1 + 3);
  });

  it("gets an array of one too", async () => {
    await consume({ batchSize: 2 });
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(ended(run));
    });
    await send([7]);
    await emptied();
    expect(runs.map(numbers)).toEqual([[7]]);
  });

  it("that fails gets each alone: the poison is a dead letter, the others go through", async () => {
    await consume({ batchSize: 10, maxAttempts: 3 });
    await send([1, 2, 3, 4]);
    const runs: string[] = [];
    start(async (run) => {
      runs.push(`${numbers(run).join("+")}.${run.attempt}`);
      return await Promise.resolve(ended(run, numbers(run).includes(3)));
    });
    await emptied();
    expect(runs[0]).toBe("1+2+3+4.1");
    expect(runs.slice(1).toSorted()).toEqual(["1.2", "2.2", "3.2", "3.3", "4.2"]);
    const dead = await test.db.read`select event->'queue'->>'data' as data, attempts from dead_letters`;
    expect(dead).toEqual([{ data: "3", attempts: 3 }]);
    expect(await count("executions")).toBe(1 + 6);
  });

  it("gets one message of a group at a time", async () => {
    await consume({ batchSize: 10 });
    await send([1, 2, 3], { group: "a" });
    await send([11, 12], { group: "b" });
    const runs: number[][] = [];
    start(async (run) => {
      runs.push(numbers(run));
      return await Promise.resolve(ended(run));
    });
    await emptied();
    const order = runs.flat();
    expect(order.filter((n) => n < 10)).toEqual([1, 2, 3]);
    expect(order.filter((n) => n > 10)).toEqual([11, 12]);
    for (const batch of runs) expect(new Set(batch.map((n) => n > 10)).size).toBe(batch.length);
  });

  it("gets long messages in several runs", async () => {
    await consume({ batchSize: 100 });
    const long = "x".repeat(250_000);
    await sendMessages(runContext(platform, app), platform, key(), () =>
      Array.from({ length: 40 }, () => newMessage(queue, jsonText(long), {})),
    );
    const sizes: number[] = [];
    start(async (run) => {
      sizes.push(numbers(run).length);
      return await Promise.resolve(ended(run));
    });
    await emptied();
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40);
    expect(Math.max(...sizes)).toBe(16);
  });
});
