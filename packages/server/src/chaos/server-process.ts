/** The server as a process of its own, which can be killed, stopped still and started again at the same address. */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface ServerProcess {
  /** `http://127.0.0.1:<port>`, the same for every life. */
  readonly url: string;
  /** Of the life that runs; 0 while none does. */
  pid(): number;
  /** Resolves when it takes work. Throws with the end of its log if it ends before. */
  start(): Promise<void>;
  /** A signal to the life that runs; SIGKILL also to one that stands still. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when the life that runs, if any, has ended. */
  ended(): Promise<void>;
  /** Lines of its log that have the text. */
  logged(text: string): number;
}

export interface ServerProcessOptions {
  /** Beside `PATH` and `HOME`, which are all that is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Its working folder. */
  readonly folder: string;
  /** Everything it writes, of all its lives. */
  readonly logFile: string;
}

/** A start after a crash recovers the database first; on a machine that does much else that takes a while. */
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 25;
const SHOWN_CHARS = 4_000;
const program = fileURLToPath(new URL("../main.ts", import.meta.url));

export async function createServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let end = Promise.resolve();

  const log = (): string => fs.readFileSync(options.logFile, "utf8");
  const isReady = async (): Promise<boolean> =>
    await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status === 200;
      },
      () => false,
    );

  return {
    url,
    pid: () => child?.pid ?? 0,
    async start() {
      await end;
      const output = fs.openSync(options.logFile, "a", 0o600);
      const started = spawn(process.execPath, [program], {
        cwd: options.folder,
        env: {
          PATH: process.env["PATH"] ?? "/usr/bin:/bin",
          HOME: process.env["HOME"] ?? "/",
          ...options.env,
          PICLOUD_LISTEN: `127.0.0.1:${port}`,
          PICLOUD_LOG_FORMAT: "json",
        },
        stdio: ["ignore", output, output],
        // A Ctrl+C on the terminal is for whoever started the check, who then ends this one in order.
        detached: true,
      });
      fs.closeSync(output);
      child = started;
      end = new Promise((resolve) => {
        const gone = (): void => {
          if (child === started) child = undefined;
          resolve();
        };
        started.on("error", gone);
        started.on("exit", gone);
      });
      const lastMs = performance.now() + READY_TIMEOUT_MS;
      while (!(await isReady())) {
        if (child !== started)
          throw new Error(`the server ended while it started:\n${log().slice(-SHOWN_CHARS)}`);
        if (performance.now() > lastMs)
          throw new Error(
            `the server was not ready in ${READY_TIMEOUT_MS} ms:\n${log().slice(-SHOWN_CHARS)}`,
          );
        await sleep(POLL_MS);
      }
    },
    signal: (name) => void child?.kill(name),
    ended: async () => await end,
    logged: (text) => (fs.existsSync(options.logFile) ? log().split(text).length - 1 : 0),
  };
}

/** A port of the loopback interface that nothing listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("no address"));
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
