/** The proof that a host is the claimant's: a TXT record that only who runs its DNS can write. */
import { createHash } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { PicloudError } from "@picloud/contract";
import type { Config } from "../../config.ts";

export interface TxtRecord {
  readonly txt_name: string;
  readonly txt_value: string;
}

/** The record for an app's claim. Its value is no secret: to publish it is to say that this app may have this host. It
 *  follows from both, so that a second claimant learns its own from the refusal, before there is a claim. */
export function proofRecord(appId: string, host: string): TxtRecord {
  const token = createHash("sha256").update(`picloud domain\n${appId}\n${host}`).digest("base64url");
  return { txt_name: `_picloud.${host.replace(/^\*\./, "")}`, txt_value: `picloud-app=${token}` };
}

const tryMs = 1_500;
const tries = 2;
/** Above what the tries take: nothing makes a request wait for longer. */
const lookUpMsMax = 6_000;
/** The name has no TXT record, or is not there. */
const absentCodes: ReadonlySet<unknown> = new Set(["ENODATA", "ENOTFOUND"]);

/** Each has a socket of its own, and may wait for seconds. */
const lookUpsMax = 32;
// Sockets are the process's, so what counts them is too.
const lookUps = { running: 0 };

/** Whether DNS has the record now. Throws `unavailable` when no DNS server gives an answer, `overloaded` where too many are
 *  asked for at the same time. */
export async function isProven(config: Pick<Config, "dnsServers">, record: TxtRecord): Promise<boolean> {
  if (lookUps.running >= lookUpsMax) {
    const message = "Too many hosts are looked up at the same time; try again.";
    throw new PicloudError("overloaded", message, { retryAfterMs: 1_000 });
  }
  lookUps.running++;
  try {
    return await isPublished(config, record);
  } finally {
    lookUps.running--;
  }
}

async function isPublished(config: Pick<Config, "dnsServers">, record: TxtRecord): Promise<boolean> {
  const resolver = new Resolver({ timeout: tryMs, tries, maxTimeout: tryMs });
  if (config.dnsServers !== undefined) resolver.setServers(config.dnsServers);
  const timer = setTimeout(() => resolver.cancel(), lookUpMsMax);
  try {
    const records = await resolver.resolveTxt(record.txt_name);
    // A long text comes in pieces.
    return records.some((pieces) => pieces.join("").trim() === record.txt_value);
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    if (absentCodes.has(code)) return false;
    throw new PicloudError(
      "unavailable",
      `The DNS servers gave no answer for ${record.txt_name} (${typeof code === "string" ? code : "unknown"}); nothing has changed, try again.`,
      { retryAfterMs: 5_000, cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
