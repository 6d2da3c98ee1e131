/** SQL of the outbox: claims, leases, completion. Time is the database's `now()`. Claim, completion, takeover and
 *  inspection go over all apps; every other statement has the app first. */
import type { Fragment } from "postgres";
import type { AppRole, InstanceRole } from "@picloud/contract";
import type { Queryable } from "../platform/database/database.ts";
import { executionUpsert, type ExecutionEnd } from "../platform/database/execution-row.ts";
import type { HeldReason } from "../platform/database/outbox-holds.ts";
import {
  deadLetterCtes,
  handledCte,
  handlerPayload,
  isHandlerRow,
} from "../platform/database/dead-letter-handlers.ts";

/** A delivery that this node holds until its lease ends. */
export interface Claim {
  readonly app_id: string;
  readonly id: string;
  readonly claim: number;
}

export interface ClaimedDelivery extends Claim {
  readonly event_id: string;
  readonly dead_letter_id: string | null;
  readonly trigger_id: string | null;
  readonly script_id: string;
  readonly execution_id: string;
  readonly root_execution_id: string;
  readonly parent_execution_id: string | null;
  readonly depth: number;
  /** Null: no message of a queue. */
  readonly queue: string | null;
  readonly group_key: string | null;
  readonly is_queue_paused: boolean;
  /** Attempts used up. */
  readonly attempt: number;
  readonly takeovers: number;
  /** It runs although the trigger is off. */
  readonly by_hand: boolean;
  /** Null: nothing has run for it yet. */
  readonly first_attempt_at: Date | null;
  /** Null: the app is gone. */
  readonly app_slug: string | null;
  readonly app_state: "active" | "deleting" | null;
  /** Null: the event is gone. */
  readonly source: string | null;
  readonly op: string | null;
  readonly occurred_at: Date | null;
  /** JSON text; null if it is long: see {@link findPayload}. */
  readonly payload: string | null;
  /** Null: the trigger is gone, or there is none. */
  readonly trigger: ClaimedTrigger | null;
}

export interface ClaimedTrigger {
  readonly pattern: string;
  readonly enabled: boolean;
  readonly pausedReason: string | null;
  readonly maxAttempts: number;
  readonly backoff: "exponential" | "linear" | "constant";
  readonly baseMs: number;
  readonly maxMs: number;
  readonly jitterPct: number;
  /** Of a queue's consumer; over 1: its runs get several messages. */
  readonly batchSize: number | null;
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly role: InstanceRole;
    readonly appRole: AppRole | null;
    readonly isDisabled: boolean;
  };
}

/** What one claim may walk through; the next one starts after the last app of this one. */
const APPS_MAX = 1000;
/** Before every other id. */
export const FIRST_APP = "00000000-0000-0000-0000-000000000000";
/** A batch of payloads up to this size is read with the claim, longer ones one by one when their run starts. */
const PAYLOAD_INLINE_BYTES = 16_384;

export interface ClaimQuery {
  readonly nodeId: string;
  /** Where the last claim ended: apps after it come first, so that no app waits behind another one's backlog. */
  readonly afterApp: string;
  readonly limit: number;
  /** Most of one app. */
  readonly appLimit: number;
  /** Apps that get nothing now. */
  readonly fullApps: readonly string[];
  readonly leaseMs: number;
}

export interface ClaimResult {
  readonly deliveries: readonly ClaimedDelivery[];
  /** For the next claim. */
  readonly afterApp: string;
  /** An app may have more that is due than its share of this claim, or there were more apps than one claim looks at. */
  readonly hasMore: boolean;
}

/** Claims up to `limit` due deliveries, evenly over the apps that have some. */
export async function claimDeliveries(db: Queryable, query: ClaimQuery): Promise<ClaimResult> {
  const { nodeId, afterApp, limit, appLimit, leaseMs } = query;
  const rows = await db<(ClaimedDelivery & ClaimWalk & { id: string | null })[]>`
    with recursive ${walkCte(db, afterApp)}, due as (
      select w.app_id, w.n from walk w
      where w.app_id <> all(${[...query.fullApps]}::uuid[])
        and exists (select from outbox o where o.app_id = w.app_id and ${isFree(db)} and o.run_after <= now())
    ), picked as (
      select p.app_id, p.id, due.n from due cross join lateral (
        select o.app_id, o.id from outbox o
        where o.app_id = due.app_id and ${isFree(db)} and o.run_after <= now()
        order by o.run_after
        limit (select least(ceil(${limit}::numeric / greatest(count(*), 1))::int, ${appLimit}::int) from due)
        for update skip locked) p
      order by due.n limit ${limit}
    ), c as (
      update outbox o set locked_by = ${nodeId}, locked_at = now(), claim = o.claim + 1, held_reason = null,
        lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
      from picked p where o.app_id = p.app_id and o.id = p.id
      returning o.*, p.n
    )
    select ${deliveryColumns(db)},
      (select count(*)::int from walk) as walked, (select count(*)::int from due) as due_apps, (select w.app_id from walk w order by w.n desc limit 1) as walked_to,
      -- A claim that a crash undoes is a row that is free again: nobody has to wait for the disk.
      set_config('synchronous_commit', 'off', true)
    from (select 1) as one left join c on true ${deliveryJoins(db)} order by c.n, c.run_after`;
  const deliveries = rows.filter((row) => row.id !== null);
  const { walked = 0, walked_to: walkedTo = null, due_apps: dueApps = 0 } = rows[0] ?? {};
  const isWalkCut = walked >= APPS_MAX;
  const share = Math.min(Math.ceil(limit / Math.max(dueApps, 1)), appLimit);
  return {
    deliveries,
    afterApp: deliveries.at(-1)?.app_id ?? (isWalkCut ? walkedTo : undefined) ?? afterApp,
    hasMore: isWalkCut || mostOfOneApp(deliveries) >= share,
  };
}

interface ClaimWalk {
  readonly walked: number;
  readonly walked_to: string | null;
  readonly due_apps: number;
}

function mostOfOneApp(deliveries: readonly ClaimedDelivery[]): number {
  const counts = new Map<string, number>();
  for (const { app_id: appId } of deliveries) counts.set(appId, (counts.get(appId) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** Apps that have free deliveries, due or not, in order from the one after `afterApp` round to it: one step through
 *  the partial index for each app, however many rows it has. */
function walkCte(db: Queryable, afterApp: string): Fragment {
  return db`walk (app_id, n, wrapped) as (
      select s.app_id, 1, s.wrapped from (
        (select o.app_id, false as wrapped from outbox o
          where ${isFree(db)} and o.app_id > ${afterApp} order by o.app_id limit 1)
        union all
        (select o.app_id, true from outbox o
          where ${isFree(db)} and o.app_id <= ${afterApp} order by o.app_id limit 1)
        order by wrapped limit 1) s
      union all
      select s.app_id, w.n + 1, s.wrapped from walk w cross join lateral (
        (select o.app_id, w.wrapped as wrapped from outbox o
          where ${isFree(db)} and o.app_id > w.app_id and (not w.wrapped or o.app_id <= ${afterApp})
          order by o.app_id limit 1)
        union all
        (select o.app_id, true from outbox o
          where not w.wrapped and ${isFree(db)} and o.app_id <= ${afterApp} order by o.app_id limit 1)
        order by wrapped limit 1) s
      where w.n < ${APPS_MAX})`;
}

/** The condition of the partial index `outbox_ready`. */
function isFree(db: Queryable): Fragment {
  return db`o.state = 'ready' and o.locked_by is null`;
}

/** Of a claimed row `c` with {@link deliveryJoins}. */
function deliveryColumns(db: Queryable): Fragment {
  return db`c.app_id, c.id, c.claim, c.event_id, c.dead_letter_id, c.trigger_id, c.script_id, c.execution_id,
      c.root_execution_id, c.parent_execution_id, c.depth, c.queue, c.group_key,
      c.queue is not null and exists (
        select from queue_pauses p where p.app_id = c.app_id and p.queue = c.queue) as is_queue_paused, c.attempt, c.takeovers, c.by_hand, c.first_attempt_at,
      a.slug as app_slug, a.state as app_state,
      case when ${isHandlerRow(db, "c")} and d.id is not null then 'dead_letter' else coalesce(e.source, d.source) end as source,
      case when ${isHandlerRow(db, "c")} and d.id is not null then 'dead_letter' else coalesce(e.op, d.op) end as op,
      case when ${isHandlerRow(db, "c")} then d.created_at
        else coalesce(e.created_at, (d.event->>'occurred_at')::timestamptz) end as occurred_at,
      case when ${isHandlerRow(db, "c")}
        then case when octet_length(d.event::text) <= ${PAYLOAD_INLINE_BYTES} then ${handlerPayload(db)} end
        when octet_length(coalesce(e.payload, d.event->d.source)::text) <= ${PAYLOAD_INLINE_BYTES}
        then coalesce(e.payload, d.event->d.source)::text end as payload,
      case when t.id is not null then json_build_object('pattern', t.pattern, 'enabled', t.enabled, 'pausedReason', t.paused_reason,
        'maxAttempts', t.max_attempts, 'backoff', t.backoff, 'baseMs', t.base_ms, 'maxMs', t.max_ms,
        'jitterPct', t.jitter_pct, 'batchSize', t.batch_size, 'user', json_build_object('id', u.id, 'name', u.username, 'role', u.role,
          'appRole', m.role, 'isDisabled', u.disabled_at is not null)) end as trigger`;
}

/** A replay (`dead_letter_id`) reads the event from its dead letter: the event itself may have been swept. For a handler the
 *  dead letter is the event. */
function deliveryJoins(db: Queryable): Fragment {
  return db`left join apps a on a.id = c.app_id
    left join events e on e.app_id = c.app_id and e.id = c.event_id and c.dead_letter_id is null
    left join dead_letters d on d.app_id = c.app_id and d.id = c.dead_letter_id
    left join triggers t on t.app_id = c.app_id and t.id = c.trigger_id
    left join users u on u.id = t.registered_by
    left join members m on m.app_id = c.app_id and m.user_id = t.registered_by`;
}

/** So many due deliveries of the app are looked at; its other triggers may have some between the messages. */
const LOOKED_AT = 2000;

/** Claims up to `limit` further due messages of the queue and consumer of `like` that have not failed yet. */
export async function claimMessages(
  db: Queryable,
  query: {
    readonly nodeId: string;
    readonly leaseMs: number;
    readonly like: ClaimedDelivery;
    readonly limit: number;
  },
): Promise<readonly ClaimedDelivery[]> {
  const { nodeId, leaseMs, like, limit } = query;
  return await db<ClaimedDelivery[]>`
    with r as materialized (
      select (select o.run_after from outbox o
        where o.app_id = ${like.app_id} and ${isFree(db)} and o.run_after <= now()
        order by o.run_after offset ${LOOKED_AT} limit 1) as last
    ), picked as (
      select o.app_id, o.id from outbox o
      where o.app_id = ${like.app_id} and ${isFree(db)} and o.run_after <= coalesce((select r.last from r), now())
        and o.queue = ${like.queue} and o.trigger_id = ${like.trigger_id} and o.attempt = 0 and o.takeovers = 0
      order by o.run_after limit ${limit} for update skip locked
    ), c as (
      update outbox o set locked_by = ${nodeId}, locked_at = now(), claim = o.claim + 1, held_reason = null,
        lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
      where o.app_id = ${like.app_id} and o.id = any(array(select p.id from picked p)) returning o.*
    )
    select ${deliveryColumns(db)} from c ${deliveryJoins(db)} order by c.run_after, c.id`;
}

/** JSON text of `ctx.event.<source>`, however long. */
export async function findPayload(db: Queryable, row: ClaimedDelivery): Promise<string | undefined> {
  const [found] = await (row.dead_letter_id === null
    ? db<{ payload: string }[]>`
        select payload::text from events where app_id = ${row.app_id} and id = ${row.event_id}`
    : db<{ payload: string }[]>`
        select case when d.id = ${row.event_id} then ${handlerPayload(db)} else (d.event->d.source)::text end as payload
        from dead_letters d where d.app_id = ${row.app_id} and d.id = ${row.dead_letter_id}`);
  return found?.payload;
}

/** `done`: removed. `retry`: an attempt is used up, the next one comes after the delay. `dead`: removed, with its dead
 *  letter. `back`: free again after the delay, nothing used up. `handled`: removed; it was a dead letter, and its handler has
 *  returned or, with an error, failed. */
export interface Outcome {
  readonly claim: Claim;
  readonly kind: "done" | "retry" | "dead" | "back" | "handled";
  readonly delayMs: number;
  /** Why it goes back, for who looks at the outbox meanwhile. */
  readonly wait?: "no_free_slot";
  /** JSON text `{code, message}`. */
  readonly error?: string;
  /** Absent: nothing ran. */
  readonly end?: ExecutionEnd;
}

/** Locks the deliveries that this node still holds until the end of the transaction: renewal, takeover and claims pass them
 *  by, and nobody else completes them. Gives their number. */
export async function lockDeliveries(
  db: Queryable,
  nodeId: string,
  claims: readonly Claim[],
): Promise<number> {
  const rows = await db`
    select o.id from outbox o join unnest(${claims.map((claim) => claim.app_id)}::uuid[],
      ${claims.map((claim) => claim.id)}::uuid[], ${claims.map((claim) => claim.claim)}::bigint[]) as d (app_id, id, claim)
      on o.app_id = d.app_id and o.id = d.id and o.claim = d.claim
    where ${isHeldBy(db, nodeId)} order by o.id for update of o`;
  return rows.length;
}

/** Completes a batch in one statement: the outbox rows that this node still holds, dead letters, and the execution
 *  rows of what ran (those also if the claim was lost: it ran). It has only the parts that the batch needs: nearly all
 *  batches are of deliveries that went well, and those take a delete by key. */
export async function completeDeliveries(
  db: Queryable,
  nodeId: string,
  outcomes: readonly Outcome[],
): Promise<void> {
  // The messages of a batch have one run together.
  const ends = [...new Set(outcomes.flatMap((outcome) => outcome.end ?? []))];
  const done = outcomes.filter(({ kind }) => kind === "done").map(({ claim }) => claim);
  const handled = outcomes.filter(({ kind }) => kind === "handled");
  const others = outcomes.filter(({ kind }) => kind !== "done" && kind !== "handled");
  await db`
    with ${ends.length === 0 ? db`` : db`x as (${executionUpsert(db, ends)}),`}
      ${others.length === 0 ? db`` : db`${unfinishedCtes(db, nodeId, others)},`}
      ${handled.length === 0 ? db`` : db`${handledCtes(db, nodeId, handled)},`}
      done as (
        delete from outbox o using unnest(${done.map((claim) => claim.app_id)}::uuid[],
          ${done.map((claim) => claim.id)}::uuid[], ${done.map((claim) => claim.claim)}::bigint[]) as d (app_id, id, claim)
        where o.app_id = d.app_id and o.id = d.id and ${isHeldBy(db, nodeId)} and o.claim = d.claim)
    select 1`;
}

/** Of deliveries to handlers of dead letters. */
function handledCtes(db: Queryable, nodeId: string, outcomes: readonly Outcome[]): Fragment {
  return db`ended as (
      delete from outbox o using unnest(${outcomes.map(({ claim }) => claim.app_id)}::uuid[],
        ${outcomes.map(({ claim }) => claim.id)}::uuid[], ${outcomes.map(({ claim }) => claim.claim)}::bigint[],
        ${outcomes.map(({ error }) => (error === undefined ? "returned" : "failed"))}::text[]) as d (app_id, id, claim, handling)
      where o.app_id = d.app_id and o.id = d.id and ${isHeldBy(db, nodeId)} and o.claim = d.claim
      returning o.app_id, o.dead_letter_id, d.handling = 'failed' as has_failed
    ), ${handledCte(db)}`;
}

/** Of deliveries that failed or did not run: dead letters, and rows that are free again. */
function unfinishedCtes(db: Queryable, nodeId: string, outcomes: readonly Outcome[]): Fragment {
  const column = <T>(pick: (outcome: Outcome) => T): T[] => outcomes.map(pick);
  return db`d as (
      select * from unnest(${column((o) => o.claim.app_id)}::uuid[], ${column((o) => o.claim.id)}::uuid[],
        ${column((o) => o.claim.claim)}::bigint[], ${column((o) => o.kind)}::text[],
        ${column((o) => o.delayMs)}::float8[], ${column((o) => o.wait ?? null)}::text[],
        ${column((o) => o.error ?? null)}::text[],
        ${column((o) => o.end?.ref.id ?? null)}::uuid[],
        ${column((o) => o.end?.ref.startedAt.toISOString() ?? null)}::timestamptz[])
        as d (app_id, id, claim, kind, delay_ms, wait, error, last_execution_id, attempt_at)
    ), gone as (
      delete from outbox o using d
      where o.app_id = d.app_id and o.id = d.id and ${isHeldBy(db, nodeId)} and o.claim = d.claim
        and d.kind = 'dead'
      returning o.*, d.error, d.last_execution_id, d.attempt_at
    ), ${deadLetterCtes(db)}, back as (
      update outbox o set attempt = o.attempt + case d.kind when 'retry' then 1 else 0 end,
        run_after = now() + d.delay_ms * interval '1 millisecond', held_reason = d.wait, locked_by = null,
        lease_until = null, first_attempt_at = coalesce(o.first_attempt_at, d.attempt_at),
        last_error = coalesce(d.error::json, o.last_error)
      from d
      where o.app_id = d.app_id and o.id = d.id and ${isHeldBy(db, nodeId)} and o.claim = d.claim
        and d.kind in ('retry', 'back'))`;
}

/** Not `=`: from that the planner would conclude that the partial index of leases has the rows, take it for nearly empty,
 *  and compare each row held with each of the batch: 5.9 ms for 128 rows, and the square of it for more. */
function isHeldBy(db: Queryable, nodeId: string): Fragment {
  return db`o.locked_by is not distinct from ${nodeId}::uuid`;
}

/** Prolongs the leases of rows that are still held; gives those. Passes rows by that a transaction has locked. */
export async function renewLeases(
  db: Queryable,
  query: { readonly nodeId: string; readonly leaseMs: number; readonly claims: readonly Claim[] },
): Promise<readonly Claim[]> {
  return await db<Claim[]>`
    with h as (
      select o.app_id, o.id from outbox o
      join unnest(${query.claims.map((c) => c.app_id)}::uuid[], ${query.claims.map((c) => c.id)}::uuid[],
        ${query.claims.map((c) => c.claim)}::bigint[]) as d (app_id, id, claim)
        on o.app_id = d.app_id and o.id = d.id and o.claim = d.claim
      where ${isHeldBy(db, query.nodeId)} for update of o skip locked)
    update outbox o set lease_until = now() + ${query.leaseMs}::float8 * interval '1 millisecond'
    from h where o.app_id = h.app_id and o.id = h.id
    returning o.app_id, o.id, o.claim`;
}

/** An event whose deliveries lost their node this often becomes a dead letter: it may be what kills servers. */
const TAKEOVERS_MAX = 5;
const TAKEOVER_BATCH = 1000;

export interface Takeover {
  readonly app_id: string;
  readonly id: string;
  readonly takeovers: number;
  readonly is_dead: boolean;
}

/** Frees deliveries whose lease has ended; with `onlyNode` (nobody else can be running them) also those that other
 *  lives of this node held. At the fifth takeover the delivery becomes a dead letter with `lease_lost`. */
export async function takeOver(
  db: Queryable,
  query: { readonly nodeId: string; readonly onlyNode: boolean },
): Promise<readonly Takeover[]> {
  const isLost = query.onlyNode
    ? db`o.locked_by is not null and o.locked_by <> ${query.nodeId}`
    : db`o.locked_by is not null and o.lease_until < now()`;
  const error = JSON.stringify({
    code: "lease_lost",
    message: `The server that ran this delivery was lost ${TAKEOVERS_MAX} times.`,
  });
  return await db<Takeover[]>`
    with l as (
      select o.app_id, o.id from outbox o where ${isLost}
      order by o.lease_until limit ${TAKEOVER_BATCH} for update skip locked
    ), gone as (
      delete from outbox o using l
      where o.app_id = l.app_id and o.id = l.id and o.takeovers + 1 >= ${TAKEOVERS_MAX}
      returning o.*, ${error}::text as error, null::uuid as last_execution_id, null::timestamptz as attempt_at
    ), ${deadLetterCtes(db)}, ended as (
      select o.app_id, o.dead_letter_id, true as has_failed from gone o where ${isHandlerRow(db, "o")}
    ), ${handledCte(db)}, free as (
      update outbox o set takeovers = o.takeovers + 1, locked_by = null, lease_until = null
      from l where o.app_id = l.app_id and o.id = l.id and o.takeovers + 1 < ${TAKEOVERS_MAX}
      returning o.app_id, o.id, o.takeovers
    )
    select app_id, id, takeovers, false as is_dead from free
    union all select app_id, id, takeovers + 1, true from gone`;
}

export interface Outlook {
  /** Milliseconds until the next free delivery is due, 0 or less if one is; null if there is none. */
  readonly due_in_ms: number | null;
  /** Milliseconds until the first lease ends. */
  readonly lease_in_ms: number | null;
}

/** What is to come; a read. */
export async function readOutlook(db: Queryable): Promise<Outlook> {
  const [row] = await db<Outlook[]>`
    with recursive ${walkCte(db, FIRST_APP)}
    select (extract(epoch from min(f.run_after) - now()) * 1000)::float8 as due_in_ms,
      (select (extract(epoch from min(lease_until) - now()) * 1000)::float8 from outbox where locked_by is not null)
        as lease_in_ms
    from walk w cross join lateral (
      select o.run_after from outbox o where o.app_id = w.app_id and ${isFree(db)} order by o.run_after limit 1) f`;
  return row ?? { due_in_ms: null, lease_in_ms: null };
}

export async function isScriptPresent(db: Queryable, delivery: ClaimedDelivery): Promise<boolean> {
  const rows = await db`select from scripts where app_id = ${delivery.app_id} and id = ${delivery.script_id}`;
  return rows.length === 1;
}

/** Puts a claimed delivery aside if its script or trigger is off, as of now: the lock on that row makes a change that
 *  switches it on wait, so it finds the row and frees it. Says whether it was held; if not, the row is still claimed. */
export async function holdDelivery(
  db: Queryable,
  nodeId: string,
  delivery: ClaimedDelivery,
  reason: HeldReason,
): Promise<boolean> {
  const { app_id, id, claim } = delivery;
  const off =
    reason === "script_disabled"
      ? db`select s.id from scripts s where s.app_id = ${app_id} and s.id = ${delivery.script_id}
          and not s.enabled for share`
      : db`select t.id from triggers t where t.app_id = ${app_id} and t.id = ${delivery.trigger_id}
          and (not t.enabled or t.paused_reason is not null) for share`;
  const rows = await db`
    with off as (${off})
    update outbox o set state = 'held', held_reason = ${reason}, locked_by = null, lease_until = null
    where o.app_id = ${app_id} and o.id = ${id} and o.locked_by = ${nodeId} and o.claim = ${claim}
      and exists (select from off) returning o.id`;
  return rows.length === 1;
}
