/** The server's side of the watchdog: starts it, tells it what runs, and starts it again if it ends. */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "../logger.ts";

export interface PostgresWatchdog {
  /** The processes that must not outlive the server; 0 for none. */
  readonly watch: (pids: { readonly initdb: number; readonly postgres: number }) => void;
  /** Ends it. PostgreSQL has to be stopped before. */
  readonly close: () => void;
}

/** A shell waits in a fortieth of the memory of a Node process and becomes one when there is work. */
const WAIT_IN_SHELL = 'last="0 0"; while read -r line; do last=$line; done; exec "$@" "$last"';
const RESTART_MS = 1_000;

/** Watches over the PostgreSQL of a data folder until this process ends. */
export function startWatchdog(dataFolder: string, log: Logger): PostgresWatchdog {
  const extension = path.extname(fileURLToPath(import.meta.url));
  const program = fileURLToPath(new URL(`./watchdog${extension}`, import.meta.url));
  const command = [process.execPath, program, dataFolder];
  let line = "0 0\n";
  let isClosed = false;
  let child: ChildProcess;

  const start = (): void => {
    const [file, ...args] = fs.existsSync("/bin/sh")
      ? ["/bin/sh", "-c", WAIT_IN_SHELL, "sh", ...command]
      : command;
    child = spawn(file ?? process.execPath, args, {
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
      cwd: "/",
      stdio: ["pipe", "ignore", "ignore"],
      // Its own session: neither Ctrl+C nor the end of the terminal reaches it.
      detached: true,
    });
    child.unref();
    // Its end is handled below; a write to one that has just ended must not end the server.
    child.stdin?.on("error", (error) => log.debug("watchdog_pipe_failed", { error }));
    child.stdin?.write(line);
    child.on("error", (error) => log.error("watchdog_failed", { error }));
    child.on("exit", (code, signal) => {
      if (isClosed) return;
      log.warn("watchdog_ended", { code, signal });
      setTimeout(() => !isClosed && start(), RESTART_MS).unref();
    });
  };
  start();

  return {
    watch: (pids) => {
      line = `${pids.initdb} ${pids.postgres}\n`;
      child.stdin?.write(line);
    },
    close: () => {
      isClosed = true;
      // Before the pipe closes, so that it has nothing to react to.
      child.kill("SIGKILL");
    },
  };
}
