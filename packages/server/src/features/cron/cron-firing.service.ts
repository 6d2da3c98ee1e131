/** Cron at work: keeps the state of each trigger, and fires what is due. For the scheduler. */
import { PicloudError } from "@picloud/contract";
import type { Queryable } from "../../platform/database/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { CLOCK_BACK_MS, decide, gapFrom, type Decision, type Firing } from "./cron-decision.ts";
import { readSchedule } from "./cron-schedule.ts";
import { zoneData } from "./cron-timezone.ts";
import {
  deleteOldLedger,
  fireOccurrences,
  listChanged,
  listDue,
  readCronOutlook,
  recordClockBack,
  writeState,
  type ChangedCron,
  type DueCron,
  type FiringRow,
} from "./cron.repository.ts";

/** Triggers of one statement. */
const BATCH = 100;
/** Batches of one call; what is left is still due at the next. */
const BATCHES_MAX = 100;
const LEDGER_DAYS = 30;
/** Firings of a schedule by other time-zone data are at most this much off. */
const ZONE_SHIFT_MS = 25 * 3_600_000;

/** Brings the states up to date with triggers that were made, changed or switched: those of an app, or all. */
export async function followTriggers(platform: Platform, appId: string | undefined): Promise<void> {
  for (let batches = 0; batches < BATCHES_MAX; batches++) {
    const changed = await listChanged(platform.db.read, { appId, zoneData, limit: BATCH });
    let written = 0;
    for (const trigger of changed) if (await followed(platform, trigger)) written++;
    // None: another node is at it, or they change as fast as they are followed.
    if (changed.length < BATCH || written === 0) return;
  }
}

const atRest = { nextAt: undefined, gap: undefined, zoneData };

async function followed({ db, log }: Platform, trigger: ChangedCron): Promise<boolean> {
  try {
    return await follow(db.write, trigger);
  } catch (error) {
    if (!(error instanceof PicloudError)) throw error;
    log.error("cron_schedule_unreadable", { ...named(trigger), error });
    const { app_id, trigger_id, schedule_version: version, wanted_off: offReason } = trigger;
    return await writeState(db.write, { app_id, trigger_id, version, ...atRest, offReason, before: trigger });
  }
}

async function follow(db: Queryable, trigger: ChangedCron): Promise<boolean> {
  const { now, wanted_off: offReason } = trigger;
  const isSameSchedule = trigger.version === trigger.schedule_version;
  const state = {
    app_id: trigger.app_id,
    trigger_id: trigger.trigger_id,
    version: trigger.schedule_version,
    offReason,
    zoneData,
    before: trigger,
  };
  const schedule = readSchedule(trigger.schedule, trigger.timezone);
  if (!isSameSchedule) {
    // A server that was lost between the making of a trigger and this has missed what lies between.
    const since = trigger.version === null && trigger.created_at < now ? trigger.created_at : now;
    return await writeState(db, { ...state, nextAt: schedule.next(since), gap: undefined });
  }
  const nextAt = trigger.next_at ?? undefined;
  if (trigger.off_reason === null) {
    const fresh =
      trigger.zone_data === zoneData ? nextAt : byNewData(trigger, schedule.next(afterShift(trigger)));
    return await writeState(db, { ...state, nextAt: fresh, gap: undefined });
  }
  if (offReason !== null) return await writeState(db, { ...state, nextAt, gap: undefined });
  // On again: what was to be while it was off is told, and none of it fires.
  const gap = nextAt === undefined || nextAt > now ? undefined : await gapFrom(schedule, nextAt, now);
  const told = gap === undefined ? undefined : { ...gap, status: trigger.off_reason };
  return await writeState(db, { ...state, nextAt: schedule.next(now), gap: told });
}

/** Newer time-zone data may put an occurrence that has fired an hour later; so what is near stays as it was. */
function byNewData(trigger: ChangedCron, fresh: Date | undefined): Date | undefined {
  const nextAt = trigger.next_at ?? undefined;
  return nextAt === undefined || nextAt <= afterShift(trigger) ? nextAt : fresh;
}

function afterShift({ now, seen_at: seenAt }: ChangedCron): Date {
  return new Date(Math.max(now.getTime(), seenAt?.getTime() ?? 0) + ZONE_SHIFT_MS);
}

export interface CronLook {
  /** Milliseconds until there is something to do; absent: nothing is scheduled, until a trigger changes. */
  readonly dueInMs: number | undefined;
  /** Something is due and can't fire: its trigger has changed, or its app is on its way out. */
  readonly isUnsettled: boolean;
}

/** Another node is done by then. */
const BUSY_RETRY_MS = 200;
/** What is due and can't fire waits for a change of its trigger or the end of its app. */
const STUCK_RETRY_MS = 2_000;

/** Fires all that is due and notes where the clock went back. */
export async function fireDue(platform: Platform): Promise<CronLook> {
  const { db } = platform;
  for (let batches = 0; batches < BATCHES_MAX; batches++) {
    const outlook = await readCronOutlook(db.read, CLOCK_BACK_MS);
    const dueInMs = outlook.due_in_ms ?? undefined;
    if (!outlook.is_back && (dueInMs === undefined || dueInMs > 0)) return { dueInMs, isUnsettled: false };
    const due = await listDue(db.read, { backMs: CLOCK_BACK_MS, limit: BATCH });
    const laterInMs = outlook.later_in_ms ?? Infinity;
    if (due.length === 0) return { dueInMs: Math.min(STUCK_RETRY_MS, laterInMs), isUnsettled: true };
    if ((await settle(platform, due)) === 0)
      return { dueInMs: Math.min(BUSY_RETRY_MS, laterInMs), isUnsettled: false };
  }
  return { dueInMs: 0, isUnsettled: false };
}

/** Gives how many were decided. */
async function settle(platform: Platform, due: readonly DueCron[]): Promise<number> {
  const { db, log } = platform;
  const firings: FiringRow[] = [];
  let settled = 0;
  for (const cron of due) {
    const decision = await decided(platform, cron);
    if (decision.kind === "fire") firings.push(firingRow(cron, decision));
    if (decision.kind !== "clock_went_back") continue;
    if (!(await recordClockBack(db.write, cron, CLOCK_BACK_MS))) continue;
    settled++;
    log.warn("cron_clock_went_back", { ...named(cron), until: decision.until.toISOString() });
  }
  if (firings.length === 0) return settled;
  const { decided: moved, rows } = await fireOccurrences(db.write, firings, zoneData);
  for (const firing of firings)
    if (firing.missed !== undefined && rows.some((row) => row.trigger_id === firing.trigger_id))
      log.warn("cron_missed", { ...named(firing), missed: firing.missed.count });
  const apps = new Set(rows.filter((row) => row.status !== "skipped").map((row) => row.app_id));
  for (const appId of apps) platform.signals.send("outbox", appId);
  return settled + moved;
}

/** A trigger whose schedule can't be computed, as after an update that reads it otherwise, must not stop the others: it is
 *  at rest until it is changed. */
async function decided({ db, log }: Platform, cron: DueCron): Promise<Decision> {
  try {
    const state = { nextAt: cron.next_at ?? undefined, seenAt: cron.seen_at };
    return await decide(readSchedule(cron.schedule, cron.timezone), state, cron.now);
  } catch (error) {
    if (!(error instanceof PicloudError)) throw error;
    log.error("cron_schedule_unreadable", { ...named(cron), error });
    const before = { version: cron.version, next_at: cron.next_at, off_reason: null };
    const { app_id, trigger_id, version } = cron;
    await writeState(db.write, { app_id, trigger_id, version, ...atRest, offReason: null, before });
    return { kind: "wait" };
  }
}

function named(cron: { readonly app_id: string; readonly trigger_id: string }): Record<string, string> {
  return { appId: cron.app_id, triggerId: cron.trigger_id };
}

function firingRow(cron: DueCron, firing: Firing): FiringRow {
  return {
    app_id: cron.app_id,
    trigger_id: cron.trigger_id,
    version: cron.version,
    expectedAt: cron.next_at ?? firing.scheduledAt,
    scheduledAt: firing.scheduledAt,
    nextAt: firing.nextAt,
    lateMs: firing.lateMs,
    isCatchUp: firing.isCatchUp,
    missed: firing.missed,
    payload: JSON.stringify({
      schedule: cron.schedule,
      timezone: cron.timezone,
      scheduled_at: firing.scheduledAt.toISOString(),
      fired_at: cron.now.toISOString(),
      missed: firing.missed?.count ?? 0,
    }),
  };
}

/** Deletes up to `limit` rows of the ledger that are older than 30 days. */
export async function sweepLedger(platform: Platform, limit: number): Promise<number> {
  return await deleteOldLedger(platform.db.side, LEDGER_DAYS, limit);
}
