/** SQL of dead letters. The dispatcher inserts them, in the statement that removes the delivery. */
import { uuidPattern } from "@picloud/contract";
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { causeCtes, ifActive, type WriteCause } from "../../platform/database/outbox.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";
import type { Resolution } from "./dead-letters.contract.ts";

export interface DeadLetterRow {
  readonly id: string;
  readonly app_id: string;
  readonly source: string;
  readonly op: string;
  readonly event_id: string;
  readonly trigger_id: string | null;
  readonly script_id: string;
  readonly attempts: number;
  readonly last_error: { readonly code: string; readonly message: string };
  readonly resolution: Resolution | null;
  readonly resolved_at: Date | null;
  readonly note: string | null;
  readonly depth: number;
  readonly replays: number;
  readonly pending_handlers: number;
  readonly root_execution_id: string;
  readonly last_execution_id: string | null;
  readonly first_attempt_at: Date | null;
  readonly last_attempt_at: Date;
  readonly created_at: Date;
}

/** Which dead letters of an app; what is absent does not narrow. */
export interface DeadLetterSelection {
  readonly isUnresolved: boolean;
  readonly source?: string | undefined;
  /** Name or id. */
  readonly script?: string | undefined;
  readonly trigger_id?: string | undefined;
  /** Of the last error. */
  readonly code?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

const columns = sql`d.id, d.app_id, d.source, d.op, d.event_id, d.trigger_id, d.script_id, d.attempts, d.last_error,
  d.resolution, d.resolved_at, d.note, d.depth, d.replays, d.handlers_left as pending_handlers, d.root_execution_id,
  d.last_execution_id, d.first_attempt_at, d.last_attempt_at, d.created_at`;

/** The conditions on `d`, after the one on the app. */
function matches(appId: string, selection: DeadLetterSelection): Part {
  const { source, script, trigger_id: triggerId, code, since, until } = selection;
  const scripts =
    script !== undefined && uuidPattern.test(script)
      ? sql`d.script_id = ${script}`
      : sql`d.script_id in (select s.id from scripts s where s.app_id = ${appId} and s.name = ${script})`;
  return sql`true ${selection.isUnresolved ? sql`and d.resolved_at is null` : sql``}
    ${source === undefined ? sql`` : sql`and d.source = ${source}`}
    ${script === undefined ? sql`` : sql`and ${scripts}`}
    ${triggerId === undefined ? sql`` : sql`and d.trigger_id = ${triggerId}`}
    ${code === undefined ? sql`` : sql`and d.last_error->>'code' = ${code}`}
    ${since === undefined ? sql`` : sql`and d.created_at >= ${since}`}
    ${until === undefined ? sql`` : sql`and d.created_at < ${until}`}`;
}

/** Newest first: ids are ordered by time. */
export async function listDeadLetterRows(
  db: Queryable,
  query: {
    readonly appId: string;
    readonly selection: DeadLetterSelection;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<readonly DeadLetterRow[]> {
  const { appId, before } = query;
  return await run<DeadLetterRow>(
    db,
    sql`select ${columns} from dead_letters d where d.app_id = ${appId} and ${matches(appId, query.selection)}
      ${before === undefined ? sql`` : sql`and d.id < ${before}`} order by d.id desc limit ${query.limit}`,
  );
}

export async function countDeadLetterRows(
  db: Queryable,
  appId: string,
  selection: DeadLetterSelection,
): Promise<number> {
  const [row] = await run<{ count: number }>(
    db,
    sql`select count(*)::int as count from dead_letters d
      where d.app_id = ${appId} and ${matches(appId, selection)}`,
  );
  return row?.count ?? 0;
}

/** `event`: JSON text as it was copied. */
export async function findDeadLetter(
  db: Queryable,
  appId: string,
  id: string,
): Promise<(DeadLetterRow & { readonly event: string }) | undefined> {
  const [row] = await run<DeadLetterRow & { readonly event: string }>(
    db,
    sql`select ${columns}, d.event::text as event from dead_letters d where d.app_id = ${appId} and d.id = ${id}`,
  );
  return row;
}

export async function resolveRow(
  db: Queryable,
  cause: WriteCause,
  id: string,
  resolution: { readonly reason: Resolution; readonly note: string | null },
): Promise<DeadLetterRow | undefined> {
  const { reason, note } = resolution;
  const resolvedAt = reason === "handler_failed" ? sql`null` : sql`now()`;
  const [row] = await run<DeadLetterRow>(
    db,
    sql`with ${causeCtes(cause)} w as (
        update dead_letters d set resolution = ${reason}, note = ${note}, resolved_at = ${resolvedAt}
        where d.app_id = ${cause.appId} and d.id = ${id} and ${ifActive()} returning d.*)
      select ${columns} from w d`,
  );
  return row;
}

/** One of the dead letters that a replay has picked. */
export interface PickedRow extends DeadLetterRow {
  /** False: it stays as it is, for the script that it was for is gone. */
  readonly is_replayed: boolean;
}

/** Replays one dead letter unless it is `replayed`; nothing: there is none, or it is. */
export async function replayRow(
  db: Queryable,
  cause: WriteCause,
  id: string,
): Promise<PickedRow | undefined> {
  const [row] = await replay(
    db,
    cause,
    sql`d.id = ${id} and d.resolution is distinct from 'replayed'`,
    sql`limit 1`,
  );
  return row;
}

export interface ReplayQuery {
  readonly selection: DeadLetterSelection;
  /** Id of the last one that an earlier batch has picked. */
  readonly after: string | undefined;
  /** The last one: it was the newest when the replay began. */
  readonly last: string;
  readonly limit: number;
}

/** Replays a batch of open dead letters, oldest first. */
export async function replayRows(
  db: Queryable,
  cause: WriteCause,
  query: ReplayQuery,
): Promise<readonly PickedRow[]> {
  const { after, last, limit } = query;
  const pick = sql`${matches(cause.appId, query.selection)} and d.id <= ${last}
    ${after === undefined ? sql`` : sql`and d.id > ${after}`}`;
  return await replay(db, cause, pick, sql`order by d.id limit ${limit}`);
}

/** The newest dead letter of an app: the last one of a replay that begins now. */
export async function newestDeadLetterId(db: Queryable, appId: string): Promise<string | undefined> {
  const [row] = await db<{ id: string }[]>`
    select id from dead_letters where app_id = ${appId} order by id desc limit 1`;
  return row?.id;
}

/** One statement: marks what it picks as `replayed` and makes for each a delivery that reads its event from it, with all
 *  attempts. Whoever comes second waits for the lock and then finds the row marked, so nothing is replayed twice. By a
 *  person at depth 0; by a run one deeper than it, counted in `replays`. A trigger that is gone is left out: the retry
 *  defaults apply. */
async function replay(
  db: Queryable,
  cause: WriteCause,
  pick: Part,
  order: Part,
): Promise<readonly PickedRow[]> {
  const { appId, execution } = cause;
  const isRun = execution !== undefined;
  return await run<PickedRow>(
    db,
    sql`with ${causeCtes(cause)} l as materialized (
        select d.app_id, d.id, d.event_id, d.replays, s.id as script_id, t.id as trigger_id,
          picloud_uuid_v7() as execution_id
        from dead_letters d
        left join scripts s on s.app_id = d.app_id and s.id = d.script_id
        left join triggers t on t.app_id = d.app_id and t.id = d.trigger_id
        where d.app_id = ${appId} and ${pick} and ${ifActive()} ${order} for update of d
      ), o as (
        insert into outbox (app_id, id, event_id, dead_letter_id, trigger_id, script_id, execution_id,
          root_execution_id, parent_execution_id, depth, replays)
        select l.app_id, picloud_uuid_v7(), l.event_id, l.id, l.trigger_id, l.script_id, l.execution_id,
          coalesce(${execution?.rootExecutionId ?? null}::uuid, l.execution_id), ${execution?.id ?? null}::uuid,
          ${isRun ? execution.depth + 1 : 0}::int, ${isRun ? sql`l.replays + 1` : sql`0`}
        from l where l.script_id is not null
      ), w as (
        update dead_letters d set resolution = 'replayed', resolved_at = now() from l
        where d.app_id = ${appId} and d.id = l.id and l.script_id is not null returning d.*
      )
      select ${columns}, true as is_replayed from w d
      union all
      select ${columns}, false from dead_letters d join l on d.app_id = l.app_id and d.id = l.id
      where d.app_id = ${appId} and l.script_id is null
      order by id`,
  );
}

/** A replay takes no time to its outbox row, but a sweep that began before it does not see that row. */
const REPLAYED_HOURS = 1;

/** Deletes up to `limit` dead letters of all apps that are older than so many days and that no delivery reads its event
 *  from. Gives the number. What is looked at after a wait for a lock are the row's own columns, not the outbox: so the
 *  time of a replay counts too. */
export async function deleteOldDeadLetters(db: Queryable, days: number, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select d.app_id, d.id from dead_letters d where d.created_at < now() - ${days}::float8 * interval '1 day'
        and (d.resolution is distinct from 'replayed'
          or d.resolved_at < now() - ${REPLAYED_HOURS}::float8 * interval '1 hour')
        and not exists (select from outbox o where o.app_id = d.app_id and o.dead_letter_id = d.id)
      order by d.created_at limit ${limit} for update skip locked)
    delete from dead_letters d using l where d.app_id = l.app_id and d.id = l.id`;
  return rows.count;
}

/** What an app holds of this. */
export const deadLettersContent: readonly AppContent[] = [
  tableContent({ kind: "dead_letters", table: "dead_letters", stopsDeletion: true }),
];
