/** What scripts and the admin API do with kv: may they, is it storable, and then one statement. */
import { JsonText, parseDuration, PicloudError } from "@picloud/contract";
import type { Capability, Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { AuditSummary } from "../../platform/database/audit.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { finishWrite, writeCause, type WriteCause } from "../../platform/database/outbox.ts";
import { isDataError } from "../../platform/database/pg-errors.ts";
import { readerOf, writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone, isAppActive } from "../apps/apps.service.ts";
import { checkCollection, checkKey, checkText, invalid, storable } from "./kv-checks.ts";
import { kvLimits } from "./kv.contract.ts";
import * as repository from "./kv.repository.ts";
import type { KvAddress, KvListRow, KvRow, KvWritten } from "./kv.repository.ts";

export { kvContent } from "./kv.repository.ts";
export type { KvAddress, KvListRow, KvRow } from "./kv.repository.ts";

/** The JSON text of a value, or `undefined` for an absent key. */
export async function getValue(
  ctx: Context,
  platform: Platform,
  at: KvAddress,
): Promise<JsonText | undefined> {
  enter(ctx, "AppKvRead", at);
  const text = await repository.findValue(readerOf(platform, ctx), at);
  return text === undefined ? undefined : new JsonText(text);
}

/** The whole entry. Throws `not_found`. */
export async function getEntry(ctx: Context, platform: Platform, at: KvAddress): Promise<KvRow> {
  enter(ctx, "AppKvRead", at);
  const row = await repository.findEntry(readerOf(platform, ctx), at);
  if (row === undefined) throw notFound(at);
  return row;
}

export async function hasKey(ctx: Context, platform: Platform, at: KvAddress): Promise<boolean> {
  enter(ctx, "AppKvRead", at);
  return await repository.hasKey(readerOf(platform, ctx), at);
}

export interface KvWrite {
  /** Checked text (`checkedJson`): parsed once at the wall, not again here. */
  readonly value: JsonText;
  /** A duration; absent: the entry does not expire, whatever it did before. */
  readonly ttl?: string | number | null | undefined;
}

/** Gives the version of the entry: 1 if the key was absent. */
export async function setValue(
  ctx: Context,
  platform: Platform,
  at: KvAddress,
  write: KvWrite,
): Promise<number> {
  const cause = enterWrite(ctx, platform, at);
  const entry = { value: storable(write.value, "value"), ttlMs: ttlMs(write.ttl) };
  const { version, matched } = await audited(platform, ctx, { action: "kv.set", at }, async (db) => {
    const written = await repository.upsert(db, cause, at, entry);
    if (written === undefined) throw appGone(ctx.execution?.app.slug ?? at.appId);
    return { written, after: { version: written.version } };
  });
  finishWrite(platform, ctx, cause, matched);
  return version;
}

/** Says whether the key was present. */
export async function deleteKey(ctx: Context, platform: Platform, at: KvAddress): Promise<boolean> {
  const cause = enterWrite(ctx, platform, at);
  const written = await audited(platform, ctx, { action: "kv.delete", at }, async (db) => ({
    written: await repository.remove(db, cause, at),
  }));
  return finish(ctx, platform, cause, written);
}

/** The sum, as JSON text because it may be beyond 2^53. `by`: a whole number as JSON; absent: 1. Throws `invalid`. */
export async function incrementValue(
  ctx: Context,
  platform: Platform,
  at: KvAddress,
  by: JsonText | undefined,
): Promise<JsonText> {
  const cause = enterWrite(ctx, platform, at);
  const written = await repository.increment(writerOf(platform, ctx), cause, at, wholeNumber(by));
  if (written === undefined) throw await incrementRefused(ctx, platform, at);
  finishWrite(platform, ctx, cause, written.matched);
  return new JsonText(written.value);
}

/** Writes if the present value equals `old`; `old` absent or null: if the key is absent. Says whether it wrote. */
export async function compareAndSet(
  ctx: Context,
  platform: Platform,
  at: KvAddress,
  write: KvWrite & { readonly old: JsonText | undefined },
): Promise<boolean> {
  const cause = enterWrite(ctx, platform, at);
  const entry = { value: storable(write.value, "new"), ttlMs: ttlMs(write.ttl) };
  if (write.old === undefined || write.old.text.trim() === "null")
    return finish(
      ctx,
      platform,
      cause,
      await repository.insertIfAbsent(writerOf(platform, ctx), cause, at, entry),
    );
  const old = storable(write.old, "old");
  try {
    const written = await repository.replaceIfEqual(writerOf(platform, ctx), cause, at, { ...entry, old });
    return finish(ctx, platform, cause, written);
  } catch (error) {
    // A number like 1e999999 is JSON, but nothing that can be compared.
    if (isDataError(error)) throw invalid("old", "can't be compared: a number is out of range", error);
    throw error;
  }
}

export interface KvListOptions extends PageQuery {
  readonly prefix?: string | undefined;
}

/** A page may hold this much JSON text; it ends early before it would hold more, but has at least one entry. */
const PAGE_BYTES_MAX = 4 * 1_048_576;

/** Entries in byte order of their keys. */
export async function listEntries(
  ctx: Context,
  platform: Platform,
  at: Omit<KvAddress, "key">,
  options: KvListOptions,
): Promise<Page<KvListRow> & { items: KvListRow[] }> {
  authorize(ctx, "AppKvRead", at.appId);
  checkCollection(at.collection);
  const prefix = options.prefix ?? "";
  checkText(prefix, "prefix", kvLimits.keyBytes);
  const form = {
    list: `kv:${JSON.stringify([at.appId, at.collection, prefix])}`,
    parts: ["text"],
  } as const;
  const after = readCursor(form, options.cursor)?.[0];
  const rows = await repository.listEntries(readerOf(platform, ctx), {
    ...at,
    prefix,
    after: after === undefined ? undefined : String(after),
    limit: options.limit + 1,
    bytesMax: PAGE_BYTES_MAX,
  });
  const over = rows.findIndex((row) => row.bytes > PAGE_BYTES_MAX);
  const limit = over === -1 ? options.limit : Math.min(options.limit, Math.max(over, 1));
  return pageOfRows(rows, limit, form, { key: (row) => [row.key], item: (row) => row });
}

export interface KvCollection {
  readonly collection: string;
  readonly count: number;
}

/** Names with the number of entries that have not expired. */
export async function listCollections(
  ctx: Context,
  platform: Platform,
  appId: string,
  page: PageQuery,
): Promise<Page<KvCollection> & { items: KvCollection[] }> {
  authorize(ctx, "AppKvRead", appId);
  const form = { list: `kv-collections:${appId}`, parts: ["text"] } as const;
  const after = String(readCursor(form, page.cursor)?.[0] ?? "");
  const rows = await repository.listCollections(platform.db.read, { appId, after, limit: page.limit + 1 });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.collection], item: (row) => row });
}

/** Removes up to `limit` expired entries of all apps; gives their number. They were absent to everyone before. */
export async function sweepExpired(platform: Platform, limit: number): Promise<number> {
  return await repository.deleteExpired(platform.db.side, limit);
}

export function notFound(at: KvAddress): PicloudError {
  return new PicloudError(
    "not_found",
    `There is no key ${JSON.stringify(at.key)} in the collection ${JSON.stringify(at.collection)}.`,
  );
}

function enter(ctx: Context, capability: Capability, at: KvAddress): void {
  authorize(ctx, capability, at.appId);
  checkCollection(at.collection);
  checkKey(at.key, "key");
}

function enterWrite(ctx: Context, platform: Platform, at: KvAddress): WriteCause {
  enter(ctx, "AppKvWrite", at);
  return writeCause(platform, ctx, at.appId);
}

/** A script's write is one statement, and its execution says whose it is. A person's is a transaction with an entry in
 *  the audit log: the key, never the value. */
async function audited<T>(
  platform: Platform,
  ctx: Context,
  change: { readonly action: "kv.set" | "kv.delete"; readonly at: KvAddress },
  write: (db: Queryable) => Promise<{ readonly written: T; readonly after?: AuditSummary }>,
): Promise<T> {
  if (ctx.kind !== "api") return (await write(writerOf(platform, ctx))).written;
  const { action, at } = change;
  return await transaction(platform.db, async (tx) => {
    const { written, after } = await write(tx);
    const resource = { kind: "kv", name: `${at.collection}/${at.key}` };
    if (written !== undefined) await writeAudit(tx, ctx, { action, resource, appId: at.appId, after });
    return written;
  });
}

function finish(
  ctx: Context,
  platform: Platform,
  cause: WriteCause,
  written: KvWritten | undefined,
): boolean {
  finishWrite(platform, ctx, cause, written?.matched ?? 0);
  return written !== undefined;
}

function ttlMs(ttl: string | number | null | undefined): number | null {
  if (ttl === undefined || ttl === null) return null;
  const ms = parseDuration(ttl);
  if (ms === undefined || ms < 1)
    throw invalid("ttl", 'must be a positive duration: "250ms", "30s", "5m", "12h", "3d" or milliseconds');
  return ms;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function wholeNumber(by: JsonText | undefined): string {
  const text = by?.text.trim() ?? "null";
  if (text === "null") return "1";
  if (!/^-?\d{1,19}$/.test(text)) throw invalid("by", "must be a whole number");
  const number = BigInt(text);
  if (number > INT64_MAX || number < INT64_MIN) throw invalid("by", "is beyond 64 bits");
  return number.toString();
}

/** Why an increment wrote nothing; by the value as it is now. */
async function incrementRefused(ctx: Context, platform: Platform, at: KvAddress): Promise<PicloudError> {
  if (!(await isAppActive(platform.db.read, at.appId))) return appGone(ctx.execution?.app.slug ?? at.appId);
  const text = await repository.findValue(readerOf(platform, ctx), at);
  return /^-?\d{1,19}$/.test(text ?? "")
    ? invalid("by", `would take ${at.key} beyond 64 bits`)
    : invalid("key", `${at.key} holds no whole number`);
}
