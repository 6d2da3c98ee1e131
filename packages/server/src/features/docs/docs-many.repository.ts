/** SQL of writes of many documents: one statement with an event for each document that a trigger matches. */
import type { Queryable } from "../../platform/database/database.ts";
import { eventManyCtes } from "../../platform/database/outbox-many.ts";
import {
  causeCtes,
  ifActive,
  matchedCount,
  writtenBy,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";
import { conditionOf, hitCte } from "./docs-query.repository.ts";
import type { DocsPlace } from "./docs-place.ts";
import type { DocsPlan } from "./docs-plan.ts";
import { eventOf } from "./docs.repository.ts";

export interface ManyQuery {
  readonly plan: DocsPlan;
  /** With more than these nothing is written, unless `isCut`: then the first of them are. */
  readonly most: number;
  readonly isCut: boolean;
}

export interface ManyWritten {
  /** What the filter found; over `most` nothing was written. */
  readonly found: number;
  readonly written: number;
  readonly matched: number;
  /** A document that would be too large, so that nothing was written. */
  readonly too_large: string | null;
}

export async function mergeMany(
  db: Queryable,
  cause: WriteCause,
  query: ManyQuery,
  patch: { readonly text: string; readonly bytesMax: number },
): Promise<ManyWritten> {
  const { at } = query.plan;
  const { scope } = at;
  const merged = sql`m as materialized (
      select id, doc, picloud_merge_patch(doc -> ${scope}, ${patch.text}::text::jsonb) as data from old),
    big as materialized (select id from m where octet_length(data::text) > ${patch.bytesMax} limit 1)`;
  const write = sql`
    update docs d set doc = jsonb_build_object(${scope}::text, m.data), updated_at = now(),
      written_by = ${writtenBy(cause)}
    from m where d.app_id = ${at.appId} and d.collection = ${at.collection} and d.id = m.id
      and not exists (select from big) and ${ifActive()}
    returning d.id, d.doc, m.doc as prev, 'update'::text as op, picloud_uuid_v7() as event_id`;
  const [row] = await run<ManyWritten>(
    db,
    sql`with ${causeCtes(cause)} ${lockedHits(query)}, ${merged}, w as (${write})
      ${eventManyCtes(cause, eventOf(at))}
      select ${counts()}, (select id from big) as too_large`,
  );
  return row ?? nothing;
}

export async function removeMany(db: Queryable, cause: WriteCause, query: ManyQuery): Promise<ManyWritten> {
  const { at } = query.plan;
  const write = sql`
    delete from docs d using old where d.app_id = ${at.appId} and d.collection = ${at.collection} and d.id = old.id
      and ${ifActive()}
    returning d.id, null::jsonb as doc, d.doc as prev, 'delete'::text as op, picloud_uuid_v7() as event_id`;
  const [row] = await run<ManyWritten>(
    db,
    sql`with ${causeCtes(cause)} ${lockedHits(query)}, w as (${write}) ${eventManyCtes(cause, eventOf(at))}
      select ${counts()}, null as too_large`,
  );
  return row ?? nothing;
}

const nothing: ManyWritten = { found: 0, written: 0, matched: 0, too_large: null };

/** What the filter finds, locked in the order of ids, so that two such writes do not wait for each other. A document that
 *  another writer changed meanwhile is looked at again: it stays out if the filter no longer finds it. */
function lockedHits(query: ManyQuery): Part {
  const { plan, most, isCut } = query;
  const within = isCut ? sql`` : sql`and (select count(*) from hit) <= ${most}`;
  return sql`${hitCte(plan, isCut ? most : most + 1)}, old as materialized (
      select id, doc from docs where ${conditionOf(plan)}
        and id = any(array(select id from hit)) ${within}
      order by id for update)`;
}

function counts(): Part {
  return sql`(select count(*)::int from hit) as found, (select count(*)::int from w) as written,
    ${matchedCount()} as matched`;
}

/** A line of an import. */
export interface ImportedDocument {
  readonly id: string;
  /** JSON text of the stored object. */
  readonly stored: string;
  /** RFC 3339; null: now. */
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
}

/** Inserts, or replaces what has the id. Ids must differ. */
export async function importDocuments(
  db: Queryable,
  cause: WriteCause,
  at: DocsPlace,
  documents: readonly ImportedDocument[],
): Promise<{ readonly written: number; readonly created: number; readonly matched: number }> {
  const column = (pick: (document: ImportedDocument) => string | null): (string | null)[] =>
    documents.map(pick);
  const write = sql`
    insert into docs as d (app_id, collection, id, scope, doc, created_at, updated_at, written_by)
    select ${at.appId}::uuid, ${at.collection}::text, n.id, ${at.scope}::bigint, n.doc,
      coalesce(n.created_at, now()), coalesce(n.updated_at, now()), ${writtenBy(cause)}::uuid
    from n where ${ifActive()} order by n.id
    on conflict (app_id, collection, id) do update set doc = excluded.doc, created_at = excluded.created_at,
      updated_at = excluded.updated_at, written_by = excluded.written_by
    returning d.id, d.doc, d.xmax = 0 as is_new, picloud_uuid_v7() as event_id`;
  const rows = sql`n as materialized (
      select id, doc::jsonb as doc, created_at, updated_at
      from unnest(${column(({ id }) => id)}::text[]::uuid[], ${column(({ stored }) => stored)}::text[],
        ${column(({ createdAt }) => createdAt)}::text[]::timestamptz[],
        ${column(({ updatedAt }) => updatedAt)}::text[]::timestamptz[]) as r (id, doc, created_at, updated_at)),
    old as materialized (select id, doc from docs
      where app_id = ${at.appId} and collection = ${at.collection} and id = any(array(select id from n))
      order by id for update)`;
  // A row that was inserted has no deleter, one that was replaced has this transaction as the locker of its old version.
  const statement = sql`with ${causeCtes(cause)} ${rows}, u as (${write}), w as (
      select u.id, u.doc, old.doc as prev, u.event_id, case when u.is_new then 'create' else 'update' end as op
      from u left join old on old.id = u.id) ${eventManyCtes(cause, eventOf(at))}
    select (select count(*)::int from w) as written, (select count(*)::int from w where op = 'create') as created,
      ${matchedCount()} as matched`;
  const [row] = await run<{ written: number; created: number; matched: number }>(db, statement);
  return row ?? { written: 0, created: 0, matched: 0 };
}
