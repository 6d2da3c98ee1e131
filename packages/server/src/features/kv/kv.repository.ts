/** SQL of kv. An expired row counts as absent in every statement; the time is the database's. */
import type { JsonText } from "@picloud/contract";
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import {
  candidatePatterns,
  causeCtes,
  eventCtes,
  ifActive,
  matchedCount,
  writtenBy,
  type EventOfWrite,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";

export interface KvAddress {
  readonly appId: string;
  readonly collection: string;
  readonly key: string;
}

export interface KvRow {
  readonly key: string;
  /** JSON text as it was written. */
  readonly value: string;
  readonly version: number;
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly written_by: string | null;
}

/** What a write statement gives when it wrote. */
export interface KvWritten {
  readonly version: number;
  /** Triggers that matched. */
  readonly matched: number;
}

export async function findValue(db: Queryable, at: KvAddress): Promise<string | undefined> {
  const [row] = await db<{ value: string }[]>`
    select value::text from kv where app_id = ${at.appId} and collection = ${at.collection} and key = ${at.key}
      and (expires_at is null or expires_at > now())`;
  return row?.value;
}

export async function findEntry(db: Queryable, at: KvAddress): Promise<KvRow | undefined> {
  const [row] = await db<KvRow[]>`
    select key, value::text, version, expires_at, created_at, updated_at, written_by from kv
    where app_id = ${at.appId} and collection = ${at.collection} and key = ${at.key}
      and (expires_at is null or expires_at > now())`;
  return row;
}

export async function hasKey(db: Queryable, at: KvAddress): Promise<boolean> {
  const rows = await db`
    select from kv where app_id = ${at.appId} and collection = ${at.collection} and key = ${at.key}
      and (expires_at is null or expires_at > now())`;
  return rows.length === 1;
}

export interface KvListQuery {
  readonly appId: string;
  readonly collection: string;
  readonly prefix: string;
  /** Key of the last entry of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
  /** The answer ends with the entry whose value takes it beyond these bytes of JSON text. */
  readonly bytesMax: number;
}

export interface KvListRow extends KvRow {
  /** Bytes of JSON text of this row's value and all before it in the answer. */
  readonly bytes: number;
}

/** In byte order of keys (the column's collation is "C"). */
export async function listEntries(db: Queryable, query: KvListQuery): Promise<readonly KvListRow[]> {
  const { prefix, after, bytesMax } = query;
  const end = prefixEnd(prefix);
  return await db<KvListRow[]>`
    select key, value, version, expires_at, created_at, updated_at, written_by, bytes::int as bytes from (
      select *, sum(octet_length(value)) over (order by key rows unbounded preceding) as bytes from (
        select key, value::text, version, expires_at, created_at, updated_at, written_by from kv
        where app_id = ${query.appId} and collection = ${query.collection}
          ${after === undefined ? db`and key >= ${prefix}` : db`and key > ${after}`}
          ${end === undefined ? db`` : db`and key < ${end}`}
          and (expires_at is null or expires_at > now())
        order by key limit ${query.limit}) f) s
    where bytes - octet_length(value) <= ${bytesMax} order by key`;
}

/** The first text, in byte order, after all that start with the prefix. UTF-8 orders bytes as code points. */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === 0x10ffff) continue;
    // Surrogates are no characters: what follows U+D7FF is U+E000.
    return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

export async function listCollections(
  db: Queryable,
  query: { readonly appId: string; readonly after: string; readonly limit: number },
): Promise<readonly { readonly collection: string; readonly count: number }[]> {
  return await db<{ collection: string; count: number }[]>`
    select collection, count(*)::int as count from kv
    where app_id = ${query.appId} and collection > ${query.after} and (expires_at is null or expires_at > now())
    group by collection order by collection limit ${query.limit}`;
}

/** Milliseconds from now on; null: the entry does not expire. */
export type Ttl = number | null;

/** Gives nothing, and writes nothing, for an app that is being deleted; so does every write here. */
export async function upsert(
  db: Queryable,
  cause: WriteCause,
  at: KvAddress,
  entry: { readonly value: JsonText; readonly ttlMs: Ttl },
): Promise<KvWritten | undefined> {
  const write = sql`
    insert into kv as k (app_id, collection, key, value, version, expires_at, written_by)
    select ${at.appId}, ${at.collection}, ${at.key}, ${entry.value.text}::text::json, 1, ${expiry(entry.ttlMs)},
      ${writtenBy(cause)} where ${ifActive()}
    on conflict (app_id, collection, key) do update set value = excluded.value, ${replaced()},
      expires_at = excluded.expires_at
    returning ${written()}`;
  const [row] = await run<KvWritten>(db, sql`${around(cause, at, write)} from w`);
  return row;
}

/** Adds to a whole number; keeps the expiry. Gives nothing if the value is not a whole number or the sum would leave
 *  64 bits: then nothing is written. `by`: decimal digits with an optional minus. */
export async function increment(
  db: Queryable,
  cause: WriteCause,
  at: KvAddress,
  by: string,
): Promise<(KvWritten & { readonly value: string }) | undefined> {
  const write = sql`
    insert into kv as k (app_id, collection, key, value, version, written_by)
    select ${at.appId}, ${at.collection}, ${at.key}, ${by}::text::json, 1, ${writtenBy(cause)} where ${ifActive()}
    on conflict (app_id, collection, key) do update set
      value = case when k.expires_at <= now() then excluded.value
        else (k.value::text::numeric + ${by}::text::numeric)::text::json end,
      ${replaced()}, expires_at = case when k.expires_at <= now() then null else k.expires_at end
    where case when k.expires_at <= now() then true
      when k.value::text ~ '^-?[0-9]{1,19}$' then k.value::text::numeric + ${by}::text::numeric
        between -9223372036854775808 and 9223372036854775807
      else false end
    returning ${written()}`;
  const [row] = await run<KvWritten & { value: string }>(
    db,
    sql`${around(cause, at, write)}, w.value from w`,
  );
  return row;
}

/** Writes if the key is absent; a null value counts as absent, because a script can't tell them apart. */
export async function insertIfAbsent(
  db: Queryable,
  cause: WriteCause,
  at: KvAddress,
  entry: { readonly value: JsonText; readonly ttlMs: Ttl },
): Promise<KvWritten | undefined> {
  const write = sql`
    insert into kv as k (app_id, collection, key, value, version, expires_at, written_by)
    select ${at.appId}, ${at.collection}, ${at.key}, ${entry.value.text}::text::json, 1, ${expiry(entry.ttlMs)},
      ${writtenBy(cause)} where ${ifActive()}
    on conflict (app_id, collection, key) do update set value = excluded.value, ${replaced()},
      expires_at = excluded.expires_at
    where k.expires_at <= now() or json_typeof(k.value) = 'null'
    returning ${written()}`;
  const [row] = await run<KvWritten>(db, sql`${around(cause, at, write)} from w`);
  return row;
}

/** Writes if the present value equals `old` as JSON: numbers by value, members in any order. A writer that waited for
 *  another one's lock compares with what that one wrote. */
export async function replaceIfEqual(
  db: Queryable,
  cause: WriteCause,
  at: KvAddress,
  entry: { readonly old: JsonText; readonly value: JsonText; readonly ttlMs: Ttl },
): Promise<KvWritten | undefined> {
  const write = sql`
    update kv as k set value = ${entry.value.text}::text::json, version = k.version + 1,
      expires_at = ${expiry(entry.ttlMs)}, updated_at = now(), written_by = ${writtenBy(cause)}
    where k.app_id = ${at.appId} and k.collection = ${at.collection} and k.key = ${at.key}
      and (k.expires_at is null or k.expires_at > now())
      and k.value::text::jsonb = ${entry.old.text}::text::jsonb and ${ifActive()}
    returning ${written()}`;
  const [row] = await run<KvWritten>(db, sql`${around(cause, at, write)} from w`);
  return row;
}

/** Gives nothing if the key was absent. */
export async function remove(
  db: Queryable,
  cause: WriteCause,
  at: KvAddress,
): Promise<KvWritten | undefined> {
  const write = sql`
    delete from kv as k
    where k.app_id = ${at.appId} and k.collection = ${at.collection} and k.key = ${at.key}
      and (k.expires_at is null or k.expires_at > now()) and ${ifActive()}
    returning k.collection, k.key, null::text as value, k.version, 'delete'::text as op`;
  const [row] = await run<KvWritten>(db, sql`${around(cause, at, write)} from w`);
  return row;
}

/** Deletes up to `limit` expired rows of all apps and says how many. The condition is in the delete itself: a row that
 *  was written anew since it was looked at stays. */
export async function deleteExpired(db: Queryable, limit: number): Promise<number> {
  const rows = await db`
    delete from kv where expires_at <= now() and ctid = any(array(
      select ctid from kv where expires_at <= now() order by expires_at limit ${limit} for update skip locked))`;
  return rows.count;
}

/** The statement around a write, up to its select list: the run's row before it, the event and its deliveries after. */
function around(cause: WriteCause, at: KvAddress, write: Part): Part {
  return sql`with ${causeCtes(cause)} w as (${write}) ${eventCtes(cause, eventOf(at.collection))}
    select w.version, ${matchedCount()} as matched`;
}

/** The event of a row of `w`: see {@link written}. */
export function eventOf(collection: string): EventOfWrite {
  return {
    source: "kv",
    patterns: candidatePatterns(collection, ":"),
    payload: sql`('{"collection":' || to_json(w.collection)::text || ',"key":' || to_json(w.key)::text
      || coalesce(',"value":' || w.value, '') || '}')::json`,
  };
}

function expiry(ttlMs: Ttl): Part {
  return sql`now() + ${ttlMs}::float8 * interval '1 millisecond'`;
}

/** What an upsert does to a present row beside its value: an expired one starts anew. */
export function replaced(): Part {
  return sql`version = case when k.expires_at <= now() then 1 else k.version + 1 end,
    created_at = case when k.expires_at <= now() then now() else k.created_at end,
    updated_at = now(), written_by = excluded.written_by`;
}

/** Row of `w`. Version 1 means that the key was absent or expired. */
export function written(): Part {
  return sql`k.collection, k.key, k.value::text as value, k.version,
    case when k.version = 1 then 'insert' else 'update' end as op`;
}

/** What an app holds of this: keys that have expired do not count. */
export const kvContent: readonly AppContent[] = [
  tableContent({
    kind: "kv_keys",
    table: "kv",
    key: ["collection", "key"],
    stopsDeletion: true,
    counted: (db) => db`and (expires_at is null or expires_at > now())`,
  }),
];
