/** What scripts and the admin API do with files: may they, is it storable; then the bytes, then one statement for the row,
 *  its event and the deliveries. */
import { PicloudError } from "@picloud/contract";
import type { Capability, Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { AuditSummary } from "../../platform/database/audit.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { finishWrite, writeCause, type WriteCause } from "../../platform/database/outbox.ts";
import { readerOf, writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { ByteSpan } from "../../platform/file-store/file-store.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone, isAppActive } from "../apps/apps.service.ts";
import { checkedContent, SummedContent } from "./content-check.ts";
import { checkCollection, checkContentType, checkId, checkName, invalid } from "./file-rules.ts";
import * as repository from "./files.repository.ts";
import type { FileAddress, FileContentRow, FileRow, FileWritten, NewContent } from "./files.repository.ts";

export type { FileAddress, FileRow } from "./files.repository.ts";
export { filesContent, readInstanceId } from "./files.repository.ts";

const OCTETS = "application/octet-stream";

export interface FileInput {
  readonly name: string;
  /** Absent: bytes of no known type. */
  readonly contentType: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Answers when bytes and row are on disk. A source that fails or an answer that is refused leaves nothing. */
export async function createFile(
  ctx: Context,
  platform: Platform,
  at: Omit<FileAddress, "id">,
  file: FileInput,
): Promise<FileRow> {
  const id = newId();
  const cause = enterWrite(ctx, platform, { ...at, id });
  checkName(file.name);
  const contentType = file.contentType ?? OCTETS;
  checkContentType(contentType);
  const to = { at: { ...at, id }, action: "files.create" } as const;
  return await storeContent(ctx, platform, { ...to, bytes: file.bytes }, async (content) => {
    const row = { name: file.name, contentType, content };
    return await audited(platform, ctx, { ...to, cause }, (db) =>
      repository.insertFile(db, cause, to.at, row),
    );
  });
}

export interface FileUpdate {
  readonly name?: string | undefined;
  readonly contentType?: string | undefined;
  readonly bytes?: AsyncIterable<Uint8Array> | undefined;
  /** Versions of which the file must have one: `If-Match`. */
  readonly versions?: readonly number[] | undefined;
}

/** Changes what is given; new bytes with their name and type in one. Throws `not_found`, `stale`. */
export async function updateFile(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
  update: FileUpdate,
): Promise<FileRow> {
  const cause = enterWrite(ctx, platform, at);
  if (update.name !== undefined) checkName(update.name);
  if (update.contentType !== undefined) checkContentType(update.contentType);
  const { name, contentType, bytes } = update;
  if (name === undefined && contentType === undefined && bytes === undefined)
    throw invalid("change", "must have one of data, name and content_type");
  // Before the bytes are sent for nothing; the statement looks again.
  const expected = await expectedVersion(ctx, platform, at, update.versions);
  const change = { name, contentType, expected };
  const action = bytes === undefined ? "files.update" : "files.replace";
  const to = { at, action, cause } as const;
  const write =
    bytes === undefined
      ? await audited(platform, ctx, to, (db) => repository.updateFile(db, cause, at, change))
      : await storeContent(ctx, platform, { ...to, bytes }, async (content) => {
          return await audited(platform, ctx, to, (db) =>
            repository.replaceFile(db, cause, at, { ...change, content }),
          );
        });
  return write ?? (await getFile(ctx, platform, at, "AppFilesWrite"));
}

/** Says whether the file was present. The bytes go a day later: who reads them now reads on. */
export async function deleteFile(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
  versions?: readonly number[],
): Promise<boolean> {
  const cause = enterWrite(ctx, platform, at);
  const expected = versions === undefined ? undefined : await expectedVersion(ctx, platform, at, versions);
  const to = { at, action: "files.delete", cause } as const;
  const deleted = await audited(platform, ctx, to, (db) => repository.deleteFile(db, cause, at, expected));
  if (deleted === undefined && expected !== undefined) throw stale();
  return deleted !== undefined;
}

/** What a file is, or `undefined`. */
export async function headFile(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
): Promise<FileRow | undefined> {
  enter(ctx, "AppFilesRead", at);
  return await repository.findFile(readerOf(platform, ctx), at);
}

/** Throws `not_found`. */
export async function getFile(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
  capability: "AppFilesRead" | "AppFilesWrite" = "AppFilesRead",
): Promise<FileRow> {
  enter(ctx, capability, at);
  const row = await repository.findFile(readerOf(platform, ctx), at);
  if (row === undefined) throw notFound(at);
  return row;
}

/** A file whose bytes can be read, any part of them, checked. */
export interface OpenFile extends FileRow {
  readonly read: (span: ByteSpan) => AsyncIterable<Uint8Array>;
}

/** The file as it is now: what is written later does not change what is read of it. */
export async function openFile(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
): Promise<OpenFile | undefined> {
  enter(ctx, "AppFilesRead", at);
  return openRow(platform, at, await repository.findContent(readerOf(platform, ctx), at), ctx.log);
}

/** For {@link openFile} and for signed URLs, whose signature was checked. */
export async function openAny(
  platform: Platform,
  at: FileAddress,
  log: Context["log"],
): Promise<OpenFile | undefined> {
  return openRow(platform, at, await repository.findContent(platform.db.read, at), log);
}

function openRow(
  platform: Platform,
  at: FileAddress,
  row: FileContentRow | undefined,
  log: Context["log"],
): OpenFile | undefined {
  if (row === undefined) return undefined;
  const { content_id: _, block_hashes: __, ...file } = row;
  return { ...file, read: (span) => readLogged(platform, at, row, { span, log }) };
}

async function* readLogged(
  platform: Platform,
  at: FileAddress,
  row: FileContentRow,
  { span, log }: { readonly span: ByteSpan; readonly log: Context["log"] },
): AsyncIterable<Uint8Array> {
  const name = contentName(at.appId, row.content_id);
  const content = {
    name,
    file: `${at.collection}/${row.id}`,
    sizeBytes: row.size_bytes,
    blockHashes: row.block_hashes,
  };
  try {
    yield* checkedContent(platform.files, content, span);
  } catch (error) {
    const isDamaged = error instanceof PicloudError && error.code === "corrupted";
    log[isDamaged ? "error" : "warn"](isDamaged ? "file_corrupted" : "file_unreadable", {
      appId: at.appId,
      fileId: row.id,
      content: name,
      place: platform.files.place,
      error,
    });
    throw error;
  }
}

/** Newest first. */
export async function listFiles(
  ctx: Context,
  platform: Platform,
  at: Omit<FileAddress, "id">,
  page: PageQuery,
): Promise<Page<FileRow> & { items: FileRow[] }> {
  authorize(ctx, "AppFilesRead", at.appId);
  checkCollection(at.collection);
  const form = { list: `files:${JSON.stringify([at.appId, at.collection])}`, parts: ["id"] } as const;
  const before = readCursor(form, page.cursor)?.[0];
  const rows = await repository.listFiles(readerOf(platform, ctx), {
    ...at,
    before: before === undefined ? undefined : String(before),
    limit: page.limit + 1,
  });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.id], item: (row) => row });
}

/** Names with the number and the bytes of their files. */
export async function listCollections(
  ctx: Context,
  platform: Platform,
  appId: string,
  page: PageQuery,
): Promise<Page<repository.FileCollectionRow> & { items: repository.FileCollectionRow[] }> {
  authorize(ctx, "AppFilesRead", appId);
  const form = { list: `files-collections:${appId}`, parts: ["text"] } as const;
  const after = String(readCursor(form, page.cursor)?.[0] ?? "");
  const rows = await repository.listCollections(platform.db.read, { appId, after, limit: page.limit + 1 });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.collection], item: (row) => row });
}

export function notFound(at: FileAddress): PicloudError {
  return new PicloudError(
    "not_found",
    `There is no file ${at.id} in the collection ${JSON.stringify(at.collection)}.`,
  );
}

/** Name of a content in the store. */
export function contentName(appId: string, contentId: string): string {
  return `${appId}/${contentId}`;
}

interface WriteTarget {
  readonly at: FileAddress;
  readonly action: "files.create" | "files.update" | "files.replace";
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** The pending row, the bytes, and then `commit`, whose statement ends the pending row. What is not committed is removed at
 *  once; if that fails or the process dies before, the sweep finds the pending row. In a run's transaction, which does not
 *  see the pending row, that goes after the commit. */
async function storeContent(
  ctx: Context,
  platform: Platform,
  to: WriteTarget,
  commit: (content: NewContent) => Promise<FileWritten | undefined>,
): Promise<FileRow> {
  const { appId } = to.at;
  const contentId = newId();
  const name = contentName(appId, contentId);
  await repository.insertPending(platform.db.write, appId, contentId);
  let isCommitting = false;
  try {
    const summed = new SummedContent(to.bytes, platform.config.fileMaxBytes);
    await platform.files.write(name, summed.bytes());
    isCommitting = true;
    const isPendingSeen = ctx.transaction === undefined;
    const written = await commit({ contentId, isPendingSeen, ...summed.sums() });
    if (written !== undefined) {
      ctx.transaction?.afterRollback(() => void discard(ctx, platform, appId, contentId));
      ctx.transaction?.afterCommit(() => void endPending(ctx, platform, appId, contentId));
      return written;
    }
  } catch (error) {
    logStoreFailure(ctx, platform, error);
    // An answer to the commit that was lost: whether the row is there is not known, so the bytes stay for the sweep to decide.
    const isUndone = !isCommitting || ctx.transaction !== undefined || error instanceof PicloudError;
    if (isUndone) await discard(ctx, platform, appId, contentId);
    throw error;
  }
  await discard(ctx, platform, appId, contentId);
  throw await whyNotWritten(ctx, platform, to);
}

function logStoreFailure(ctx: Context, platform: Platform, error: unknown): void {
  if (error instanceof PicloudError && error.code === "unavailable")
    ctx.log.error("file_not_stored", { place: platform.files.place, error });
}

/** Removes bytes that no row has. Out of reach of writers first, so that none makes a file of what is going. */
async function discard(ctx: Context, platform: Platform, appId: string, contentId: string): Promise<void> {
  try {
    if (!(await repository.dropLoose(platform.db.write, appId, contentId))) return;
    await platform.files.remove(contentName(appId, contentId));
    await repository.deleteLoose(platform.db.write, appId, contentId);
  } catch (error) {
    // The caller hears why nothing was written; the sweep does what could not be done here.
    ctx.log.warn("file_not_discarded", { appId, contentId, error });
  }
}

async function endPending(ctx: Context, platform: Platform, appId: string, contentId: string): Promise<void> {
  try {
    await repository.deletePending(platform.db.write, appId, contentId);
  } catch (error) {
    // It does no harm: the sweep looks for the file before it removes bytes.
    ctx.log.warn("pending_row_left", { appId, contentId, error });
  }
}

async function whyNotWritten(
  ctx: Context,
  platform: Platform,
  { at, action }: WriteTarget,
): Promise<PicloudError> {
  if (!(await isAppActive(platform.db.write, at.appId))) return appGone(at.appId);
  if (action === "files.create") return sweptAway();
  const row = await repository.findFile(readerOf(platform, ctx, platform.db.write), at);
  return row === undefined ? notFound(at) : stale();
}

function sweptAway(): PicloudError {
  return new PicloudError(
    "unavailable",
    "The upload took more than a day: its bytes were removed. Try again.",
  );
}

function stale(): PicloudError {
  return new PicloudError("stale", "The file has changed since it was read; read it again.");
}

/** Of several that are allowed the one that the file has. Throws `not_found` and `stale`. */
async function expectedVersion(
  ctx: Context,
  platform: Platform,
  at: FileAddress,
  versions: readonly number[] | undefined,
): Promise<number | undefined> {
  const row = await repository.findFile(readerOf(platform, ctx, platform.db.write), at);
  if (row === undefined) throw notFound(at);
  if (versions === undefined) return undefined;
  if (!versions.includes(row.version)) throw stale();
  return row.version;
}

function enter(ctx: Context, capability: Capability, at: FileAddress): void {
  authorize(ctx, capability, at.appId);
  checkCollection(at.collection);
  checkId(at.id);
}

function enterWrite(ctx: Context, platform: Platform, at: FileAddress): WriteCause {
  enter(ctx, "AppFilesWrite", at);
  return writeCause(platform, ctx, at.appId);
}

interface AuditedWrite {
  readonly at: FileAddress;
  readonly action: "files.create" | "files.update" | "files.replace" | "files.delete";
  readonly cause: WriteCause;
}

/** A script's write is one statement, and its execution says whose it is. A person's is a transaction with an entry in
 *  the audit log: what the file is, never its bytes. */
async function audited(
  platform: Platform,
  ctx: Context,
  { at, action, cause }: AuditedWrite,
  write: (db: Queryable) => Promise<FileWritten | undefined>,
): Promise<FileWritten | undefined> {
  const written =
    ctx.kind === "api"
      ? await transaction(platform.db, async (tx) => {
          const row = await write(tx);
          if (row === undefined) return undefined;
          const resource = { kind: "file", id: at.id, name: `${at.collection}/${row.name}` };
          const after = action === "files.delete" ? undefined : summaryOf(row);
          await writeAudit(tx, ctx, { action, resource, appId: at.appId, after });
          return row;
        })
      : await write(writerOf(platform, ctx));
  finishWrite(platform, ctx, cause, written?.matched ?? 0);
  return written;
}

function summaryOf({ version, content_type, size_bytes, sha256 }: FileRow): AuditSummary {
  return { version, content_type, size_bytes, sha256 };
}
