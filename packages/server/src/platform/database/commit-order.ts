/** Reading what is written in the order of its commits: rows carry `xid8`, a reader stays below what may still commit. */
import type { Queryable } from "./database.ts";

/** Every transaction of ours below this id has ended: the least transaction id that one of our sessions still holds, at
 *  most the end of a snapshot taken before. A reader that stays below it with a later snapshot skips nothing.
 *  (`pg_snapshot_xmin` would wait for other databases of the cluster.) */
export async function commitBound(sql: Queryable): Promise<string> {
  const [end] = await sql<{ xmax: string }[]>`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`;
  const xmax = BigInt(end?.xmax ?? "0");
  const held = await sql<{ xid: string }[]>`select backend_xid::text as xid from pg_stat_activity
    where datname = current_database() and backend_xid is not null`;
  // A session shows 32 bits of its id; it is less than 2^31 away from xmax.
  const ids = held.map(({ xid }) => xmax + BigInt.asIntN(32, BigInt(xid) - BigInt.asUintN(32, xmax)));
  return String(ids.reduce((least, id) => (id < least ? id : least), xmax));
}
