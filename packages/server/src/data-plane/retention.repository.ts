/** SQL of what is deleted for its age, over all apps. */
import type { Queryable } from "../platform/database/database.ts";

/** Deletes up to `limit` events older than so many days that no delivery points to; gives their number. */
export async function deleteOldEvents(db: Queryable, days: number, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select e.app_id, e.id from events e
      where e.created_at < now() - ${days}::float8 * interval '1 day'
        and not exists (select from outbox o where o.app_id = e.app_id and o.event_id = e.id)
      order by e.created_at limit ${limit} for update skip locked)
    delete from events e using l where e.app_id = l.app_id and e.id = l.id`;
  return rows.count;
}

/** Deletes up to `limit` requests to async routes that are older than so many minutes and have been dealt with: bodies that
 *  somebody sent are no history. Gives their number. */
export async function deleteRunRequests(db: Queryable, minutes: number, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select e.app_id, e.id from events e
      where e.source = 'http' and e.created_at < now() - ${minutes}::float8 * interval '1 minute'
        and not exists (select from outbox o where o.app_id = e.app_id and o.event_id = e.id)
      order by e.created_at limit ${limit} for update skip locked)
    delete from events e using l where e.app_id = l.app_id and e.id = l.id`;
  return rows.count;
}

/** Deletes up to `limit` outcomes that nobody waited for and that are older than so many days; gives their number. */
export async function deleteOldAbandoned(db: Queryable, days: number, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select app_id, execution_id from abandoned_executions
      where created_at < now() - ${days}::float8 * interval '1 day'
      order by created_at limit ${limit} for update skip locked)
    delete from abandoned_executions a using l where a.app_id = l.app_id and a.execution_id = l.execution_id`;
  return rows.count;
}
