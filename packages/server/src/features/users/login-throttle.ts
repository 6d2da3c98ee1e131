/** How often somebody may try a password, token or code (INS-5). Counted in the database, so that it holds over nodes and
 *  restarts, and before the attempt is made, so that a thousand at the same time are no way around it. */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PicloudError } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import type { Platform } from "../../platform/platform.ts";
import {
  countAttempt,
  deleteAttempts,
  deleteVoidAttempts,
  forgiveAttempt,
  trimAttempts,
} from "./login-attempts.repository.ts";

/** Failures of an address, whatever the account: an office behind one address mistypes now and then. */
const addressRule = { free: 30, waitSecondsMax: 60 } as const;
/** Failures of an address with one account. */
const pairRule = { free: 5, waitSecondsMax: 900 } as const;
/** Wrong codes of an account whose password was right: who gets here is no stranger, so it may be refused. */
const codeRule = { free: 10, waitSecondsMax: 900 } as const;
/** An account is never refused, or anybody could lock its owner out: from the tenth failure on it answers later. */
const accountRule = { free: 2_147_483_647, waitSecondsMax: 0 } as const;
const accountFree = 10;
const slowMsMin = 100;
const slowMsMax = 2_000;

/** Void rows that a counted attempt removes; it adds at most three. */
const sweepRows = 10;
/** 100,000 rows are 15 MB. One attempt of 256 looks. */
const rowsMax = 100_000;

type ThrottlePlatform = Pick<Platform, "db">;

/** Takes the attempt back, because it succeeded. */
export type Forgive = () => Promise<void>;

/** Counts an attempt to log in to `account`, a name that may be nobody's, or without one to use a link. Throws
 *  `rate_limited`; waits, where the account has many failures. */
export async function throttleLogin(
  ctx: Pick<Context, "remoteAddr" | "log">,
  platform: ThrottlePlatform,
  account: string | undefined,
): Promise<Forgive> {
  const { db } = platform;
  const network = networkOf(ctx.remoteAddr ?? "");
  const name = account?.toLowerCase();
  const address = attemptKeyOf("address", network);
  if (name === undefined) {
    refuseEarly(ctx, await countAttempt(db.write, [{ key: address, ...addressRule }]));
    await sweep(platform, address);
    return async () => await forgiveAttempt(db.write, address);
  }
  const pair = attemptKeyOf("pair", name, network);
  const all = attemptKeyOf("account", name);
  const counted = await countAttempt(db.write, [
    { key: address, ...addressRule },
    { key: pair, ...pairRule },
    { key: all, ...accountRule },
  ]);
  refuseEarly(ctx, counted);
  await sweep(platform, pair);
  const slowMs = slowMsOf(counted.attempts[2] ?? 0);
  if (slowMs > 0) await sleep(slowMs);
  return async () => {
    await deleteAttempts(db.write, pair);
    await forgiveAttempt(db.write, address);
    await forgiveAttempt(db.write, all);
  };
}

/** Keeps the table bounded, whichever way attempts come in. */
async function sweep({ db }: ThrottlePlatform, key: Buffer): Promise<void> {
  await deleteVoidAttempts(db.write, sweepRows);
  if (key[0] === 0) await trimAttempts(db.write, rowsMax);
}

/** Counts a try of a second-factor code of this user. Throws `rate_limited`. */
export async function throttleCode(
  ctx: Pick<Context, "remoteAddr" | "log">,
  platform: ThrottlePlatform,
  userId: string,
): Promise<Forgive> {
  const key = attemptKeyOf("code", userId);
  refuseEarly(ctx, await countAttempt(platform.db.write, [{ key, ...codeRule }]));
  return async () => await deleteAttempts(platform.db.write, key);
}

/** How long an account with so many failures waits with its answer: 100 ms, doubling, at most 2 s. */
export function slowMsOf(attempts: number): number {
  if (attempts <= accountFree) return 0;
  return Math.min(slowMsMax, slowMsMin * 2 ** Math.min(attempts - accountFree - 1, 10));
}

/** An IPv4 address, or the /64 that an IPv6 address is in: whoever has one address of it has all. */
export function networkOf(address: string): string {
  const [plain = ""] = address.split("%", 1);
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.toLowerCase().split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  // An IPv4 address at the end stands for two groups.
  const length = before.length + after.length + (plain.includes(".") ? 1 : 0);
  const groups = tail === undefined ? before : [...before, ...Array<string>(8 - length).fill("0"), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

function refuseEarly(
  ctx: Pick<Context, "remoteAddr" | "log">,
  counted: { readonly refusedMs: number | undefined },
): void {
  if (counted.refusedMs === undefined) return;
  ctx.log.info("login_throttled", { remoteAddr: ctx.remoteAddr });
  throw new PicloudError("rate_limited", "Too many attempts failed. Wait before the next one.", {
    retryAfterMs: Math.max(1, Math.ceil(counted.refusedMs)),
  });
}

/** Key of what is counted: `address`, `pair`, `account` or `code`, and whose. Names and addresses are not kept, only what
 *  tells them apart. */
export function attemptKeyOf(...parts: readonly string[]): Buffer {
  return createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
}
