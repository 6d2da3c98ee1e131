/** URLs with a signature: whoever has one reads this one file until it expires, and nothing else. */
import { parseDuration, PicloudError, uuidPattern } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { createCryptoBox } from "../../platform/crypto-box.ts";
import type { CryptoBox } from "../../platform/crypto-box.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { invalid } from "./file-rules.ts";
import { readClock } from "./files.repository.ts";
import { getFile, openAny } from "./files.service.ts";
import type { FileAddress, OpenFile } from "./files.service.ts";

const EXPIRES_MS_MAX = 7 * 86_400_000;

export interface SignedUrl {
  readonly url: string;
  readonly expiresAt: Date;
}

/** Throws `not_found`, `invalid`; `unavailable` where the server has no key. Not bound to the present bytes: it reads what
 *  the file is then. */
export async function signFileUrl(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
  expires: string | number,
): Promise<SignedUrl> {
  await getFile(ctx, platform, at);
  const ms = parseDuration(expires);
  if (ms === undefined || ms < 1000 || ms > EXPIRES_MS_MAX)
    throw invalid("expires", 'must be from "1s" to "7d": "30s", "5m", "12h", "3d" or milliseconds');
  const seconds = Math.ceil(((await readClock(platform.db.read)).getTime() + ms) / 1000);
  const signature = boxOf(platform).sign(signedText(at, seconds)).toString("base64url");
  const path = [at.appId, at.collection, at.id].map(encodeURIComponent).join("/");
  await auditUrl(ctx, platform, at, seconds);
  const { publicUrl, basePath } = platform.config;
  const origin = publicUrl === undefined ? "" : publicUrl.replace(/\/+$/, "");
  return {
    url: `${origin}${basePath}/api/v1/files/${path}?expires=${seconds}&signature=${signature}`,
    expiresAt: new Date(seconds * 1000),
  };
}

/** A person's: from now on others read the file. A script's run says itself what it does. */
async function auditUrl(ctx: Context, platform: Platform, at: FileAddress, seconds: number): Promise<void> {
  if (ctx.kind !== "api") return;
  const resource = { kind: "file", id: at.id, name: `${at.collection}/${at.id}` };
  const after = { expires_at: new Date(seconds * 1000).toISOString() };
  await transaction(platform.db, async (tx) => {
    await writeAudit(tx, ctx, { action: "files.url", resource, appId: at.appId, after });
  });
}

export interface SignedRequest {
  readonly app: string;
  readonly collection: string;
  readonly id: string;
  readonly expires: string | undefined;
  readonly signature: string | undefined;
}

/** The file behind a signed URL. Throws `not_found` for whatever is wrong with the signature, so
 *  that nobody learns what is there; `forbidden` for one that was good. */
export async function openSigned(
  platform: Platform,
  request: SignedRequest,
  log: Context["log"],
): Promise<OpenFile> {
  const at = { appId: request.app, collection: request.collection, id: request.id };
  const seconds = /^\d{1,12}$/.test(request.expires ?? "") ? Number(request.expires) : undefined;
  const signature = /^[\w-]{43}$/.test(request.signature ?? "") ? (request.signature ?? "") : "";
  const isForm = uuidPattern.test(at.appId) && uuidPattern.test(at.id) && at.collection.isWellFormed();
  if (seconds === undefined || signature === "" || !isForm) throw notHere();
  if (!boxOf(platform).isSigned(signedText(at, seconds), Buffer.from(signature, "base64url")))
    throw notHere();
  if ((await readClock(platform.db.read)).getTime() >= seconds * 1000)
    throw new PicloudError("forbidden", "This URL has expired; ask for a new one.");
  const file = await openAny(platform, at, log);
  if (file === undefined) throw notHere();
  return file;
}

/** JSON, so that no two addresses have one text. For reading only. */
function signedText(at: FileAddress, seconds: number): string {
  return JSON.stringify(["files-url-1", "GET", at.appId, at.collection, at.id, seconds]);
}

const boxes = new WeakMap<Platform["config"], CryptoBox>();

function boxOf({ config }: Platform): CryptoBox {
  const box = boxes.get(config) ?? createCryptoBox(config);
  boxes.set(config, box);
  return box;
}

function notHere(): PicloudError {
  return new PicloudError("not_found", "There is no such file, or the URL is not whole.");
}
