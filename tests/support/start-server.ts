/** The real server process in a folder of its own, as a user would start it. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endOf, startChild } from "./child-process.ts";
import type { ChildExit, RunningChild } from "./child-process.ts";
import { waitFor } from "./wait-for.ts";

export const repositoryRoot = join(import.meta.dirname, "..", "..");

export interface RunningServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** Of the set-up link that it printed; undefined once there is an admin. */
  readonly setupToken: string | undefined;
  readonly dataDir: string;
  readonly pid: number;
  /** Both streams, so far. */
  output(): string;
  /** SIGTERM, and the exit that followed, or the one before it. Throws if it had to be killed. */
  stop(): Promise<ChildExit>;
  kill9(): Promise<void>;
}

export interface ServerOptions {
  /** Added to the environment; `PATH` and `HOME` are all that is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder from {@link temporaryFolder} or of an earlier server; a fresh one unless given. */
  readonly dataDir?: string;
  readonly port?: number;
}

/** A first start makes a database cluster: seconds on a quiet machine, far more on one that runs all tests at once. */
const READY_TIMEOUT_MS = 90_000;
/** `PICLOUD_DRAIN_MS` and PostgreSQL's own stop fit in. */
const STOP_TIMEOUT_MS = 45_000;

/** Folders of this process's servers, removed when it ends. */
export async function temporaryFolder(name = "picloud-journey-"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  // PostgreSQL's own account must be able to walk through it.
  await chmod(folder, 0o711);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  // PostgreSQL may write its last files while its server is already gone.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}

/** A port of the loopback interface that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
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

export function serverEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: process.env["HOME"] ?? "/",
    PICLOUD_LOG_FORMAT: "json",
    ...env,
  };
}

/** Starts the process and nothing more: for starts that are meant to fail. */
export function launchServer(env: Readonly<Record<string, string>>, cwd: string): RunningChild {
  const main = join(repositoryRoot, "packages", "server", "src", "main.ts");
  return startChild(process.execPath, [main], { env: serverEnvironment(env), cwd });
}

/** Starts a server and waits until it is ready. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = launchServer(
    { PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir, ...options.env },
    dataDir,
  );
  let exit: ChildExit | undefined;
  child.ended.then(
    (how) => (exit = how),
    () => (exit = { code: null, signal: null }),
  );
  const output = (): string => child.stdout() + child.stderr();
  await waitFor(
    `${url}/readyz answers 200`,
    async () => {
      if (exit !== undefined)
        throw new Error(`the server ended (${exit.signal ?? exit.code}) before it was ready:\n${output()}`);
      // What it prints for the person comes after it is ready.
      if (!output().includes("PiCloud is running.")) return false;
      return await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status === 200;
        },
        () => false,
      );
    },
    READY_TIMEOUT_MS,
  ).catch((error: unknown) => {
    child.signal("SIGKILL");
    throw new Error(`${String(error)}\n${output()}`, { cause: error });
  });
  return {
    url,
    port,
    dataDir,
    pid: child.pid,
    setupToken: /--setup (\S+)/.exec(output())?.[1],
    output,
    stop: async () => {
      if (exit !== undefined) return exit;
      child.signal("SIGTERM");
      const how = await endOf(child, STOP_TIMEOUT_MS);
      if (how.signal === "SIGKILL") throw new Error(`the server did not stop by itself:\n${output()}`);
      return how;
    },
    kill9: async () => {
      child.signal("SIGKILL");
      await child.ended;
    },
  };
}
