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
}

/** Body of a CTE: inserts the row of the run if no earlier statement did. After the commit the caller sets
 *  `ref.recorded`; a run that has a row already needs no such CTE. */
export function executionInsert(ref: ExecutionRef): Part {
  return sql`insert into executions (app_id, id, request_id, root_execution_id, parent_execution_id, script_id,
      script_name, script_version, kind, route_id, trigger_id, event_id, attempt, depth, status, started_at, node_id)
    values (${ref.app.id}, ${ref.id}, ${ref.requestId}, ${ref.rootExecutionId}, ${ref.parentExecutionId ?? null},
      ${ref.script.id}, ${ref.script.name}, ${ref.script.version}, ${ref.kind}, ${ref.routeId ?? null},
      ${ref.triggerId ?? null}, ${ref.eventId ?? null}, ${ref.attempt}, ${ref.depth}, 'running', ${ref.startedAt},
      ${ref.nodeId})
    on conflict do nothing`;
}

/** Body of a CTE or a statement: upserts the rows of ended runs, one statement for the whole batch. */
export function executionUpsert(db: Queryable, ends: readonly ExecutionEnd[]): Fragment {
  const column = <T>(pick: (end: ExecutionEnd) => T): T[] => ends.map(pick);
  return db`insert into executions (app_id, id, request_id, root_execution_id, parent_execution_id, script_id,
      script_name, script_version, kind, route_id, trigger_id, event_id, attempt, depth, status, started_at, node_id,
      http_status, error_code, error_message, error_stack, ended_at, duration_ms, cpu_ms, heap_bytes, context_call)
    select * from unnest(
      ${column((end) => end.ref.app.id)}::uuid[], ${column((end) => end.ref.id)}::uuid[],
      ${column((end) => end.ref.requestId)}::uuid[], ${column((end) => end.ref.rootExecutionId)}::uuid[],
      ${column((end) => end.ref.parentExecutionId ?? null)}::uuid[], ${column((end) => end.ref.script.id)}::uuid[],
      ${column((end) => end.ref.script.name)}::text[], ${column((end) => end.ref.script.version)}::int[],
      ${column((end) => end.ref.kind)}::text[], ${column((end) => end.ref.routeId ?? null)}::uuid[],
      ${column((end) => end.ref.triggerId ?? null)}::uuid[], ${column((end) => end.ref.eventId ?? null)}::uuid[],
      ${column((end) => end.ref.attempt)}::int[], ${column((end) => end.ref.depth)}::int[],
      ${column((end) => end.status)}::text[], ${column((end) => end.ref.startedAt.toISOString())}::timestamptz[],
      ${column((end) => end.ref.nodeId)}::uuid[], ${column((end) => end.httpStatus ?? null)}::int[],
      ${column((end) => end.errorCode ?? null)}::text[], ${column((end) => end.errorMessage ?? null)}::text[],
      ${column((end) => end.errorStack ?? null)}::text[], ${column((end) => end.endedAt.toISOString())}::timestamptz[],
      ${column((end) => end.durationMs)}::float8[], ${column((end) => end.cpuMs)}::float8[],
      ${column((end) => end.heapBytes)}::bigint[], ${column((end) => end.contextCall)}::int[])
    on conflict (app_id, id) do update set status = excluded.status, http_status = excluded.http_status,
      error_code = excluded.error_code, error_message = excluded.error_message, error_stack = excluded.error_stack,
      ended_at = excluded.ended_at, duration_ms = excluded.duration_ms, cpu_ms = excluded.cpu_ms,
      heap_bytes = excluded.heap_bytes, context_call = excluded.context_call, xid = pg_current_xact_id()`;
}
