/** Where a service call reads and writes: in the transaction of its run, if the script has one (`transaction: true`), else
 *  in the pools. Services take their database from here and nowhere else, so each of them joins by itself. */
import type { Context } from "../context.ts";
import type { Platform } from "../platform.ts";
import type { Queryable, Sql, Transaction } from "./database.ts";
import { transaction } from "./transaction.ts";

/** For a statement that writes, with all that it causes. What follows its commit (signals, `finishWrite`) is said by
 *  {@link afterCommit}. */
export function writerOf(platform: Pick<Platform, "db">, ctx: Context): Queryable {
  return ctx.transaction?.db ?? platform.db.write;
}

/** For a read, which in a transaction sees what the run has written. `pool`: where it goes outside of one. */
export function readerOf(
  platform: Pick<Platform, "db">,
  ctx: Context,
  pool: Sql = platform.db.read,
): Queryable {
  return ctx.transaction?.db ?? pool;
}

/** For a write of several statements: the run's transaction, in which the caller is a part that is undone alone when it
 *  throws, or one of its own. */
export async function writeTogether<T>(
  platform: Pick<Platform, "db">,
  ctx: Context,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return ctx.transaction === undefined
    ? await transaction(platform.db, work)
    : await work(ctx.transaction.db);
}

/** Does it now, or when the run's transaction has committed; never if that is rolled back. It must not throw. */
export function afterCommit(ctx: Context, work: () => void): void {
  if (ctx.transaction === undefined) work();
  else ctx.transaction.afterCommit(work);
}
