/** The row of an execution: inserted `running` with its first write, so that every `written_by` points to a row, and
 *  upserted at its end. Used by every feature that writes for a run and by what completes runs. */
import type { Fragment } from "postgres";
import type { ExecutionRef } from "../context.ts";
import type { Queryable } from "./database.ts";
import { sql, type Part } from "./statement.ts";

/** How an execution ended; texts are already cut and storable. Units: milliseconds, bytes. */
export interface ExecutionEnd {
  readonly ref: ExecutionRef;
  readonly status: "ok" | "failed";
  readonly httpStatus?: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly errorStack?: string;
  readonly endedAt: Date;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly heapBytes: number;
  readonly contextCall: number;
  /** JSON text; absent: the run wrote and sent nothing. */
  readonly receipt?: string;
}

/** Body of a CTE: inserts the row of the run if no earlier statement did and the condition holds. After the commit the
 *  caller sets `ref.recorded`; a run that has a row already needs no such CTE. */
export function executionInsert(ref: ExecutionRef, condition: Part): Part {
  return sql`insert into executions (app_id, id, request_id, root_execution_id, parent_execution_id, script_id,
      script_name, script_version, kind, route_id, trigger_id, event_id, attempt, depth, status, started_at, node_id)
    select ${ref.app.id}, ${ref.id}, ${ref.requestId}, ${ref.rootExecutionId}, ${ref.parentExecutionId ?? null},
      ${ref.script.id}, ${ref.script.name}, ${ref.script.version}, ${ref.kind}, ${ref.routeId ?? null},
      ${ref.triggerId ?? null}, ${ref.eventId ?? null}, ${ref.attempt}, ${ref.depth}, 'running', ${ref.startedAt},
      ${ref.nodeId}
    where ${condition} on conflict do nothing`;
}

/** Body of a CTE or a statement: upserts the rows of ended runs, one statement for the whole batch. The batch travels as
 *  one JSON text: arrays of 26 columns cost the client five times as much. */
export function executionUpsert(db: Queryable, ends: readonly ExecutionEnd[]): Fragment {
  return db`insert into executions (app_id, id, request_id, root_execution_id, parent_execution_id, script_id,
      script_name, script_version, kind, route_id, trigger_id, event_id, attempt, depth, status, started_at, node_id,
      http_status, error_code, error_message, error_stack, ended_at, duration_ms, cpu_ms, heap_bytes, context_call,
      receipt)
    select app, id, req, root, par, scr, name, ver, kind, route, trig, ev, att, depth, st, to_timestamp(began / 1000), node,
      http, code, msg, stack, to_timestamp(ended / 1000), ms, cpu, heap, ctx, rcp
    from json_to_recordset(${`[${ends.map(jsonText).join()}]`}::text::json) as r (app uuid, id uuid, req uuid, root uuid,
      par uuid, scr uuid, name text, ver int, kind text, route uuid, trig uuid, ev uuid, att int, depth int, st text,
      began float8, node uuid, http int, code text, msg text, stack text, ended float8, ms float8, cpu float8,
      heap bigint, ctx int, rcp json)
    where ${isActiveApp(db, "r.app")} ${onConflict(db)}`;
}

/** The receipt is JSON text already. */
function jsonText(end: ExecutionEnd): string {
  const row = JSON.stringify(jsonRow(end));
  return end.receipt === undefined ? row : `${row.slice(0, -1)},"rcp":${end.receipt}}`;
}

/** Short names, because they are sent with each row; what is undefined is left out and so null. */
function jsonRow(end: ExecutionEnd): Record<string, unknown> {
  const { ref } = end;
  return {
    app: ref.app.id,
    id: ref.id,
    req: ref.requestId,
    root: ref.rootExecutionId,
    par: ref.parentExecutionId,
    scr: ref.script.id,
    name: ref.script.name,
    ver: ref.script.version,
    kind: ref.kind,
    route: ref.routeId,
    trig: ref.triggerId,
    ev: ref.eventId,
    att: ref.attempt,
    depth: ref.depth,
    st: end.status,
    began: ref.startedAt.getTime(),
    node: ref.nodeId,
    http: end.httpStatus,
    code: end.errorCode,
    msg: end.errorMessage,
    stack: end.errorStack,
    ended: end.endedAt.getTime(),
    ms: end.durationMs,
    cpu: end.cpuMs,
    heap: end.heapBytes,
    ctx: end.contextCall,
  };
}

/** Whether {@link plainUpsert} can write the row: a direct run that went well and wrote nothing. */
export function isPlain({ ref, status, errorCode, receipt }: ExecutionEnd): boolean {
  if (receipt !== undefined) return false;
  const isDirect = ref.kind === "http" || ref.kind === "execute";
  return status === "ok" && errorCode === undefined && isDirect && ref.requestId === ref.id;
}

/** Upserts the rows of plain runs. PostgreSQL takes 15 µs to read a row of 26 columns from JSON, longer than to store it,
 *  so what many rows share (script and route) is sent once, and the rest as eight arrays. Their text needs no escaping. */
export function plainUpsert(db: Queryable, ends: readonly ExecutionEnd[]): Fragment {
  const shared = new Map<string, Record<string, unknown>>();
  const places = ends.map(({ ref }) => {
    const key = `${ref.app.id} ${ref.script.id} ${ref.script.version} ${ref.kind} ${ref.routeId ?? ""} ${ref.nodeId}`;
    let place = shared.get(key);
    if (place === undefined) shared.set(key, (place = { s: shared.size, ...sharedRow(ref) }));
    return place["s"];
  });
  const array = (pick: (end: ExecutionEnd) => string | number): string => `{${ends.map(pick).join()}}`;
  return db`insert into executions (app_id, id, request_id, root_execution_id, script_id, script_name, script_version, kind,
      route_id, status, started_at, node_id, http_status, ended_at, duration_ms, cpu_ms, heap_bytes, context_call)
    select d.app, r.id, r.id, r.id, d.scr, d.name, d.ver, d.kind, d.route, 'ok', to_timestamp(r.began / 1000), d.node,
      r.http, to_timestamp(r.ended / 1000), r.ms, r.cpu, r.heap, r.ctx
    from unnest(${array(({ ref }) => ref.id)}::text::uuid[], ${`{${places.join()}}`}::text::int[],
        ${array(({ httpStatus }) => httpStatus ?? "null")}::text::int[],
        ${array(({ ref }) => ref.startedAt.getTime())}::text::float8[],
        ${array(({ endedAt }) => endedAt.getTime())}::text::float8[],
        ${array(({ durationMs }) => durationMs)}::text::float8[], ${array(({ cpuMs }) => cpuMs)}::text::float8[],
        ${array(({ heapBytes }) => heapBytes)}::text::bigint[], ${array(({ contextCall }) => contextCall)}::text::int[])
      as r (id, s, http, began, ended, ms, cpu, heap, ctx)
    join json_to_recordset(${JSON.stringify([...shared.values()])}::text::json)
      as d (s int, app uuid, scr uuid, name text, ver int, kind text, route uuid, node uuid) using (s)
    where ${isActiveApp(db, "d.app")} ${onConflict(db)}`;
}

function sharedRow({ app, script, kind, routeId, nodeId }: ExecutionRef): Record<string, unknown> {
  return {
    app: app.id,
    scr: script.id,
    name: script.name,
    ver: script.version,
    kind,
    route: routeId,
    node: nodeId,
  };
}

/** A condition that leaves out what belongs to apps that are being deleted or gone, for every statement that writes
 *  history of apps: see `causeCtes` in `outbox.ts`. `column`: with its table. */
export function isActiveApp(db: Queryable, column: string): Fragment {
  return db`exists (select from apps active where active.id = ${db(column)} and active.state = 'active')`;
}

/** A run that wrote has a row already, and a batch that failed half-way is sent again. */
function onConflict(db: Queryable): Fragment {
  return db`on conflict (app_id, id) do update set status = excluded.status, http_status = excluded.http_status,
    error_code = excluded.error_code, error_message = excluded.error_message, error_stack = excluded.error_stack,
    ended_at = excluded.ended_at, duration_ms = excluded.duration_ms, cpu_ms = excluded.cpu_ms,
    heap_bytes = excluded.heap_bytes, context_call = excluded.context_call,
    receipt = excluded.receipt, xid = pg_current_xact_id()`;
}
