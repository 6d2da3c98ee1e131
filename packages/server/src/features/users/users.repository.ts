/** SQL of users and set-up links. */
import type { InstanceRole } from "@picloud/contract";
import type { Queryable, Transaction } from "../../platform/database/database.ts";

export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly role: InstanceRole;
  /** Null until the invitation is accepted. */
  readonly password_hash: string | null;
  readonly disabled_at: Date | null;
  readonly has_totp: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Names are compared without case. */
export async function findUserByName(db: Queryable, username: string): Promise<UserRow | undefined> {
  const [row] = await db<UserRow[]>`
    select id, username, role, password_hash, disabled_at, created_at, updated_at,
      exists (select from user_totp where user_id = users.id and confirmed_at is not null) as has_totp
    from users where lower(username) = lower(${username})`;
  return row;
}

export async function findUserById(db: Queryable, id: string): Promise<UserRow | undefined> {
  const [row] = await db<UserRow[]>`
    select id, username, role, password_hash, disabled_at, created_at, updated_at,
      exists (select from user_totp where user_id = users.id and confirmed_at is not null) as has_totp
    from users where id = ${id}`;
  return row;
}

/** By name without case. */
export async function listUsers(
  db: Queryable,
  query: { readonly after: string; readonly limit: number },
): Promise<readonly UserRow[]> {
  return await db<UserRow[]>`
    select id, username, role, password_hash, disabled_at, created_at, updated_at,
      exists (select from user_totp where user_id = users.id and confirmed_at is not null) as has_totp
    from users where lower(username) > ${query.after} order by lower(username) limit ${query.limit}`;
}

/** Is there an owner or admin, so that set-up is over? */
export async function hasAdmin(db: Queryable): Promise<boolean> {
  const rows = await db`select 1 from users where role in ('owner', 'admin') limit 1`;
  return rows.length > 0;
}

/** Is there an owner beside this user who can log in? */
export async function hasOtherOwner(db: Queryable, userId: string): Promise<boolean> {
  const rows = await db`
    select 1 from users
    where role = 'owner' and id <> ${userId} and disabled_at is null and password_hash is not null limit 1`;
  return rows.length > 0;
}

/** The first owner; false when another node made one. */
export async function insertBootstrapOwner(
  db: Queryable,
  user: { readonly id: string; readonly username: string; readonly passwordHash: string },
): Promise<boolean> {
  const rows = await db`
    insert into users (id, username, role, password_hash, is_bootstrap)
    values (${user.id}, ${user.username}, 'owner', ${user.passwordHash}, true)
    on conflict do nothing returning id`;
  return rows.length === 1;
}

/** False when the name is taken. */
export async function insertUser(
  db: Queryable,
  user: {
    readonly id: string;
    readonly username: string;
    readonly role: InstanceRole;
    readonly passwordHash: string | undefined;
  },
): Promise<boolean> {
  const rows = await db`
    insert into users (id, username, role, password_hash)
    values (${user.id}, ${user.username}, ${user.role}, ${user.passwordHash ?? null})
    on conflict do nothing returning id`;
  return rows.length === 1;
}

/** `isDisabled` keeps the time of an earlier disabling. */
export async function updateUser(
  db: Queryable,
  user: { readonly id: string; readonly role: InstanceRole; readonly isDisabled: boolean },
): Promise<void> {
  await db`
    update users set role = ${user.role}, updated_at = now(),
      disabled_at = case when ${user.isDisabled} then coalesce(disabled_at, now()) end
    where id = ${user.id}`;
}

export async function deleteUser(db: Queryable, id: string): Promise<void> {
  await db`delete from users where id = ${id}`;
}

/** Holds the row for the rest of a log-in's transaction. False where the user is gone or disabled, or has another
 *  password than the one that was checked. */
export async function holdUser(db: Queryable, id: string, passwordHash: string): Promise<boolean> {
  const rows = await db`
    select 1 from users where id = ${id} and password_hash = ${passwordHash} and disabled_at is null for share`;
  return rows.length === 1;
}

/** Waits for log-ins that hold the row, and holds up those after. */
export async function lockUser(tx: Transaction, id: string): Promise<void> {
  await tx`select 1 from users where id = ${id} for no key update`;
}

/** Gives the username; `undefined` for a user who is gone or disabled. */
export async function updatePassword(
  db: Queryable,
  id: string,
  passwordHash: string,
): Promise<{ readonly username: string; readonly role: InstanceRole } | undefined> {
  const [row] = await db<{ username: string; role: InstanceRole }[]>`
    update users set password_hash = ${passwordHash}, updated_at = now()
    where id = ${id} and disabled_at is null returning username, role`;
  return row;
}

/** Voids all earlier links and opens a new one. */
export async function replaceSetupToken(db: Queryable, tokenHash: Buffer, hours: number): Promise<void> {
  await db`delete from setup_tokens where used_at is null`;
  await db`
    insert into setup_tokens (token_hash, expires_at) values (${tokenHash}, now() + make_interval(hours => ${hours}))`;
}

export async function isSetupTokenOpen(db: Queryable, tokenHash: Buffer): Promise<boolean> {
  const rows = await db`
    select 1 from setup_tokens where token_hash = ${tokenHash} and used_at is null and expires_at > now()`;
  return rows.length === 1;
}

/** True for the one caller that uses it. */
export async function claimSetupToken(db: Queryable, tokenHash: Buffer): Promise<boolean> {
  const rows = await db`
    update setup_tokens set used_at = now()
    where token_hash = ${tokenHash} and used_at is null and expires_at > now() returning token_hash`;
  return rows.length === 1;
}
