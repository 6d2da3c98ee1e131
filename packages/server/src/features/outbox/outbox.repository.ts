/** SQL of looking at the outbox. Nothing here locks or changes a row. */
import type { Fragment } from "postgres";
import type { Queryable } from "../../platform/database/database.ts";
import type { Wait } from "./outbox.contract.ts";

export interface OutboxRow {
  readonly id: string;
  readonly app_id: string;
  readonly wait: Wait;
  readonly event_id: string;
  readonly source: string | null;
  readonly op: string | null;
  readonly trigger_id: string | null;
  readonly paused_reason: string | null;
  readonly max_attempts: number | null;
  readonly script_id: string | null;
  readonly script_name: string | null;
  readonly dead_letter_id: string | null;
  readonly group_key: string | null;
  /** The delivery that holds the group. */
  readonly group_first_id: string | null;
  readonly execution_id: string;
  readonly root_execution_id: string;
  readonly depth: number;
  readonly attempt: number;
  readonly takeovers: number;
  readonly last_error: { readonly code: string; readonly message: string } | null;
  readonly run_after: Date;
  readonly locked_by: string | null;
  readonly locked_at: Date | null;
  readonly lease_until: Date | null;
  readonly created_at: Date;
  /** The database's time of the look. */
  readonly looked_at: Date;
}

export interface OutboxFilter {
  readonly appId: string;
  readonly wait?: Wait | undefined;
  readonly triggerId?: string | undefined;
  readonly scriptId?: string | undefined;
  /** What keeps a due row of this app waiting on the node that is asked. */
  readonly dueWait: "due" | "no_free_slot" | "app_share";
}

/** In the order of their ids, which is that of their events but for what was written at the same moment. */
export async function listOutboxRows(
  db: Queryable,
  filter: OutboxFilter,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly OutboxRow[]> {
  return await db<OutboxRow[]>`
    with page as (
      select o.*, ${waitOf(db, filter)} as wait, t.paused_reason, t.max_attempts, s.name as script_name
      ${deliveries(db, filter)}
        ${page.after === undefined ? db`` : db`and o.id > ${page.after}`}
      order by o.id limit ${page.limit})
    select p.id, p.app_id, p.wait, p.event_id, coalesce(e.source, d.source) as source, coalesce(e.op, d.op) as op,
      p.trigger_id, p.paused_reason, p.max_attempts, p.script_id, p.script_name, p.dead_letter_id, p.group_key,
      (select g.id from outbox g where g.app_id = p.app_id and g.queue = p.queue and g.group_key = p.group_key
        and g.group_seq < p.group_seq
        order by g.group_seq limit 1) as group_first_id,
      p.execution_id, p.root_execution_id, p.depth, p.attempt, p.takeovers, p.last_error, p.run_after, p.locked_by,
      p.locked_at, p.lease_until, p.created_at, now() as looked_at
    from page p
    left join events e on e.app_id = p.app_id and e.id = p.event_id
    left join dead_letters d on d.app_id = p.app_id and d.id = p.dead_letter_id
    order by p.id`;
}

export interface WaitCount {
  readonly wait: Wait;
  readonly count: number;
  readonly oldest_at: Date;
}

/** The most first. */
export async function countOutboxRows(db: Queryable, filter: OutboxFilter): Promise<readonly WaitCount[]> {
  return await db<WaitCount[]>`
    select ${waitOf(db, filter)} as wait, count(*)::int as count, min(o.created_at) as oldest_at
    ${deliveries(db, filter)}
    group by 1 order by 2 desc, 1`;
}

function deliveries(db: Queryable, filter: OutboxFilter): Fragment {
  const { appId, triggerId, scriptId, wait } = filter;
  return db`from outbox o
      left join triggers t on t.app_id = o.app_id and t.id = o.trigger_id
      left join scripts s on s.app_id = o.app_id and s.id = o.script_id
      where o.app_id = ${appId}
        ${triggerId === undefined ? db`` : db`and o.trigger_id = ${triggerId}`}
        ${scriptId === undefined ? db`` : db`and o.script_id = ${scriptId}`}
        ${wait === undefined ? db`` : db`and ${isLocked(db, wait)} and ${waitOf(db, filter)} = ${wait}`}`;
}

/** What is true now comes before what was noted: a trigger that is off holds a row whether its batch has come or not. One
 *  fired by hand runs all the same, unless the trigger was switched off after it. */
function waitOf(db: Queryable, { dueWait }: OutboxFilter): Fragment {
  return db`case
      when o.locked_by is not null and o.lease_until > now() then 'running'
      when o.locked_by is not null then 'lease_ended'
      when o.state = 'held' and o.held_reason in ('group', 'no_consumer', 'depth_limit') then o.held_reason
      when s.id is null or (o.trigger_id is not null and t.id is null) then 'target_gone'
      when not t.enabled and (not o.by_hand or o.held_reason = 'trigger_disabled') then 'trigger_disabled'
      when t.paused_reason is not null then 'trigger_paused'
      when not s.enabled then 'script_disabled'
      when o.state = 'held' and o.held_reason in ('trigger_disabled', 'trigger_paused', 'script_disabled')
        then 'being_freed'
      when o.state = 'held' then o.held_reason
      when o.run_after <= now() then ${dueWait}
      when o.held_reason is not null then o.held_reason
      when o.attempt > 0 then 'retry'
      else 'delayed' end`;
}

/** Says of a wait what an index knows, so that a few rows are found among a million. */
function isLocked(db: Queryable, wait: Wait): Fragment {
  return wait === "running" || wait === "lease_ended" ? db`o.locked_by is not null` : db`o.locked_by is null`;
}
