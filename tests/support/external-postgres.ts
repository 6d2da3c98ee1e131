/** A PostgreSQL that is not the server's own, reached over TCP by a URL with a password. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { openDatabaseFront, type DatabaseFront } from "../../packages/server/src/chaos/database-front.ts";
import { startEmbeddedPostgres } from "../../packages/server/src/platform/database/embedded-postgres.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, temporaryFolder } from "./start-server.ts";
import { retarget, runAsAdmin } from "./test-server.ts";

export interface ExternalPostgres extends Omit<DatabaseFront, "port"> {
  /** Of a fresh, empty database, for `DATABASE_URL`. */
  readonly url: string;
  /** Runs one statement in that database. */
  execute(statement: string): Promise<void>;
  /** Another port of the same database, whose connections have a fate of their own. */
  secondWay(): Promise<Way>;
  close(): Promise<void>;
}

/** A way to a database that can fail. */
export type Way = Omit<ExternalPostgres, "secondWay" | "execute">;

/** Uses the server of `PICLOUD_TEST_DATABASE_URL` (as a role that may create databases), else starts one: the binaries
 *  that npm brings, in a temporary folder, behind a port of the loopback interface. */
export async function startExternalPostgres(): Promise<ExternalPostgres> {
  const given = process.env["PICLOUD_TEST_DATABASE_URL"];
  const database = `picloud_external_${randomBytes(6).toString("hex")}`;
  if (given !== undefined) {
    await runAsAdmin({ url: given }, `create database ${database}`);
    const { hostname, port } = new URL(given);
    const ways = await openWays(
      () => net.connect(Number(port === "" ? 5432 : port), hostname),
      (front) => {
        const url = new URL(given);
        url.pathname = `/${database}`;
        url.host = `127.0.0.1:${front}`;
        return url.href;
      },
    );
    return {
      ...ways.first,
      secondWay: ways.open,
      execute: async (statement) => await runAsAdmin(retarget({ url: given }, database), statement),
      close: async () => {
        await ways.close();
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
  const ways = await openWays(
    () => net.connect(path),
    (port) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
  );
  return {
    ...ways.first,
    secondWay: ways.open,
    execute: async (statement) => await runAsAdmin(retarget(postgres.login, database), statement),
    close: async () => {
      await ways.close();
      await postgres.close();
      await removeFolder(folder);
    },
  };
}

interface Ways {
  readonly first: Way;
  readonly open: () => Promise<Way>;
  readonly close: () => Promise<void>;
}

async function openWays(connect: () => net.Socket, urlOf: (port: number) => string): Promise<Ways> {
  const ways: Way[] = [];
  const open = async (): Promise<Way> => {
    const { port, ...front } = await openDatabaseFront(connect);
    const way = { ...front, url: urlOf(port), close: front.disconnect };
    ways.push(way);
    return way;
  };
  return {
    first: await open(),
    open,
    close: async () => void (await Promise.all(ways.map(async (way) => await way.close()))),
  };
}
