/** A database of its own for a test file: a copy of the migrated template. */
import { randomBytes } from "node:crypto";
import net from "node:net";
import { inject } from "vitest";
import {
  openDatabase,
  type Database,
  type DatabaseTarget,
} from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import type { TestServer } from "./postgres-global.ts";
import { retarget, runAsAdmin } from "./test-server.ts";

export interface TestDatabase {
  /** For a server or pool of the test's own. */
  readonly target: DatabaseTarget;
  /** Open pools; smaller than a node's. */
  readonly db: Database;
  /** Node id that `db` is named after. */
  readonly nodeId: string;
  /** Closes the pools and removes the database. */
  readonly drop: () => Promise<void>;
}

export interface EmptyDatabase {
  readonly target: DatabaseTarget;
  readonly drop: () => Promise<void>;
}

/** A database without a schema, for tests of migrations. */
export async function emptyDatabase(): Promise<EmptyDatabase> {
  return await createDatabase(await askBroker(inject("postgresBroker")), "template0");
}

/** Makes a migrated, empty database. Call it in `beforeAll` and `drop` in `afterAll`. Takes about 30 ms once the server runs. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await askBroker(inject("postgresBroker"));
  const { target, drop } = await createDatabase(server, server.template);
  const nodeId = crypto.randomUUID();
  const db = await openDatabase(target, { nodeId, log: silentLogger, connections: { write: 8, read: 2 } });
  return {
    target,
    db,
    nodeId,
    drop: async () => {
      await db.close();
      await drop();
    },
  };
}

async function createDatabase({ admin, login }: TestServer, template: string): Promise<EmptyDatabase> {
  const name = `picloud_test_${randomBytes(8).toString("hex")}`;
  const owner = "url" in login ? "" : ` owner ${login.user}`;
  await runAsAdmin(admin, `create database ${name} template ${template}${owner}`);
  return {
    target: retarget(login, name),
    drop: async () => await runAsAdmin(admin, `drop database if exists ${name} with (force)`),
  };
}

async function askBroker(socket: string): Promise<TestServer> {
  const answer = await new Promise<string>((resolve, reject) => {
    let text = "";
    const connection = net.connect(socket);
    connection.setEncoding("utf8");
    connection.on("data", (chunk: string) => (text += chunk));
    connection.on("error", reject);
    connection.on("end", () => resolve(text));
  });
  const parsed = JSON.parse(answer) as TestServer | { readonly error: string };
  if ("error" in parsed) throw new Error(`the test PostgreSQL did not start: ${parsed.error}`);
  return parsed;
}
