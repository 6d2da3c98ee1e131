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
  /** From now on nothing arrives any more on the connections that listen for notifications, and nobody is told: they are
   *  half open. Gives how many. */
  muteListeners(): number;
  /** No connection passes anything on, new ones neither; none ends. {@link reconnect} ends them and this. */
  hang(): void;
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
    const { port, ...front } = await listen(connect);
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

interface Front extends Pick<Way, "disconnect" | "reconnect" | "muteListeners" | "hang"> {
  readonly port: number;
}

interface Pair {
  readonly client: net.Socket;
  readonly target: net.Socket;
  isListening: boolean;
}

/** A port that passes bytes on, and that can be taken away. */
async function listen(connect: () => net.Socket): Promise<Front> {
  const open = new Set<Pair>();
  let isHung = false;
  let server: net.Server | undefined;
  const start = async (port: number): Promise<number> => {
    const next = net.createServer((client) => {
      const pair = { client, target: connect(), isListening: false };
      passOn(pair, open);
      if (isHung) silence(pair);
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
  const disconnect = async (): Promise<void> => {
    if (server?.listening !== true) return;
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const { client } of open) client.destroy();
    await closed;
  };
  const port = await start(0);
  return {
    port,
    disconnect,
    reconnect: async () => {
      await disconnect();
      isHung = false;
      await start(port);
    },
    muteListeners: () => {
      const listening = [...open].filter(({ isListening }) => isListening);
      for (const pair of listening) silence(pair);
      return listening.length;
    },
    hang: () => {
      isHung = true;
      for (const pair of open) silence(pair);
    },
  };
}

function passOn(pair: Pair, open: Set<Pair>): void {
  const { client, target } = pair;
  open.add(pair);
  for (const [socket, other] of [
    [client, target],
    [target, client],
  ] as const) {
    socket.on("close", () => {
      open.delete(pair);
      other.destroy();
    });
    // Its `close` follows, and that ends the other side.
    socket.on("error", () => undefined);
    socket.pipe(other);
  }
  client.on("data", (bytes: Buffer) => {
    pair.isListening ||= bytes.includes('listen "');
  });
}

/** What arrives is thrown away, on both sides. */
function silence({ client, target }: Pair): void {
  client.unpipe(target);
  target.unpipe(client);
  client.resume();
  target.resume();
}
