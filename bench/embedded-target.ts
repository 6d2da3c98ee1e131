/** The login of a running server's embedded PostgreSQL, for raw statements beside it. Only the user who runs the server
 *  can read its password. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseTarget } from "../packages/server/src/platform/database/database.ts";

export async function embeddedTarget(dataDir: string): Promise<DatabaseTarget> {
  const password = (await readFile(join(dataDir, "pg-password"), "utf8")).trim();
  const pidFile = await readFile(join(dataDir, "pg", "postmaster.pid"), "utf8");
  // Line 5 is the folder of the socket (src/include/utils/pidfile.h).
  const folder = pidFile.split("\n")[4] ?? "";
  return { path: join(folder, ".s.PGSQL.5432"), user: "picloud", database: "picloud", password };
}
