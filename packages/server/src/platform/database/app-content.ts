/** What an app holds: every slice with a table of apps' rows tells how to count them and how to delete them, so that
 *  the deletion of an app knows all of it and the slices do not know each other. */
import { countedMax } from "@picloud/contract";
import type { Fragment } from "postgres";
import type { Queryable, Transaction } from "./database.ts";

export interface AppContent {
  /** As `details` of `not_empty` and the progress of a deletion name it: `kv_keys`. */
  readonly kind: string;
  /** The table of the rows; a test finds tables with an `app_id` that nobody tells of. */
  readonly table: string;
  /** True: an app that holds some is deleted only by force. False: it goes with the app, as history does. */
  readonly stopsDeletion: boolean;
  /** How many there are; at most `countedMax`, which then means "at least". */
  count(db: Queryable, appId: string): Promise<number>;
  /** Deletes about `batch.limit` rows in one statement, those after the last of an earlier batch. No rows: none is left. */
  deleteBatch(db: Queryable, appId: string, batch: Batch): Promise<DeletedBatch>;
  /** Called in the transaction that begins the deletion, for names that are to stay reserved. */
  begin?(tx: Transaction, appId: string): Promise<void>;
}

export interface Batch {
  readonly limit: number;
  /** {@link DeletedBatch.last} of the batch before: what is deleted stays in the index for a while, and a search that
   *  began with it each time would take longer with each batch (a million keys: two minutes instead of twelve seconds). */
  readonly after?: Place | undefined;
}

export interface DeletedBatch {
  readonly rows: number;
  readonly last: Place | undefined;
}

/** Values of a table's key columns. */
export type Place = readonly unknown[];

export interface TableContent {
  readonly kind: string;
  readonly table: string;
  readonly stopsDeletion: boolean;
  /** Primary key after `app_id`, one or two columns; absent: `id`. */
  readonly key?: readonly [string] | readonly [string, string];
  /** `and …`: rows that count. */
  readonly counted?: (db: Queryable) => Fragment;
  /** `and …`: rows that are deleted here, the others go with something else. */
  readonly deleted?: (db: Queryable) => Fragment;
}

/** All rows of a table with this `app_id`. */
export function tableContent(content: TableContent): AppContent {
  const { kind, table, stopsDeletion, counted, deleted, key = ["id"] } = content;
  return {
    kind,
    table,
    stopsDeletion,
    async count(db, appId) {
      const [row] = await db<{ count: number }[]>`
        select count(*)::int as count from (
          select from ${db(table)} where app_id = ${appId} ${counted === undefined ? db`` : counted(db)}
          limit ${countedMax}) as r`;
      return row?.count ?? 0;
    },
    async deleteBatch(db, appId, { limit, after }) {
      const columns = (order: "" | "desc"): Fragment =>
        db.unsafe(key.map((name) => `"${name}" ${order}`).join(", "));
      const rows = await db<(Record<string, unknown> & { readonly rows: number })[]>`
        with b as materialized (
          select ctid, ${columns("")} from ${db(table)} where app_id = ${appId}
            ${after === undefined ? db`` : db`and (${columns("")}) > (${placeOf(db, after)})`}
            ${deleted === undefined ? db`` : deleted(db)}
          order by ${columns("")} limit ${limit}
        ), d as (
          delete from ${db(table)} where app_id = ${appId} and ctid = any(array(select ctid from b))
        )
        select ${columns("")}, (select count(*)::int from b) as rows from b order by ${columns("desc")} limit 1`;
      const [last] = rows;
      if (last === undefined) return { rows: 0, last: undefined };
      return { rows: last.rows, last: key.map((name) => last[name]) };
    },
  };
}

function placeOf(db: Queryable, [first, second]: Place): Fragment {
  // The columns' types are those of the parameters.
  const value = (part: unknown): Fragment => db`${part as string}`;
  return second === undefined ? value(first) : db`${value(first)}, ${value(second)}`;
}

/** Deliveries first: what a node still holds then has no row to complete. */
export const outboxContent: readonly AppContent[] = [
  tableContent({ kind: "deliveries", table: "outbox", stopsDeletion: true }),
  tableContent({ kind: "events", table: "events", stopsDeletion: false }),
  tableContent({ kind: "idempotency_keys", table: "idempotency_keys", stopsDeletion: false }),
];
