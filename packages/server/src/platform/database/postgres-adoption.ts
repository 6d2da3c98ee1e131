/** What a data folder's pid file says about a PostgreSQL that may be running there already. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../start-error.ts";
import {
  identify,
  isAlive,
  pingSocket,
  readPidFile,
  SOCKET_NAME,
  stopPostmaster,
  type PidFile,
} from "./postgres-process.ts";

/** Recovery after a crash replays at most `max_wal_size`; a slow card needs a minute for that. */
export const READY_TIMEOUT_MS = 300_000;
/** Ending sessions and writing a checkpoint; then giving up on the checkpoint. */
export const STOP_MS = { fastMs: 15_000, immediateMs: 5_000 };

/**
 * The pid of a PostgreSQL that a killed server left running and that can be used as it is; `undefined` if one has to
 * be started, for which the folder is then ready. The caller holds the data lock. Throws {@link StartError} if
 * something runs that cannot be identified.
 */
export async function findRunning(pgFolder: string, socketFolder: string): Promise<number | undefined> {
  const file = readPidFile(pgFolder);
  if (file === undefined) return undefined;
  const who = isAlive(file.pid) ? identify(file.pid, pgFolder) : "gone";
  if (who === "ours") return await adopt(file, pgFolder, socketFolder);
  if (await pingSocket(path.join(socketFolder, SOCKET_NAME))) {
    throw new StartError(
      `PICLOUD_DATA_DIR: ${pgFolder} is in use by a PostgreSQL that this process cannot see (another container on the same volume?)`,
    );
  }
  if (who === "unknown" || who === "postgres") {
    throw new StartError(
      `${pgFolder}/postmaster.pid names process ${file.pid}, which runs and cannot be told apart from this folder's PostgreSQL; ` +
        `stop it, or remove that file if it is unrelated`,
    );
  }
  if (who === "other" || hasNumber(file.pid)) await removePidFile(pgFolder);
  // Gone: PostgreSQL itself removes the stale file and recovers.
  return undefined;
}

/** Whether the number is taken, if only by a process that has ended and was not yet waited for. */
function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** How long sessions of a postmaster that was killed may take to notice it. */
const ORPHANS_MS = 30_000;

/**
 * The number in the file was given to an unrelated program, or waits for its parent; PostgreSQL would refuse to start
 * because of it. Without the file PostgreSQL no longer sees sessions that outlive their postmaster, so they must have
 * ended before.
 */
async function removePidFile(pgFolder: string): Promise<void> {
  const end = performance.now() + ORPHANS_MS;
  for (;;) {
    const orphans = processesIn(pgFolder);
    if (orphans.length === 0) break;
    if (performance.now() > end) {
      throw new StartError(
        `processes ${orphans.join(", ")} still work in ${pgFolder} without their server; stop them`,
      );
    }
    await sleep(50);
  }
  fs.rmSync(path.join(pgFolder, "postmaster.pid"), { force: true });
}

/** All processes of a PostgreSQL have its data folder as their working folder. */
function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return fs.readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) && fs.readlinkSync(`/proc/${name}/cwd`) === folder ? [Number(name)] : [];
    } catch {
      // Another user's, or one that has ended in between.
      return [];
    }
  });
}

async function adopt(file: PidFile, pgFolder: string, socketFolder: string): Promise<number | undefined> {
  const socket = path.join(socketFolder, SOCKET_NAME);
  const end = performance.now() + READY_TIMEOUT_MS;
  while (isAlive(file.pid) && performance.now() < end) {
    const now = readPidFile(pgFolder);
    if (now?.status === "ready") {
      if (now.socketFolder !== socketFolder) {
        // Started with another temporary folder. It is ours to stop, since the lock is ours.
        await stopPostmaster(file.pid, STOP_MS);
      } else if (await pingSocket(socket)) return file.pid;
    }
    await sleep(50);
  }
  return undefined;
}
