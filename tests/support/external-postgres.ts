/** A PostgreSQL that is not the server's own, reached over TCP by a URL with a password. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../packages/server/src/platform/database/embedded-postgres.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, temporaryFolder } from "./start-server.ts";
import { retarget, runAsAdmin } from "./test-server.ts";

export interface ExternalPostgres {
  /** Of a fresh, empty database, for `DATABASE_URL`. */
  readonly url: string;
  /** Runs one statement in that database. */
  execute(statement: string): Promise<void>;
  /** Cuts every connection and takes no new ones, as a network does that is down. */
  disconnect(): Promise<void>;
  /** Takes connections again, on the same port. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

/** Uses the server of `PICLOUD_TEST_DATABASE_URL` (as a role that may create databases), else starts one: the binaries
 *  that npm brings, in a temporary folder, behind a port of the loopback interface. */
export async function startExternalPostgres(): Promise<ExternalPostgres> {
  const given = process.env["PICLOUD_TEST_DATABASE_URL"];
  const database = `picloud_external_${randomBytes(6).toString("hex")}`;
  if (given !== undefined) {
    await runAsAdmin({ url: given }, `create database ${database}`);
    const { hostname, port } = new URL(given);
    const front = await listen(() => net.connect(Number(port === "" ? 5432 : port), hostname));
    const url = new URL(given);
    url.pathname = `/${database}`;
    url.host = `127.0.0.1:${front.port}`;
    return {
      ...front,
      url: url.href,
      execute: async (statement) => await runAsAdmin(retarget({ url: given }, database), statement),
      close: async () => {
        await front.disconnect();
        await runAsAdmin({ url: given }, `drop database ${database} with (force)`);
      },
    };
  }
  const folder = await temporaryFolder("picloud-external-");
  const dataFolder = join(folder, "data");
  await mkdir(dataFolder, { mode: 0o711 });
  const postgres = await startEmbeddedPostgres({
    dataFolder,
    log: silentLogger,
    settings: { max_connections: "100" },
  });
  const { path, user, password } = postgres.login;
  await runAsAdmin(postgres.superuser, `create database ${database} owner ${user}`);
  const front = await listen(() => net.connect(path));
  return {
    ...front,
    url: `postgres://${user}:${password}@127.0.0.1:${front.port}/${database}`,
    execute: async (statement) => await runAsAdmin(retarget(postgres.login, database), statement),
    close: async () => {
      await front.disconnect();
      await postgres.close();
      await removeFolder(folder);
    },
  };
}

interface Front {
  readonly port: number;
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
}

/** A port that passes bytes on, and that can be taken away. */
async function listen(connect: () => net.Socket): Promise<Front> {
  const open = new Set<net.Socket>();
  let server: net.Server | undefined;
  const start = async (port: number): Promise<number> => {
    const next = net.createServer((client) => {
      const target = connect();
      for (const [socket, other] of [
        [client, target],
        [target, client],
      ] as const) {
        open.add(socket);
        socket.on("close", () => {
          open.delete(socket);
          other.destroy();
        });
        // Its `close` follows, and that ends the other side.
        socket.on("error", () => undefined);
        socket.pipe(other);
      }
    });
    server = next;
    return await new Promise((resolve, reject) => {
      next.on("error", reject);
      next.listen(port, "127.0.0.1", () => {
        const address = next.address();
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no address"));
      });
    });
  };
  const port = await start(0);
  return {
    port,
    disconnect: async () => {
      const closed = new Promise((resolve) => (server === undefined ? resolve(true) : server.close(resolve)));
      for (const socket of open) socket.destroy();
      await closed;
    },
    reconnect: async () => {
      await start(port);
    },
  };
}
