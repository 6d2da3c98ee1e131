/** SQL of single documents. A write is one statement with its event and the deliveries of it. */
import { tableContent, type AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import {
  candidatePatterns,
  causeCtes,
  ifActive,
  eventCtes,
  matchedCount,
  writtenBy,
  type EventOfWrite,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";
import type { DocsPlace, DocumentPlace } from "./docs-place.ts";

export interface DocumentRow {
  readonly id: string;
  /** JSON text. */
  readonly data: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly written_by: string | null;
}

/** What a write statement gives when it wrote. */
export interface DocumentWritten extends DocumentRow {
  /** Triggers that matched. */
  readonly matched: number;
}

export async function findDocument(db: Queryable, at: DocumentPlace): Promise<DocumentRow | undefined> {
  const [row] = await db<DocumentRow[]>`
    select id, (doc -> ${at.scope})::text as data, created_at, updated_at, written_by from docs
    where app_id = ${at.appId} and collection = ${at.collection} and id = ${at.id}`;
  return row;
}

/** By (app, collection, id) in the order of the index; the count is of rows. */
export async function listCollections(
  db: Queryable,
  query: { readonly appId: string; readonly after: string; readonly limit: number },
): Promise<readonly { readonly collection: string; readonly count: number }[]> {
  return await db<{ collection: string; count: number }[]>`
    select collection, count(*)::int as count from docs
    where app_id = ${query.appId} and collection > ${query.after}
    group by collection order by collection limit ${query.limit}`;
}

/** `stored`: JSON text of the stored object, see the column `doc`. */
export async function insertDocument(
  db: Queryable,
  cause: WriteCause,
  at: DocumentPlace,
  stored: string,
): Promise<DocumentWritten | undefined> {
  const write = sql`
    insert into docs (app_id, collection, id, scope, doc, written_by)
    select ${at.appId}::uuid, ${at.collection}, ${at.id}::uuid, ${at.scope}::bigint, ${stored}::text::jsonb,
      ${writtenBy(cause)}::uuid where ${ifActive()}
    returning id, doc, null::jsonb as prev, 'create'::text as op, created_at, updated_at, written_by`;
  const [row] = await run<DocumentWritten>(db, around(cause, at, write));
  return row;
}

/** Gives nothing if there is no such document. */
export async function replaceDocument(
  db: Queryable,
  cause: WriteCause,
  at: DocumentPlace,
  stored: string,
): Promise<DocumentWritten | undefined> {
  const write = sql`
    update docs d set doc = ${stored}::text::jsonb, updated_at = now(), written_by = ${writtenBy(cause)}
    from old where d.app_id = ${at.appId} and d.collection = ${at.collection} and d.id = old.id and ${ifActive()}
    returning d.id, d.doc, old.doc as prev, 'update'::text as op, d.created_at, d.updated_at, d.written_by`;
  const [row] = await run<DocumentWritten>(db, around(cause, at, write, lockedRow(at)));
  return row;
}

/** A merged document that would be over `bytesMax` bytes is not written: the answer then has its size only. */
export async function mergeDocument(
  db: Queryable,
  cause: WriteCause,
  at: DocumentPlace,
  patch: { readonly text: string; readonly bytesMax: number },
): Promise<DocumentWritten | { readonly bytes: number } | undefined> {
  const scope = at.scope;
  const merged = sql`${lockedRow(at)}, m as materialized (
      select id, doc, picloud_merge_patch(doc -> ${scope}, ${patch.text}::text::jsonb) as data from old), `;
  const write = sql`
    update docs d set doc = jsonb_build_object(${scope}::text, m.data), updated_at = now(),
      written_by = ${writtenBy(cause)}
    from m where d.app_id = ${at.appId} and d.collection = ${at.collection} and d.id = m.id
      and octet_length(m.data::text) <= ${patch.bytesMax} and ${ifActive()}
    returning d.id, d.doc, m.doc as prev, 'update'::text as op, d.created_at, d.updated_at, d.written_by`;
  const statement = sql`with ${causeCtes(cause)} ${merged} w as (${write}) ${eventCtes(cause, eventOf(at))}
    select w.id, (w.doc -> ${scope})::text as data, w.created_at, w.updated_at, w.written_by,
      octet_length(m.data::text) as bytes, ${matchedCount()} as matched
    from m left join w on w.id = m.id`;
  const [row] = await run<DocumentWritten & { readonly bytes: number }>(db, statement);
  return row?.id === null ? { bytes: row.bytes } : row;
}

export async function removeDocument(
  db: Queryable,
  cause: WriteCause,
  at: DocumentPlace,
): Promise<DocumentWritten | undefined> {
  const write = sql`
    delete from docs where app_id = ${at.appId} and collection = ${at.collection} and id = ${at.id} and ${ifActive()}
    returning id, null::jsonb as doc, doc as prev, 'delete'::text as op, created_at, updated_at, written_by`;
  const [row] = await run<DocumentWritten>(db, around(cause, at, write));
  return row;
}

/** The row before the write, locked: a writer that waited for another one sees what that one wrote. */
function lockedRow(at: DocumentPlace): Part {
  return sql`old as materialized (select id, doc from docs
      where app_id = ${at.appId} and collection = ${at.collection} and id = ${at.id} for update)`;
}

/** The statement around a write: the run's row before it, the event and its deliveries after. */
function around(cause: WriteCause, at: DocsPlace, write: Part, before?: Part): Part {
  return sql`with ${causeCtes(cause)} ${before === undefined ? sql`` : sql`${before},`} w as (${write})
    ${eventCtes(cause, eventOf(at))}
    select w.id, coalesce((w.doc -> ${at.scope})::text, 'null') as data, w.created_at, w.updated_at, w.written_by,
      ${matchedCount()} as matched from w`;
}

/** The event of a write whose CTE `w` has `id`, `doc` (after) and `prev` (before). */
export function eventOf(at: DocsPlace): EventOfWrite {
  const scope = at.scope;
  return {
    source: "docs",
    patterns: candidatePatterns(at.collection, ":"),
    payload: sql`('{"collection":' || to_json(${at.collection}::text)::text || ',"id":"' || w.id || '"'
      || coalesce(',"data":' || (w.doc -> ${scope})::text, '')
      || coalesce(',"prev_data":' || (w.prev -> ${scope})::text, '') || '}')::json`,
  };
}

/** Declared indexes themselves are dropped by their reconciler, once nobody declares them. */
export const docsContent: readonly AppContent[] = [
  tableContent({ kind: "documents", table: "docs", key: ["collection", "id"], stopsDeletion: true }),
  tableContent({
    kind: "docs_indexes",
    table: "docs_indexes",
    key: ["collection", "name"],
    stopsDeletion: false,
  }),
];
