/** SQL of running a trigger by hand: its event and its delivery, made for it alone. */
import type { Queryable } from "../../platform/database/database.ts";
import type { HeldReason } from "../../platform/database/outbox-holds.ts";
import { isActiveApp } from "../../platform/database/execution-row.ts";

export interface HandMadeEvent {
  readonly appId: string;
  readonly triggerId: string;
  readonly eventId: string;
  readonly executionId: string;
  readonly source: string;
  readonly op: string;
  /** JSON text. */
  readonly payload: string;
}

export interface HandMadeDelivery {
  /** Null: it runs as soon as there is room. */
  readonly held_reason: HeldReason | null;
}

/** One statement. The delivery of a trigger that is off runs all the same; of a paused one, or of a script that is off, it
 *  waits like every other: the locks make a change that switches them on wait, so it finds the row and frees it. Nothing
 *  for an app that is being deleted, or a trigger that is gone. */
export async function insertHandMade(
  db: Queryable,
  event: HandMadeEvent,
): Promise<HandMadeDelivery | undefined> {
  const { appId, triggerId, eventId, executionId } = event;
  const [row] = await db<HandMadeDelivery[]>`
    with t as (
      select t.id, t.script_id, case when t.paused_reason is not null then 'trigger_paused'
          when not s.enabled then 'script_disabled' end as held_reason
      from triggers t join scripts s on s.app_id = t.app_id and s.id = t.script_id
      where t.app_id = ${appId} and t.id = ${triggerId} and ${isActiveApp(db, "t.app_id")} for share of t, s
    ), e as (
      insert into events (app_id, id, source, op, payload, depth)
      select ${appId}, ${eventId}, ${event.source}, ${event.op}, ${event.payload}::text::json, 1 from t
    )
    insert into outbox (app_id, id, event_id, trigger_id, script_id, execution_id, root_execution_id, depth, by_hand,
      state, held_reason)
    select ${appId}, picloud_uuid_v7(), ${eventId}, t.id, t.script_id, ${executionId}, ${executionId}, 1, true,
      case when t.held_reason is null then 'ready' else 'held' end, t.held_reason
    from t returning held_reason`;
  return row;
}

/** Newest events that are looked through. */
const RECENT_EVENTS = 500;

/** The newest recent event of the source that the trigger would get. `member` of the payload has the name that `pattern` is
 *  compared with. */
export async function findLastEvent(
  db: Queryable,
  query: {
    readonly appId: string;
    readonly source: string;
    readonly ops: readonly string[];
    readonly member: string | undefined;
    readonly pattern: string;
  },
): Promise<{ readonly op: string; readonly payload: string } | undefined> {
  const { member = "", pattern } = query;
  const isNamed =
    member === "" || pattern === "*"
      ? db``
      : pattern.endsWith("*")
        ? db`and starts_with(e.payload->>${member}::text, ${pattern.slice(0, -1)})`
        : db`and e.payload->>${member}::text = ${pattern}`;
  const [row] = await db<{ op: string; payload: string }[]>`
    select e.op, e.payload::text as payload from (
      select id, source, op, payload from events where app_id = ${query.appId} order by id desc limit ${RECENT_EVENTS}) e
    where e.source = ${query.source} and e.op = any(${[...query.ops]}::text[]) ${isNamed}
    order by e.id desc limit 1`;
  return row;
}
