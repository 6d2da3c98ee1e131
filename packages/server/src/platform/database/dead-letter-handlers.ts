/** Parts of statements that end deliveries: the dead letter of one, the deliveries of that to its handlers, and what becomes
 *  of the dead letter when they end. All in the statement that removes the row of the outbox. */
import type { Fragment } from "postgres";
import type { Queryable } from "./database.ts";
import { isActiveApp } from "./execution-row.ts";

/** An event that scripts have replayed so often in a row, and that failed each time, is no longer told to handlers: one that
 *  replays whatever fails would go on for ever. */
const REPLAYS_MAX = 5;

/** Whether the row of the outbox delivers a dead letter to a handler: the dead letter is the event. A replay delivers the
 *  event that the dead letter is about. */
export function isHandlerRow(db: Queryable, table: "c" | "o"): Fragment {
  const [event, letter] = [db(`${table}.event_id`), db(`${table}.dead_letter_id`)];
  return db`${letter} is not null and ${event} = ${letter}`;
}

/** CTEs `dead` and `handlers` after a CTE `gone`: deleted rows of the outbox with `error`, `last_execution_id` and
 *  `attempt_at`. The failed attempt counts when one ran. The event is copied as text, so that numbers stay as they were
 *  written. What was delivered to a handler goes no further. */
export function deadLetterCtes(db: Queryable): Fragment {
  return db`dead as (
      insert into dead_letters (app_id, id, outbox_id, event_id, trigger_id, script_id, source, op, event, attempts,
        last_error, root_execution_id, last_execution_id, depth, replays, handlers_left, first_attempt_at, last_attempt_at)
      select n.*, (select count(*)::int from triggers t where ${handles(db)}), first_attempt_at, last_attempt_at from (
        select o.app_id, picloud_uuid_v7() as id, o.id as outbox_id, o.event_id, o.trigger_id, o.script_id,
          coalesce(e.source, d.source, 'unknown') as source, coalesce(e.op, d.op, 'unknown'),
          coalesce(('{"id":' || to_json(e.id)::text || ',"source":' || to_json(e.source)::text
            || ',"op":' || to_json(e.op)::text || ',"occurred_at":' || ${timeText(db, db`e.created_at`)}
            || ',' || to_json(e.source)::text || ':' || e.payload::text || '}')::json, d.event, 'null'::json),
          o.attempt + case when o.last_execution_id is null then 0 else 1 end, o.error::json, o.root_execution_id,
          o.last_execution_id, o.depth, o.replays
        from gone o
        left join events e on e.app_id = o.app_id and e.id = o.event_id
        left join dead_letters d on d.app_id = o.app_id and d.id = o.dead_letter_id
        where not (${isHandlerRow(db, "o")}) and coalesce(e.source, d.source, '') <> 'dead_letter'
          and ${isActiveApp(db, "o.app_id")}) n
      join lateral (select coalesce(g.first_attempt_at, g.attempt_at) as first_attempt_at,
        coalesce(g.attempt_at, now()) as last_attempt_at from gone g where g.app_id = n.app_id and g.id = n.outbox_id) times on true
      returning *
    ), handlers as (
      insert into outbox (app_id, id, event_id, dead_letter_id, trigger_id, script_id, execution_id, root_execution_id,
        parent_execution_id, depth)
      select n.app_id, picloud_uuid_v7(), n.id, n.id, t.id, t.script_id, picloud_uuid_v7(), n.root_execution_id,
        n.last_execution_id, n.depth + 1
      from dead n join triggers t on ${handles(db)})`;
}

/** A trigger `t` that is to run on the dead letter `n`. */
function handles(db: Queryable): Fragment {
  return db`t.app_id = n.app_id and t.kind = 'dead_letter' and t.pattern = '*' and t.enabled
    and (t.source_filter is null or t.source_filter = n.source)
    and (t.trigger_id_filter is null or t.trigger_id_filter = n.trigger_id)
    and (t.script_id_filter is null or t.script_id_filter = n.script_id)
    and n.replays < ${REPLAYS_MAX}`;
}

/** `ctx.event.dead_letter` (`api.md` §3) of a dead letter `d`, as text. */
export function handlerPayload(db: Queryable): Fragment {
  return db`'{"dead_letter_id":' || to_json(d.id)::text
    || case when json_typeof(d.event) <> 'object' then '' else ',"original":{' || ${triggerText(db)}
      || '"attempt":' || d.attempts || ',' || substr(ltrim(d.event::text), 2) end
    || ',"attempts":' || d.attempts || ',"last_error":' || d.last_error::text || ',' || ${triggerText(db)}
    || '"script_id":' || to_json(d.script_id)::text
    || coalesce(',"first_attempt_at":' || ${timeText(db, db`d.first_attempt_at`)}, '')
    || ',"last_attempt_at":' || ${timeText(db, db`d.last_attempt_at`)} || '}'`;
}

function triggerText(db: Queryable): Fragment {
  return db`coalesce('"trigger_id":' || to_json(d.trigger_id)::text || ',', '')`;
}

function timeText(db: Queryable, time: Fragment): Fragment {
  return db`to_json(to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text`;
}

/** CTE `handled` after a CTE `ended`: deleted rows of deliveries to handlers, with `has_failed`. The dead letter is
 *  `handled_by_script` when all of them have returned, unless somebody has resolved it before. */
export function handledCte(db: Queryable): Fragment {
  return db`handled as (
      update dead_letters d set handlers_left = d.handlers_left - h.count,
        resolution = case when d.resolved_at is not null then d.resolution when h.has_failed then 'handler_failed'
          when d.resolution is null and d.handlers_left <= h.count then 'handled_by_script' else d.resolution end,
        resolved_at = case when d.resolved_at is null and not h.has_failed and d.resolution is null
          and d.handlers_left <= h.count then now() else d.resolved_at end
      from (select app_id, dead_letter_id, count(*)::int as count, bool_or(has_failed) as has_failed
        from ended where dead_letter_id is not null group by 1, 2) h
      where d.app_id = h.app_id and d.id = h.dead_letter_id)`;
}
