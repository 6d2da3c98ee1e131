/** First set-up: the owner from the settings, or by the one-time link that a start prints (INS-1). */
import { PicloudError } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { StartError } from "../../platform/start-error.ts";
import { openSession } from "../sessions/sessions.service.ts";
import { hashLinkToken, newLinkToken } from "./link-token.ts";
import { byUser, loginOf } from "./login.service.ts";
import type { Login } from "./login.service.ts";
import { throttleLogin } from "./login-throttle.ts";
import { hashPassword } from "./password.ts";
import { checkPassword, passwordProblem } from "./password-rules.ts";
import {
  claimSetupToken,
  hasAdmin,
  insertBootstrapOwner,
  isSetupTokenOpen,
  replaceSetupToken,
} from "./users.repository.ts";

const setupHours = 24;

/** Makes the first owner with the token of the set-up link, and logs them in. */
export async function setUp(
  ctx: Context,
  platform: Platform,
  input: {
    readonly token: string;
    readonly username: string;
    readonly password: string;
    readonly userAgent: string | undefined;
  },
): Promise<Login> {
  const forgive = await throttleLogin(ctx, platform, undefined);
  const tokenHash = hashLinkToken(input.token);
  // Looked at first, so that nobody without the link costs a hash.
  if (!(await isSetupTokenOpen(platform.db.read, tokenHash))) throw badSetupToken();
  await checkPassword(input.password, input.username);
  const passwordHash = await hashPassword(input.password);
  const owner = { id: newId(), username: input.username, passwordHash };
  const change = { by: ctx, action: "users.setup", signal: "access" } as const;
  const session = await controlChange(platform, change, async (tx, record) => {
    if ((await hasAdmin(tx)) || !(await claimSetupToken(tx, tokenHash))) throw badSetupToken();
    if (!(await insertBootstrapOwner(tx, owner))) throw nameTaken();
    record.tell({
      ...byUser(ctx, { ...owner, role: "owner" }),
      after: { username: owner.username, role: "owner" },
    });
    return await openSession(ctx, tx, { id: owner.id, userAgent: input.userAgent });
  });
  await forgive();
  ctx.log.info("owner_created", { userId: owner.id });
  return loginOf(session, { ...owner, role: "owner" });
}

/** First start (INS-1): the owner from the settings, or a new set-up link while there is no admin. Runs under the
 *  migration lock, so one node makes it. Throws {@link StartError} for a password that is easy to guess. */
export async function bootstrapOwner(
  platform: Platform,
  owner: { readonly username: string; readonly password: string } | undefined,
): Promise<{ setupToken?: string }> {
  if (await hasAdmin(platform.db.write)) return {};
  if (owner === undefined) {
    const { token, hash } = newLinkToken("setup");
    await platform.db.write.begin(async (tx) => {
      await replaceSetupToken(tx, hash, setupHours);
    });
    return { setupToken: token };
  }
  const problem = await passwordProblem(owner.password, owner.username);
  if (problem !== undefined)
    throw new StartError(`PICLOUD_BOOTSTRAP_ADMIN_PASSWORD ${problem}; give another one`);
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
