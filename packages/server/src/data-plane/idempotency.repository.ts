/** SQL of idempotency keys. A key that is older than a day counts as absent. */
import type { Queryable } from "../platform/database/database.ts";
import { isActiveApp } from "../platform/database/execution-row.ts";

export interface IdempotencyKey {
  readonly appId: string;
  /** SHA-256 of route, principal and key. */
  readonly id: string;
  readonly fingerprint: string;
  /** The run that has or gets the key. */
  readonly executionId: string;
}

/** An answer of a script. */
interface AnswerHead {
  readonly status: number;
  /** Flat list name, value, …. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

export interface KeptAnswer {
  readonly fingerprint: string;
  readonly executionId: string;
  /** Absent: it was too large to keep. */
  readonly head: AnswerHead | undefined;
}

export async function findAnswer(
  db: Queryable,
  { appId, id }: Pick<IdempotencyKey, "appId" | "id">,
): Promise<KeptAnswer | undefined> {
  const [row] = await db<
    {
      fingerprint: string;
      execution_id: string;
      status: number | null;
      headers: string[] | null;
      body: Uint8Array | null;
      is_text: boolean | null;
    }[]
  >`
    select fingerprint, execution_id, status, headers, body, is_text from idempotency_keys
    where app_id = ${appId} and id = ${id} and created_at > now() - interval '24 hours'`;
  if (row === undefined) return undefined;
  const { fingerprint, execution_id: executionId, status, headers, is_text: isText } = row;
  if (status === null) return { fingerprint, executionId, head: undefined };
  const bytes = row.body ?? new Uint8Array();
  const body = isText === true ? Buffer.from(bytes).toString("utf8") : bytes;
  return { fingerprint, executionId, head: { status, headers: headers ?? [], body } };
}

/** Takes the key for the transaction, which waits up to this long for one that is at it. False: the key is taken, or the app
 *  is being deleted. The wait comes first in the transaction, so that it is over before anything is read. */
export async function claimKey(db: Queryable, key: IdempotencyKey, waitMs: number): Promise<boolean> {
  await db.unsafe(`set local lock_timeout = ${Math.max(1, Math.trunc(waitMs))}`);
  const rows = await db`
    insert into idempotency_keys as k (app_id, id, fingerprint, execution_id)
    select ${key.appId}::uuid, ${key.id}, ${key.fingerprint}, ${key.executionId}::uuid
    from (select ${key.appId}::uuid as app_id) one where ${isActiveApp(db, "one.app_id")}
    on conflict (app_id, id) do update set fingerprint = excluded.fingerprint, execution_id = excluded.execution_id,
      status = null, headers = null, body = null, is_text = null, created_at = now()
    where k.created_at <= now() - interval '24 hours'
    returning k.id`;
  await db.unsafe("set local lock_timeout = default");
  return rows.length === 1;
}

export async function keepAnswer(
  db: Queryable,
  { appId, id }: IdempotencyKey,
  { status, headers, body }: AnswerHead,
): Promise<void> {
  const isText = typeof body === "string";
  await db`
    update idempotency_keys set status = ${status}, headers = ${JSON.stringify(headers)}::text::json,
      body = ${typeof body === "string" ? Buffer.from(body) : body}, is_text = ${isText}
    where app_id = ${appId} and id = ${id}`;
}

/** Deletes up to `limit` keys of all apps that are older than a day; gives their number. */
export async function deleteOldAnswers(db: Queryable, limit: number): Promise<number> {
  const rows = await db`
    with l as (
      select app_id, id from idempotency_keys where created_at <= now() - interval '24 hours'
      order by created_at limit ${limit} for update skip locked)
    delete from idempotency_keys k using l where k.app_id = l.app_id and k.id = l.id`;
  return rows.count;
}
