/**
 * A program of its own: waits for end-of-file on its standard input, whose other end the server holds, and then
 * stops the PostgreSQL of a server that died. A server that was started again in the meantime holds the data lock
 * and keeps PostgreSQL; then there is nothing to do.
 *
 * Arguments: the data folder. Last line of the input: the pid of a running initdb (0 if none) and of PostgreSQL.
 */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryDataLock } from "./data-lock.ts";
import { identify, isAlive, readPidFile, stopPostmaster } from "./postgres-process.ts";

/** A server that comes back within this time finds PostgreSQL running. */
const ADOPTION_MS = 1_000;
/** Together with the above less than the 5 s that no PostgreSQL outlives its server. */
const FAST_STOP_MS = 2_200;
const IMMEDIATE_STOP_MS = 1_500;

const dataFolder = process.argv[2] ?? "";
const lastLine = process.argv[3] ?? (await readLastLine());
const pgFolder = path.join(dataFolder, "pg");
const [initdbPid = 0, postgresPid = 0] = lastLine.split(" ").map(Number);

if (initdbPid > 0) endInitdb(initdbPid);
// Counted from this program's start, which a busy machine makes slow.
await sleep(Math.max(0, ADOPTION_MS - performance.now()));
const lock = fs.existsSync(dataFolder) ? tryDataLock(dataFolder, "watchdog") : undefined;
if (lock !== undefined || !fs.existsSync(dataFolder)) {
  for (const pid of new Set([readPidFile(pgFolder)?.pid ?? 0, postgresPid])) {
    if (pid > 0 && isAlive(pid) && identify(pid, pgFolder) === "ours") {
      await stopPostmaster(pid, { fastMs: FAST_STOP_MS, immediateMs: IMMEDIATE_STOP_MS });
    }
  }
  lock?.release();
}

async function readLastLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text = (text + String(chunk)).slice(-200);
  return text.trim().split("\n").at(-1) ?? "";
}

/** initdb leaves nothing but its own temporary folder behind, so it may be killed; with all its children. */
function endInitdb(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has ended.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
