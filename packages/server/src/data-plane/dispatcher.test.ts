import { JsonText } from "@picloud/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  testPlatform,
  type TestApp,
} from "../../../../tests/support/test-app.ts";
import { replayDeadLetter } from "../features/dead-letters/dead-letters-replay.service.ts";
import { setValue } from "../features/kv/kv.service.ts";
import { updateTrigger } from "../features/triggers/triggers.service.ts";
import type { ExecutionEnd } from "../platform/database/execution-row.ts";
import { releaseDeliveriesOfScript } from "../platform/database/outbox-holds.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";
import { createDispatcher, type Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
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
  await test.db.write`truncate outbox, events, dead_letters, executions`;
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

function start(runDelivery: RunDelivery, changes: Partial<DispatcherOptions> = {}): Dispatcher {
  const dispatcher = createDispatcher({
    platform,
    runDelivery,
    freeSlots: () => 100,
    random: () => 0.5,
    ...changes,
  });
  open.push(dispatcher);
  dispatcher.start();
  return dispatcher;
}

function ended(run: DeliveryRun, error?: { code: string; message: string }): DeliveryResult {
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
    status: error === undefined ? "ok" : "failed",
    ...(error === undefined ? {} : { errorCode: error.code, errorMessage: error.message }),
    endedAt: new Date(),
    durationMs: 1.5,
    cpuMs: 1,
    heapBytes: 1000,
    contextCall: 0,
  };
  return error === undefined
    ? { kind: "ended", end }
    : { kind: "ended", end, error: { ...error, retryable: false } };
}

async function write(key = "k", value = `{"n":4.0}`): Promise<void> {
  const at = { appId: app.id, collection: "c", key };
  await setValue(apiContext(app), platform, at, { value: new JsonText(value) });
}

async function count(table: "outbox" | "dead_letters" | "executions"): Promise<number> {
  return (await test.db.read`select from ${test.db.read(table)} where app_id = ${app.id}`).length;
}

async function eventually(check: () => Promise<void> | void, timeout = 8000): Promise<void> {
  await vi.waitFor(check, { timeout, interval: 10 });
}

describe("a delivery", () => {
  it("runs once with its event and is completed with its execution row", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(ended(run));
    });
    await write();
    await eventually(async () => expect(await count("executions")).toBe(1));
    expect(await count("outbox")).toBe(0);
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run).toMatchObject({
      attempt: 1,
      depth: 1,
      triggerId,
      scriptId: app.scriptId,
      app: { id: app.id, slug: app.slug },
      principal: { kind: "user", id: app.user.id, role: "owner" },
    });
    expect(run?.rootExecutionId).toBe(run?.executionId);
    expect(run?.event).toMatch(
      new RegExp(
        `^\\{"id":"${run?.eventId}","source":"kv","op":"insert","trigger_id":"${triggerId}","attempt":1,` +
          `"occurred_at":"\\d{4}-[^"]+Z","kv":\\{"collection":"c","key":"k","value":\\{"n":4\\.0\\}\\}\\}$`,
      ),
    );
    const [row] = await test.db.read`select id, status, attempt from executions where app_id = ${app.id}`;
    expect(row).toEqual({ id: run?.executionId, status: "ok", attempt: 1 });
  });

  it("carries a long value", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    const long = JSON.stringify("ü".repeat(40_000));
    const events: string[] = [];
    start(async (run) => {
      events.push(run.event);
      return await Promise.resolve(ended(run));
    });
    await write("k", long);
    await eventually(async () => expect(await count("executions")).toBe(1));
    expect(events[0]?.endsWith(`"value":${long}}}`)).toBe(true);
  });

  it("that fails is tried again with ids of its own, then becomes a dead letter", async () => {
    await insertTestTrigger(platform, app, { pattern: "*", maxAttempts: 3, baseMs: 5 });
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(ended(run, { code: "script_error", message: `no ${run.attempt}` }));
    });
    await write();
    await eventually(async () => expect(await count("dead_letters")).toBe(1));
    expect(runs.map((run) => run.attempt)).toEqual([1, 2, 3]);
    expect(new Set(runs.map((run) => run.executionId)).size).toBe(3);
    expect(new Set(runs.map((run) => run.rootExecutionId))).toEqual(new Set([runs[0]?.executionId]));
    expect(new Set(runs.map((run) => run.eventId)).size).toBe(1);
    expect(await count("outbox")).toBe(0);
    expect(await count("executions")).toBe(3);
    const [letter] = await test.db.read`
      select attempts, last_error, event::text, source, op, last_execution_id, resolution,
        first_attempt_at < last_attempt_at as is_ordered from dead_letters where app_id = ${app.id}`;
    expect(letter).toMatchObject({
      attempts: 3,
      last_error: { code: "script_error", message: "no 3" },
      source: "kv",
      op: "insert",
      last_execution_id: runs[2]?.executionId,
      resolution: null,
      is_ordered: true,
    });
    expect(letter?.["event"]).toContain(`"kv":{"collection":"c","key":"k","value":{"n":4.0}}}`);
  });

  it("is made anew from its dead letter", async () => {
    await insertTestTrigger(platform, app, { pattern: "*", maxAttempts: 1 });
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(
        ended(run, runs.length === 1 ? { code: "timeout", message: "slow" } : undefined),
      );
    });
    await write();
    await eventually(async () => expect(await count("dead_letters")).toBe(1));
    await test.db.write`delete from events where app_id = ${app.id}`;
    const [letter] = await test.db.read<
      { id: string }[]
    >`select id from dead_letters where app_id = ${app.id}`;
    await replayDeadLetter(apiContext(app), platform, { app: app.id, id: letter?.id ?? "" });
    await eventually(async () => expect(await count("executions")).toBe(2));
    expect(runs[1]).toMatchObject({ attempt: 1, depth: 0, event: runs[0]?.event });
    expect(runs[1]?.rootExecutionId).toBe(runs[1]?.executionId);
  });

  it("that nothing could run goes back without using an attempt", async () => {
    await insertTestTrigger(platform, app, { pattern: "*", maxAttempts: 1 });
    const attempts: number[] = [];
    start(async (run) => {
      attempts.push(run.attempt);
      return await Promise.resolve(
        attempts.length < 3 ? { kind: "refused", reason: "gate_full" } : ended(run),
      );
    });
    await write();
    await eventually(async () => expect(await count("executions")).toBe(1));
    expect(attempts).toEqual([1, 1, 1]);
    expect(await count("dead_letters")).toBe(0);
  });

  it("of a disabled script is held with the reason until the script is on", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    await test.db.write`update scripts set enabled = false where app_id = ${app.id}`;
    let isOn = false;
    start(
      async (run) =>
        await Promise.resolve(isOn ? ended(run) : { kind: "refused", reason: "script_disabled" }),
    );
    await write();
    await eventually(async () => {
      const [row] = await test.db
        .read`select state, held_reason, locked_by from outbox where app_id = ${app.id}`;
      expect(row).toEqual({ state: "held", held_reason: "script_disabled", locked_by: null });
    });
    await test.db.write`update scripts set enabled = true where app_id = ${app.id}`;
    isOn = true;
    expect(await releaseDeliveriesOfScript(test.db.write, { appId: app.id, scriptId: app.scriptId })).toBe(1);
    platform.signals.send("outbox", app.id);
    await eventually(async () => expect(await count("executions")).toBe(1));
  });

  it("of a user who lost the right pauses the trigger; whoever switches it on takes it over", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    await test.db.write`update users set disabled_at = now() where id = ${app.user.id}`;
    const runs: DeliveryRun[] = [];
    start(async (run) => {
      runs.push(run);
      return await Promise.resolve(ended(run));
    });
    await write();
    await eventually(async () => {
      const [row] = await test.db.read`
        select o.held_reason, t.paused_reason from outbox o
        join triggers t on t.app_id = o.app_id and t.id = o.trigger_id where o.app_id = ${app.id}`;
      expect(row).toEqual({ held_reason: "trigger_paused", paused_reason: "user_disabled" });
    });
    expect(runs).toHaveLength(0);
    const other = await insertTestApp(platform);
    const view = await updateTrigger(
      apiContext(other),
      platform,
      { app: app.id, id: triggerId },
      { enabled: true },
    );
    expect(view).toMatchObject({ enabled: true, registered_by_principal: other.user.id });
    await eventually(() => expect(runs).toHaveLength(1));
    expect(runs[0]?.principal).toMatchObject({ id: other.user.id });
  });

  it("whose trigger or script is gone ends", async () => {
    const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
    await write("a");
    await test.db.write`delete from triggers where app_id = ${app.id} and id = ${triggerId}`;
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write("b");
    await test.db
      .write`update outbox set trigger_id = null where app_id = ${app.id} and trigger_id <> ${triggerId}`;
    await test.db.write`delete from scripts where app_id = ${app.id}`;
    start(async () => await Promise.resolve({ kind: "refused", reason: "script_missing" }));
    await eventually(async () => expect(await count("outbox")).toBe(0));
    expect(await count("dead_letters")).toBe(0);
  });
});

describe("claims", () => {
  it("of two dispatchers never overlap", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    for (let i = 0; i < 300; i++) await write(`k${i}`);
    const seen: string[] = [];
    const run: RunDelivery = async (delivery) => {
      seen.push(delivery.eventId);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
      return ended(delivery);
    };
    start(run, { freeSlots: () => 7 });
    start(run, { freeSlots: () => 11, platform: { ...platform, nodeId: newId() } });
    await eventually(async () => expect(await count("executions")).toBe(300), 20_000);
    expect(seen).toHaveLength(300);
    expect(new Set(seen).size).toBe(300);
  });

  it("share the slots between apps", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    for (let i = 0; i < 50; i++) await write(`k${i}`);
    const busy = app;
    app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write();
    const query = {
      nodeId: platform.nodeId,
      afterApp: FIRST_APP,
      limit: 10,
      appLimit: 10,
      fullApps: [],
      leaseMs: 1000,
    };
    const { deliveries, hasMore } = await claimDeliveries(test.db.write, query);
    expect(hasMore).toBe(true);
    const apps = deliveries.map((delivery) => delivery.app_id);
    expect(apps).toContain(app.id);
    expect(apps.filter((id) => id === busy.id)).toHaveLength(5);
    const next = await claimDeliveries(test.db.write, { ...query, afterApp: busy.id });
    expect(next.deliveries).toHaveLength(10);
  });

  it("leave room for other apps while one app's runs do not end", async () => {
    platform = testPlatform(test, { drainMs: 2000, maxConcurrentExecutions: 32 });
    await insertTestTrigger(platform, app, { pattern: "*" });
    for (let i = 0; i < 40; i++) await write(`k${i}`);
    const busy = app;
    const gate = Promise.withResolvers<void>();
    let isHeld = 0;
    start(async (run) => {
      if (run.app.id === busy.id) {
        isHeld++;
        await gate.promise;
      }
      return ended(run);
    });
    await eventually(() => expect(isHeld).toBeGreaterThanOrEqual(8));
    app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write();
    await eventually(async () => expect(await count("executions")).toBe(1));
    // Half of the 32 slots are for deliveries, three quarters of those at most for one app.
    expect(isHeld).toBeLessThanOrEqual(12);
    gate.resolve();
    app = busy;
    await eventually(async () => expect(await count("executions")).toBe(40));
  });

  it("leave alone what is not due and what others hold", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write("later");
    await test.db.write`update outbox set run_after = now() + interval '1 hour'`;
    const query = {
      nodeId: newId(),
      afterApp: FIRST_APP,
      limit: 10,
      appLimit: 10,
      fullApps: [],
      leaseMs: 60_000,
    };
    expect((await claimDeliveries(test.db.write, query)).deliveries).toEqual([]);
    await write("now");
    const claimed = await claimDeliveries(test.db.write, query);
    expect(claimed.deliveries).toHaveLength(1);
    expect(claimed.hasMore).toBe(false);
    expect(await claimDeliveries(test.db.write, query)).toMatchObject({ deliveries: [], hasMore: false });
  });

  it("that another node has taken over complete nothing", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write();
    const query = {
      nodeId: newId(),
      afterApp: FIRST_APP,
      limit: 10,
      appLimit: 10,
      fullApps: [],
      leaseMs: -1,
    };
    const [lost] = (await claimDeliveries(test.db.write, query)).deliveries;
    if (lost === undefined) throw new Error("nothing was claimed");
    expect(await takeOver(test.db.write, { nodeId: newId(), onlyNode: false })).toMatchObject([
      { takeovers: 1 },
    ]);
    await completeDeliveries(test.db.write, query.nodeId, [{ claim: lost, kind: "done", delayMs: 0 }]);
    expect(await count("outbox")).toBe(1);
    const [again] = (await claimDeliveries(test.db.write, { ...query, leaseMs: 60_000 })).deliveries;
    expect(again).toMatchObject({ id: lost.id, takeovers: 1, claim: lost.claim + 1, attempt: 0 });
  });

  it("that lose their node five times become a dead letter", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write();
    const query = {
      nodeId: newId(),
      afterApp: FIRST_APP,
      limit: 10,
      appLimit: 10,
      fullApps: [],
      leaseMs: -1,
    };
    for (let i = 1; i <= 5; i++) {
      expect((await claimDeliveries(test.db.write, query)).deliveries).toHaveLength(1);
      const [taken] = await takeOver(test.db.write, { nodeId: newId(), onlyNode: false });
      expect(taken).toMatchObject({ takeovers: i, is_dead: i === 5 });
    }
    expect(await count("outbox")).toBe(0);
    const [letter] = await test.db
      .read`select last_error, attempts from dead_letters where app_id = ${app.id}`;
    expect(letter).toMatchObject({ last_error: { code: "lease_lost" }, attempts: 0 });
  });
});

describe("a dispatcher", () => {
  it("keeps the leases of long runs, so that nobody takes them over", async () => {
    platform = testPlatform(test, { leaseMs: 400, drainMs: 3000 });
    await insertTestTrigger(platform, app, { pattern: "*" });
    let runs = 0;
    const run: RunDelivery = async (delivery) => {
      runs++;
      await new Promise((resolve) => setTimeout(resolve, 2600));
      return ended(delivery);
    };
    start(run);
    await write();
    await eventually(() => expect(runs).toBe(1));
    start(run, { platform: { ...platform, nodeId: newId() } });
    await eventually(async () => expect(await count("executions")).toBe(1));
    expect(runs).toBe(1);
  });

  it("takes over what an earlier life of the only node held", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write();
    const query = {
      nodeId: newId(),
      afterApp: FIRST_APP,
      limit: 10,
      appLimit: 10,
      fullApps: [],
      leaseMs: 60_000,
    };
    const [lost] = (await claimDeliveries(test.db.write, query)).deliveries;
    const ids: string[] = [];
    start(
      async (run) => {
        ids.push(run.executionId);
        return await Promise.resolve(ended(run));
      },
      { isOnlyNode: true },
    );
    await eventually(async () => expect(await count("executions")).toBe(1));
    expect(ids).toHaveLength(1);
    // The lost run may have left a row under the first id.
    expect(ids[0]).not.toBe(lost?.execution_id);
  });

  it("that closes waits for its runs and gives back the rest", async () => {
    await insertTestTrigger(platform, app, { pattern: "*" });
    await write();
    let finish: (() => void) | undefined;
    const dispatcher = start(async (run) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return ended(run);
    });
    await eventually(() => expect(finish).toBeDefined());
    const closed = dispatcher.close();
    await write("later");
    finish?.();
    await closed;
    expect(await count("executions")).toBe(1);
    const rows = await test.db.read`select locked_by, attempt from outbox where app_id = ${app.id}`;
    expect(rows).toEqual([{ locked_by: null, attempt: 0 }]);
  });

  it("stores the end of a run whose texts can't be stored, and of its neighbours", async () => {
    await insertTestTrigger(platform, app, { pattern: "*", maxAttempts: 1 });
    for (const key of ["a", "b", "c"]) await write(key);
    start(
      async (run) =>
        await Promise.resolve(
          run.event.includes(`"key":"b"`)
            ? ended(run, { code: "script_error", message: "bad \u0000" })
            : ended(run),
        ),
    );
    await eventually(async () => expect(await count("executions")).toBe(3));
    const rows = await test.db
      .read`select status, error_message from executions where app_id = ${app.id} order by 1`;
    expect(rows).toEqual([
      { status: "failed", error_message: "unstorable" },
      { status: "ok", error_message: null },
      { status: "ok", error_message: null },
    ]);
    expect(await count("dead_letters")).toBe(1);
  });
});
