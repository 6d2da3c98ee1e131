/** SQL of cron. Time is `picloud_cron_now()`, the database's. What is due is looked for over all apps; every other
 *  statement has the app first. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { isActiveApp } from "../../platform/database/execution-row.ts";
import type { LedgerStatus, OffReason } from "./cron.contract.ts";

export interface CronKey {
  readonly app_id: string;
  readonly trigger_id: string;
}

export interface DueCron extends CronKey {
  /** The time that it was due by. */
  readonly now: Date;
  readonly version: number;
  readonly next_at: Date | null;
  readonly seen_at: Date;
  readonly schedule: string;
  readonly timezone: string;
}

export interface CronOutlook {
  /** Milliseconds until the next occurrence of any trigger; null: there is none. */
  readonly due_in_ms: number | null;
  /** The same of those that are not due yet. */
  readonly later_in_ms: number | null;
  /** The clock shows less than at some decision. */
  readonly is_back: boolean;
}

/** What is to come; a read of three index entries. */
export async function readCronOutlook(db: Queryable, backMs: number): Promise<CronOutlook> {
  const [row] = await db<CronOutlook[]>`
    select
      (select (extract(epoch from s.next_at - picloud_cron_now()) * 1000)::float8 from cron_states s
        where s.off_reason is null and s.next_at is not null order by s.next_at limit 1) as due_in_ms,
      (select (extract(epoch from s.next_at - picloud_cron_now()) * 1000)::float8 from cron_states s
        where s.off_reason is null and s.next_at > picloud_cron_now() order by s.next_at limit 1) as later_in_ms,
      exists (select from cron_states s where s.off_reason is null
        and s.seen_at > picloud_cron_now() + ${backMs}::float8 * interval '1 millisecond') as is_back`;
  if (row === undefined) throw new Error("a select without a table gives a row");
  return row;
}

/** Triggers with something to decide, those longest due first. */
export async function listDue(
  db: Queryable,
  query: { readonly backMs: number; readonly limit: number },
): Promise<readonly DueCron[]> {
  return await db<DueCron[]>`
    with d as (
      (select s.* from cron_states s where s.off_reason is null and s.next_at <= picloud_cron_now()
        order by s.next_at limit ${query.limit})
      union
      (select s.* from cron_states s where s.off_reason is null
          and s.seen_at > picloud_cron_now() + ${query.backMs}::float8 * interval '1 millisecond'
        order by s.seen_at limit ${query.limit}))
    select picloud_cron_now() as now, d.app_id, d.trigger_id, d.version, d.next_at, d.seen_at, t.schedule, t.timezone
    from d join triggers t on t.app_id = d.app_id and t.id = d.trigger_id and t.schedule_version = d.version
    where t.enabled and t.paused_reason is null and ${isActiveApp(db, "d.app_id")}
    order by d.next_at limit ${query.limit}`;
}

/** A decision to fire, for the state that it was made from. */
export interface FiringRow extends CronKey {
  readonly version: number;
  readonly expectedAt: Date;
  readonly scheduledAt: Date;
  readonly nextAt: Date | undefined;
  readonly lateMs: number;
  readonly isCatchUp: boolean;
  readonly missed: { readonly count: number; readonly from: Date; readonly to: Date } | undefined;
  /** JSON text of `ctx.event.cron`. */
  readonly payload: string;
}

export interface FiredRow extends CronKey {
  readonly status: "ran" | "caught_up" | "skipped";
}

/** Ledger rows, events, deliveries and what comes next, in one statement: of several nodes one finds the state as it was
 *  and writes. What is off, has been changed or is at work on another node is passed by. An occurrence that has its row
 *  already fires no more. Gives the rows of the ledger, and how many states moved on. */
export async function fireOccurrences(
  db: Queryable,
  firings: readonly FiringRow[],
  zoneData: string,
): Promise<{ readonly decided: number; readonly rows: readonly FiredRow[] }> {
  const column = <T>(pick: (firing: FiringRow) => T): T[] => firings.map(pick);
  const time = (pick: (firing: FiringRow) => Date | undefined): (string | null)[] =>
    column((firing) => pick(firing)?.toISOString() ?? null);
  const rows = await db<(FiredRow & { readonly decided: number; readonly status: string | null })[]>`
    with d as (
      select * from unnest(${column((f) => f.app_id)}::uuid[], ${column((f) => f.trigger_id)}::uuid[],
        ${column((f) => f.version)}::int[], ${time((f) => f.expectedAt)}::timestamptz[],
        ${time((f) => f.scheduledAt)}::timestamptz[], ${time((f) => f.nextAt)}::timestamptz[],
        ${column((f) => Math.round(f.lateMs))}::bigint[], ${column((f) => (f.isCatchUp ? "caught_up" : "ran"))}::text[],
        ${column((f) => f.missed?.count ?? 0)}::bigint[], ${time((f) => f.missed?.from)}::timestamptz[],
        ${time((f) => f.missed?.to)}::timestamptz[], ${column((f) => f.payload)}::text[])
        as d (app_id, trigger_id, version, expected_at, scheduled_at, next_at, late_ms, status, missed, missed_from,
          missed_to, payload)
    ), l as (
      select s.app_id, s.trigger_id, t.script_id, t.overlap from cron_states s
      join d on d.app_id = s.app_id and d.trigger_id = s.trigger_id
      join triggers t on t.app_id = s.app_id and t.id = s.trigger_id
      where s.version = d.version and s.next_at = d.expected_at and s.off_reason is null
        and t.enabled and t.paused_reason is null and t.schedule_version = d.version and ${isActiveApp(db, "s.app_id")}
      order by s.app_id, s.trigger_id for update of s skip locked
    ), s as (
      update cron_states s set next_at = d.next_at, seen_at = picloud_cron_now(), zone_data = ${zoneData}::text
      from l join d on d.app_id = l.app_id and d.trigger_id = l.trigger_id
      where s.app_id = l.app_id and s.trigger_id = l.trigger_id
      returning d.*, l.script_id, l.overlap
    ), b as (
      select distinct on (o.app_id, o.trigger_id) o.app_id, o.trigger_id, o.execution_id
      from s join outbox o on o.app_id = s.app_id and o.trigger_id = s.trigger_id
      where s.overlap = 'skip' order by o.app_id, o.trigger_id, o.id
    ), n as (
      select s.*, b.execution_id as overlaps, picloud_uuid_v7() as id_a, picloud_uuid_v7() as id_b,
        picloud_uuid_v7() as event_id, picloud_uuid_v7() as execution_id
      from s left join b on b.app_id = s.app_id and b.trigger_id = s.trigger_id
    ), f as (
      select n.*, least(n.id_a, n.id_b) as gap_id, greatest(n.id_a, n.id_b) as ledger_id from n
    ), g as (
      insert into cron_ledger (app_id, id, trigger_id, version, status, scheduled_at, scheduled_until, occurrences,
        recorded_at)
      select f.app_id, f.gap_id, f.trigger_id, f.version, 'missed', f.missed_from, f.missed_to, f.missed,
        picloud_cron_now()
      from f where f.missed > 0
    ), h as (
      insert into cron_ledger (app_id, id, trigger_id, version, status, scheduled_at, occurrences, late_ms, missed,
        execution_id, overlaps_execution_id, recorded_at)
      select f.app_id, f.ledger_id, f.trigger_id, f.version,
        case when f.overlaps is not null then 'skipped' else f.status end,
        f.scheduled_at, 1, f.late_ms, f.missed, case when f.overlaps is null then f.execution_id end, f.overlaps,
        picloud_cron_now()
      from f on conflict do nothing
      returning app_id, trigger_id, id, status
    ), e as (
      insert into events (app_id, id, source, op, payload, depth)
      select f.app_id, f.event_id, 'cron', 'fire', f.payload::json, 1
      from f join h on h.app_id = f.app_id and h.id = f.ledger_id where f.overlaps is null
    ), o as (
      insert into outbox (app_id, id, event_id, trigger_id, script_id, execution_id, root_execution_id, depth)
      select f.app_id, picloud_uuid_v7(), f.event_id, f.trigger_id, f.script_id, f.execution_id, f.execution_id, 1
      from f join h on h.app_id = f.app_id and h.id = f.ledger_id where f.overlaps is null
    )
    select h.app_id, h.trigger_id, h.status, (select count(*) from s)::int as decided
    from (select 1) as one left join h on true`;
  return { decided: rows[0]?.decided ?? 0, rows: rows.filter((row) => row.status !== null) };
}

/** One row that says that the clock went back; the next jump is told anew. Gives whether this node wrote it. */
export async function recordClockBack(
  db: Queryable,
  due: CronKey & { readonly version: number },
  backMs: number,
): Promise<boolean> {
  const rows = await db`
    with s as (
      update cron_states s set seen_at = picloud_cron_now()
      where s.app_id = ${due.app_id} and s.trigger_id = ${due.trigger_id} and s.version = ${due.version}
        and s.seen_at > picloud_cron_now() + ${backMs}::float8 * interval '1 millisecond' and s.off_reason is null and ${isActiveApp(db, "s.app_id")}
      returning s.*
    )
    insert into cron_ledger (app_id, id, trigger_id, version, status, scheduled_at, occurrences, recorded_at)
    select s.app_id, picloud_uuid_v7(), s.trigger_id, s.version, 'clock_went_back', s.next_at, 0, picloud_cron_now()
    from s where s.next_at is not null returning id`;
  return rows.length === 1;
}

/** A cron trigger and the state that no longer belongs to it. */
export interface ChangedCron extends CronKey {
  readonly now: Date;
  readonly schedule: string;
  readonly timezone: string;
  readonly schedule_version: number;
  /** Null: it is on. */
  readonly wanted_off: OffReason | null;
  readonly created_at: Date;
  /** Null: there is no state yet. */
  readonly version: number | null;
  readonly next_at: Date | null;
  readonly seen_at: Date | null;
  readonly off_reason: OffReason | null;
  readonly zone_data: string | null;
}

/** Triggers that were made, changed or switched since their state was written, of one app or of all. */
export async function listChanged(
  db: Queryable,
  query: { readonly appId: string | undefined; readonly zoneData: string; readonly limit: number },
): Promise<readonly ChangedCron[]> {
  const off = db`case when not t.enabled then 'disabled' when t.paused_reason is not null then 'paused' end`;
  return await db<ChangedCron[]>`
    select t.app_id, t.id as trigger_id, picloud_cron_now() as now, t.schedule, t.timezone, t.schedule_version,
      ${off} as wanted_off, t.created_at, s.version, s.next_at, s.seen_at, s.off_reason, s.zone_data
    from triggers t left join cron_states s on s.app_id = t.app_id and s.trigger_id = t.id
    where ${query.appId === undefined ? db`true` : db`t.app_id = ${query.appId}`} and t.kind = 'cron'
      and ${isActiveApp(db, "t.app_id")}
      and (s.version is distinct from t.schedule_version or s.off_reason is distinct from ${off}
        or s.zone_data < ${query.zoneData})
    order by t.app_id, t.id limit ${query.limit}`;
}

export interface StateRow extends CronKey {
  readonly version: number;
  readonly nextAt: Date | undefined;
  readonly offReason: OffReason | null;
  readonly zoneData: string;
  /** What the state was before, or nothing. */
  readonly before: Pick<ChangedCron, "version" | "next_at" | "off_reason">;
  /** Occurrences that nothing ran for while it was off, of the version before. */
  readonly gap:
    | { readonly status: OffReason; readonly count: number; readonly from: Date; readonly to: Date }
    | undefined;
}

/** Writes a state and the row of its gap, if trigger and state are still those that it was computed from. */
export async function writeState(db: Queryable, state: StateRow): Promise<boolean> {
  const { before, gap } = state;
  const rows = await db`
    with t as (
      select t.app_id, t.id from triggers t
      where t.app_id = ${state.app_id} and t.id = ${state.trigger_id} and t.schedule_version = ${state.version}
        and ${isActiveApp(db, "t.app_id")}
    ), s as (
      insert into cron_states as s (app_id, trigger_id, version, next_at, seen_at, off_reason, zone_data)
      select t.app_id, t.id, ${state.version}::int, ${state.nextAt?.toISOString() ?? null}::timestamptz,
        picloud_cron_now(), ${state.offReason}::text, ${state.zoneData}::text from t
      on conflict (app_id, trigger_id) do update set version = excluded.version, next_at = excluded.next_at,
        seen_at = excluded.seen_at, off_reason = excluded.off_reason, zone_data = excluded.zone_data
      where s.version is not distinct from ${before.version}::int
        and s.next_at is not distinct from ${before.next_at?.toISOString() ?? null}::timestamptz
        and s.off_reason is not distinct from ${before.off_reason}::text
      returning s.app_id, s.trigger_id
    ), g as (
      insert into cron_ledger (app_id, id, trigger_id, version, status, scheduled_at, scheduled_until, occurrences,
        recorded_at)
      select s.app_id, picloud_uuid_v7(), s.trigger_id, ${before.version}::int, ${gap?.status ?? ""}::text,
        ${gap?.from.toISOString() ?? null}::timestamptz, ${gap?.to.toISOString() ?? null}::timestamptz,
        ${gap?.count ?? 0}::bigint, picloud_cron_now()
      from s where ${gap !== undefined}::boolean
    )
    select from s`;
  return rows.length === 1;
}

export interface CronTrigger {
  readonly kind: string;
  readonly schedule: string | null;
  readonly timezone: string | null;
  readonly enabled: boolean;
  readonly paused_reason: string | null;
  readonly now: Date;
  /** Null: the state is not this version's, or there is none yet. */
  readonly next_at: Date | null;
}

export async function findCronTrigger(
  db: Queryable,
  appId: string,
  id: string,
): Promise<CronTrigger | undefined> {
  const [row] = await db<CronTrigger[]>`
    select t.kind, t.schedule, t.timezone, t.enabled, t.paused_reason, picloud_cron_now() as now, s.next_at
    from triggers t left join cron_states s
      on s.app_id = t.app_id and s.trigger_id = t.id and s.version = t.schedule_version and s.off_reason is null
    where t.app_id = ${appId} and t.id = ${id}`;
  return row;
}

export interface LedgerRow {
  readonly id: string;
  readonly version: number;
  readonly status: LedgerStatus;
  readonly scheduled_at: Date;
  readonly scheduled_until: Date | null;
  readonly occurrences: number;
  readonly late_ms: number | null;
  readonly missed: number | null;
  readonly execution_id: string | null;
  readonly execution_status: "running" | "ok" | "failed" | "lost" | null;
  readonly overlaps_execution_id: string | null;
  readonly recorded_at: Date;
}

/** Newest first: ids are ordered by time. */
export async function listLedgerRows(
  db: Queryable,
  query: {
    readonly appId: string;
    readonly triggerId: string;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<readonly LedgerRow[]> {
  return await db<LedgerRow[]>`
    select l.id, l.version, l.status, l.scheduled_at, l.scheduled_until, l.occurrences, l.late_ms, l.missed,
      l.execution_id, e.status as execution_status, l.overlaps_execution_id, l.recorded_at
    from cron_ledger l left join executions e on e.app_id = l.app_id and e.id = l.execution_id
    where l.app_id = ${query.appId} and l.trigger_id = ${query.triggerId}
      ${query.before === undefined ? db`` : db`and l.id < ${query.before}`}
    order by l.id desc limit ${query.limit}`;
}

/** Deletes up to `limit` rows older than so many days; gives their number. */
export async function deleteOldLedger(db: Queryable, days: number, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select l.app_id, l.id from cron_ledger l
      where l.recorded_at < picloud_cron_now() - ${days}::float8 * interval '1 day'
      order by l.recorded_at limit ${limit} for update skip locked)
    delete from cron_ledger c using l where c.app_id = l.app_id and c.id = l.id`;
  return rows.count;
}

/** What an app holds of this. */
export const cronContent: readonly AppContent[] = [
  tableContent({ kind: "cron states", table: "cron_states", stopsDeletion: false, key: ["trigger_id"] }),
  tableContent({ kind: "cron ledger rows", table: "cron_ledger", stopsDeletion: false }),
];
