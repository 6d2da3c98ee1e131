/** Where a service call reads and writes: in the transaction of its run, if the script has one (`transaction: true`), else
 *  in the pools. Services take their database from here and nowhere else, so each of them joins by itself. */
import type { Context } from "../context.ts";
import type { Platform } from "../platform.ts";
import type { Queryable, Sql } from "./database.ts";

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

/** Does it now, or when the run's transaction has committed; never if that is rolled back. It must not throw. */
export function afterCommit(ctx: Context, work: () => void): void {
  if (ctx.transaction === undefined) work();
  else ctx.transaction.afterCommit(work);
}
