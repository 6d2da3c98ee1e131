/** What an app holds: every slice with a table of apps' rows tells how to count them and how to delete them, so that
 *  the deletion of an app knows all of it and the slices do not know each other. */
import type { Fragment } from "postgres";
import type { Queryable, Transaction } from "./database.ts";

export interface AppContent {
  /** As `details` of `not_empty` and the progress of a deletion name it: `kv_keys`. */
  readonly kind: string;
  /** The table of the rows; a test finds tables with an `app_id` that nobody tells of. */
  readonly table: string;
  /** True: an app that holds some is deleted only by force. False: it goes with the app, as history does. */
  readonly stopsDeletion: boolean;
  /** How many there are; at most {@link COUNT_MAX}, which then means "at least". */
  count(db: Queryable, appId: string): Promise<number>;
  /** Deletes about `limit` rows in one statement and gives their number; 0: none is left. */
  deleteBatch(db: Queryable, appId: string, limit: number): Promise<number>;
  /** Called in the transaction that begins the deletion, for names that are to stay reserved. */
  begin?(tx: Transaction, appId: string): Promise<void>;
}

/** Counting more would take seconds and tell nobody more. */
export const COUNT_MAX = 1_000_000;

export interface TableContent {
  readonly kind: string;
  readonly table: string;
  readonly stopsDeletion: boolean;
  /** `and …`: rows that count; all are deleted. */
  readonly counted?: (db: Queryable) => Fragment;
}

/** All rows of a table with this `app_id`. */
export function tableContent(content: TableContent): AppContent {
  const { kind, table, stopsDeletion, counted } = content;
  return {
    kind,
    table,
    stopsDeletion,
    async count(db, appId) {
      const [row] = await db<{ count: number }[]>`
        select count(*)::int as count from (
          select from ${db(table)} where app_id = ${appId} ${counted === undefined ? db`` : counted(db)}
          limit ${COUNT_MAX}) as r`;
      return row?.count ?? 0;
    },
    // A ctid of one partition may be one of another too: that is also a row of this app, and the batch a little larger.
    async deleteBatch(db, appId, limit) {
      const rows = await db`
        delete from ${db(table)} where app_id = ${appId} and ctid = any(array(
          select ctid from ${db(table)} where app_id = ${appId} limit ${limit}))`;
      return rows.count;
    },
  };
}

/** Deliveries first: what a node still holds then has no row to complete. */
export const outboxContent: readonly AppContent[] = [
  tableContent({ kind: "deliveries", table: "outbox", stopsDeletion: true }),
  tableContent({ kind: "events", table: "events", stopsDeletion: false }),
];
