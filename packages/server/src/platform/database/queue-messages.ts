/** Messages of queues in the outbox: who consumes them and why they wait, put right after a change of either. A message
 *  whose consumer is gone stays in its queue; the next consumer gets it.
 *
 *  Beside what holds other deliveries a message is held for `no_consumer`, `queue_paused`, `group` (behind an earlier one of
 *  its group) and `depth_limit` (the chain of runs that sent it is too long; nothing frees it). */
import type { Queryable, Sql } from "./database.ts";
import { run, sql, type Part } from "./statement.ts";

export interface QueueKey {
  readonly appId: string;
  readonly queue: string;
}

/** Messages of one statement; each is a short transaction of its own. */
const BATCH = 5_000;
/** Batches of one change; at 5,000 rows each more than any queue holds. */
const BATCHES_MAX = 10_000;
/** Before and after every id. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
/** Queues and groups that one sweep looks at. */
const SWEEP_MAX = 10_000;

/** Makes all messages of a queue that do not run agree with its consumer and its pause: holds, frees and hands over. Call
 *  it after the commit of the change, and after `openWritesEnded` where the change frees; then signal `outbox`. Gives how
 *  many changed. Those of one queue come one after another, so the last one has seen the last change. */
export async function settleQueue(db: Sql, key: QueueKey): Promise<number> {
  let changed = 0;
  let after = FIRST_ID;
  for (let batches = 0; batches < BATCHES_MAX; batches++) {
    const batch: SettledBatch = await db.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`${key.appId}/${key.queue}`}, 0))`;
      return await settleBatch(tx, key, after);
    });
    changed += batch.changed;
    if (batch.last === null) break;
    after = batch.last;
  }
  return changed;
}

interface SettledBatch {
  readonly changed: number;
  /** Null: that was the end. */
  readonly last: string | null;
}

/** The messages after `after` in the order of their ids; rows that something else has locked are left to the next claim
 *  or sweep. */
async function settleBatch(tx: Queryable, key: QueueKey, after: string): Promise<SettledBatch> {
  const { appId, queue } = key;
  const [row] = await run<SettledBatch>(
    tx,
    sql`
    with ${factsCte(key)}, r as materialized (
      select (select o.id from outbox o where o.app_id = ${appId} and o.queue = ${queue} and o.id > ${after}::uuid
        order by o.app_id, o.queue, o.id offset ${BATCH - 1} limit 1) as last
    ), w as (
      select o.id from outbox o cross join f where o.app_id = ${appId} and o.queue = ${queue} and o.id > ${after}::uuid
        and o.id <= coalesce((select r.last from r), ${LAST_ID}::uuid)
        and o.locked_by is null and o.held_reason is distinct from 'depth_limit' and ${isUnsettled()}
      for update of o skip locked
    ), u as (
      update outbox o set ${settled()} from f
      where o.app_id = ${appId} and o.id = any(array(select w.id from w)) returning o.id)
    select (select count(*)::int from u) as changed, r.last from r`,
  );
  return row ?? { changed: 0, last: null };
}

/** CTE `f`: the consumer of the queue, none is nulls, and why its messages have to wait. */
function factsCte({ appId, queue }: QueueKey): Part {
  return sql`f as materialized (
      select t.id as trigger_id, t.script_id, ${waitReason({ appId, queue })} as reason
      from (select) as one left join lateral (${consumerOf({ appId, queue })}) t on true)`;
}

/** The trigger that messages of the queue go to: the enabled one, of which there is one at most, else the newest. */
export function consumerOf({
  appId,
  queue,
}: {
  readonly appId: string;
  readonly queue: string | Part;
}): Part {
  return sql`
    select c.id, c.script_id, c.enabled, c.paused_reason, s.enabled as is_script_enabled from triggers c
    join scripts s on s.app_id = c.app_id and s.id = c.script_id
    where c.app_id = ${appId} and c.kind = 'queue' and c.pattern = ${queue} order by c.enabled desc, c.id desc limit 1`;
}

/** Over a row `t` of {@link consumerOf} or nulls: why a message has to wait, or null. */
export function waitReason({ appId, queue }: QueueKey): Part {
  return sql`case when t.id is null then 'no_consumer'
        when exists (select from queue_pauses p where p.app_id = ${appId} and p.queue = ${queue}) then 'queue_paused'
        when not t.enabled then 'trigger_disabled' when t.paused_reason is not null then 'trigger_paused'
        when not t.is_script_enabled then 'script_disabled' end`;
}

/** Over `o` and `f`. A row that is free may tell in `held_reason` why it is not taken. */
function isUnsettled(): Part {
  return sql`(o.trigger_id is distinct from f.trigger_id or o.script_id is distinct from f.script_id
    or o.state = 'ready' and f.reason is not null
    or o.state = 'held' and o.held_reason <> 'group' and o.held_reason is distinct from f.reason)`;
}

function settled(): Part {
  return sql`trigger_id = f.trigger_id, script_id = f.script_id,
    state = case when o.state = 'held' and o.held_reason = 'group' or f.reason is not null then 'held' else 'ready' end,
    held_reason = case when o.state = 'held' and o.held_reason = 'group' then 'group' else f.reason end`;
}

/** Puts a claimed message back into its queue, as of now: held, or free for the consumer that the queue has. Gives why it
 *  waits, null if it is free, `undefined` if this node does not hold it any more. */
export async function settleClaimed(
  db: Sql,
  nodeId: string,
  message: QueueKey & { readonly id: string; readonly claim: number },
): Promise<string | null | undefined> {
  const { appId, queue, id, claim } = message;
  return await db.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`${appId}/${queue}`}, 0))`;
    const [row] = await run<{ held_reason: string | null }>(
      tx,
      sql`
      with ${factsCte(message)}
      update outbox o set ${settled()}, locked_by = null, lease_until = null from f
      where o.app_id = ${appId} and o.id = ${id} and o.locked_by = ${nodeId} and o.claim = ${claim}
      returning o.held_reason`,
    );
    return row?.held_reason;
  });
}

/** Puts up to `limit` messages that wait for a trigger or a script that is being removed back into their queues, held. For
 *  whoever drops the other deliveries; may be called in the transaction that removes it. Gives their number. */
export async function detachMessages(
  db: Queryable,
  of: { readonly appId: string } & ({ readonly scriptId: string } | { readonly triggerId: string }),
  limit: number,
): Promise<number> {
  const { appId } = of;
  const isTheirs = "scriptId" in of ? db`o.script_id = ${of.scriptId}` : db`o.trigger_id = ${of.triggerId}`;
  const rows = await db`
    with w as (
      select o.id from outbox o
      where o.app_id = ${appId} and ${isTheirs} and o.queue is not null and o.locked_by is null
      limit ${limit} for update skip locked)
    update outbox o set trigger_id = null, script_id = null, state = 'held',
      held_reason = case when o.state = 'held' and o.held_reason in ('group', 'depth_limit') then o.held_reason
        else 'no_consumer' end
    from w where o.app_id = ${appId} and o.id = w.id`;
  return rows.count;
}

/** After the commit of a transaction that removed the first messages of groups at a level above read committed. */
export async function freeNextOfGroups(
  db: Queryable,
  groups: readonly (QueueKey & { readonly group: string })[],
): Promise<void> {
  for (const { appId, queue, group } of groups)
    await db`select picloud_queue_next(${appId}, ${queue}, ${group})`;
}

/** The net under all of the above, for a server that was lost between a change and what follows it: over all apps. Gives
 *  how many messages changed. */
export async function settleAllQueues(db: Sql): Promise<number> {
  let changed = 0;
  for (const key of await listQueues(db)) changed += await settleQueue(db, key);
  return changed;
}

/** Queues with messages, by one step through the index for each. */
async function listQueues(db: Queryable): Promise<readonly QueueKey[]> {
  return await db<QueueKey[]>`
    with recursive q as (
      (select o.app_id, o.queue, 1 as n from outbox o where o.queue is not null order by o.app_id, o.queue limit 1)
      union all
      select s.app_id, s.queue, q.n + 1 from q cross join lateral (
        select o.app_id, o.queue from outbox o
        where o.queue is not null and (o.app_id, o.queue) > (q.app_id, q.queue)
        order by o.app_id, o.queue limit 1) s
      where q.n < ${SWEEP_MAX})
    select app_id as "appId", queue from q`;
}

/** Frees the next of groups whose first message is gone and that nobody freed. Gives the number of groups. */
export async function freeLeaderlessGroups(db: Queryable): Promise<number> {
  const rows = await db<{ isFreed: boolean }[]>`
    select picloud_queue_next(g.app_id, g.queue, g.group_key) as "isFreed" from queue_groups g
    where (select o.held_reason = 'group' and o.state = 'held' from outbox o
      where o.app_id = g.app_id and o.queue = g.queue and o.group_key = g.group_key
      order by o.group_seq limit 1)
    limit ${SWEEP_MAX}`;
  return rows.filter(({ isFreed }) => isFreed).length;
}
