import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { decide, gapFrom, type CronState, type Decision } from "./cron-decision.ts";
import { readSchedule } from "./cron-schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A trigger whose clock a test sets, with every decision about it. */
function machine(text: string, zone: string, start: string) {
  const schedule = readSchedule(text, zone);
  let now = new Date(start);
  let state: CronState = { nextAt: schedule.next(now), seenAt: now };
  const log: Exclude<Decision, { kind: "wait" }>[] = [];
  const look = async (): Promise<Decision> => {
    const decision = await decide(schedule, state, now);
    if (decision.kind === "fire") state = { nextAt: decision.nextAt, seenAt: now };
    if (decision.kind === "clock_went_back") state = { ...state, seenAt: now };
    if (decision.kind !== "wait") log.push(decision);
    return decision;
  };
  return {
    schedule,
    log,
    state: () => state,
    now: () => now,
    jump: async (ms: number): Promise<Decision> => {
      now = new Date(now.getTime() + ms);
      return await look();
    },
  };
}

const at = (text: string): Date => new Date(text);

describe("each minute", () => {
  it("fires on time and waits in between", async () => {
    const clock = machine("* * * * *", "UTC", "2026-11-25T10:00:30Z");
    expect(await clock.jump(29_000)).toEqual({ kind: "wait" });
    expect(await clock.jump(1_010)).toEqual({
      kind: "fire",
      scheduledAt: at("2026-11-25T10:01:00Z"),
      lateMs: 10,
      isCatchUp: false,
      missed: undefined,
      nextAt: at("2026-11-25T10:02:00Z"),
    });
    expect(await clock.jump(1)).toEqual({ kind: "wait" });
  });

  it("an hour back: nothing fires twice, one row says until when", async () => {
    const clock = machine("* * * * *", "UTC", "2026-11-25T10:00:00Z");
    await clock.jump(MINUTE);
    expect(await clock.jump(-HOUR)).toEqual({ kind: "clock_went_back", until: at("2026-11-25T10:02:00Z") });
    for (let i = 0; i < 60; i++) expect(await clock.jump(MINUTE)).toEqual({ kind: "wait" });
    expect(await clock.jump(MINUTE)).toMatchObject({ kind: "fire", scheduledAt: at("2026-11-25T10:02:00Z") });
  });

  it("half a day ahead: one gap, one catch-up with the number of the others", async () => {
    const clock = machine("* * * * *", "UTC", "2026-11-25T10:00:00Z");
    expect(await clock.jump(12 * HOUR)).toMatchObject({
      scheduledAt: at("2026-11-25T22:00:00Z"),
      isCatchUp: true,
      missed: { count: 719, from: at("2026-11-25T10:01:00Z"), to: at("2026-11-25T21:59:00Z") },
      nextAt: at("2026-11-25T22:01:00Z"),
    });
    expect(await clock.jump(1)).toEqual({ kind: "wait" });
  });

  it("40 days ahead, over a change of the clock", async () => {
    const clock = machine("30 2 * * *", "Europe/Berlin", "2026-10-01T00:00:00Z");
    expect(await clock.jump(40 * DAY)).toMatchObject({
      scheduledAt: at("2026-11-09T01:30:00Z"),
      missed: { count: 39, from: at("2026-10-01T00:30:00Z"), to: at("2026-11-08T01:30:00Z") },
    });
  });
});

it("one occurrence that is late is no gap; late by a minute it is caught up", async () => {
  const clock = machine("0 9 * * *", "UTC", "2026-11-25T08:59:59Z");
  expect(await clock.jump(5_000)).toMatchObject({ lateMs: 4_000, isCatchUp: false, missed: undefined });
  expect(await clock.jump(DAY + HOUR)).toMatchObject({ isCatchUp: true, missed: undefined });
});

it("a schedule without an end to wait for is left alone", async () => {
  const schedule = readSchedule("* * * * *", "UTC");
  expect(
    await decide(
      schedule,
      { nextAt: undefined, seenAt: at("2026-01-01T00:00:00Z") },
      at("2030-01-01T00:00:00Z"),
    ),
  ).toEqual({
    kind: "wait",
  });
});

it("an occurrence that newer time-zone data does not know fires as it was promised", async () => {
  const schedule = readSchedule("0 9 * * *", "UTC");
  const state = { nextAt: at("2026-11-25T08:00:00Z"), seenAt: at("2026-11-24T09:00:00Z") };
  expect(await decide(schedule, state, at("2026-11-25T08:00:00Z"))).toMatchObject({
    scheduledAt: at("2026-11-25T08:00:00Z"),
    missed: undefined,
    nextAt: at("2026-11-25T09:00:00Z"),
  });
});

/** What is wrong about a decision after what was decided before. */
function faultsOf(clock: ReturnType<typeof machine>, before: CronState, decision: Decision): string[] {
  const is = (a: Date | undefined, b: Date | undefined): boolean => a?.getTime() === b?.getTime();
  const { nextAt, seenAt } = before;
  const { schedule } = clock;
  switch (decision.kind) {
    case "wait":
      return [
        ...(nextAt !== undefined && nextAt <= clock.now() ? ["waits with something due"] : []),
        ...(seenAt.getTime() - clock.now().getTime() > 2_000 ? ["a clock that went back is not told"] : []),
      ];
    case "clock_went_back":
      return is(decision.until, nextAt) ? [] : ["waits for another time than the next occurrence"];
    case "fire": {
      const { missed, scheduledAt, lateMs } = decision;
      return [
        ...(is(missed?.from ?? scheduledAt, nextAt) ? [] : ["does not begin where all before was told"]),
        ...(missed === undefined || is(schedule.next(missed.to), scheduledAt)
          ? []
          : ["leaves a hole before the run"]),
        ...(lateMs >= 0 ? [] : ["fires before its time"]),
        ...(is(decision.nextAt, schedule.next(scheduledAt)) ? [] : ["leaves a hole after the run"]),
      ];
    }
    default:
      return decision satisfies never;
  }
}

test("whatever a clock does: no occurrence twice, none untold, one run for each look", async () => {
  const jumps = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 120_000 }) },
    fc.integer({ min: 1, max: 2 * DAY }),
    fc.constantFrom(-HOUR, 12 * HOUR, 40 * DAY, -40 * DAY, -1_000, -3_000),
    fc.integer({ min: -2 * DAY, max: -1 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        "* * * * *",
        "*/7 * * * *",
        "30 2 * * *",
        "0 */30 1-3 * * *",
        "*/20 * * * * *",
        "0 9 * * MON-FRI",
      ),
      fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
      fc.constantFrom(
        "2026-03-28T23:00:00Z",
        "2026-10-24T23:00:00Z",
        "2026-11-01T04:00:00Z",
        "2026-06-01T00:00:00Z",
      ),
      fc.array(jumps, { minLength: 1, maxLength: 25 }),
      async (text, zone, start, steps) => {
        const clock = machine(text, zone, start);
        const first = clock.state().nextAt;
        const faults: string[] = [];
        for (const step of steps) {
          const before = clock.state();
          const decision = await clock.jump(step);
          faults.push(...faultsOf(clock, before, decision));
        }
        // All of it together is every occurrence there was, each once.
        const fired = clock.log.flatMap((entry) => (entry.kind === "fire" ? [entry] : []));
        const sum = fired.reduce((total, { missed }) => total + 1 + (missed?.count ?? 0), 0);
        const last = fired.at(-1)?.scheduledAt;
        const span =
          first === undefined || last === undefined ? undefined : await gapFrom(clock.schedule, first, last);
        expect(faults).toEqual([]);
        expect(sum).toBe(span?.count ?? 0);
        expect(new Set(fired.map(({ scheduledAt }) => scheduledAt.getTime())).size).toBe(fired.length);
      },
    ),
    { numRuns: 200 },
  );
});
