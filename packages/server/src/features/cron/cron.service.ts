/** Cron for people: is a schedule one, when does it fire next, and what became of each occurrence. */
import { setImmediate as yieldNow } from "node:timers/promises";
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { localTime } from "./cron-local-time.ts";
import { checkSchedule, readSchedule } from "./cron-schedule.ts";
import { checkTimezone } from "./cron-timezone.ts";
import type { LedgerEntry, NextRun } from "./cron.contract.ts";
import { summaryOf } from "./cron-summary.ts";
import { findCronTrigger, listLedgerRows, type CronTrigger, type LedgerRow } from "./cron.repository.ts";

const RUNS_PER_TURN = 50;

export { cronContent } from "./cron.repository.ts";

/** Checks schedule and zone of a cron trigger. Throws `invalid` for the fields `schedule` and `timezone`. */
export function checkCron(schedule: string, timezone: string): void {
  const zone = checkTimezone(timezone);
  checkSchedule(schedule, zone, new Date());
}

interface CronQuery extends PageQuery {
  readonly app: string;
  readonly id: string;
}

/** Soonest first. Throws `invalid` for triggers of other kinds. */
export async function listNextRuns(
  ctx: Context,
  platform: Platform,
  query: CronQuery,
): Promise<Page<NextRun> & { items: NextRun[] }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppManageTriggers");
  const trigger = await getCronTrigger(platform, app.id, query.id);
  const { schedule, timezone } = trigger;
  const form = { list: `next-runs:${query.id}:${schedule} ${timezone}`, parts: ["text"] } as const;
  const after = readCursor(form, query.cursor)?.[0];
  const reader = readSchedule(schedule, timezone);
  const runs: Date[] = [];
  let next =
    after === undefined
      ? (trigger.next_at ?? reader.next(trigger.now))
      : reader.next(new Date(String(after)));
  while (next !== undefined && runs.length <= query.limit) {
    runs.push(next);
    // A schedule of leap days takes a third of a millisecond for each.
    if (runs.length % RUNS_PER_TURN === 0) await yieldNow();
    next = reader.next(next);
  }
  const off = trigger.enabled ? (trigger.paused_reason === null ? undefined : "paused") : "disabled";
  return pageOfRows(runs, query.limit, form, {
    key: (run) => [run.toISOString()],
    item: (run) => ({
      scheduled_at: run.toISOString(),
      local_time: localTime(run, timezone),
      timezone,
      ...(off === undefined ? {} : { off_reason: off }),
    }),
  });
}

/** Newest first. Throws `invalid` for triggers of other kinds. */
export async function listLedger(
  ctx: Context,
  platform: Platform,
  query: CronQuery,
): Promise<Page<LedgerEntry> & { items: LedgerEntry[] }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppManageTriggers");
  await getCronTrigger(platform, app.id, query.id);
  const form = { list: `cron-ledger:${query.id}`, parts: ["id"] } as const;
  const before = readCursor(form, query.cursor)?.[0];
  const rows = await listLedgerRows(platform.db.read, {
    appId: app.id,
    triggerId: query.id,
    before: before === undefined ? undefined : String(before),
    limit: query.limit + 1,
  });
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.id], item: entryOf });
}

async function getCronTrigger(
  platform: Platform,
  appId: string,
  id: string,
): Promise<CronTrigger & { readonly schedule: string; readonly timezone: string }> {
  const found = await findCronTrigger(platform.db.read, appId, id);
  if (found === undefined) throw new PicloudError("not_found", `There is no trigger ${id} in this app.`);
  const { kind, schedule, timezone } = found;
  if (kind === "cron" && schedule !== null && timezone !== null) return { ...found, schedule, timezone };
  const message = `is of kind ${kind}; only cron triggers have a schedule`;
  throw new PicloudError("invalid", `Trigger ${id} ${message}.`, { fields: [{ path: "id", message }] });
}

function entryOf(row: LedgerRow): LedgerEntry {
  const optional = {
    scheduled_until: row.scheduled_until?.toISOString(),
    late_ms: row.late_ms ?? undefined,
    missed: row.missed ?? undefined,
    execution_id: row.execution_id ?? undefined,
    execution_status: row.execution_status ?? undefined,
    overlaps_execution_id: row.overlaps_execution_id ?? undefined,
  };
  return {
    id: row.id,
    status: row.status,
    scheduled_at: row.scheduled_at.toISOString(),
    occurrences: row.occurrences,
    ...optional,
    summary: summaryOf(row),
    schedule_version: row.version,
    recorded_at: row.recorded_at.toISOString(),
  };
}
