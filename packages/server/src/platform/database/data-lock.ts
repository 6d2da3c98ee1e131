/**
 * One server per data folder. The lock is one of the operating system (taken through SQLite, which Node carries), so
 * the kernel drops it with its holder, however that ends, and it holds between containers that share a volume. A
 * file beside it names the holder for the message.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../start-error.ts";

/** What the file beside the lock says. */
export interface LockHolder {
  readonly role: "server" | "watchdog";
  readonly pid: number;
  /** The process's start in clock ticks since boot; null where the system does not tell. */
  readonly processStart: string | null;
  readonly bootId: string | null;
  readonly since: string;
}

export interface DataLock {
  readonly release: () => void;
}

/** A watchdog that stops PostgreSQL needs at most 5 s; more than that means that the machine stands still. */
const WATCHDOG_WAIT_MS = 30_000;

/**
 * Takes the lock of an existing data folder for the server; waits while the watchdog of a server that has died is
 * stopping PostgreSQL. Throws a {@link StartError} that names the holder.
 */
export async function acquireDataLock(dataFolder: string): Promise<DataLock> {
  const end = performance.now() + WATCHDOG_WAIT_MS;
  for (;;) {
    const lock = tryDataLock(dataFolder, "server");
    if (lock !== undefined) return lock;
    const holder = readHolder(dataFolder);
    if (holder?.role !== "watchdog" || performance.now() > end) {
      const named = holder === undefined ? "another process" : describeHolder(holder);
      throw new StartError(
        `PICLOUD_DATA_DIR: ${dataFolder} is in use by ${named}; stop it, or give this server a folder of its own`,
      );
    }
    await sleep(50);
  }
}

/** Takes the lock if nobody holds it. */
export function tryDataLock(dataFolder: string, role: LockHolder["role"]): DataLock | undefined {
  const database = openLockFile(path.join(dataFolder, "picloud.lock"));
  if (database === undefined) return undefined;
  writeHolder(dataFolder, role);
  return {
    release: () => {
      fs.rmSync(holderFile(dataFolder), { force: true });
      database.close();
    },
  };
}

/** The lock file with its lock taken, or `undefined` if another has it. */
function openLockFile(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    // SQLite would make it readable for everyone.
    fs.closeSync(fs.openSync(file, "a", 0o600));
    database = new DatabaseSync(file, { timeout: 0 });
    // Nothing is ever written, so there is nothing to keep a journal of.
    database.exec("pragma journal_mode = memory; begin exclusive");
    return database;
  } catch (cause) {
    database?.close();
    if (isBusy(cause)) return undefined;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      `PICLOUD_DATA_DIR: ${file} cannot be locked (${problem}); give a folder of this user on a local disk`,
      {
        cause,
      },
    );
  }
}

/** SQLITE_BUSY and its extended codes. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === 5
  );
}

function holderFile(dataFolder: string): string {
  return path.join(dataFolder, "picloud.lock.json");
}

function writeHolder(dataFolder: string, role: LockHolder["role"]): void {
  const holder: LockHolder = {
    role,
    pid: process.pid,
    processStart: processStart(process.pid),
    bootId: bootId(),
    since: new Date().toISOString(),
  };
  const building = `${holderFile(dataFolder)}.${randomBytes(6).toString("hex")}`;
  fs.writeFileSync(building, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  fs.renameSync(building, holderFile(dataFolder));
}

/** Who holds the lock, as far as the file tells; `undefined` while it is being written or names a process that ended. */
export function readHolder(dataFolder: string): LockHolder | undefined {
  let text: string;
  try {
    text = fs.readFileSync(holderFile(dataFolder), "utf8");
  } catch {
    return undefined;
  }
  const holder = parseHolder(text);
  if (holder === undefined) return undefined;
  const isOfThisBoot = holder.bootId === null || holder.bootId === bootId();
  // A number that another process has now, or none: the file is older than the lock's present holder.
  const isSameProcess = holder.processStart === null || holder.processStart === processStart(holder.pid);
  return isOfThisBoot && isSameProcess ? holder : undefined;
}

/** By hand: the watchdog reads this file too, and has to be quick where loading a library of schemas takes time. */
function parseHolder(text: string): LockHolder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { role, pid, processStart: start, bootId: boot, since }: Record<string, unknown> = { ...value };
  if ((role !== "server" && role !== "watchdog") || typeof pid !== "number" || typeof since !== "string")
    return undefined;
  if ((typeof start !== "string" && start !== null) || (typeof boot !== "string" && boot !== null))
    return undefined;
  return { role, pid, processStart: start, bootId: boot, since };
}

function describeHolder(holder: LockHolder): string {
  const what = holder.role === "server" ? "the PiCloud server" : "the watchdog of a PiCloud server";
  return `${what} with process id ${holder.pid} (since ${holder.since})`;
}

/** Field 22 of `/proc/<pid>/stat`: with the pid it names a process for the life of a boot. */
function processStart(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in field 2 may hold spaces and brackets; what follows its last bracket may not.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function bootId(): string | null {
  try {
    return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}
