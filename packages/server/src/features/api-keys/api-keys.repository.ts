/** SQL of API keys. */
import type { AppRole, InstanceRole, Scope } from "@picloud/contract";
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";

export interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly app_id: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
}

/** A live key with its owner as they are now. */
export interface KeyOwnerRow {
  readonly key_id: string;
  readonly key_name: string;
  readonly scopes: readonly Scope[];
  readonly app_id: string | null;
  readonly expires_at: Date | null;
  readonly expires_in_ms: number | null;
  readonly is_use_noted: boolean;
  readonly id: string;
  readonly username: string;
  readonly role: InstanceRole;
  readonly app_ids: readonly string[];
  readonly app_roles: readonly AppRole[];
}

/** Nothing for a key that is unknown, revoked or expired, whose owner is disabled, or whose app is being deleted. Found by
 *  the hash of the whole token: how long that takes says nothing about how much of a guess is right. `is_use_noted`: its
 *  last use is known to within `noteSeconds`. */
export async function findKeyOwner(
  db: Queryable,
  tokenHash: Buffer,
  noteSeconds: number,
): Promise<KeyOwnerRow | undefined> {
  const [row] = await db<KeyOwnerRow[]>`
    select k.id as key_id, k.name as key_name, k.scopes, k.app_id, k.expires_at,
      (extract(epoch from k.expires_at - now()) * 1000)::float8 as expires_in_ms,
      coalesce(k.last_used_at > now() - make_interval(secs => ${noteSeconds}), false) as is_use_noted,
      u.id, u.username, u.role,
      coalesce(m.app_ids, '{}') as app_ids, coalesce(m.app_roles, '{}') as app_roles
    from api_keys k join users u on u.id = k.user_id
    left join lateral (
      select array_agg(app_id) as app_ids, array_agg(role) as app_roles from members where user_id = u.id
    ) m on true
    where k.token_hash = ${tokenHash} and (k.expires_at is null or k.expires_at > now()) and u.disabled_at is null
      and (k.app_id is null or exists (select from apps a where a.id = k.app_id and a.state = 'active'))`;
  return row;
}

/** Newest first, below `before`: ids are in the order of time. */
export async function listKeyRows(
  db: Queryable,
  query: { readonly userId: string; readonly before: string | undefined; readonly limit: number },
): Promise<readonly ApiKeyRow[]> {
  return await db<ApiKeyRow[]>`
    select id, name, prefix, scopes, app_id, created_at, expires_at, last_used_at from api_keys
    where user_id = ${query.userId} ${query.before === undefined ? db`` : db`and id < ${query.before}::uuid`}
    order by id desc limit ${query.limit}`;
}

export async function countKeys(db: Queryable, userId: string): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from api_keys where user_id = ${userId}`;
  return row?.count ?? 0;
}

export async function insertKey(
  db: Queryable,
  key: {
    readonly id: string;
    readonly userId: string;
    readonly name: string;
    readonly prefix: string;
    readonly tokenHash: Buffer;
    readonly scopes: readonly Scope[];
    readonly appId: string | undefined;
    readonly expiresInMs: number | undefined;
  },
): Promise<ApiKeyRow> {
  const [row] = await db<ApiKeyRow[]>`
    insert into api_keys (id, user_id, name, prefix, token_hash, scopes, app_id, expires_at)
    values (${key.id}, ${key.userId}, ${key.name}, ${key.prefix}, ${key.tokenHash}, ${[...key.scopes]}::text[],
      ${key.appId ?? null}, now() + ${key.expiresInMs ?? null}::float8 * interval '1 millisecond')
    returning id, name, prefix, scopes, app_id, created_at, expires_at, last_used_at`;
  if (row === undefined) throw new Error("the insert of an API key gave no row");
  return row;
}

/** Gives what was deleted; nothing for a key that is not the user's. */
export async function deleteKey(db: Queryable, userId: string, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db<ApiKeyRow[]>`
    delete from api_keys where id = ${id} and user_id = ${userId}
    returning id, name, prefix, scopes, app_id, created_at, expires_at, last_used_at`;
  return row;
}

export async function noteKeyUses(db: Queryable, ids: readonly string[]): Promise<void> {
  await db`update api_keys set last_used_at = now() where id = any(${[...ids]}::uuid[])`;
}

/** What an app holds of this. */
export const apiKeysContent: readonly AppContent[] = [
  tableContent({ kind: "api_keys", table: "api_keys", stopsDeletion: true }),
];
