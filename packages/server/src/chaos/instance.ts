/** A throw-away instance that faults are made in: one server with its own PostgreSQL, as it is installed, or two servers on
 *  one PostgreSQL, each with its own way to it. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { mkdir } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { acquireDataLock } from "../platform/database/data-lock.ts";
import { connect, type Sql } from "../platform/database/database.ts";
import { startEmbeddedPostgres, type SocketLogin } from "../platform/database/embedded-postgres.ts";
import { readPidFile, SOCKET_NAME } from "../platform/database/postgres-process.ts";
import { silentLogger } from "../platform/logger.ts";
import { openDatabaseFront, type DatabaseFront } from "./database-front.ts";
import { createServerProcess, type ServerProcess } from "./server-process.ts";

export interface ChaosNode {
  readonly server: ServerProcess;
  /** Its way to the database; absent where the database is its own. */
  readonly front: DatabaseFront | undefined;
}

export interface ChaosInstance {
  readonly nodes: readonly [ChaosNode, ...ChaosNode[]];
  readonly owner: { readonly username: string; readonly password: string };
  /** Connections of the check itself. */
  readonly sql: Sql;
  /** Process id of PostgreSQL, as far as its file tells. */
  postmaster(): number | undefined;
  /** Ends everything; what does not end in order is killed. */
  close(): Promise<void>;
}

export interface InstanceOptions {
  /** Absolute, exists, empty. */
  readonly folder: string;
  readonly nodes: 1 | 2;
  /** `PICLOUD_LEASE_MS`. */
  readonly leaseMs: number;
  /** More environment of each server, by its number. */
  readonly env?: (node: number) => Readonly<Record<string, string>>;
}

/** Two nodes and the check, with room for the connections of a life that has just been killed. */
const MAX_CONNECTIONS = "150";

export async function openInstance(options: InstanceOptions): Promise<ChaosInstance> {
  await using parts = new AsyncDisposableStack();
  const owner = { username: "owner", password: randomBytes(18).toString("base64url") };
  const shared = {
    PICLOUD_BOOTSTRAP_ADMIN_USERNAME: owner.username,
    PICLOUD_BOOTSTRAP_ADMIN_PASSWORD: owner.password,
    PICLOUD_SECRET_KEY: randomBytes(32).toString("base64"),
    PICLOUD_LEASE_MS: String(options.leaseMs),
    PICLOUD_FILES_ROOT: path.join(options.folder, "files"),
    PICLOUD_LOG_LEVEL: "info",
    // One place for the app and one standby: the next kill finds the executor that works.
    PICLOUD_EXECUTORS: "1",
  };
  const dataFolder = path.join(options.folder, "data");
  const external = options.nodes === 1 ? undefined : await openDatabase(dataFolder, parts);
  const nodes: ChaosNode[] = [];
  for (let n = 1; n <= options.nodes; n++) {
    const front = external === undefined ? undefined : await openFront(external, parts);
    const server = await createServerProcess({
      env: {
        ...shared,
        ...(front === undefined
          ? { PICLOUD_DATA_DIR: dataFolder }
          : { DATABASE_URL: urlOf(external, front) }),
        ...options.env?.(n),
      },
      folder: options.folder,
      logFile: path.join(options.folder, `server-${n}.log`),
    });
    parts.defer(async () => await stop(server));
    await server.start();
    nodes.push({ server, front });
  }
  const sql = connect(external ?? loginOf(dataFolder), {
    max: 3,
    session: { application_name: "picloud-chaos" },
    log: silentLogger,
  });
  parts.defer(async () => await sql.end({ timeout: 5 }));
  const [first, ...more] = nodes;
  if (first === undefined) throw new Error("an instance has one node at least");
  const running = parts.move();
  return {
    nodes: [first, ...more],
    owner,
    sql,
    postmaster: () => readPidFile(path.join(dataFolder, "pg"))?.pid,
    close: async () => await running.disposeAsync(),
  };
}

async function openDatabase(dataFolder: string, parts: AsyncDisposableStack): Promise<SocketLogin> {
  // PostgreSQL's own account must be able to walk through it.
  await mkdir(dataFolder, { mode: 0o711 });
  const lock = await acquireDataLock(dataFolder);
  parts.defer(() => lock.release());
  const settings = { max_connections: MAX_CONNECTIONS };
  const postgres = await startEmbeddedPostgres({ dataFolder, log: silentLogger, settings });
  parts.defer(async () => await postgres.close());
  return postgres.login;
}

async function openFront(login: SocketLogin, parts: AsyncDisposableStack): Promise<DatabaseFront> {
  const front = await openDatabaseFront(() => net.connect(login.path));
  parts.defer(async () => await front.disconnect());
  return front;
}

function urlOf(login: SocketLogin | undefined, { port }: DatabaseFront): string {
  return `postgres://${login?.user}:${login?.password}@127.0.0.1:${port}/${login?.database}`;
}

/** A server's own way into the database that it has started: the password file is readable for its user. */
function loginOf(dataFolder: string): SocketLogin {
  const socketFolder = readPidFile(path.join(dataFolder, "pg"))?.socketFolder ?? path.join(dataFolder, "run");
  return {
    path: path.join(socketFolder, SOCKET_NAME),
    user: "picloud",
    database: "picloud",
    password: fs.readFileSync(path.join(dataFolder, "pg-password"), "utf8").trim(),
  };
}

const STOP_MS = 40_000;

async function stop(server: ServerProcess): Promise<void> {
  if (server.pid() === 0) return;
  // One that stands still would not see the other signal.
  server.signal("SIGCONT");
  server.signal("SIGTERM");
  const timer = setTimeout(() => server.signal("SIGKILL"), STOP_MS);
  await server.ended();
  clearTimeout(timer);
}
