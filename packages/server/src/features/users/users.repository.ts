/** SQL of users, sessions and set-up links. */
import type { AppRole, InstanceRole } from "@picloud/contract";
import type { Queryable } from "../../platform/database/database.ts";

export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly role: InstanceRole;
  readonly password_hash: string;
  readonly disabled_at: Date | null;
}

export interface SessionUserRow {
  readonly session_id: string;
  readonly expires_at: Date;
  readonly id: string;
  readonly username: string;
  readonly role: InstanceRole;
  readonly app_ids: readonly string[];
  readonly app_roles: readonly AppRole[];
}

/** Names are compared without case. */
export async function findUserByName(db: Queryable, username: string): Promise<UserRow | undefined> {
  const [row] = await db<UserRow[]>`
    select id, username, role, password_hash, disabled_at from users where lower(username) = lower(${username})`;
  return row;
}

/** Is there an owner or admin, so that set-up is over? */
export async function hasAdmin(db: Queryable): Promise<boolean> {
  const rows = await db`select 1 from users where role in ('owner', 'admin') limit 1`;
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

/** The user of a live session, with the roles in apps. */
export async function findSessionUser(db: Queryable, tokenHash: Buffer): Promise<SessionUserRow | undefined> {
  const [row] = await db<SessionUserRow[]>`
    select s.id as session_id, s.expires_at, u.id, u.username, u.role,
      coalesce(m.app_ids, '{}') as app_ids, coalesce(m.app_roles, '{}') as app_roles
    from sessions s join users u on u.id = s.user_id
    left join lateral (
      select array_agg(app_id) as app_ids, array_agg(role) as app_roles from members where user_id = u.id
    ) m on true
    where s.token_hash = ${tokenHash} and s.expires_at > now() and u.disabled_at is null`;
  return row;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly tokenHash: Buffer;
  readonly days: number;
  readonly remoteAddr: string | undefined;
  readonly userAgent: string | undefined;
}

/** Gives the time of expiry. */
export async function insertSession(db: Queryable, session: NewSession): Promise<Date> {
  const [row] = await db<{ expires_at: Date }[]>`
    insert into sessions (id, user_id, token_hash, expires_at, remote_addr, user_agent)
    values (${session.id}, ${session.userId}, ${session.tokenHash}, now() + make_interval(days => ${session.days}),
      ${session.remoteAddr ?? null}, ${session.userAgent ?? null})
    returning expires_at`;
  if (row === undefined) throw new Error("the insert of a session gave no row");
  return row.expires_at;
}

/** Removes a user's expired sessions, and the oldest beyond `keep`. */
export async function sweepSessions(db: Queryable, userId: string, keep: number): Promise<void> {
  await db`
    delete from sessions where user_id = ${userId} and (expires_at <= now() or id in (
      select id from sessions where user_id = ${userId} order by created_at desc, id desc offset ${keep}))`;
}

export async function deleteSession(db: Queryable, sessionId: string): Promise<boolean> {
  const rows = await db`delete from sessions where id = ${sessionId} returning id`;
  return rows.length === 1;
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
