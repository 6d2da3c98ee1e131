/** Waiting for the writes that were open at a commit: a write that waits for a row lock keeps its old snapshot, so it
 *  may still miss a trigger that has been committed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Queryable } from "./database.ts";

export interface OpenWritesWait {
  readonly timeoutMs: number;
  readonly pollMs: number;
}

/** Statements end by their timeout of 10 s, transaction scripts by 5 s. */
const defaults: OpenWritesWait = { timeoutMs: 15_000, pollMs: 20 };

/** Resolves with true when every transaction of our sessions in this database that is open now has ended, with false
 *  when some are still open after the timeout. Call it right after the commit. */
export async function openWritesEnded(db: Queryable, wait: OpenWritesWait = defaults): Promise<boolean> {
  const endMs = performance.now() + wait.timeoutMs;
  let open = await listOpen(db);
  while (open.length > 0) {
    if (performance.now() > endMs) return false;
    await sleep(wait.pollMs);
    const still = new Set(await listOpen(db));
    open = open.filter((transaction) => still.has(transaction));
  }
  return true;
}

/** Virtual transaction ids; each transaction, also one that has written nothing yet, holds a lock on its own. */
async function listOpen(db: Queryable): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select l.virtualtransaction as id from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'virtualxid' and l.granted and a.datname = current_database()
      and a.application_name like 'picloud/%' and l.pid <> pg_backend_pid()`;
  return rows.map((row) => row.id);
}
