/** What a user does with their own account, by a session and never by an API key. */
import { PicloudError } from "@picloud/contract";
import { requireUser } from "../../platform/authorize.ts";
import type { Context, UserPrincipal } from "../../platform/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { throttleLogin } from "./login-throttle.ts";
import { verifyPassword } from "./password.ts";
import { findUserById } from "./users.repository.ts";

type OwnSession = UserPrincipal & { readonly sessionId: string };

/** Throws `forbidden` for an API key. */
export function requireOwnSession(ctx: Context): OwnSession {
  const user = requireUser(ctx);
  const { sessionId } = user;
  if (ctx.principal?.kind !== "user" || sessionId === undefined)
    throw new PicloudError("forbidden", "This needs a session: log in, an API key can't do it.");
  return { ...user, sessionId };
}

/** The password again, so that a session left open is not enough. As throttled as a log-in. Throws `invalid` for a wrong
 *  one: the session stays good. */
export async function requireOwnPassword(
  ctx: Context,
  platform: Pick<Platform, "db">,
  given: { readonly password: string; readonly path: string },
): Promise<OwnSession & { readonly passwordHash: string }> {
  const user = requireOwnSession(ctx);
  const forgive = await throttleLogin(ctx, platform, user.name);
  const row = await findUserById(platform.db.read, user.id);
  const hash = row?.password_hash ?? undefined;
  const isRight = await verifyPassword(given.password, hash);
  if (!isRight || hash === undefined) {
    throw new PicloudError("invalid", `${given.path}: is not your password`, {
      fields: [{ path: given.path, message: "is not your password" }],
    });
  }
  await forgive();
  return { ...user, passwordHash: hash };
}
