/** SQL of triggers. */
import type { AppRole } from "@picloud/contract";
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import type { KindColumns } from "./trigger-kinds.ts";
import type { BackoffKind, TriggerKind } from "./triggers.contract.ts";

export interface TriggerRow extends KindColumns {
  readonly app_id: string;
  readonly id: string;
  readonly script_id: string;
  readonly script_name: string;
  readonly kind: TriggerKind;
  readonly enabled: boolean;
  readonly paused_reason: string | null;
  readonly max_attempts: number;
  readonly backoff: BackoffKind;
  readonly base_ms: number;
  readonly max_ms: number;
  readonly jitter_pct: number;
  readonly registered_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** What is stored; the rest is the database's. */
export type TriggerFields = Omit<TriggerRow, "script_name" | "paused_reason" | "created_at" | "updated_at">;

function selection(db: Queryable) {
  return db`select t.app_id, t.id, t.script_id, s.name as script_name, t.kind, t.pattern, t.ops, t.batch_size,
      t.schedule, t.timezone, t.overlap, t.source_filter, t.trigger_id_filter, t.script_id_filter, t.enabled,
      t.paused_reason, t.max_attempts, t.backoff, t.base_ms, t.max_ms, t.jitter_pct, t.registered_by, t.created_at,
      t.updated_at
    from triggers t join scripts s on s.app_id = t.app_id and s.id = t.script_id`;
}

export async function findTrigger(db: Queryable, appId: string, id: string): Promise<TriggerRow | undefined> {
  const [row] = await db<TriggerRow[]>`${selection(db)} where t.app_id = ${appId} and t.id = ${id}`;
  return row;
}

/** Newest first: ids are ordered by time. */
export async function listTriggerRows(
  db: Queryable,
  query: { readonly appId: string; readonly before: string | undefined; readonly limit: number },
): Promise<readonly TriggerRow[]> {
  return await db<TriggerRow[]>`
    ${selection(db)} where t.app_id = ${query.appId}
      ${query.before === undefined ? db`` : db`and t.id < ${query.before}`}
    order by t.id desc limit ${query.limit}`;
}

export async function insertTrigger(db: Queryable, trigger: TriggerFields): Promise<void> {
  await db`
    insert into triggers (app_id, id, script_id, kind, pattern, ops, batch_size, schedule, timezone, overlap,
      source_filter, trigger_id_filter, script_id_filter, enabled, max_attempts, backoff, base_ms, max_ms, jitter_pct,
      registered_by)
    values (${trigger.app_id}, ${trigger.id}, ${trigger.script_id}, ${trigger.kind}, ${trigger.pattern},
      ${[...trigger.ops]}::text[], ${trigger.batch_size}, ${trigger.schedule}, ${trigger.timezone}, ${trigger.overlap},
      ${trigger.source_filter}, ${trigger.trigger_id_filter}, ${trigger.script_id_filter}, ${trigger.enabled},
      ${trigger.max_attempts}, ${trigger.backoff}, ${trigger.base_ms}, ${trigger.max_ms}, ${trigger.jitter_pct},
      ${trigger.registered_by})`;
}

export async function updateTriggerRow(
  db: Queryable,
  trigger: TriggerFields & Pick<TriggerRow, "paused_reason">,
): Promise<void> {
  await db`
    update triggers set pattern = ${trigger.pattern}, ops = ${[...trigger.ops]}::text[],
      batch_size = ${trigger.batch_size}, schedule = ${trigger.schedule}, timezone = ${trigger.timezone},
      overlap = ${trigger.overlap}, source_filter = ${trigger.source_filter},
      trigger_id_filter = ${trigger.trigger_id_filter}, script_id_filter = ${trigger.script_id_filter},
      schedule_version = schedule_version
        + case when schedule = ${trigger.schedule} and timezone = ${trigger.timezone} then 0 else 1 end,
      enabled = ${trigger.enabled},
      paused_reason = ${trigger.paused_reason}, max_attempts = ${trigger.max_attempts}, backoff = ${trigger.backoff},
      base_ms = ${trigger.base_ms}, max_ms = ${trigger.max_ms}, jitter_pct = ${trigger.jitter_pct},
      registered_by = ${trigger.registered_by}, updated_at = now()
    where app_id = ${trigger.app_id} and id = ${trigger.id}`;
}

export async function listTriggersOfUser(
  db: Queryable,
  userId: string,
  limit: number,
): Promise<readonly { readonly id: string; readonly app: string }[]> {
  return await db<{ id: string; app: string }[]>`
    select t.id, a.slug as app from triggers t join apps a on a.id = t.app_id
    where t.registered_by = ${userId} order by a.slug, t.id limit ${limit}`;
}

/** The apps with triggers of a user, and the role that another user has there. */
export async function listAppsWithTriggersOf(
  db: Queryable,
  userId: string,
  otherId: string,
): Promise<readonly { readonly slug: string; readonly role: AppRole | null }[]> {
  return await db<{ slug: string; role: AppRole | null }[]>`
    select a.slug, m.role from apps a left join members m on m.app_id = a.id and m.user_id = ${otherId}
    where exists (select from triggers t where t.app_id = a.id and t.registered_by = ${userId}) order by a.slug`;
}

/** Hands all triggers of a user to another; those that were paused for the first one's sake run again. */
export async function reassignRows(
  db: Queryable,
  userId: string,
  otherId: string,
): Promise<readonly { readonly app_id: string; readonly id: string; readonly was_paused: boolean }[]> {
  return await db<{ app_id: string; id: string; was_paused: boolean }[]>`
    with b as (
      select t.app_id, t.id, t.paused_reason is not null as was_paused from triggers t
      where t.registered_by = ${userId} for update)
    update triggers t set registered_by = ${otherId}, paused_reason = null, updated_at = now()
    from b where t.app_id = b.app_id and t.id = b.id returning t.app_id, t.id, b.was_paused`;
}

export async function deleteTriggerRow(db: Queryable, appId: string, id: string): Promise<void> {
  await db`delete from triggers where app_id = ${appId} and id = ${id}`;
}

/** Pauses the trigger if it is still the one of that user and not paused; says whether. */
export async function pauseTriggerRow(
  db: Queryable,
  key: { readonly appId: string; readonly id: string },
  pause: { readonly reason: string; readonly userId: string },
): Promise<boolean> {
  const rows = await db`
    update triggers set paused_reason = ${pause.reason}, updated_at = now()
    where app_id = ${key.appId} and id = ${key.id} and registered_by = ${pause.userId} and paused_reason is null
    returning id`;
  return rows.length === 1;
}

/** The enabled trigger that takes a queue's messages, other than `exceptId`. */
export async function findQueueConsumer(
  db: Queryable,
  appId: string,
  query: { readonly queue: string; readonly exceptId: string },
): Promise<{ readonly id: string; readonly script_name: string } | undefined> {
  const [row] = await db<{ id: string; script_name: string }[]>`
    select t.id, s.name as script_name from triggers t join scripts s on s.app_id = t.app_id and s.id = t.script_id
    where t.app_id = ${appId} and t.kind = 'queue' and t.pattern = ${query.queue} and t.enabled
      and t.id <> ${query.exceptId}`;
  return row;
}

/** Newest events that are looked through. */
const RECENT_EVENTS = 500;

/** The newest source of a trigger's script, and the names of what its runs wrote lately, as events tell. */
export async function findWrites(
  db: Queryable,
  trigger: Pick<TriggerRow, "app_id" | "script_id" | "kind">,
): Promise<{ readonly source: string; readonly written: readonly string[] }> {
  const { app_id: appId, script_id: scriptId, kind } = trigger;
  const [row] = await db<{ source: string; written: string[] }[]>`
    select v.source, array(
      select distinct coalesce(e.payload->>'collection', e.payload->>'topic', e.payload->>'queue') from (
        select source, payload, written_by from events where app_id = ${appId} order by id desc limit ${RECENT_EVENTS}) e
      join executions x on x.app_id = ${appId} and x.id = e.written_by
      where e.source = ${kind} and x.script_id = ${scriptId}) as written
    from scripts s join script_versions v on v.app_id = ${appId} and v.script_id = s.id and v.version = s.version
    where s.app_id = ${appId} and s.id = ${scriptId}`;
  return row ?? { source: "", written: [] };
}

export async function findTarget(
  db: Queryable,
  appId: string,
  target: { readonly id: string } | { readonly name: string },
): Promise<{ readonly id: string; readonly kind: string } | undefined> {
  const [row] = await db<{ id: string; kind: string }[]>`
    select id, kind from scripts
    where app_id = ${appId} and ${"id" in target ? db`id = ${target.id}` : db`name = ${target.name}`}`;
  return row;
}

/** What an app holds of this. */
export const triggersContent: readonly AppContent[] = [
  tableContent({ kind: "triggers", table: "triggers", stopsDeletion: true }),
];
