/** Events and deliveries of a statement that writes many rows: one event for each row that a trigger matches. */
import { isChainEnd, writtenBy, type EventOfWrite, type WriteCause } from "./outbox.ts";
import { sql, type Part } from "./statement.ts";

/** Like `eventCtes`, for a CTE `w` of any number of rows, which has `op` and a uuid `event_id` of each row. */
export function eventManyCtes(cause: WriteCause, event: EventOfWrite): Part {
  const { appId, execution } = cause;
  const matches = sql`, t as (
      select w.event_id, t.id, t.script_id from triggers t, w
      where t.app_id = ${appId} and t.kind = ${event.source} and t.pattern = any(${[...event.patterns]}::text[])
        and t.enabled and (t.ops = '{}' or w.op = any(t.ops)))`;
  if (isChainEnd(cause)) return matches;
  const depth = (execution?.depth ?? 0) + 1;
  return sql`${matches}, e as (
      insert into events (app_id, id, source, op, payload, written_by, root_execution_id, depth)
      select ${appId}::uuid, w.event_id, ${event.source}, w.op, ${event.payload},
        ${writtenBy(cause)}::uuid, ${execution?.rootExecutionId ?? null}::uuid, ${depth}::int
      from w where exists (select from t where t.event_id = w.event_id)), o as (
      insert into outbox (app_id, id, event_id, trigger_id, script_id, execution_id, root_execution_id,
        parent_execution_id, depth)
      select ${appId}::uuid, picloud_uuid_v7(), n.event_id, n.id, n.script_id, n.execution_id,
        coalesce(${execution?.rootExecutionId ?? null}::uuid, n.execution_id), ${writtenBy(cause)}::uuid, ${depth}::int
      from (select t.event_id, t.id, t.script_id, picloud_uuid_v7() as execution_id from t) n)`;
}
