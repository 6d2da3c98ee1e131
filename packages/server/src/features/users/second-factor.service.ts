/** The second factor of an account: a code of an authenticator app, or one of the recovery codes. */
import { createHash, randomBytes } from "node:crypto";
import { PicloudError } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import type { CryptoBox, SecretPlace } from "../../platform/crypto-box.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Transaction } from "../../platform/database/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { endSessions } from "../sessions/sessions.service.ts";
import { throttleCode } from "./login-throttle.ts";
import { requireOwnPassword, requireOwnSession } from "./own-session.ts";
import {
  claimRecoveryCode,
  deleteTotp,
  holdTotp,
  insertRecoveryCodes,
  insertTotp,
  isTotpOn,
  updateTotpStep,
} from "./second-factor.repository.ts";
import { lockUser } from "./users.repository.ts";
import { base32, findTotpStep, newTotpSecret, totpUri } from "./totp.ts";

/** The platform with what opens stored secrets. */
export interface AccountsPlatform extends Platform {
  readonly box: CryptoBox;
}

const recoveryCodes = 10;
/** 80 bits each: too many to guess even from their hashes. */
const recoveryCodeBytes = 10;

/** A new secret, in force only once a code of it was given to {@link confirmTotp}. */
export async function beginTotp(
  ctx: Context,
  platform: AccountsPlatform,
  input: { readonly password: string },
): Promise<{ secret: string; uri: string }> {
  const user = await requireOwnPassword(ctx, platform, { password: input.password, path: "password" });
  const secret = newTotpSecret();
  const sealed = platform.box.seal(secret, placeOf(user.id));
  // Nothing is in force yet, so it is no change of who may do what.
  const isBegun = await insertTotp(platform.db.write, user.id, sealed);
  if (!isBegun && !(await isTotpOn(platform.db.write, user.id)))
    throw new PicloudError("unauthenticated", "This account was deleted.");
  if (!isBegun) {
    throw new PicloudError(
      "already_exists",
      "Your second factor is on already. Turn it off to begin a new one.",
    );
  }
  return { secret: base32(secret), uri: totpUri(secret, user.name) };
}

/** Turns the second factor on, and ends the sessions that were opened without it. */
export async function confirmTotp(
  ctx: Context,
  platform: AccountsPlatform,
  input: { readonly totp: string },
): Promise<{ recovery_codes: string[]; revoked_sessions: number }> {
  const { id, name, sessionId } = requireOwnSession(ctx);
  const forgive = await throttleCode(ctx, platform, id);
  const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
  const change = { by: ctx, action: "users.confirm_totp", signal: "access" } as const;
  const revoked = await controlChange(platform, change, async (tx, record) => {
    await lockUser(tx, id);
    const row = await holdTotp(tx, id);
    if (row === undefined || row.is_confirmed) {
      throw new PicloudError(
        "not_found",
        "There is no second factor to confirm. Begin one with POST /auth/totp.",
      );
    }
    const step = findStep(platform, id, { row, code: input.totp });
    if (step === undefined) throw wrongCode();
    await updateTotpStep(tx, id, step);
    await insertRecoveryCodes(tx, id, codes.map(hashRecoveryCode));
    const ended = await endSessions(tx, id, sessionId);
    record.tell({ resource: { kind: "user", id, name }, after: { has_totp: true, revoked_sessions: ended } });
    return ended;
  });
  await forgive();
  ctx.log.info("totp_on", { userId: id });
  return { recovery_codes: codes, revoked_sessions: revoked };
}

/** Turns it off. One that is on wants a code too; one that was never confirmed goes without. */
export async function removeTotp(
  ctx: Context,
  platform: AccountsPlatform,
  input: { readonly password: string; readonly totp?: string | undefined },
): Promise<{ removed: boolean }> {
  const { id, name } = await requireOwnPassword(ctx, platform, {
    password: input.password,
    path: "password",
  });
  const forgive = await throttleCode(ctx, platform, id);
  const change = { by: ctx, action: "users.remove_totp", signal: "access" } as const;
  const removed = await controlChange(platform, change, async (tx, record) => {
    const row = await holdTotp(tx, id);
    if (row?.is_confirmed === true && !(await useCode(tx, platform, id, input.totp ?? ""))) throw wrongCode();
    record.tell({
      resource: { kind: "user", id, name },
      before: { has_totp: true },
      after: { has_totp: false },
    });
    const wasOn = await deleteTotp(tx, id);
    if (!wasOn) record.nothing();
    return wasOn;
  });
  await forgive();
  if (removed) ctx.log.info("totp_off", { userId: id });
  return { removed };
}

/** Uses up a code of an account whose second factor is on: true once for each code. */
export async function useCode(
  tx: Transaction,
  platform: Pick<AccountsPlatform, "box">,
  userId: string,
  code: string,
): Promise<boolean> {
  const plain = code.replaceAll(/[\s-]/g, "").toLowerCase();
  if (!/^\d{6}$/.test(plain)) return await claimRecoveryCode(tx, userId, hashRecoveryCode(plain));
  const row = await holdTotp(tx, userId);
  if (row === undefined || !row.is_confirmed) return false;
  const step = findStep(platform, userId, { row, code: plain });
  if (step === undefined) return false;
  await updateTotpStep(tx, userId, step);
  return true;
}

function findStep(
  platform: Pick<AccountsPlatform, "box">,
  userId: string,
  given: {
    readonly row: { sealed_secret: Buffer; seconds: number; last_step: number };
    readonly code: string;
  },
): number | undefined {
  const { row } = given;
  const secret = platform.box.open(row.sealed_secret, placeOf(userId));
  const code = given.code.replaceAll(/\s/g, "");
  return findTotpStep(secret, code, { seconds: row.seconds, lastStep: row.last_step });
}

function placeOf(userId: string): SecretPlace {
  return { table: "user_totp", name: userId };
}

/** `abcd-efgh-ijkl-mnop`. */
function newRecoveryCode(): string {
  const text = base32(randomBytes(recoveryCodeBytes)).toLowerCase();
  return text.replaceAll(/(.{4})(?=.)/g, "$1-");
}

function hashRecoveryCode(code: string): Buffer {
  return createHash("sha256").update(code.replaceAll("-", "")).digest();
}

function wrongCode(): PicloudError {
  return new PicloudError("invalid", "totp: is wrong or was used", {
    fields: [{ path: "totp", message: "is wrong or was used" }],
  });
}
