/** SQL of queues: lists, counts, pauses, purges and sweeps. Messages are rows of the outbox. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { consumerOf, type QueueKey } from "../../platform/database/queue-messages.ts";
import { run, sql } from "../../platform/database/statement.ts";

export interface QueueRow {
  readonly name: string;
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  readonly held: number;
  readonly paused: boolean;
  readonly oldest_at: Date | null;
  readonly oldest_age_ms: number | null;
  readonly trigger_id: string | null;
  readonly script_name: string | null;
}

interface QueueQuery {
  readonly appId: string;
  /** Names after this one, in byte order. */
  readonly after: string;
  /** Only this one. */
  readonly only: string | undefined;
  readonly limit: number;
}

/** Queues that have messages, a consumer or a pause, by name. */
export async function listQueueRows(db: Queryable, query: QueueQuery): Promise<readonly QueueRow[]> {
  const { appId, after, only = null, limit } = query;
  return await run<QueueRow>(
    db,
    sql`
    with recursive q (queue) as (
      (select o.queue from outbox o where o.app_id = ${appId} and o.queue is not null and o.queue > ${after}
        order by o.queue limit 1)
      union all
      select (select o.queue from outbox o where o.app_id = ${appId} and o.queue is not null and o.queue > q.queue
        order by o.queue limit 1)
      from q where q.queue is not null
    ), names as (
      select n.name from (
        (select q.queue as name from q where q.queue is not null and ${only}::text is null limit ${limit})
        union (select p.queue from queue_pauses p where p.app_id = ${appId} and ${only}::text is null)
        union (select t.pattern from triggers t where t.app_id = ${appId} and t.kind = 'queue' and ${only}::text is null)
        union (select ${only}::text collate "C" where ${only}::text is not null)) n
      where n.name > ${after} order by n.name limit ${limit})
    select names.name, c.waiting, c.delayed, c.running, c.held, c.oldest_at,
      (extract(epoch from now() - c.oldest_at) * 1000)::float8::bigint as oldest_age_ms,
      exists (select from queue_pauses p where p.app_id = ${appId} and p.queue = names.name) as paused,
      t.id as trigger_id, s.name as script_name
    from names cross join lateral (
      select count(*) filter (where o.state = 'ready' and o.locked_by is null and o.run_after <= now())::int as waiting,
        count(*) filter (where o.state = 'ready' and o.locked_by is null and o.run_after > now())::int as delayed,
        count(*) filter (where o.locked_by is not null)::int as running,
        count(*) filter (where o.state = 'held')::int as held, min(o.created_at) as oldest_at
      from outbox o where o.app_id = ${appId} and o.queue = names.name) c
    left join lateral (${consumerOf({ appId, queue: sql`names.name` })}) t on true
    left join scripts s on s.app_id = ${appId} and s.id = t.script_id
    order by names.name`,
  );
}

export interface MessageRow {
  readonly id: string;
  readonly state: "waiting" | "delayed" | "running" | "held";
  readonly held_reason: string | null;
  readonly held_by: string | null;
  /** JSON text as it was sent. */
  readonly data: string;
  readonly group: string | null;
  readonly attempts: number;
  readonly last_error: unknown;
  readonly enqueued_at: Date;
  readonly run_after: Date;
  readonly written_by: string | null;
  /** Bytes of JSON text of this row and all before it in the answer. */
  readonly bytes: number;
}

/** Oldest first: ids are ordered by time. */
export async function listMessageRows(
  db: Queryable,
  key: QueueKey,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly MessageRow[]> {
  const { appId, queue } = key;
  return await db<MessageRow[]>`
    select o.id, case when o.locked_by is not null then 'running' when o.state = 'held' then 'held'
        when o.run_after > now() then 'delayed' else 'waiting' end as state,
      case when o.state = 'held' then o.held_reason end as held_reason,
      case when o.state = 'held' and o.held_reason = 'group' then (
        select f.id from outbox f where f.app_id = ${appId} and f.queue = ${queue} and f.group_key = o.group_key
        order by f.group_seq limit 1) end as held_by,
      (e.payload->'data')::text as data, e.payload->>'group' as "group", o.attempt as attempts, o.last_error,
      o.created_at as enqueued_at, o.run_after, e.written_by,
      sum(octet_length(e.payload::text)) over (order by o.id) as bytes
    from outbox o join events e on e.app_id = o.app_id and e.id = o.event_id
    where o.app_id = ${appId} and o.queue = ${queue}
      ${page.after === undefined ? db`` : db`and o.id > ${page.after}`}
    order by o.id limit ${page.limit}`;
}

/** The database's time now, for {@link purgeBatch}. */
export async function readNow(db: Queryable): Promise<string> {
  const [row] = await db<{ now: string }[]>`select now()::text as now`;
  return row?.now ?? "-infinity";
}

/** Deletes up to `limit` messages that do not run and were sent before; `behind`: those that wait for another one of their
 *  group. They go first, so that no deletion of a first message frees one that goes next. Gives the number. */
export async function purgeBatch(
  db: Queryable,
  key: QueueKey,
  batch: { readonly before: string; readonly isBehind: boolean; readonly limit: number },
): Promise<number> {
  const { appId, queue } = key;
  const isBehind = db`(o.state = 'held' and o.held_reason = 'group')`;
  const rows = await db`
    with w as (
      select o.id from outbox o where o.app_id = ${appId} and o.queue = ${queue} and o.locked_by is null
        and o.created_at <= ${batch.before}::text::timestamptz and ${batch.isBehind ? isBehind : db`not ${isBehind}`}
      limit ${batch.limit} for update of o skip locked)
    delete from outbox o using w where o.app_id = ${appId} and o.id = w.id`;
  return rows.count;
}

/** Says whether it changed something. */
export async function insertPause(db: Queryable, { appId, queue }: QueueKey): Promise<boolean> {
  const rows = await db`
    insert into queue_pauses (app_id, queue)
    select ${appId}, ${queue} where exists (select from apps where id = ${appId} and state = 'active')
    on conflict do nothing`;
  return rows.count === 1;
}

/** Says whether it changed something. */
export async function deletePause(db: Queryable, { appId, queue }: QueueKey): Promise<boolean> {
  const rows = await db`delete from queue_pauses where app_id = ${appId} and queue = ${queue}`;
  return rows.count === 1;
}

/** Deletes up to `limit` dedupe keys whose time is over, of all apps; gives their number. */
export async function deleteOldKeys(db: Queryable, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select app_id, queue, dedupe_key from queue_dedupe where expires_at <= now()
      order by expires_at limit ${limit} for update skip locked)
    delete from queue_dedupe d using l
    where d.app_id = l.app_id and d.queue = l.queue and d.dedupe_key = l.dedupe_key and d.expires_at <= now()`;
  return rows.count;
}

/** Deletes up to `limit` groups of all apps that have no messages and have not been used for an hour: longer than any
 *  transaction that has taken a number and is not seen yet. Gives their number. */
export async function deleteOldGroups(db: Queryable, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select g.app_id, g.queue, g.group_key from queue_groups g
      where g.used_at < now() - interval '1 hour' and not exists (
        select from outbox o where o.app_id = g.app_id and o.queue = g.queue and o.group_key = g.group_key)
      limit ${limit} for update skip locked)
    delete from queue_groups g using l
    where g.app_id = l.app_id and g.queue = l.queue and g.group_key = l.group_key`;
  return rows.count;
}

/** What an app holds of this; its messages are deliveries. */
export const queueContent: readonly AppContent[] = [
  tableContent({ kind: "queue_pauses", table: "queue_pauses", key: ["queue"], stopsDeletion: false }),
  tableContent({
    kind: "queue_dedupe_keys",
    table: "queue_dedupe",
    key: ["queue", "dedupe_key"],
    stopsDeletion: false,
  }),
  tableContent({
    kind: "queue_groups",
    table: "queue_groups",
    key: ["queue", "group_key"],
    stopsDeletion: false,
  }),
];
