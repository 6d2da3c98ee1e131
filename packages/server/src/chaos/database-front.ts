/** A port of the loopback interface that passes bytes on to a database, and that can fail as a network does. */
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface DatabaseFront {
  readonly port: number;
  /** Cuts every connection and takes no new ones, as a network does that is down. */
  readonly disconnect: () => Promise<void>;
  /** Takes connections again, on the same port; ends those that hang. */
  reconnect(): Promise<void>;
  /** From now on nothing arrives any more on the connections that listen for notifications, and nobody is told: they are
   *  half open. Gives how many. */
  muteListeners(): number;
  /** No connection passes anything on, new ones neither; none ends. {@link reconnect} ends them and this. */
  hang(): void;
  /** Passes nothing on for a while and loses nothing: what was sent meanwhile arrives when it is over. */
  pause(ms: number): Promise<void>;
}

interface Pair {
  readonly client: net.Socket;
  readonly target: net.Socket;
  isListening: boolean;
}

/** `connect`: opens a connection to the database. */
export async function openDatabaseFront(connect: () => net.Socket): Promise<DatabaseFront> {
  const open = new Set<Pair>();
  let isHung = false;
  let isPaused = false;
  let server: net.Server | undefined;
  const start = async (port: number): Promise<number> => {
    const next = net.createServer((client) => {
      const pair = { client, target: connect(), isListening: false };
      passOn(pair, open);
      if (isHung) silence(pair);
      else if (isPaused) stop(pair);
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
    pause: async (ms) => {
      isPaused = true;
      for (const pair of open) stop(pair);
      await sleep(ms);
      isPaused = false;
      if (!isHung) for (const pair of open) join(pair);
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
  }
  join(pair);
  client.on("data", (bytes: Buffer) => {
    pair.isListening ||= bytes.includes('listen "');
  });
}

function join({ client, target }: Pair): void {
  client.pipe(target);
  target.pipe(client);
}

/** What arrives is not even read. */
function stop({ client, target }: Pair): void {
  client.unpipe(target).pause();
  target.unpipe(client).pause();
}

/** What arrives is thrown away, on both sides. */
function silence({ client, target }: Pair): void {
  client.unpipe(target);
  target.unpipe(client);
  client.resume();
  target.resume();
}
