/** Deliveries that wait outside the queue because their trigger or script is off, and what frees or drops them. Holding
 *  locks the row of the trigger or script, so it never comes after the change that switches it on has freed the rest. */
import type { Queryable } from "./database.ts";
import { detachMessages } from "./queue-messages.ts";

/** Why a delivery waits outside the queue. */
export type HeldReason = "script_disabled" | "trigger_disabled" | "trigger_paused";

/** Rows of one statement; each is a short transaction of its own. */
const BATCH = 5_000;

export interface ScriptKey {
  readonly appId: string;
  readonly scriptId: string;
}

export interface TriggerKey {
  readonly appId: string;
  readonly triggerId: string;
}

/** Holds what waits for a trigger that is off. Call it after the commit that switched it off. */
export async function holdDeliveriesOfTrigger(db: Queryable, key: TriggerKey): Promise<number> {
  return await inBatches(async () => {
    const rows = await db`
      with off as (
        select case when t.enabled then 'trigger_paused' else 'trigger_disabled' end as reason from triggers t
        where t.app_id = ${key.appId} and t.id = ${key.triggerId}
          and (not t.enabled or t.paused_reason is not null) for share
      ), w as (
        select o.app_id, o.id from outbox o
        where o.app_id = ${key.appId} and o.trigger_id = ${key.triggerId} and o.state = 'ready' and o.locked_by is null
        limit ${BATCH} for update skip locked)
      update outbox o set state = 'held', held_reason = off.reason from w, off
      where o.app_id = ${key.appId} and o.id = w.id`;
    return rows.count;
  });
}

/** Frees what was held for a trigger that is on again. Call it after the commit, then signal `outbox`. */
export async function releaseDeliveriesOfTrigger(db: Queryable, key: TriggerKey): Promise<number> {
  return await inBatches(async () => {
    const rows = await db`
      with w as (
        select o.app_id, o.id from outbox o
        where o.app_id = ${key.appId} and o.trigger_id = ${key.triggerId} and o.state = 'held'
          and o.held_reason in ('trigger_disabled', 'trigger_paused')
        limit ${BATCH} for update skip locked)
      update outbox o set state = 'ready', held_reason = null from w
      where o.app_id = ${key.appId} and o.id = w.id`;
    return rows.count;
  });
}

/** Drops what waits for a trigger that was deleted, also what runs now: its end finds no row. Gives the number. Messages
 *  belong to their queue: they stay in it for the next consumer. */
export async function dropDeliveriesOfTrigger(db: Queryable, key: TriggerKey): Promise<number> {
  await inBatches(async () => await detachMessages(db, key, BATCH));
  return await inBatches(async () => {
    const rows = await db`
      delete from outbox where app_id = ${key.appId} and id = any(array(
        select id from outbox where app_id = ${key.appId} and trigger_id = ${key.triggerId} and queue is null
        limit ${BATCH}))`;
    return rows.count;
  });
}

/** Holds what waits for a script that is off. Call it after the commit that switched it off. */
export async function holdDeliveriesOfScript(db: Queryable, key: ScriptKey): Promise<number> {
  return await inBatches(async () => {
    const rows = await db`
      with off as (
        select s.id from scripts s where s.app_id = ${key.appId} and s.id = ${key.scriptId} and not s.enabled for share
      ), w as (
        select o.app_id, o.id from outbox o
        where o.app_id = ${key.appId} and o.script_id = ${key.scriptId} and o.state = 'ready' and o.locked_by is null
        limit ${BATCH} for update skip locked)
      update outbox o set state = 'held', held_reason = 'script_disabled' from w, off
      where o.app_id = ${key.appId} and o.id = w.id`;
    return rows.count;
  });
}

/** Frees what was held for a script that is on again. Call it after the commit, then signal `outbox`. */
export async function releaseDeliveriesOfScript(db: Queryable, key: ScriptKey): Promise<number> {
  return await inBatches(async () => {
    const rows = await db`
      with w as (
        select o.app_id, o.id from outbox o
        where o.app_id = ${key.appId} and o.script_id = ${key.scriptId} and o.state = 'held'
          and o.held_reason = 'script_disabled'
        limit ${BATCH} for update skip locked)
      update outbox o set state = 'ready', held_reason = null from w
      where o.app_id = ${key.appId} and o.id = w.id`;
    return rows.count;
  });
}

/** Drops what waits for a script that is being deleted; may be called in the transaction that deletes it. Messages stay in
 *  their queues. */
export async function dropDeliveriesOfScript(db: Queryable, key: ScriptKey): Promise<number> {
  await inBatches(async () => await detachMessages(db, key, BATCH));
  return await inBatches(async () => {
    const rows = await db`
      delete from outbox where app_id = ${key.appId} and id = any(array(
        select id from outbox where app_id = ${key.appId} and script_id = ${key.scriptId} and queue is null
        limit ${BATCH}))`;
    return rows.count;
  });
}

/** The net under the functions above, for a server that was lost between a change and its batches: frees held
 *  deliveries of all apps whose reason is gone, and deletes those whose trigger is. Gives the number of rows. */
export async function freeHeldDeliveries(db: Queryable): Promise<number> {
  return await inBatches(async () => await freeBatch(db));
}

async function freeBatch(db: Queryable): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    with h as (
      select o.app_id, o.id, o.trigger_id is not null and t.id is null as is_gone from outbox o
      left join triggers t on t.app_id = o.app_id and t.id = o.trigger_id
      left join scripts s on s.app_id = o.app_id and s.id = o.script_id
      where o.state = 'held' and o.queue is null and case when o.trigger_id is not null and t.id is null then true
        when o.held_reason = 'script_disabled' then s.enabled
        else t.enabled and t.paused_reason is null end
      limit ${BATCH} for update of o skip locked
    ), gone as (
      delete from outbox o using h where o.app_id = h.app_id and o.id = h.id and h.is_gone returning o.id
    ), free as (
      update outbox o set state = 'ready', held_reason = null from h
      where o.app_id = h.app_id and o.id = h.id and not h.is_gone returning o.id
    )
    select ((select count(*) from gone) + (select count(*) from free))::int as count`;
  return row?.count ?? 0;
}

/** Batches of one change; at 5,000 rows each more than any outbox holds. */
const BATCHES_MAX = 10_000;

async function inBatches(work: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let batches = 0; batches < BATCHES_MAX; batches++) {
    const count = await work();
    total += count;
    if (count < BATCH) break;
  }
  return total;
}
