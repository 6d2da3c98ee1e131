import { PicloudError } from "@picloud/contract";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freezeCron } from "../../../../../tests/support/cron-clock.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import type { Platform } from "../../platform/platform.ts";
import { createTrigger, deleteTrigger, updateTrigger } from "../triggers/triggers.service.ts";
import { fireDue, followTriggers, sweepLedger } from "./cron-firing.service.ts";
import { readSchedule } from "./cron-schedule.ts";
import { listLedger, listNextRuns } from "./cron.service.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
});
beforeEach(async () => {
  await test.db.write`delete from triggers`;
  await test.db.write`delete from outbox`;
  await test.db.write`delete from cron_ledger`;
  app = await insertTestApp(platform);
  await clock("2026-11-25T10:00:30Z");
});
afterAll(async () => {
  await test.drop();
});

async function clock(time: string): Promise<void> {
  await freezeCron(test.db.write, time);
}

/** A new trigger that a node has seen. */
async function add(fields: {
  schedule: string;
  timezone?: string;
  overlap?: "allow" | "skip";
}): Promise<string> {
  const { id } = await createTrigger(apiContext(app), platform, app.id, {
    kind: "cron",
    script: "main",
    ...fields,
  });
  // Made at the time of the test's clock, not of the database's.
  await test.db
    .write`update triggers set created_at = picloud_cron_now() where app_id = ${app.id} and id = ${id}`;
  await followTriggers(platform, app.id);
  return id;
}

async function update(id: string, change: Parameters<typeof updateTrigger>[3]): Promise<void> {
  await updateTrigger(apiContext(app), platform, { app: app.id, id }, change);
  await followTriggers(platform, app.id);
}

/** What the ledger says, oldest first. */
async function ledger(id: string): Promise<string[]> {
  const { items } = await listLedger(apiContext(app), platform, { app: app.id, id, limit: 100 });
  return items
    .toReversed()
    .map((row) => `${row.scheduled_at.slice(11, 19)} ${row.summary.replaceAll(".000Z", "Z")}`);
}

/** Deliveries that wait, oldest first, with what their event says. */
async function deliveries(): Promise<Record<string, unknown>[]> {
  const rows = await test.db.read<{ payload: Record<string, unknown> }[]>`
    select e.payload from outbox o join events e on e.app_id = o.app_id and e.id = o.event_id
    where o.app_id = ${app.id} order by o.id`;
  return rows.map(({ payload }) => payload);
}

describe("an occurrence", () => {
  it("fires once: a row, an event and a delivery", async () => {
    const id = await add({ schedule: "0 12 * * *", timezone: "Europe/Berlin" });
    expect(await fireDue(platform)).toEqual({ dueInMs: 3_570_000, isUnsettled: false });
    expect(await deliveries()).toEqual([]);
    await clock("2026-11-25T11:00:00.250Z");
    let woken = 0;
    platform.signals.on("outbox", () => void woken++);
    await fireDue(platform);
    await fireDue(platform);
    expect(woken).toBe(1);
    expect(await deliveries()).toEqual([
      {
        schedule: "0 12 * * *",
        timezone: "Europe/Berlin",
        scheduled_at: "2026-11-25T11:00:00.000Z",
        fired_at: "2026-11-25T11:00:00.250Z",
        missed: 0,
      },
    ]);
    expect(await ledger(id)).toEqual(["11:00:00 ran, on time"]);
    const [row] = await test.db.read`
      select l.late_ms, l.execution_id = o.execution_id as is_same, o.depth, e.source, e.op, l.version
      from cron_ledger l join outbox o on o.app_id = l.app_id and o.trigger_id = l.trigger_id
      join events e on e.app_id = o.app_id and e.id = o.event_id where l.app_id = ${app.id}`;
    expect(row).toEqual({ late_ms: 250, is_same: true, depth: 1, source: "cron", op: "fire", version: 1 });
  });

  it("of many triggers at one time fires for each, in batches", async () => {
    for (let i = 0; i < 3; i++) await add({ schedule: "* * * * *" });
    await test.db.write`
      insert into triggers (app_id, id, script_id, kind, pattern, schedule, timezone, overlap, max_attempts, backoff,
        base_ms, max_ms, jitter_pct, registered_by, created_at)
      select ${app.id}, gen_random_uuid(), ${app.scriptId}, 'cron', '', '* * * * *', 'UTC', 'allow', 1, 'constant', 1, 1, 0,
        ${app.user.id}, picloud_cron_now() from generate_series(1, 250)`;
    await followTriggers(platform, undefined);
    await clock("2026-11-25T10:01:00Z");
    expect(await fireDue(platform)).toEqual({ dueInMs: 60_000, isUnsettled: false });
    expect(await deliveries()).toHaveLength(253);
  });

  it("is fired by one of two nodes that look at the same time", async () => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => await add({ schedule: "* * * * * *" })),
    );
    const other = testPlatform(test);
    for (let second = 31; second < 51; second++) {
      await clock(`2026-11-25T10:00:${second}Z`);
      await Promise.all([fireDue(platform), fireDue(other), fireDue(platform), fireDue(other)]);
      // Whoever was passed by looks again.
      await fireDue(other);
    }
    expect(await deliveries()).toHaveLength(100);
    for (const id of ids) expect(await ledger(id)).toHaveLength(20);
  });

  it("that was made while the server was lost is not forgotten", async () => {
    const { id } = await createTrigger(apiContext(app), platform, app.id, {
      kind: "cron",
      script: "main",
      schedule: "* * * * *",
    });
    await test.db.write`update triggers set created_at = '2026-11-25T10:00:30Z' where id = ${id}`;
    await clock("2026-11-25T10:02:10Z");
    await followTriggers(platform, undefined);
    await fireDue(platform);
    expect(await ledger(id)).toEqual([
      "10:01:00 missed 1, 2026-11-25T10:01:00Z–2026-11-25T10:01:00Z",
      "10:02:00 caught up for 1 missed, late by 10 s",
    ]);
  });
});

it("whatever the clock does and whoever looks: each occurrence has one row, each that fired one delivery", async () => {
  const steps = fc.array(
    fc.record({
      seconds: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 90 }) },
        fc.constantFrom(-3600, 12 * 3600, 40 * 86_400),
        fc.integer({ min: -7200, max: 7200 }),
      ),
      isOff: fc.boolean(),
    }),
    { minLength: 3, maxLength: 10 },
  );
  const nodes = [platform, testPlatform(test)];
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom("*/20 * * * * *", "* * * * *"), async (walk, schedule) => {
      await test.db.write`delete from outbox`;
      let now = Date.parse("2026-10-25T00:30:00Z");
      await clock(new Date(now).toISOString());
      const id = await add({ schedule, timezone: "Europe/Berlin" });
      for (const { seconds, isOff } of walk) {
        // Off for the jump, or not.
        if (isOff) await setEnabled(id, false);
        now += seconds * 1000;
        await clock(new Date(now).toISOString());
        if (isOff) await setEnabled(id, true);
        await Promise.all([...nodes, ...nodes].map(async (node) => await fireDue(node)));
        await Promise.all(nodes.map(async (node) => await fireDue(node)));
      }
      const rows = await test.db.read<
        { from: Date; to: Date; occurrences: number; execution_id: string | null }[]
      >`
        select scheduled_at as from, coalesce(scheduled_until, scheduled_at) as to, occurrences, execution_id
        from cron_ledger where app_id = ${app.id} and trigger_id = ${id} and status <> 'clock_went_back' order by id`;
      const schedules = readSchedule(schedule, "Europe/Berlin");
      for (const row of rows)
        expect(await schedules.count(new Date(row.from.getTime() - 1000), row.to)).toBe(row.occurrences);
      const fired = rows.filter((row) => row.execution_id !== null);
      expect(new Set(fired.map((row) => row.from.getTime())).size).toBe(fired.length);
      const waiting = await test.db.read<
        { execution_id: string }[]
      >`select execution_id from outbox where trigger_id = ${id}`;
      expect(new Set(waiting.map((row) => row.execution_id))).toEqual(
        new Set(fired.map((row) => row.execution_id)),
      );
      await setEnabled(id, false);
    }),
    { numRuns: 12 },
  );
});

/** Like a switch, without the waits of one. */
async function setEnabled(id: string, enabled: boolean): Promise<void> {
  await test.db.write`update triggers set enabled = ${enabled} where app_id = ${app.id} and id = ${id}`;
  await followTriggers(platform, app.id);
}

it("a schedule that can't be read stops no other, nor does an app on its way out", async () => {
  const good = await add({ schedule: "* * * * *" });
  const bad = await add({ schedule: "* * * * *" });
  await test.db.write`update triggers set schedule = 'nonsense' where app_id = ${app.id} and id = ${bad}`;
  const made = await createTrigger(apiContext(app), platform, app.id, {
    kind: "cron",
    script: "main",
    schedule: "* * * * *",
  });
  await test.db.write`update triggers set schedule = 'nonsense' where app_id = ${app.id} and id = ${made.id}`;
  const other = await insertTestApp(platform);
  await createTrigger(apiContext(other), platform, other.id, {
    kind: "cron",
    script: "main",
    schedule: "* * * * *",
  });
  await test.db.write`update triggers set created_at = '2026-11-25T10:00:30Z' where app_id = ${other.id}`;
  await followTriggers(platform, undefined);
  await test.db.write`update apps set state = 'deleting' where id = ${other.id}`;
  await clock("2026-11-25T10:01:00Z");
  await fireDue(platform);
  await clock("2026-11-25T10:01:59.500Z");
  expect(await fireDue(platform)).toMatchObject({ dueInMs: expect.closeTo(500, 0) as number });
  expect(await ledger(good)).toEqual(["10:01:00 ran, on time"]);
  expect(await ledger(bad)).toEqual([]);
  for (const id of [bad, made.id]) await update(id, { schedule: "0 11 * * *" });
  await clock("2026-11-25T11:00:00Z");
  await fireDue(platform);
  for (const id of [bad, made.id]) expect(await ledger(id)).toEqual(["11:00:00 ran, on time"]);
});

describe("a clock that jumps", () => {
  it("an hour back: nothing fires twice, one row says until when", async () => {
    const id = await add({ schedule: "* * * * *" });
    await clock("2026-11-25T10:01:00Z");
    await fireDue(platform);
    await clock("2026-11-25T09:01:00Z");
    await Promise.all([fireDue(platform), fireDue(testPlatform(test))]);
    for (const minute of ["09:02", "09:30", "10:00", "10:01"]) {
      await clock(`2026-11-25T${minute}:00Z`);
      await fireDue(platform);
    }
    expect(await ledger(id)).toEqual([
      "10:01:00 ran, on time",
      "10:02:00 clock went back, waiting until 2026-11-25T10:02:00Z",
    ]);
    await clock("2026-11-25T10:02:00Z");
    await fireDue(platform);
    expect(await ledger(id)).toHaveLength(3);
    expect(await deliveries()).toHaveLength(2);
  });

  it("12 hours ahead, then 40 days: each gap is one row, one run catches up", async () => {
    const id = await add({ schedule: "*/30 * * * * *" });
    await clock("2026-11-25T22:00:30Z");
    await fireDue(platform);
    await clock("2027-01-04T22:00:31Z");
    await fireDue(platform);
    expect(await ledger(id)).toEqual([
      "10:01:00 missed 1439, 2026-11-25T10:01:00Z–2026-11-25T22:00:00Z",
      "22:00:30 caught up for 1439 missed, on time",
      "22:01:00 missed 115199, 2026-11-25T22:01:00Z–2027-01-04T22:00:00Z",
      "22:00:30 caught up for 115199 missed, late by 1 s",
    ]);
    expect((await deliveries()).map(({ missed }) => missed)).toEqual([1439, 115_199]);
  });

  it("ahead by mistake and back: what has been told of waits, a switch off and on begins anew", async () => {
    const id = await add({ schedule: "0 * * * *" });
    await clock("2027-01-04T22:00:10Z");
    await fireDue(platform);
    await clock("2026-11-25T10:30:00Z");
    await fireDue(platform);
    await update(id, { enabled: false });
    await update(id, { enabled: true });
    expect(await deliveries()).toHaveLength(1);
    await clock("2026-11-25T11:00:00Z");
    await fireDue(platform);
    expect((await deliveries()).map((event) => event["scheduled_at"])).toEqual([
      "2027-01-04T22:00:00.000Z",
      "2026-11-25T11:00:00.000Z",
    ]);
    // What had fired already does not fire again, though the trigger comes by it once more.
    await clock("2027-01-04T22:00:00Z");
    await fireDue(platform);
    expect(await deliveries()).toHaveLength(2);
  });
});

describe("overlap", () => {
  it("skip: while a delivery of the trigger waits or runs, occurrences are skipped and say for which execution", async () => {
    const id = await add({ schedule: "* * * * *", overlap: "skip" });
    await clock("2026-11-25T10:01:00Z");
    await fireDue(platform);
    await clock("2026-11-25T10:02:00Z");
    await fireDue(platform);
    const [first] = await test.db.read<
      { execution_id: string }[]
    >`select execution_id from outbox where app_id = ${app.id}`;
    expect(await ledger(id)).toEqual([
      "10:01:00 ran, on time",
      `10:02:00 skipped, overlaps with execution ${first?.execution_id ?? ""}`,
    ]);
    expect(await deliveries()).toHaveLength(1);
    await test.db.write`delete from outbox where app_id = ${app.id}`;
    await clock("2026-11-25T10:03:00Z");
    await fireDue(platform);
    expect(await deliveries()).toHaveLength(1);
  });

  it("allow: each fires", async () => {
    await add({ schedule: "* * * * *", overlap: "allow" });
    for (const minute of ["10:01", "10:02", "10:03"]) {
      await clock(`2026-11-25T${minute}:00Z`);
      await fireDue(platform);
    }
    expect(await deliveries()).toHaveLength(3);
  });
});

describe("a change", () => {
  it("of schedule or zone begins a new version; others do not", async () => {
    const id = await add({ schedule: "0 9 * * *" });
    const next = async (): Promise<string | undefined> =>
      (await listNextRuns(apiContext(app), platform, { app: app.id, id, limit: 1 })).items[0]?.scheduled_at;
    expect(await next()).toBe("2026-11-26T09:00:00.000Z");
    await update(id, { max_attempts: 2 });
    await update(id, { timezone: "America/New_York" });
    expect(await next()).toBe("2026-11-25T14:00:00.000Z");
    await update(id, { schedule: "0 10 * * *" });
    expect(await next()).toBe("2026-11-25T15:00:00.000Z");
    await clock("2026-11-25T15:00:00Z");
    await fireDue(platform);
    const rows = await test.db.read`select version, status from cron_ledger where app_id = ${app.id}`;
    expect([...rows]).toEqual([{ version: 3, status: "ran" }]);
  });

  it("that no node has followed yet keeps the old schedule from firing", async () => {
    const id = await add({ schedule: "* * * * *" });
    await updateTrigger(apiContext(app), platform, { app: app.id, id }, { schedule: "0 0 * * *" });
    await clock("2026-11-25T10:01:00Z");
    expect(await fireDue(platform)).toMatchObject({ isUnsettled: true });
    expect(await deliveries()).toEqual([]);
    await followTriggers(platform, undefined);
    expect(await fireDue(platform)).toEqual({ dueInMs: 50_340_000, isUnsettled: false });
  });

  it("off and on: no flood, one row for what did not run", async () => {
    const id = await add({ schedule: "* * * * *" });
    await update(id, { enabled: false });
    await clock("2026-11-25T12:00:30Z");
    expect(await fireDue(platform)).toEqual({ dueInMs: undefined, isUnsettled: false });
    await update(id, { enabled: true });
    await fireDue(platform);
    expect(await deliveries()).toEqual([]);
    expect(await ledger(id)).toEqual([
      "10:01:00 disabled: 120 did not run, 2026-11-25T10:01:00Z–2026-11-25T12:00:00Z",
    ]);
    await clock("2026-11-25T12:01:00Z");
    await fireDue(platform);
    expect(await ledger(id)).toHaveLength(2);
  });

  it("a pause works like a switch off", async () => {
    const id = await add({ schedule: "0 11 * * *" });
    await test.db
      .write`update triggers set paused_reason = 'user_disabled' where app_id = ${app.id} and id = ${id}`;
    await clock("2026-11-25T11:00:00Z");
    expect(await fireDue(platform)).toMatchObject({ isUnsettled: true });
    await followTriggers(platform, undefined);
    await clock("2026-11-25T12:00:00Z");
    await update(id, { enabled: true });
    await fireDue(platform);
    expect(await deliveries()).toEqual([]);
    expect(await ledger(id)).toEqual([
      "11:00:00 paused: 1 did not run, 2026-11-25T11:00:00Z–2026-11-25T11:00:00Z",
    ]);
  });

  it("deleting a trigger or its app ends it", async () => {
    const id = await add({ schedule: "* * * * *" });
    await add({ schedule: "* * * * *" });
    await deleteTrigger(apiContext(app), platform, { app: app.id, id });
    await test.db.write`update apps set state = 'deleting' where id = ${app.id}`;
    await clock("2026-11-25T10:01:00Z");
    expect(await fireDue(platform)).toMatchObject({ isUnsettled: true });
    await followTriggers(platform, undefined);
    const rows = await test.db.read`select 1 from cron_ledger where app_id = ${app.id}`;
    expect(rows).toHaveLength(0);
  });

  it("newer time-zone data moves what is far and leaves what is near", async () => {
    const far = await add({ schedule: "0 0 1 1 *" });
    const near = await add({ schedule: "0 11 * * *" });
    await test.db.write`update cron_states set zone_data = '2020a', next_at = next_at - interval '1 hour'`;
    await followTriggers(platform, undefined);
    const states = await test.db.read`select trigger_id, next_at from cron_states where zone_data <> '2020a'`;
    expect(new Map(states.map((row) => [row["trigger_id"], row["next_at"]]))).toEqual(
      new Map([
        [far, new Date("2027-01-01T00:00:00Z")],
        [near, new Date("2026-11-25T10:00:00Z")],
      ]),
    );
  });
});

describe("what people see", () => {
  it("the next runs page by page, in the zone too, and that the trigger is off", async () => {
    const id = await add({ schedule: "30 8 * * MON-FRI", timezone: "Europe/Berlin" });
    const query = { app: app.id, id, limit: 2 };
    const first = await listNextRuns(apiContext(app), platform, query);
    expect(first.items).toEqual([
      {
        scheduled_at: "2026-11-26T07:30:00.000Z",
        local_time: "2026-11-26T08:30:00+01:00",
        timezone: "Europe/Berlin",
      },
      {
        scheduled_at: "2026-11-27T07:30:00.000Z",
        local_time: "2026-11-27T08:30:00+01:00",
        timezone: "Europe/Berlin",
      },
    ]);
    const second = await listNextRuns(apiContext(app), platform, {
      ...query,
      cursor: first.next_cursor ?? "",
    });
    expect(second.items[0]?.scheduled_at).toBe("2026-11-30T07:30:00.000Z");
    await update(id, { enabled: false });
    expect((await listNextRuns(apiContext(app), platform, query)).items[0]?.off_reason).toBe("disabled");
  });

  it("the ledger page by page, without rows of other triggers", async () => {
    const id = await add({ schedule: "* * * * *" });
    await add({ schedule: "* * * * *" });
    for (const minute of ["10:01", "10:02", "10:03"]) {
      await clock(`2026-11-25T${minute}:00Z`);
      await fireDue(platform);
    }
    const query = { app: app.id, id, limit: 2 };
    const first = await listLedger(apiContext(app), platform, query);
    const rest = await listLedger(apiContext(app), platform, { ...query, cursor: first.next_cursor ?? "" });
    expect([...first.items, ...rest.items].map((row) => row.scheduled_at.slice(11, 16))).toEqual([
      "10:03",
      "10:02",
      "10:01",
    ]);
    expect(rest.next_cursor).toBeNull();
  });

  it("is refused for triggers of other kinds, unknown ones and those of another app", async () => {
    const kv = await createTrigger(apiContext(app), platform, app.id, {
      kind: "kv",
      script: "main",
      collection_glob: "c",
    });
    const id = await add({ schedule: "* * * * *" });
    const other = await insertTestApp(platform);
    for (const list of [listNextRuns, listLedger]) {
      const refusal = async (of: TestApp, trigger: string): Promise<string> =>
        await list(apiContext(of), platform, { app: of.id, id: trigger, limit: 1 }).then(
          () => "accepted",
          (error: unknown) => (error instanceof PicloudError ? error.code : String(error)),
        );
      expect(await refusal(app, kv.id)).toBe("invalid");
      expect(await refusal(other, id)).toBe("not_found");
      expect(await refusal(app, crypto.randomUUID())).toBe("not_found");
    }
  });

  it("the ledger is kept for 30 days", async () => {
    const id = await add({ schedule: "0 * * * *" });
    await clock("2026-11-25T11:00:00Z");
    await fireDue(platform);
    await clock("2026-12-25T10:59:00Z");
    expect(await sweepLedger(platform, 10)).toBe(0);
    await clock("2026-12-25T11:00:01Z");
    expect(await sweepLedger(platform, 10)).toBe(1);
    expect(await ledger(id)).toEqual([]);
  });
});
