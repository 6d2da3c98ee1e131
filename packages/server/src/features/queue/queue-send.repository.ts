/** SQL of sending: one statement for up to 1,000 messages, with their events, dedupe keys and places in their groups. */
import type { Queryable } from "../../platform/database/database.ts";
import {
  causeCtes,
  ifActive,
  isChainEnd,
  writtenBy,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { consumerOf, waitReason, type QueueKey } from "../../platform/database/queue-messages.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";

export interface NewMessage {
  readonly id: string;
  /** Id of its first run. */
  readonly executionId: string;
  /** JSON text of `ctx.event.queue` without its end and the time: `{"queue":…,"data":…`. */
  readonly payload: string;
  readonly delayMs: number;
  readonly dedupeKey: string | null;
  readonly group: string | null;
}

export interface SentMessage {
  /** The id of the message, or of the one that was sent with the key before. */
  readonly message_id: string;
  readonly is_new: boolean;
}

/** In the order of the messages. Nothing, and nothing is written, for an app that is being deleted. The lock of each
 *  group's row is held until the commit. */
export async function insertMessages(
  db: Queryable,
  cause: WriteCause,
  queue: string,
  messages: readonly NewMessage[],
): Promise<readonly SentMessage[]> {
  const key = { appId: cause.appId, queue };
  const hasKeys = messages.some(({ dedupeKey }) => dedupeKey !== null);
  // A message at the end of a chain waits for nobody, so it takes no place in a group.
  const hasGroups = !isChainEnd(cause) && messages.some(({ group }) => group !== null);
  return await run<SentMessage>(
    db,
    sql`
    with ${causeCtes(cause)} i as materialized (${items(messages)}), ${hasKeys ? dedupeCte(key) : sql``}
    w as materialized (${hasKeys ? deduped() : sql`select i.*, i.id as message_id, true as is_new from i where ${ifActive()}`}),
    f as materialized (
      select t.id as trigger_id, t.script_id,
        ${isChainEnd(cause) ? sql`'depth_limit'` : waitReason(key)} as reason
      from (select) as one left join lateral (${consumerOf(key)}) t on true),
    ${hasGroups ? groupCtes(key) : sql`m as (select w.*, null::bigint as group_seq, false as is_behind from w where w.is_new)`},
    ${eventCte(cause)}, ${deliveryCte(cause, queue, hasGroups)}
    select w.message_id, w.is_new from w order by w.n`,
  );
}

function items(messages: readonly NewMessage[]): Part {
  return sql`select u.id, u.execution_id, u.payload, u.delay_ms, u.dedupe_key collate "C" as dedupe_key,
      u.group_key collate "C" as group_key, u.n from unnest(${messages.map(({ id }) => id)}::uuid[],
      ${messages.map(({ executionId }) => executionId)}::uuid[], ${messages.map(({ payload }) => payload)}::text[],
      ${messages.map(({ delayMs }) => delayMs)}::float8[], ${messages.map(({ dedupeKey }) => dedupeKey)}::text[],
      ${messages.map(({ group }) => group)}::text[])
      with ordinality as u (id, execution_id, payload, delay_ms, dedupe_key, group_key, n)`;
}

/** One row for each key: the first id that was sent with it. Who comes second waits for the first one's commit. In the
 *  order of the keys, so that two batches do not wait for each other. */
function dedupeCte({ appId, queue }: QueueKey): Part {
  return sql`k as (
      insert into queue_dedupe as d (app_id, queue, dedupe_key, message_id, expires_at)
      select ${appId}::uuid, ${queue}, u.dedupe_key, u.id, now() + interval '24 hours'
      from (select distinct on (i.dedupe_key) i.dedupe_key, i.id from i
        where i.dedupe_key is not null order by i.dedupe_key, i.n) u where ${ifActive()}
      on conflict (app_id, queue, dedupe_key) do update set
        message_id = case when d.expires_at <= now() then excluded.message_id else d.message_id end,
        expires_at = case when d.expires_at <= now() then excluded.expires_at else d.expires_at end
      returning d.dedupe_key, d.message_id),`;
}

function deduped(): Part {
  return sql`select i.*, coalesce(k.message_id, i.id) as message_id, coalesce(k.message_id = i.id, true) as is_new
      from i left join k on k.dedupe_key = i.dedupe_key where ${ifActive()}`;
}

/** `m`: the new messages with their numbers. The groups are entered in the order of their names. */
function groupCtes({ appId, queue }: QueueKey): Part {
  return sql`g as materialized (
      select s.group_key, s.n, e.last_seq, e.is_first from (
        select w.group_key, count(*)::int as n from w
        where w.is_new and w.group_key is not null group by 1 order by 1) s
      cross join lateral picloud_queue_enter(${appId}, ${queue}, s.group_key, s.n) e),
    r as (
      select w.*, row_number() over (partition by w.group_key order by w.n) as place from w where w.is_new),
    m as (
      select r.*, g.last_seq - g.n + r.place as group_seq,
        g.group_key is not null and not (g.is_first and r.place = 1) as is_behind
      from r left join g on g.group_key = r.group_key)`;
}

function eventCte(cause: WriteCause): Part {
  const { appId, execution } = cause;
  return sql`e as (
      insert into events (app_id, id, source, op, payload, written_by, root_execution_id, depth)
      select ${appId}::uuid, m.id, 'queue', 'message', (m.payload || ',"enqueued_at":"'
          || to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}')::json,
        ${writtenBy(cause)}::uuid, ${execution?.rootExecutionId ?? null}::uuid, ${depthOf(cause)}::int
      from m)`;
}

function deliveryCte(cause: WriteCause, queue: string, hasGroups: boolean): Part {
  const { appId, execution } = cause;
  return sql`o as (
      insert into outbox (app_id, id, event_id, trigger_id, script_id, execution_id, root_execution_id,
        parent_execution_id, depth, state, held_reason, run_after, queue, group_key, group_seq)
      select ${appId}::uuid, m.id, m.id, f.trigger_id, f.script_id, m.execution_id,
        coalesce(${execution?.rootExecutionId ?? null}::uuid, m.execution_id), ${writtenBy(cause)}::uuid,
        ${depthOf(cause)}::int,
        case when m.is_behind or f.reason is not null then 'held' else 'ready' end,
        case when m.is_behind then 'group' else f.reason end,
        now() + m.delay_ms * interval '1 millisecond', ${queue},
        ${hasGroups ? sql`m.group_key, m.group_seq` : sql`null, null`}
      from m cross join f)`;
}

function depthOf(cause: WriteCause): number {
  return (cause.execution?.depth ?? 0) + 1;
}
