/** SQL of sessions. */
import type { AppRole, InstanceRole } from "@picloud/contract";
import type { Queryable } from "../../platform/database/database.ts";

export interface SessionUserRow {
  readonly session_id: string;
  readonly expires_at: Date;
  readonly is_use_noted: boolean;
  readonly id: string;
  readonly username: string;
  readonly role: InstanceRole;
  readonly app_ids: readonly string[];
  readonly app_roles: readonly AppRole[];
}

/** The user of a live session, with the roles in apps. `is_use_noted`: its last use is known to within `noteSeconds`. */
export async function findSessionUser(
  db: Queryable,
  tokenHash: Buffer,
  noteSeconds: number,
): Promise<SessionUserRow | undefined> {
  const [row] = await db<SessionUserRow[]>`
    select s.id as session_id, s.expires_at, u.id, u.username, u.role,
      s.last_used_at > now() - make_interval(secs => ${noteSeconds}) as is_use_noted,
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

/** All of the user's sessions but `keep`; gives how many ended. */
export async function deleteSessions(
  db: Queryable,
  userId: string,
  keep: string | undefined,
): Promise<number> {
  const rows = await db`
    delete from sessions where user_id = ${userId} and id is distinct from ${keep ?? null}::uuid returning id`;
  return rows.length;
}

export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date;
  readonly remote_addr: string | null;
  readonly user_agent: string | null;
}

/** Live sessions of a user, newest first; ids are in the order of time. */
export async function listSessions(
  db: Queryable,
  query: { readonly userId: string; readonly before: string | undefined; readonly limit: number },
): Promise<readonly SessionRow[]> {
  return await db<SessionRow[]>`
    select id, user_id, created_at, expires_at, last_used_at, remote_addr, user_agent from sessions
    where user_id = ${query.userId} and expires_at > now()
      ${query.before === undefined ? db`` : db`and id < ${query.before}`}
    order by id desc limit ${query.limit}`;
}

/** Whose session it is; `undefined` for one that is over. */
export async function findSessionOwner(
  db: Queryable,
  sessionId: string,
): Promise<{ readonly user_id: string; readonly role: InstanceRole } | undefined> {
  const [row] = await db<{ user_id: string; role: InstanceRole }[]>`
    select s.user_id, u.role from sessions s join users u on u.id = s.user_id
    where s.id = ${sessionId} and s.expires_at > now()`;
  return row;
}

export async function findUserRole(db: Queryable, userId: string): Promise<InstanceRole | undefined> {
  const [row] = await db<{ role: InstanceRole }[]>`select role from users where id = ${userId}`;
  return row?.role;
}

export async function noteSessionUses(db: Queryable, sessionIds: readonly string[]): Promise<void> {
  await db`update sessions set last_used_at = now() where id = any(${[...sessionIds]}::uuid[])`;
}
