/** SQL of dead letters. The dispatcher inserts them, in the statement that removes the delivery. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { isActiveApp } from "../../platform/database/execution-row.ts";
import type { Resolution } from "./dead-letters.contract.ts";

export interface DeadLetterRow {
  readonly id: string;
  readonly app_id: string;
  readonly source: string;
  readonly op: string;
  readonly trigger_id: string | null;
  readonly script_id: string;
  readonly attempts: number;
  readonly last_error: { readonly code: string; readonly message: string };
  readonly resolution: Resolution | null;
  readonly resolved_at: Date | null;
  readonly note: string | null;
  readonly root_execution_id: string;
  readonly last_execution_id: string | null;
  readonly first_attempt_at: Date | null;
  readonly last_attempt_at: Date;
  readonly created_at: Date;
}

function columns(db: Queryable) {
  return db`id, app_id, source, op, trigger_id, script_id, attempts, last_error, resolution, resolved_at, note,
    root_execution_id, last_execution_id, first_attempt_at, last_attempt_at, created_at`;
}

/** Newest first: ids are ordered by time. */
export async function listDeadLetterRows(
  db: Queryable,
  query: {
    readonly appId: string;
    readonly isUnresolved: boolean;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<readonly DeadLetterRow[]> {
  return await db<DeadLetterRow[]>`
    select ${columns(db)} from dead_letters where app_id = ${query.appId}
      ${query.isUnresolved ? db`and resolved_at is null` : db``}
      ${query.before === undefined ? db`` : db`and id < ${query.before}`}
    order by id desc limit ${query.limit}`;
}

export async function countDeadLetterRows(
  db: Queryable,
  query: { readonly appId: string; readonly isUnresolved: boolean },
): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from dead_letters where app_id = ${query.appId}
      ${query.isUnresolved ? db`and resolved_at is null` : db``}`;
  return row?.count ?? 0;
}

/** `event`: JSON text as it was copied. */
export async function findDeadLetter(
  db: Queryable,
  appId: string,
  id: string,
): Promise<(DeadLetterRow & { readonly event: string }) | undefined> {
  const [row] = await db<(DeadLetterRow & { event: string })[]>`
    select ${columns(db)}, event::text as event from dead_letters where app_id = ${appId} and id = ${id}`;
  return row;
}

export async function resolveRow(
  db: Queryable,
  key: { readonly appId: string; readonly id: string },
  resolution: { readonly reason: Resolution; readonly note: string | null },
): Promise<DeadLetterRow | undefined> {
  const [row] = await db<DeadLetterRow[]>`
    update dead_letters set resolution = ${resolution.reason}, note = ${resolution.note},
      resolved_at = case when ${resolution.reason}::text = 'handler_failed' then null else now() end
    where app_id = ${key.appId} and id = ${key.id} returning ${columns(db)}`;
  return row;
}

/** One statement: marks the dead letter `replayed` and makes a delivery that reads its event from it, at depth 0 with
 *  all attempts. `missing`: there is none; `script_gone`: nobody is left to deliver to. A trigger that is gone is left
 *  out: the retry defaults apply. */
export async function replayRow(
  db: Queryable,
  key: { readonly appId: string; readonly id: string },
): Promise<DeadLetterRow | "missing" | "script_gone"> {
  const [row] = await db<DeadLetterRow[]>`
    with l as (
      select d.app_id, d.id, d.event_id, d.script_id, t.id as trigger_id, picloud_uuid_v7() as execution_id
      from dead_letters d
      join scripts s on s.app_id = d.app_id and s.id = d.script_id
      left join triggers t on t.app_id = d.app_id and t.id = d.trigger_id
      where d.app_id = ${key.appId} and d.id = ${key.id} and ${isActiveApp(db, "d.app_id")}
    ), o as (
      insert into outbox (app_id, id, event_id, dead_letter_id, trigger_id, script_id, execution_id,
        root_execution_id, depth)
      select l.app_id, picloud_uuid_v7(), l.event_id, l.id, l.trigger_id, l.script_id, l.execution_id, l.execution_id, 0
      from l
    )
    update dead_letters set resolution = 'replayed', resolved_at = now()
    where app_id = ${key.appId} and id = ${key.id} and exists (select from l)
    returning ${columns(db)}`;
  if (row !== undefined) return row;
  return (await findDeadLetter(db, key.appId, key.id)) === undefined ? "missing" : "script_gone";
}

/** Deletes up to `limit` dead letters of all apps that are older than so many days and that no delivery reads its event
 *  from. Gives the number. */
export async function deleteOldDeadLetters(db: Queryable, days: number, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select app_id, id from dead_letters where created_at < now() - ${days}::float8 * interval '1 day'
      order by created_at limit ${limit} for update skip locked)
    delete from dead_letters d using l where d.app_id = l.app_id and d.id = l.id
      and not exists (select from outbox o where o.app_id = d.app_id and o.dead_letter_id = d.id)`;
  return rows.count;
}

/** What an app holds of this. */
export const deadLettersContent: readonly AppContent[] = [
  tableContent({ kind: "dead_letters", table: "dead_letters", stopsDeletion: true }),
];
