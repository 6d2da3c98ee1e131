/** Accounts: log-in, sessions, and the first owner. */
import { createHash, randomBytes } from "node:crypto";
import { PicloudError } from "@picloud/contract";
import type { InstanceRole } from "@picloud/contract";
import { requireUser } from "../../platform/authorize.ts";
import type { Context, UserPrincipal } from "../../platform/context.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import {
  claimSetupToken,
  deleteSession,
  findSessionUser,
  findUserByName,
  hasAdmin,
  insertBootstrapOwner,
  insertSession,
  isSetupTokenOpen,
  replaceSetupToken,
  sweepSessions,
} from "./users.repository.ts";

/** A session ends this long after its log-in, used or not, so that `expires_at` in the answer stays true. */
const sessionDays = 30;
/** More log-ins than that end the user's oldest sessions. */
const sessionsPerUserMax = 100;
const setupHours = 24;

export interface Login {
  readonly token: string;
  readonly expires_at: string;
  readonly user: { readonly id: string; readonly username: string; readonly role: InstanceRole };
}

/** Same answer and same time for an unknown user and a wrong password. */
export async function login(
  ctx: Context,
  platform: Platform,
  input: { readonly username: string; readonly password: string; readonly userAgent?: string | undefined },
): Promise<Login> {
  const isName = input.username.isWellFormed() && !input.username.includes("\u0000");
  const user = isName ? await findUserByName(platform.db.read, input.username) : undefined;
  const isRight = await verifyPassword(input.password, user?.password_hash);
  if (user === undefined || !isRight || user.disabled_at !== null) {
    ctx.log.info("login_refused", { remoteAddr: ctx.remoteAddr });
    throw new PicloudError("unauthenticated", "Username or password is wrong.");
  }
  const session = newSession(ctx, user.id, input.userAgent);
  const expires = await platform.db.write.begin(async (tx) => {
    const at = await insertSession(tx, session.row);
    await sweepSessions(tx, user.id, sessionsPerUserMax);
    return at;
  });
  ctx.log.info("login", { userId: user.id });
  return loginOf(session.token, expires, user);
}

/** Makes the first owner with the token of the set-up link, and logs them in. */
export async function setUp(
  ctx: Context,
  platform: Platform,
  input: {
    readonly token: string;
    readonly username: string;
    readonly password: string;
    readonly userAgent?: string | undefined;
  },
): Promise<Login> {
  const tokenHash = hashToken(input.token);
  // Looked at first, so that nobody without the link costs a hash.
  if (!(await isSetupTokenOpen(platform.db.read, tokenHash))) throw badSetupToken();
  const owner = {
    id: newId(),
    username: input.username,
    passwordHash: await hashPassword(input.password),
  };
  const session = newSession(ctx, owner.id, input.userAgent);
  const change = { by: ctx, action: "users.setup", signal: "access" } as const;
  const expires = await controlChange(platform, change, async (tx, record) => {
    if ((await hasAdmin(tx)) || !(await claimSetupToken(tx, tokenHash))) throw badSetupToken();
    if (!(await insertBootstrapOwner(tx, owner))) throw nameTaken();
    record.tell({
      by: {
        ...ctx,
        principal: { ...owner, kind: "user", name: owner.username, role: "owner", appRoles: new Map() },
      },
      resource: { kind: "user", id: owner.id, name: owner.username },
      after: { username: owner.username, role: "owner" },
    });
    return await insertSession(tx, session.row);
  });
  ctx.log.info("owner_created", { userId: owner.id });
  return loginOf(session.token, expires, { ...owner, role: "owner" });
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

/** The user behind a session token, or `undefined` for one that is not (any more) valid. For authentication only: it is
 *  what makes principals, so it authorises nothing itself. */
export async function findPrincipalByToken(db: Queryable, token: string): Promise<UserPrincipal | undefined> {
  const row = await findSessionUser(db, hashToken(token));
  if (row === undefined) return undefined;
  return {
    kind: "user",
    id: row.id,
    name: row.username,
    role: row.role,
    appRoles: new Map(
      row.app_ids.flatMap((id, i) => (row.app_roles[i] === undefined ? [] : [[id, row.app_roles[i]]])),
    ),
    sessionId: row.session_id,
  };
}

/** First start (INS-1): the owner from the settings, or a new set-up link while there is no admin. Runs under the
 *  migration lock, so one node makes it. */
export async function bootstrapOwner(
  platform: Platform,
  owner: { readonly username: string; readonly password: string } | undefined,
): Promise<{ setupToken?: string }> {
  if (await hasAdmin(platform.db.write)) return {};
  if (owner === undefined) {
    const token = `setup_${randomBytes(32).toString("base64url")}`;
    await platform.db.write.begin(async (tx) => {
      await replaceSetupToken(tx, hashToken(token), setupHours);
    });
    return { setupToken: token };
  }
  const passwordHash = await hashPassword(owner.password);
  const change = { by: "server", action: "users.setup", signal: "access" } as const;
  await controlChange(platform, change, async (tx, record) => {
    const id = newId();
    if (!(await insertBootstrapOwner(tx, { id, username: owner.username, passwordHash }))) record.nothing();
    const resource = { kind: "user", id, name: owner.username };
    record.tell({ resource, after: { username: owner.username, role: "owner" } });
  });
  platform.log.info("owner_created", { username: owner.username });
  return {};
}

function newSession(
  ctx: Context,
  userId: string,
  userAgent: string | undefined,
): { readonly token: string; readonly row: Parameters<typeof insertSession>[1] } {
  const token = `pics_${randomBytes(32).toString("base64url")}`;
  const row = {
    id: newId(),
    userId,
    tokenHash: hashToken(token),
    days: sessionDays,
    remoteAddr: ctx.remoteAddr,
    userAgent: userAgent?.slice(0, 256),
  };
  return { token, row };
}

/** Tokens are 256 random bits, so one fast hash is enough to keep them unreadable in the database. */
function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function loginOf(
  token: string,
  expires: Date,
  user: { readonly id: string; readonly username: string; readonly role: InstanceRole },
): Login {
  const { id, username, role } = user;
  return { token, expires_at: expires.toISOString(), user: { id, username, role } };
}

function badSetupToken(): PicloudError {
  return new PicloudError(
    "unauthenticated",
    "This set-up link is not valid: it was used, is older than 24 hours, or a later start made a new one. Restart the server for a new one.",
  );
}

function nameTaken(): PicloudError {
  return new PicloudError("already_exists", "There is an account with this name already.", {
    fields: [{ path: "username", message: "is taken" }],
  });
}
