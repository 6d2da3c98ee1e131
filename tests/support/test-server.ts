/** What test processes and the global set-up do with the PostgreSQL of a test run. */
import { connect, type DatabaseTarget } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";

/** The same server with another database. */
export function retarget(target: DatabaseTarget, database: string): DatabaseTarget {
  if (!("url" in target)) return { ...target, database };
  const url = new URL(target.url);
  url.pathname = `/${database}`;
  return { url: url.href };
}

/** One statement that cannot run in a transaction, such as `create database`. */
export async function runAsAdmin(admin: DatabaseTarget, statement: string): Promise<void> {
  const sql = connect(admin, { max: 1, session: {}, log: silentLogger });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
