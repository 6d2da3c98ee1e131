/** Sessions: opened by log-ins, listed and ended by their users and by who manages users. */
import { createHash, randomBytes } from "node:crypto";
import { PicloudError } from "@picloud/contract";
import type { InstanceRole, Page, PageQuery } from "@picloud/contract";
import { authorize, requireUser } from "../../platform/authorize.ts";
import type { Context, UserPrincipal } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import {
  deleteSession,
  deleteSessions,
  findSessionOwner,
  findSessionUser,
  findUserRole,
  insertSession,
  listSessions as listSessionRows,
  noteSessionUses,
  sweepSessions,
} from "./sessions.repository.ts";
import type { SessionRow } from "./sessions.repository.ts";

/** A session ends this long after its log-in, used or not, so that `expires_at` in the answer stays true. */
const sessionDays = 30;
/** More log-ins than that end the user's oldest sessions. */
const sessionsPerUserMax = 100;
/** How exact `last_used_at` is: a write per session and minute at most. */
const noteSeconds = 60;

export interface OpenedSession {
  readonly id: string;
  readonly token: string;
  readonly expires: Date;
}

export interface Session {
  readonly id: string;
  readonly user_id: string;
  readonly current: boolean;
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string;
  readonly remote_addr: string | null;
  readonly user_agent: string | null;
}

/** Opens a session in the transaction of a log-in, always with a new token: nothing that the caller sends becomes one.
 *  The transaction holds the user's row, so that the user is neither gone nor disabled by its end. */
export async function openSession(
  ctx: Context,
  tx: Transaction,
  user: { readonly id: string; readonly userAgent: string | undefined },
): Promise<OpenedSession> {
  const id = newId();
  const token = `pics_${randomBytes(32).toString("base64url")}`;
  const expires = await insertSession(tx, {
    id,
    userId: user.id,
    tokenHash: hashToken(token),
    days: sessionDays,
    remoteAddr: ctx.remoteAddr,
    userAgent: user.userAgent?.slice(0, 256),
  });
  await sweepSessions(tx, user.id, sessionsPerUserMax);
  return { id, token, expires };
}

/** Ends the user's sessions but `keep`, in the transaction of the change that demands it. Gives how many. */
export async function endSessions(tx: Transaction, userId: string, keep?: string): Promise<number> {
  return await deleteSessions(tx, userId, keep);
}

/** The user behind a session token, or `undefined` for one that is not (any more) valid. For authentication only: it is
 *  what makes principals, so it authorises nothing itself. `isUseNoted`: its last use need not be written. */
export async function findPrincipalByToken(
  db: Queryable,
  token: string,
): Promise<{ readonly principal: UserPrincipal; readonly isUseNoted: boolean } | undefined> {
  const row = await findSessionUser(db, hashToken(token), noteSeconds);
  if (row === undefined) return undefined;
  const principal: UserPrincipal = {
    kind: "user",
    id: row.id,
    name: row.username,
    role: row.role,
    appRoles: new Map(
      row.app_ids.flatMap((id, i) => (row.app_roles[i] === undefined ? [] : [[id, row.app_roles[i]]])),
    ),
    sessionId: row.session_id,
  };
  return { principal, isUseNoted: row.is_use_noted };
}

/** Writes that these sessions were used just now. For authentication only. */
export async function noteUses(platform: Pick<Platform, "db">, sessionIds: readonly string[]): Promise<void> {
  await noteSessionUses(platform.db.side, sessionIds);
}

/** Ends the session that made the call. False for a principal without one (an API key). */
export async function logout(ctx: Context, platform: Platform): Promise<{ revoked: boolean }> {
  const { sessionId } = requireUser(ctx);
  if (sessionId === undefined) return { revoked: false };
  const revoked = await controlChange(
    platform,
    { by: ctx, action: "users.logout", signal: "access" },
    async (tx, record) => {
      record.tell({ resource: { kind: "session", id: sessionId } });
      return await deleteSession(tx, sessionId);
    },
  );
  return { revoked };
}

export async function listSessions(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly user_id?: string | undefined },
): Promise<Page<Session> & { items: Session[] }> {
  const userId = query.user_id ?? requireUser(ctx).id;
  await authorizeSessionsOf(ctx, platform.db.read, userId);
  const form = { list: `sessions:${userId}`, parts: ["id"] } as const;
  const [before] = readCursor(form, query.cursor) ?? [];
  const rows = await listSessionRows(platform.db.read, {
    userId,
    before: before === undefined ? undefined : String(before),
    limit: query.limit + 1,
  });
  const current = ctx.principal?.kind === "user" ? ctx.principal.sessionId : undefined;
  return pageOfRows(rows, query.limit, form, {
    key: (row) => [row.id],
    item: (row) => sessionOf(row, current),
  });
}

/** Ends one session. Who does not manage users gets `not_found` for any that is not their own, whether it exists or not. */
export async function deleteOneSession(
  ctx: Context,
  platform: Platform,
  id: string,
): Promise<{ id: string }> {
  const own = requireUser(ctx);
  const change = { by: ctx, action: "sessions.delete", signal: "access" } as const;
  await controlChange(platform, change, async (tx, record) => {
    const owner = await findSessionOwner(tx, id);
    const isOwn = owner?.user_id === own.id && ctx.principal?.kind === "user";
    if (!isOwn) requireManager(ctx);
    if (owner === undefined) throw noSession();
    if (owner.user_id !== own.id) requireOwnerFor(ctx, owner.role);
    await deleteSession(tx, id);
    record.tell({ resource: { kind: "session", id }, before: { user_id: owner.user_id } });
  });
  return { id };
}

/** Ends all of the caller's sessions but the one that calls, or all of another user. */
export async function deleteAllSessions(
  ctx: Context,
  platform: Platform,
  input: { readonly user_id?: string | undefined },
): Promise<{ revoked: number }> {
  const own = requireUser(ctx);
  const userId = input.user_id ?? own.id;
  const change = { by: ctx, action: "sessions.delete_all", signal: "access" } as const;
  const revoked = await controlChange(platform, change, async (tx, record) => {
    await authorizeSessionsOf(ctx, tx, userId);
    const count = await deleteSessions(tx, userId, own.sessionId);
    record.tell({ resource: { kind: "user", id: userId }, before: { sessions: count } });
    if (count === 0) record.nothing();
    return count;
  });
  return { revoked };
}

/** Only owners touch owners (INS-2): throws `forbidden` for anyone else where `role`, of the account that is looked at or
 *  changed, is owner. */
export function requireOwnerFor(ctx: Context, role: InstanceRole): void {
  if (role !== "owner" || ctx.kind === "system") return;
  if (requireUser(ctx).role !== "owner")
    throw new PicloudError("forbidden", "Only an owner may do this to an owner.");
}

/** Own ones by a session of one's own; all else, keys too, needs the capability. */
async function authorizeSessionsOf(ctx: Context, db: Queryable, userId: string): Promise<void> {
  const own = requireUser(ctx);
  const isOwn = userId === own.id;
  if (isOwn && ctx.principal?.kind === "user") return;
  authorize(ctx, "InstanceManageUsers");
  if (isOwn) return;
  const role = await findUserRole(db, userId);
  if (role === undefined) throw new PicloudError("not_found", `There is no user ${userId}.`);
  requireOwnerFor(ctx, role);
}

function requireManager(ctx: Context): void {
  try {
    authorize(ctx, "InstanceManageUsers");
  } catch (error) {
    // "Forbidden" would say that there is one.
    if (error instanceof PicloudError && error.code === "forbidden") throw noSession();
    throw error;
  }
}

function noSession(): PicloudError {
  return new PicloudError("not_found", "There is no such session: it ended, or never was.");
}

/** Tokens are 256 random bits, so one fast hash is enough to keep them unreadable in the database. */
function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function sessionOf(row: SessionRow, current: string | undefined): Session {
  return {
    ...row,
    current: row.id === current,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
  };
}
