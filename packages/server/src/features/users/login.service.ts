/** Log-in, and the links that set a password. */
import { PicloudError } from "@picloud/contract";
import type { InstanceRole } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import type { AuditEntry } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { endSessions, openSession } from "../sessions/sessions.service.ts";
import type { OpenedSession } from "../sessions/sessions.service.ts";
import { hashLinkToken } from "./link-token.ts";
import { throttleCode, throttleLogin } from "./login-throttle.ts";
import { requireOwnPassword } from "./own-session.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { checkPassword } from "./password-rules.ts";
import { isTotpOn } from "./second-factor.repository.ts";
import { useCode } from "./second-factor.service.ts";
import type { AccountsPlatform } from "./second-factor.service.ts";
import { claimLink, deleteLink, findLinkUser } from "./user-links.repository.ts";
import type { LinkKind } from "./user-links.repository.ts";
import { usernameSchema } from "./users.contract.ts";
import { findUserByName, holdUser, updatePassword } from "./users.repository.ts";
import type { UserRow } from "./users.repository.ts";

export interface Login {
  readonly token: string;
  readonly expires_at: string;
  readonly user: { readonly id: string; readonly username: string; readonly role: InstanceRole };
}

/** Same answer and same time for an unknown user, a wrong password, a disabled user and one who has not accepted the
 *  invitation. Who gives the right password without a code that the account wants is told so. */
export async function login(
  ctx: Context,
  platform: AccountsPlatform,
  input: {
    readonly username: string;
    readonly password: string;
    readonly totp?: string | undefined;
    readonly userAgent: string | undefined;
  },
): Promise<Login> {
  const forgive = await throttleLogin(ctx, platform, input.username);
  // No account has another form; some would be refused by PostgreSQL, some lowered by it to an account's name.
  const isName = usernameSchema.safeParse(input.username).success;
  const user = isName ? await findUserByName(platform.db.read, input.username) : undefined;
  const hash = user?.password_hash ?? undefined;
  const isRight = await verifyPassword(input.password, hash);
  if (user === undefined || hash === undefined || !isRight || user.disabled_at !== null) throw refused(ctx);
  if (user.has_totp && input.totp === undefined) {
    await forgive();
    throw totpRequired();
  }
  const session = await openCheckedSession(ctx, platform, { user, hash, ...input });
  await forgive();
  ctx.log.info("login", { userId: user.id });
  return loginOf(session, user);
}

async function openCheckedSession(
  ctx: Context,
  platform: AccountsPlatform,
  checked: {
    readonly user: UserRow;
    readonly hash: string;
    readonly totp?: string | undefined;
    readonly userAgent: string | undefined;
  },
): Promise<OpenedSession> {
  const { user, hash, totp, userAgent } = checked;
  const forgiveCode = user.has_totp ? await throttleCode(ctx, platform, user.id) : undefined;
  const session = await transaction(platform.db, async (tx) => {
    // Disabled, or given another password, since it was looked at.
    if (!(await holdUser(tx, user.id, hash))) throw refused(ctx);
    // Turned on since then, which ended all sessions without it: this must not be one more.
    if (!user.has_totp && (await isTotpOn(tx, user.id))) throw totpRequired();
    if (user.has_totp && !(await useCode(tx, platform, user.id, totp ?? ""))) {
      throw new PicloudError("unauthenticated", "The code is wrong or was used: wait for the next one.", {
        details: { reason: "totp_invalid" },
      });
    }
    return await openSession(ctx, tx, { id: user.id, userAgent });
  });
  await forgiveCode?.();
  return session;
}

/** The first password of an invited user, who is then logged in. */
export async function acceptInvite(
  ctx: Context,
  platform: Platform,
  input: { readonly token: string; readonly password: string; readonly userAgent: string | undefined },
): Promise<Login> {
  const link = await checkLink(ctx, platform, { ...input, kind: "invite" });
  const change = { by: ctx, action: "users.accept_invite", signal: "access" } as const;
  const { user, session } = await controlChange(platform, change, async (tx, record) => {
    const id = await claimLink(tx, link.hash, "invite");
    const row = id === undefined ? undefined : await updatePassword(tx, id, link.passwordHash);
    if (id === undefined || row === undefined) throw badLink();
    record.tell({ ...byUser(ctx, { id, ...row }), after: { state: "active" } });
    return { user: { id, ...row }, session: await openSession(ctx, tx, { id, userAgent: input.userAgent }) };
  });
  await link.forgive();
  ctx.log.info("invite_accepted", { userId: user.id });
  return loginOf(session, user);
}

/** Ends all sessions and opens none: the second factor, if any, is still wanted. */
export async function resetPassword(
  ctx: Context,
  platform: Platform,
  input: { readonly token: string; readonly password: string },
): Promise<{ username: string }> {
  const link = await checkLink(ctx, platform, { ...input, kind: "reset" });
  const change = { by: ctx, action: "users.reset_password", signal: "access" } as const;
  const { id, username } = await controlChange(platform, change, async (tx, record) => {
    const userId = await claimLink(tx, link.hash, "reset");
    const row = userId === undefined ? undefined : await updatePassword(tx, userId, link.passwordHash);
    if (userId === undefined || row === undefined) throw badLink();
    const ended = await endSessions(tx, userId);
    record.tell({ ...byUser(ctx, { id: userId, ...row }), after: { revoked_sessions: ended } });
    return { id: userId, username: row.username };
  });
  await link.forgive();
  ctx.log.info("password_reset", { userId: id });
  return { username };
}

/** Ends the user's other sessions. */
export async function changePassword(
  ctx: Context,
  platform: Platform,
  input: { readonly old_password: string; readonly new_password: string },
): Promise<{ revoked_sessions: number }> {
  const user = await requireOwnPassword(ctx, platform, {
    password: input.old_password,
    path: "old_password",
  });
  await checkPassword(input.new_password, user.name, "new_password");
  const passwordHash = await hashPassword(input.new_password);
  const change = { by: ctx, action: "users.change_password", signal: "access" } as const;
  const revoked = await controlChange(platform, change, async (tx, record) => {
    if (!(await holdUser(tx, user.id, user.passwordHash)))
      throw new PicloudError("stale", "Your password was changed meanwhile.");
    await updatePassword(tx, user.id, passwordHash);
    await deleteLink(tx, user.id);
    const ended = await endSessions(tx, user.id, user.sessionId);
    record.tell({
      resource: { kind: "user", id: user.id, name: user.name },
      after: { revoked_sessions: ended },
    });
    return ended;
  });
  ctx.log.info("password_changed", { userId: user.id });
  return { revoked_sessions: revoked };
}

export function loginOf(
  session: Pick<OpenedSession, "token" | "expires">,
  user: { readonly id: string; readonly username: string; readonly role: InstanceRole },
): Login {
  const { id, username, role } = user;
  return { token: session.token, expires_at: session.expires.toISOString(), user: { id, username, role } };
}

/** For the audit log: who uses a link is the user it was made for. */
export function byUser(
  ctx: Context,
  user: { readonly id: string; readonly username: string; readonly role: InstanceRole },
): { readonly by: Context; readonly resource: AuditEntry["resource"] } {
  const { id, username, role } = user;
  const principal = { kind: "user", id, name: username, role, appRoles: new Map() } as const;
  return { by: { ...ctx, principal }, resource: { kind: "user", id, name: username } };
}

/** The link is looked at before the password is hashed, so that nobody without one costs a hash; a password that breaks the
 *  rules leaves it open. */
async function checkLink(
  ctx: Context,
  platform: Platform,
  input: { readonly token: string; readonly password: string; readonly kind: LinkKind },
): Promise<{ readonly hash: Buffer; readonly passwordHash: string; readonly forgive: () => Promise<void> }> {
  const forgive = await throttleLogin(ctx, platform, undefined);
  const hash = hashLinkToken(input.token);
  const username = await findLinkUser(platform.db.read, hash, input.kind);
  if (username === undefined) throw badLink();
  await checkPassword(input.password, username);
  return { hash, passwordHash: await hashPassword(input.password), forgive };
}

function totpRequired(): PicloudError {
  const message = "This account wants a code of its second factor: send it as totp.";
  return new PicloudError("unauthenticated", message, { details: { reason: "totp_required" } });
}

function refused(ctx: Context): PicloudError {
  ctx.log.info("login_refused", { remoteAddr: ctx.remoteAddr });
  return new PicloudError("unauthenticated", "Username or password is wrong.");
}

function badLink(): PicloudError {
  return new PicloudError(
    "unauthenticated",
    "This link is not valid: it was used, is too old, or a newer one was made. Ask for a new one.",
  );
}
