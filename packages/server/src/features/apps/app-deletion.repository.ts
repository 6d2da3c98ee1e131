/** SQL of the deletion of apps; the time is the database's. */
import type { Queryable } from "../../platform/database/database.ts";

export type DeletionPhase = "stopping" | "clearing";

export interface DeletionRow {
  readonly phase: DeletionPhase;
  readonly started_at: Date;
  readonly rows_deleted: number;
}

export interface ClaimedDeletion extends DeletionRow {
  readonly app_id: string;
  readonly slug: string;
  readonly name: string;
}

/** Switches the app off and puts it among those that are to be deleted. */
export async function insertDeletion(db: Queryable, appId: string): Promise<void> {
  await db`
    with a as (update apps set state = 'deleting', updated_at = now() where id = ${appId} returning id)
    insert into app_deletions (app_id) select id from a`;
}

export async function findDeletion(db: Queryable, appId: string): Promise<DeletionRow | undefined> {
  const [row] = await db<DeletionRow[]>`
    select phase, started_at, rows_deleted from app_deletions where app_id = ${appId}`;
  return row;
}

/** Takes the deletion that has waited longest and that no living node works on: a node lives while a session bears its
 *  name, and at most as long as its lease. */
export async function claimDeletion(
  db: Queryable,
  claim: { readonly nodeId: string; readonly leaseMs: number },
): Promise<ClaimedDeletion | undefined> {
  const [row] = await db<ClaimedDeletion[]>`
    update app_deletions d set locked_by = ${claim.nodeId},
      lease_until = now() + ${claim.leaseMs}::float8 * interval '1 millisecond'
    from apps a
    where a.id = d.app_id and d.app_id = (
      select n.app_id from app_deletions n
      where n.locked_by is null or n.locked_by = ${claim.nodeId} or n.lease_until < now() or not exists (
        select from pg_stat_activity s where s.application_name = 'picloud/' || n.locked_by::text)
      order by coalesce(n.lease_until, n.started_at) limit 1 for update skip locked)
    returning d.app_id, a.slug, a.name, d.phase, d.started_at, d.rows_deleted`;
  return row;
}

/** Counts what has gone, and keeps the claim. */
export async function noteDeleted(
  db: Queryable,
  note: { readonly appId: string; readonly nodeId: string; readonly rows: number; readonly leaseMs: number },
): Promise<void> {
  await db`
    update app_deletions set rows_deleted = rows_deleted + ${note.rows},
      lease_until = now() + ${note.leaseMs}::float8 * interval '1 millisecond'
    where app_id = ${note.appId} and locked_by = ${note.nodeId}`;
}

export async function beginClearing(db: Queryable, appId: string): Promise<void> {
  await db`update app_deletions set phase = 'clearing' where app_id = ${appId}`;
}

/** Puts the deletion behind the others that wait. */
export async function releaseDeletion(db: Queryable, appId: string, nodeId: string): Promise<void> {
  await db`
    update app_deletions set locked_by = null, lease_until = now()
    where app_id = ${appId} and locked_by = ${nodeId}`;
}

/** The last row of all; what still refers to it makes this fail. Gives how many rows went before it; `undefined`: another
 *  node was faster. */
export async function deleteAppRow(db: Queryable, appId: string): Promise<number | undefined> {
  const [deletion] = await db<{ rows_deleted: number }[]>`
    delete from app_deletions where app_id = ${appId} returning rows_deleted`;
  await db`delete from apps where id = ${appId} and state = 'deleting'`;
  return deletion?.rows_deleted;
}
