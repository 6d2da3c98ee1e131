/** What a server's data folder tells of its PostgreSQL, and the server's own way into it. */
import fs from "node:fs";
import path from "node:path";
import { connect, type Sql } from "../../packages/server/src/platform/database/database.ts";
import { readPidFile, SOCKET_NAME } from "../../packages/server/src/platform/database/postgres-process.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";

/** 0 while none is known. */
export function postgresPid(dataDir: string): number {
  return readPidFile(path.join(dataDir, "pg"))?.pid ?? 0;
}

/** One connection: the password file is readable for the server's user. */
export function openSocket(dataDir: string): Sql {
  const login = {
    path: path.join(dataDir, "run", SOCKET_NAME),
    user: "picloud",
    database: "picloud",
    password: fs.readFileSync(path.join(dataDir, "pg-password"), "utf8").trim(),
  };
  return connect(login, { max: 1, session: {}, log: silentLogger });
}
