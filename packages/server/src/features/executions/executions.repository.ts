/** SQL of executions, their log lines and abandoned outcomes. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable, Sql } from "../../platform/database/database.ts";
import { executionUpsert, isPlain, isActiveApp, plainUpsert } from "../../platform/database/execution-row.ts";
import type { ExecutionEnd } from "../../platform/database/execution-row.ts";

export interface ExecutionRow {
  readonly id: string;
  readonly app_id: string;
  readonly script_id: string;
  readonly script_name: string;
  readonly script_version: number;
  readonly kind: "http" | "execute" | "async" | "trigger";
  readonly route_id: string | null;
  readonly trigger_id: string | null;
  readonly event_id: string | null;
  readonly attempt: number;
  readonly depth: number;
  readonly request_id: string;
  readonly root_execution_id: string;
  readonly parent_execution_id: string | null;
  readonly status: "running" | "ok" | "failed" | "lost";
  readonly http_status: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly error_stack: string | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly duration_ms: number | null;
  readonly cpu_ms: number | null;
  readonly heap_bytes: number | null;
  readonly context_call: number | null;
  /** Decimal text. */
  readonly xid: string;
  /** JSON text of the array, or null without lines. */
  readonly lines: string | null;
}

export interface ExecutionFilter {
  readonly appId: string;
  readonly scriptId?: string | undefined;
  readonly status?: string | undefined;
  readonly since?: string | undefined;
  readonly q?: string | undefined;
}

export interface LoggedExecution {
  readonly appId: string;
  readonly executionId: string;
  /** JSON text of the array of lines. */
  readonly lines: string;
}

export interface AbandonedRow {
  readonly appId: string;
  readonly executionId: string;
  readonly scriptId: string;
  readonly reason: string;
  readonly status: string;
  readonly errorCode: string | undefined;
}

export async function upsertExecutions(sql: Sql, ends: readonly ExecutionEnd[]): Promise<void> {
  const plain = ends.filter(isPlain);
  const others = ends.filter((end) => !isPlain(end));
  if (plain.length > 0) await plainUpsert(sql, plain);
  if (others.length > 0) await executionUpsert(sql, others);
}

export async function insertLogs(sql: Sql, logs: readonly LoggedExecution[]): Promise<void> {
  await sql`insert into logs (app_id, execution_id, lines, bytes)
    select app_id, execution_id, lines::json, octet_length(lines) from unnest(
      ${logs.map((log) => log.appId)}::uuid[], ${logs.map((log) => log.executionId)}::uuid[],
      ${logs.map((log) => log.lines)}::text[]) as l (app_id, execution_id, lines)
    where ${isActiveApp(sql, "l.app_id")}
    on conflict (app_id, execution_id) do update set lines = excluded.lines, bytes = excluded.bytes`;
}

export async function insertAbandoned(sql: Sql, rows: readonly AbandonedRow[]): Promise<void> {
  await sql`insert into abandoned_executions (app_id, execution_id, script_id, reason, status, error_code)
    select * from unnest(${rows.map((row) => row.appId)}::uuid[], ${rows.map((row) => row.executionId)}::uuid[],
      ${rows.map((row) => row.scriptId)}::uuid[], ${rows.map((row) => row.reason)}::text[],
      ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.errorCode ?? null)}::text[])
      as r (app_id, execution_id, script_id, reason, status, error_code)
    where ${isActiveApp(sql, "r.app_id")}
    on conflict do nothing`;
}

export interface EmittedRow {
  readonly event_id: string;
  readonly source: string;
  readonly op: string;
}

/** Events that the execution caused, in their order. Their ids are UUID v7, so those of its time are one range of the
 *  primary key: no index for it, which every write would pay for. */
export async function listEmitted(
  sql: Queryable,
  query: {
    readonly appId: string;
    readonly executionId: string;
    readonly fromId: string;
    readonly toId: string;
    readonly limit: number;
  },
): Promise<readonly EmittedRow[]> {
  return await sql<EmittedRow[]>`
    select id as event_id, source, op from events
    where app_id = ${query.appId} and id >= ${query.fromId} and id <= ${query.toId}
      and written_by = ${query.executionId}
    order by id limit ${query.limit}`;
}

/** Newest first; `before` is the id of the last one already seen. */
export async function listExecutions(
  sql: Queryable,
  filter: ExecutionFilter,
  before: string | undefined,
  limit: number,
): Promise<ExecutionRow[]> {
  return await sql<ExecutionRow[]>`select ${columns(sql)} from executions e
    left join logs l on l.app_id = e.app_id and l.execution_id = e.id
    where ${matches(sql, filter)} ${before === undefined ? sql`` : sql`and e.id < ${before}`}
    order by e.id desc limit ${limit}`;
}

/** With JSON text of what its calls wrote and sent. */
export async function findExecution(
  sql: Queryable,
  appId: string,
  id: string,
): Promise<(ExecutionRow & { readonly receipt: string | null }) | undefined> {
  const [row] = await sql<(ExecutionRow & { receipt: string | null })[]>`
    select ${columns(sql)}, e.receipt::text as receipt from executions e
    left join logs l on l.app_id = e.app_id and l.execution_id = e.id where e.app_id = ${appId} and e.id = ${id}`;
  return row;
}

/** Ended executions after a position in commit order and below `bound`, oldest first. */
export async function listExecutionsAfter(
  sql: Queryable,
  filter: ExecutionFilter,
  after: { readonly xid: string; readonly id: string },
  range: { readonly bound: string; readonly limit: number },
): Promise<ExecutionRow[]> {
  return await sql<ExecutionRow[]>`select ${columns(sql)} from executions e
    left join logs l on l.app_id = e.app_id and l.execution_id = e.id
    where ${matches(sql, filter)} and e.ended_at is not null
      and (e.xid, e.id) > (${after.xid}::text::xid8, ${after.id}::uuid) and e.xid < ${range.bound}::text::xid8
    order by e.xid, e.id limit ${range.limit}`;
}

export async function listAbandoned(
  sql: Queryable,
  appId: string,
  before: string | undefined,
  limit: number,
): Promise<
  {
    execution_id: string;
    script_id: string;
    reason: string;
    status: string;
    error_code: string | null;
    created_at: Date;
  }[]
> {
  return await sql`select execution_id, script_id, reason, status, error_code, created_at from abandoned_executions
    where app_id = ${appId} ${before === undefined ? sql`` : sql`and execution_id < ${before}`}
    order by execution_id desc limit ${limit}`;
}

/** Rows without an end whose node is gone, or that began longer ago than anything may run: their end was not recorded (a
 *  database that crashes may lose the last ends that it was told). A node lives while a session bears its name. */
export async function markLost(sql: Queryable, runSecondsMax: number): Promise<number> {
  const rows = await sql`update executions set status = 'lost', xid = pg_current_xact_id()
    where status = 'running' and (started_at < now() - ${runSecondsMax}::float8 * interval '1 second' or not exists (
      select from pg_stat_activity a where a.application_name = 'picloud/' || executions.node_id::text))
    returning id`;
  return rows.length;
}

/** Makes the partitions for a day; both tables alike. `from` and `to` are the least ids of the day and the next one. */
export async function createPartition(sql: Queryable, day: string, from: string, to: string): Promise<void> {
  for (const table of ["executions", "logs"]) {
    await sql`create table if not exists ${sql(`${table}_${day}`)} partition of ${sql(table)}
      for values from (${sql.unsafe(`'${from}'`)}) to (${sql.unsafe(`'${to}'`)})`;
  }
}

/** Names of the day partitions of a table, oldest first: `executions_20261125`. */
export async function listPartitions(sql: Queryable, table: "executions" | "logs"): Promise<string[]> {
  const rows = await sql<
    { name: string }[]
  >`select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${table}::regclass and c.relname ~ '_[0-9]{8}$' order by 1`;
  return rows.map((row) => row.name);
}

/** Bytes on disk of a partition with its indexes. */
export async function partitionBytes(sql: Queryable, name: string): Promise<number> {
  const [row] = await sql<
    { bytes: number }[]
  >`select pg_total_relation_size(${name}::regclass)::float8 as bytes`;
  return row?.bytes ?? 0;
}

export async function dropPartition(sql: Queryable, name: string): Promise<void> {
  await sql`drop table if exists ${sql(name)}`;
}

function columns(sql: Queryable): ReturnType<Sql> {
  return sql`e.id, e.app_id, e.script_id, e.script_name, e.script_version, e.kind, e.route_id, e.trigger_id, e.event_id,
    e.attempt, e.depth, e.request_id, e.root_execution_id, e.parent_execution_id, e.status, e.http_status, e.error_code,
    e.error_message, e.error_stack, e.started_at, e.ended_at, e.duration_ms, e.cpu_ms, e.heap_bytes::float8,
    e.context_call, e.xid::text as xid, l.lines::text as lines`;
}

function matches(sql: Queryable, filter: ExecutionFilter): ReturnType<Sql> {
  const pattern = filter.q === undefined ? "" : `%${filter.q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return sql`e.app_id = ${filter.appId}
    ${filter.scriptId === undefined ? sql`` : sql`and e.script_id = ${filter.scriptId}`}
    ${filter.status === undefined ? sql`` : sql`and e.status = ${filter.status}`}
    ${filter.since === undefined ? sql`` : sql`and e.started_at >= ${filter.since}::timestamptz`}
    ${filter.q === undefined ? sql`` : sql`and (l.lines::text ilike ${pattern} or e.error_message ilike ${pattern} or e.script_name ilike ${pattern})`}`;
}

/** What an app holds of this. */
export const executionsContent: readonly AppContent[] = [
  tableContent({ kind: "executions", table: "executions", stopsDeletion: false }),
  tableContent({ kind: "logs", table: "logs", key: ["execution_id"], stopsDeletion: false }),
  tableContent({
    kind: "abandoned_executions",
    table: "abandoned_executions",
    key: ["execution_id"],
    stopsDeletion: false,
  }),
];
