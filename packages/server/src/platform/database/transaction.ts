/** Several statements that happen together or not at all. */
import type { Database, Transaction } from "./database.ts";

/**
 * Runs `work` in one transaction on a write connection; commits when it returns, rolls back when it throws. Nothing
 * slow (network, script) belongs inside: the connection is held until the end.
 */
export async function transaction<T>(
  db: Pick<Database, "write">,
  work: (tx: Transaction) => Promise<T>,
  options: { readonly isolation?: "read committed" | "repeatable read" | "serializable" } = {},
): Promise<T> {
  const mode = options.isolation === undefined ? "" : `isolation level ${options.isolation}`;
  // postgres.js unwraps arrays of promises, which `work` does not return.
  return (await db.write.begin(mode, work)) as T;
}
