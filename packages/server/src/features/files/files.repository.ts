/** SQL of files: their rows, and the contents in the store that no row has (`loose_contents`). */
import { tableContent, type AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import {
  candidatePatterns,
  causeCtes,
  ifActive,
  eventCtes,
  matchedCount,
  writtenBy,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";

export interface FileAddress {
  readonly appId: string;
  readonly collection: string;
  readonly id: string;
}

export interface FileRow {
  readonly id: string;
  readonly name: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly sha256: string;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly written_by: string | null;
}

/** With what reading the bytes needs. */
export interface FileContentRow extends FileRow {
  readonly content_id: string;
  readonly block_hashes: Uint8Array;
}

/** Bytes that are in the store under a pending name. */
export interface NewContent {
  readonly contentId: string;
  /** The statement that makes the row ends the pending one. Else its snapshot is older than that, and the caller ends it. */
  readonly isPendingSeen: boolean;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly blockHashes: Uint8Array;
}

/** What a write statement gives when it wrote. */
export interface FileWritten extends FileRow {
  /** Triggers that matched. */
  readonly matched: number;
}

export async function findFile(db: Queryable, at: FileAddress): Promise<FileRow | undefined> {
  const [row] = await db<FileRow[]>`
    select id, name, content_type, size_bytes, sha256, version, created_at, updated_at, written_by
    from files where app_id = ${at.appId} and collection = ${at.collection} and id = ${at.id}`;
  return row;
}

export async function findContent(db: Queryable, at: FileAddress): Promise<FileContentRow | undefined> {
  const [row] = await db<FileContentRow[]>`
    select id, name, content_type, size_bytes, sha256, version, created_at, updated_at, written_by, content_id,
      block_hashes
    from files where app_id = ${at.appId} and collection = ${at.collection} and id = ${at.id}`;
  return row;
}

/** Newest first: ids are UUID v7. */
export async function listFiles(
  db: Queryable,
  query: {
    readonly appId: string;
    readonly collection: string;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<readonly FileRow[]> {
  return await db<FileRow[]>`
    select id, name, content_type, size_bytes, sha256, version, created_at, updated_at, written_by
    from files where app_id = ${query.appId} and collection = ${query.collection}
      ${query.before === undefined ? db`` : db`and id < ${query.before}`}
    order by id desc limit ${query.limit}`;
}

export interface FileCollectionRow {
  readonly collection: string;
  readonly count: number;
  readonly size_bytes: number;
}

export async function listCollections(
  db: Queryable,
  query: { readonly appId: string; readonly after: string; readonly limit: number },
): Promise<readonly FileCollectionRow[]> {
  return await db<FileCollectionRow[]>`
    select collection, count(*)::int as count, sum(size_bytes)::bigint as size_bytes from files
    where app_id = ${query.appId} and collection > ${query.after}
    group by collection order by collection limit ${query.limit}`;
}

/** Committed before the first byte is written, so that a crash leaves a name to look for. */
export async function insertPending(db: Queryable, appId: string, contentId: string): Promise<void> {
  await db`insert into loose_contents (app_id, content_id, state) values (${appId}, ${contentId}, 'pending')`;
}

export async function deleteLoose(db: Queryable, appId: string, contentId: string): Promise<void> {
  await db`delete from loose_contents where app_id = ${appId} and content_id = ${contentId}`;
}

/** The end of a pending row whose file is there. */
export async function deletePending(db: Queryable, appId: string, contentId: string): Promise<void> {
  await db`delete from loose_contents where app_id = ${appId} and content_id = ${contentId} and state = 'pending'`;
}

export interface NewFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: NewContent;
}

/** The row, and the end of the content's pending one. Nothing if the sweep took that: the bytes are gone. */
export async function insertFile(
  db: Queryable,
  cause: WriteCause,
  at: FileAddress,
  file: NewFile,
): Promise<FileWritten | undefined> {
  const { content } = file;
  const before = sql`p as (${takePending(at.appId, content)}),`;
  const write = sql`
    insert into files as f (app_id, collection, id, name, content_type, size_bytes, sha256, block_hashes, content_id,
      written_by)
    select ${at.appId}::uuid, ${at.collection}, ${at.id}::uuid, ${file.name}, ${file.contentType},
      ${content.sizeBytes}::bigint, ${content.sha256}, ${content.blockHashes}::bytea, p.content_id, ${writtenBy(cause)}::uuid
    from p where ${ifActive()}
    returning ${written("create")}`;
  return await runWrite(db, cause, at, { before, write, after: sql`` });
}

export interface FileChange {
  readonly name: string | undefined;
  readonly contentType: string | undefined;
  /** The version that the file must have. */
  readonly expected: number | undefined;
}

/** New bytes: the old ones become loose in the same statement. Nothing if the file is absent, or of another version than
 *  expected, or the sweep took the pending row. A writer that waited for another's lock replaces what that one wrote. */
export async function replaceFile(
  db: Queryable,
  cause: WriteCause,
  at: FileAddress,
  change: FileChange & { readonly content: NewContent },
): Promise<FileWritten | undefined> {
  const { content } = change;
  const before = sql`old as (${lockedRow(at, change.expected)}),
    p as (${takePending(at.appId, content, sql`and exists (select from old)`)}),`;
  const write = sql`
    update files as f set content_id = p.content_id, size_bytes = ${content.sizeBytes}::bigint, sha256 = ${content.sha256},
      block_hashes = ${content.blockHashes}::bytea, ${changed(cause, change)}
    from p
    where f.app_id = ${at.appId} and f.collection = ${at.collection} and f.id = ${at.id} and ${ifActive()}
    returning ${written("update")}`;
  const after = sql`, d as (
    insert into loose_contents (app_id, content_id, state)
    select ${at.appId}::uuid, old.content_id, 'dropped' from old, w)`;
  return await runWrite(db, cause, at, { before, write, after });
}

/** Name and content type. Nothing if the file is absent or of another version than expected. */
export async function updateFile(
  db: Queryable,
  cause: WriteCause,
  at: FileAddress,
  change: FileChange,
): Promise<FileWritten | undefined> {
  const write = sql`
    update files as f set ${changed(cause, change)}
    where f.app_id = ${at.appId} and f.collection = ${at.collection} and f.id = ${at.id} and ${ifActive()}
      and (${change.expected ?? null}::bigint is null or f.version = ${change.expected ?? null}::bigint)
    returning ${written("update")}`;
  return await runWrite(db, cause, at, { before: sql``, write, after: sql`` });
}

/** The row goes, its bytes become loose. */
export async function deleteFile(
  db: Queryable,
  cause: WriteCause,
  at: FileAddress,
  expected: number | undefined,
): Promise<FileWritten | undefined> {
  const write = sql`
    delete from files as f
    where f.app_id = ${at.appId} and f.collection = ${at.collection} and f.id = ${at.id} and ${ifActive()}
      and (${expected ?? null}::bigint is null or f.version = ${expected ?? null}::bigint)
    returning ${written("delete")}, f.content_id`;
  const after = sql`, d as (
    insert into loose_contents (app_id, content_id, state)
    select ${at.appId}::uuid, w.content_id, 'dropped' from w)`;
  return await runWrite(db, cause, at, { before: sql``, write, after });
}

/** Loose contents of all apps that are older than this, oldest first; without pending ones whose file is there, which a
 *  crash right after the commit of a transaction leaves. */
export async function listOldLoose(
  db: Queryable,
  hours: number,
  limit: number,
): Promise<readonly { readonly app_id: string; readonly content_id: string }[]> {
  return await db<{ app_id: string; content_id: string }[]>`
    select l.app_id, l.content_id from loose_contents l
    where l.since < now() - ${hours}::float8 * interval '1 hour'
      and not exists (select from files f where f.app_id = l.app_id and f.content_id = l.content_id)
    order by l.since limit ${limit}`;
}

/** Pending rows of all apps that are older than this and whose file is there; gives their number. */
export async function deleteEndedPending(db: Queryable, hours: number): Promise<number> {
  const rows = await db`
    delete from loose_contents l using files f
    where l.since < now() - ${hours}::float8 * interval '1 hour' and l.state = 'pending'
      and f.app_id = l.app_id and f.content_id = l.content_id`;
  return rows.count;
}

/** Takes a pending content out of reach of writers that would still make a file of it; says whether it was pending. */
export async function dropLoose(db: Queryable, appId: string, contentId: string): Promise<boolean> {
  const rows = await db`
    update loose_contents l set state = 'dropped'
    where l.app_id = ${appId} and l.content_id = ${contentId} and l.state = 'pending' and not exists (
      select from loose_contents d where d.app_id = ${appId} and d.content_id = ${contentId} and d.state = 'dropped')`;
  return rows.count === 1;
}

/** Which of these contents (`<app id>/<content id>`) no table has. */
export async function findUnknown(db: Queryable, names: readonly string[]): Promise<readonly string[]> {
  const rows = await db<{ name: string }[]>`
    select n.name from (select name, split_part(name, '/', 1)::uuid as app_id, split_part(name, '/', 2)::uuid as content_id
      from unnest(${[...names]}::text[]) as u(name)) n
    where not exists (select from files f where f.app_id = n.app_id and f.content_id = n.content_id)
      and not exists (select from loose_contents l where l.app_id = n.app_id and l.content_id = n.content_id)`;
  return rows.map(({ name }) => name);
}

/** The database's clock: what decides about expiry. */
export async function readClock(db: Queryable): Promise<Date> {
  const [row] = await db<{ now: Date }[]>`select now() as now`;
  if (row === undefined) throw new Error("a select without from gave no row");
  return row.now;
}

export async function readInstanceId(db: Queryable): Promise<string> {
  const [row] = await db<{ id: string }[]>`select id from instance_ids where name = 'files'`;
  if (row === undefined) throw new Error("instance_ids has lost its row `files`");
  return row.id;
}

function takePending(appId: string, { contentId, isPendingSeen }: NewContent, condition: Part = sql``): Part {
  if (!isPendingSeen) return sql`select ${contentId}::uuid as content_id where ${ifActive()} ${condition}`;
  return sql`delete from loose_contents l
    where l.app_id = ${appId} and l.content_id = ${contentId} and l.state = 'pending' and ${ifActive()} ${condition}
    returning l.content_id`;
}

function lockedRow(at: FileAddress, expected: number | undefined): Part {
  return sql`select f.content_id from files f
    where f.app_id = ${at.appId} and f.collection = ${at.collection} and f.id = ${at.id}
      and (${expected ?? null}::bigint is null or f.version = ${expected ?? null}::bigint)
    for update`;
}

function changed(cause: WriteCause, change: FileChange): Part {
  return sql`name = coalesce(${change.name ?? null}::text, f.name),
    content_type = coalesce(${change.contentType ?? null}::text, f.content_type),
    version = f.version + 1, updated_at = now(), written_by = ${writtenBy(cause)}::uuid`;
}

/** Row of `w`. */
function written(op: "create" | "update" | "delete"): Part {
  return sql`f.collection, f.id, f.name, f.content_type, f.size_bytes, f.sha256, f.version, f.created_at, f.updated_at,
    f.written_by, ${op}::text as op`;
}

async function runWrite(
  db: Queryable,
  cause: WriteCause,
  at: FileAddress,
  parts: { readonly before: Part; readonly write: Part; readonly after: Part },
): Promise<FileWritten | undefined> {
  const event = {
    source: "files",
    patterns: candidatePatterns(at.collection, ":"),
    payload: sql`json_build_object('collection', w.collection, 'id', w.id, 'name', w.name, 'content_type', w.content_type,
      'size_bytes', w.size_bytes, 'sha256', w.sha256)`,
  } as const;
  const [row] = await run<FileWritten>(
    db,
    sql`with ${causeCtes(cause)} ${parts.before} w as (${parts.write}) ${parts.after} ${eventCtes(cause, event)}
      select w.id, w.name, w.content_type, w.size_bytes, w.sha256, w.version, w.created_at, w.updated_at, w.written_by,
        ${matchedCount()} as matched from w`,
  );
  return row;
}

/** Of a deleted app the rows go at once and the bytes with the next sweep: they become loose as of long ago. */
export const filesContent: readonly AppContent[] = [
  {
    ...tableContent({ kind: "files", table: "files", key: ["collection", "id"], stopsDeletion: true }),
    async deleteBatch(db, appId, { limit }) {
      const [row] = await db<{ rows: number }[]>`
        with d as (
          delete from files where app_id = ${appId} and ctid = any(array(
            select ctid from files where app_id = ${appId} limit ${limit}))
          returning content_id
        ), l as (
          insert into loose_contents (app_id, content_id, state, since)
          select ${appId}, content_id, 'dropped', '-infinity' from d
        )
        select count(*)::int as rows from d`;
      return { rows: row?.rows ?? 0, last: undefined };
    },
  },
];
