/**
 * The embedded PostgreSQL: the real server, run privately on a unix socket in the data folder. It is started or
 * adopted, watched, restarted, and stopped with this process, also when this process is killed.
 */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import { StartError } from "../start-error.ts";
import { postgresAccount, type PostgresAccount } from "./postgres-accounts.ts";
import { findBinaries } from "./postgres-binaries.ts";
import {
  checkClusterVersion,
  ensureCluster,
  lastLines,
  postgresEnvironment,
  type Cluster,
} from "./postgres-cluster.ts";
import {
  isAlive,
  pingSocket,
  prepareSocketFolder,
  readPidFile,
  SOCKET_NAME,
  stopPostmaster,
} from "./postgres-process.ts";
import { findRunning, READY_TIMEOUT_MS, STOP_MS } from "./postgres-adoption.ts";
import { ensureRole } from "./postgres-roles.ts";
import { POSTGRES_SETTINGS } from "./postgres-settings.ts";
import { startWatchdog, type PostgresWatchdog } from "./postgres-watchdog.ts";

export interface EmbeddedPostgresOptions {
  /** Absolute; exists and can be entered by PostgreSQL's account (`prepareDataFolder`); the caller holds its lock. */
  readonly dataFolder: string;
  readonly log: Logger;
  /** Changes to {@link POSTGRES_SETTINGS}, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What a client needs to connect. */
export interface SocketLogin {
  readonly path: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  /** As the role `picloud`, which owns the database `picloud` and is no superuser. */
  readonly login: SocketLogin;
  /** As `postgres`, the superuser: only for upgrades and tests. */
  readonly superuser: SocketLogin;
  /** Of the running server; changes when it was restarted. */
  readonly pid: () => number;
  /** True if it found PostgreSQL running, left by a server that was killed. */
  readonly isAdopted: boolean;
  /** Whether it accepts connections. */
  readonly isHealthy: () => Promise<boolean>;
  /** Stops it and waits for its end. */
  readonly close: () => Promise<void>;
}

const RESTART_DELAY_MS = 100;
const RESTART_DELAY_MS_MAX = 10_000;
/** After this long without an end the next restart waits the shortest time again. */
const STEADY_MS = 60_000;

interface Running {
  readonly pid: number;
  readonly isAdopted: boolean;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
}

interface Installation {
  readonly dataFolder: string;
  readonly cluster: Cluster;
  readonly account: PostgresAccount | undefined;
  readonly program: string;
  readonly socketFolder: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** Starts or adopts the PostgreSQL of a data folder. Throws {@link StartError}; then nothing of it runs. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const watchdog = startWatchdog(options.dataFolder, options.log);
  let running: Running | undefined;
  try {
    const installation = await install(options, watchdog);
    running = await adoptOrStart(installation, watchdog);
    const login = {
      path: path.join(installation.socketFolder, SOCKET_NAME),
      user: "picloud",
      database: "picloud",
    };
    const { password, superuserPassword, isNew } = installation.cluster;
    const embedded = {
      login: { ...login, password },
      superuser: { ...login, user: "postgres", database: "postgres", password: superuserPassword },
    };
    await ensureRole({ ...embedded, isNew });
    return supervise(installation, watchdog, { ...embedded, running });
  } catch (error) {
    if (running !== undefined) await stopPostmaster(running.pid, STOP_MS);
    watchdog.close();
    throw error;
  }
}

async function install(options: EmbeddedPostgresOptions, watchdog: PostgresWatchdog): Promise<Installation> {
  const { dataFolder, log } = options;
  const account = postgresAccount(path.join(dataFolder, "pg"));
  const binaries = findBinaries({
    account,
    copyFolder: account === undefined ? dataFolder : "/var/lib/picloud",
  });
  checkClusterVersion(path.join(dataFolder, "pg"), binaries.major);
  const socketFolder = prepareSocketFolder(dataFolder, account ?? ownIds());
  const cluster = await ensureCluster({
    dataFolder,
    account,
    binaries,
    onProcess: (initdb) => watchdog.watch({ initdb, postgres: 0 }),
  });
  watchdog.watch({ initdb: 0, postgres: 0 });
  const settings = { ...POSTGRES_SETTINGS, ...options.settings };
  return { dataFolder, cluster, account, program: binaries.postgres, socketFolder, settings, log };
}

function ownIds(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

async function adoptOrStart(installation: Installation, watchdog: PostgresWatchdog): Promise<Running> {
  const pid = await findRunning(installation.cluster.pgFolder, installation.socketFolder);
  if (pid === undefined) return await launch(installation, watchdog);
  watchdog.watch({ initdb: 0, postgres: pid });
  installation.log.info("postgres_adopted", { pid });
  return { pid, isAdopted: true, ended: untilGone(pid) };
}

const ADOPTED_POLL_MS = 500;

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(ADOPTED_POLL_MS, undefined, { ref: false });
}

async function launch(installation: Installation, watchdog: PostgresWatchdog): Promise<Running> {
  const { cluster, socketFolder, account, settings } = installation;
  // It names a process by number only; that nothing serves this folder is known by now.
  fs.rmSync(path.join(socketFolder, `${SOCKET_NAME}.lock`), { force: true });
  const args = ["-D", cluster.pgFolder, "-k", socketFolder, "-p", "5432"];
  for (const [name, value] of Object.entries(settings)) args.push("-c", `${name}=${value}`);
  const child = spawn(installation.program, args, {
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    env: postgresEnvironment(),
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
    // Its own session: Ctrl+C on the terminal must reach the server only.
    detached: true,
  });
  const output = collectOutput(child, installation.log);
  const exit = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(String(code ?? signal)));
  });
  if (child.pid !== undefined) watchdog.watch({ initdb: 0, postgres: child.pid });
  await untilReady(installation, exit, output);
  child.unref();
  return { pid: child.pid ?? 0, isAdopted: false, ended: exit.then(() => undefined) };
}

const OUTPUT_CHARS_MAX = 4_000;

function collectOutput(child: ChildProcess, log: Logger): () => string {
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARS_MAX);
    for (const line of text.split("\n")) {
      if (line === "") continue;
      if (/^(FATAL|PANIC):/.test(line)) log.warn("postgres_log", { line });
      else log.debug("postgres_log", { line });
    }
  });
  return () => output;
}

async function untilReady(
  installation: Installation,
  exit: Promise<string>,
  output: () => string,
): Promise<void> {
  const { cluster, socketFolder } = installation;
  const socket = path.join(socketFolder, SOCKET_NAME);
  let exited: string | undefined;
  void exit.then((how) => (exited = how));
  const end = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (exited !== undefined) {
      throw new StartError(`PostgreSQL did not start (${exited}): ${lastLines(output())}`);
    }
    if (readPidFile(cluster.pgFolder)?.status === "ready" && (await pingSocket(socket))) return;
    if (performance.now() > end) {
      const pid = readPidFile(cluster.pgFolder)?.pid;
      if (pid !== undefined) await stopPostmaster(pid, STOP_MS);
      throw new StartError(
        `PostgreSQL did not become ready in ${READY_TIMEOUT_MS} ms: ${lastLines(output())}`,
      );
    }
    await sleep(10);
  }
}

function supervise(
  installation: Installation,
  watchdog: PostgresWatchdog,
  started: { readonly login: SocketLogin; readonly superuser: SocketLogin; readonly running: Running },
): EmbeddedPostgres {
  const { log } = installation;
  let running = started.running;
  const closing = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    closing.signal.addEventListener("abort", () => resolve());
  });

  const restart = async (): Promise<void> => {
    let delayMs = RESTART_DELAY_MS;
    let since = performance.now();
    for (;;) {
      await Promise.race([running.ended, aborted]);
      if (closing.signal.aborted) return;
      if (performance.now() - since > STEADY_MS) delayMs = RESTART_DELAY_MS;
      log.error("postgres_ended", { pid: running.pid, restartInMs: delayMs });
      await sleep(delayMs);
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS_MAX);
      if (closing.signal.aborted) return;
      try {
        running = await adoptOrStart(installation, watchdog);
        since = performance.now();
        log.info("postgres_restarted", { pid: running.pid });
      } catch (error) {
        // The old `running` has ended, so the next turn comes after the delay.
        log.error("postgres_restart_failed", { error });
      }
    }
  };
  const restarting = restart();

  return {
    login: started.login,
    superuser: started.superuser,
    pid: () => running.pid,
    isAdopted: started.running.isAdopted,
    isHealthy: async () => await pingSocket(started.login.path),
    close: async () => {
      closing.abort();
      const stopped = await stopPostmaster(running.pid, STOP_MS);
      if (!stopped) log.error("postgres_still_running", { pid: running.pid });
      await restarting;
      // One that was being started while the stop began.
      if (isAlive(running.pid)) await stopPostmaster(running.pid, STOP_MS);
      watchdog.close();
    },
  };
}
