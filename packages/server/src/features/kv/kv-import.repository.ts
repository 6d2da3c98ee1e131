/** SQL of an import: one statement with an event for each entry that a trigger matches. */
import type { Queryable } from "../../platform/database/database.ts";
import { eventManyCtes } from "../../platform/database/outbox-many.ts";
import {
  causeCtes,
  ifActive,
  matchedCount,
  writtenBy,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { run, sql } from "../../platform/database/statement.ts";
import { eventOf, replaced, written, type KvAddress } from "./kv.repository.ts";

/** A line of an import. */
export interface ImportedEntry {
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  /** RFC 3339; null: it does not expire. */
  readonly expiresAt: string | null;
}

export interface EntriesWritten {
  readonly written: number;
  readonly created: number;
  /** Not written, because their time had passed. */
  readonly expired: number;
  readonly matched: number;
}

/** Inserts, or replaces what has the key. Keys must differ. */
export async function importEntries(
  db: Queryable,
  cause: WriteCause,
  at: Omit<KvAddress, "key">,
  entries: readonly ImportedEntry[],
): Promise<EntriesWritten> {
  const keys = entries.map(({ key }) => key);
  const values = entries.map(({ value }) => value);
  const times = entries.map(({ expiresAt }) => expiresAt);
  const rows = sql`n as materialized (
      select key, value, expires_at, coalesce(expires_at <= now(), false) as is_expired
      from unnest(${keys}::text[], ${values}::text[], ${times}::text[]::timestamptz[]) as r (key, value, expires_at))`;
  // In the order of keys, so that two imports of the same ones do not wait for each other.
  const write = sql`
    insert into kv as k (app_id, collection, key, value, version, expires_at, written_by)
    select ${at.appId}::uuid, ${at.collection}::text, n.key, n.value::json, 1, n.expires_at, ${writtenBy(cause)}::uuid
    from n where not n.is_expired and ${ifActive()} order by n.key collate "C"
    on conflict (app_id, collection, key) do update set value = excluded.value, ${replaced()},
      expires_at = excluded.expires_at
    returning ${written()}, picloud_uuid_v7() as event_id`;
  const statement = sql`with ${causeCtes(cause)} ${rows}, w as (${write})
      ${eventManyCtes(cause, eventOf(at.collection))}
    select (select count(*)::int from w) as written, (select count(*)::int from w where op = 'insert') as created,
      (select count(*)::int from n where is_expired) as expired, ${matchedCount()} as matched`;
  const [row] = await run<EntriesWritten>(db, statement);
  return row ?? { written: 0, created: 0, expired: 0, matched: 0 };
}
