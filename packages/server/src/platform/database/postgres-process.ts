/** A running PostgreSQL as the operating system sees it: its pid file, its identity, its socket, its signals. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../start-error.ts";
import type { Ids } from "./postgres-accounts.ts";

/** The port is only a part of the socket's name: nothing listens on TCP. */
export const SOCKET_NAME = ".s.PGSQL.5432";

/** `sockaddr_un.sun_path` holds 108 bytes on Linux and 104 on macOS, with the zero at the end. */
const SOCKET_PATH_BYTES_MAX = process.platform === "darwin" ? 103 : 107;

export interface PidFile {
  readonly pid: number;
  readonly socketFolder: string;
  /** `starting`, `ready`, `stopping` or `standby`; empty while the file is being written. */
  readonly status: string;
}

/** `postmaster.pid`, or `undefined` if there is none that can be read. */
export function readPidFile(pgFolder: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = fs.readFileSync(path.join(pgFolder, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Math.abs(Number.parseInt(lines[0] ?? "", 10));
  if (!Number.isSafeInteger(pid) || pid === 0) return undefined;
  return { pid, socketFolder: lines[4] ?? "", status: (lines[7] ?? "").trim() };
}

/** Whether a process has this number. One that has ended but was not yet waited for counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return process.platform !== "linux";
  }
}

/**
 * What a pid is: `ours` serves this folder, `postgres` is another PostgreSQL, `other` is certainly something else,
 * `unknown` could not be read. Only a positive `other` may lead to the removal of a pid file.
 */
export function identify(pid: number, pgFolder: string): "ours" | "postgres" | "other" | "unknown" {
  const args = commandLine(pid);
  if (args === undefined || args[0] === undefined || args[0] === "") return "unknown";
  if (!/postgres|postmaster/.test(args[0])) return "other";
  return args.some((arg, at) => arg === "-D" && args[at + 1] === pgFolder) ? "ours" : "postgres";
}

function commandLine(pid: number): string[] | undefined {
  try {
    if (process.platform === "linux") return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" })
      .trim()
      .split(" ");
  } catch {
    return undefined;
  }
}

/**
 * Health without a client: an SSLRequest, which a server that accepts connections answers with `N` or `S`
 * (PostgreSQL manual, Message Flow, SSL Session Encryption). True also while it would refuse the login.
 */
export async function pingSocket(socket: string, timeoutMs = 1_000): Promise<boolean> {
  return await new Promise((resolve) => {
    const connection = net.connect(socket);
    const finish = (answer: boolean): void => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(timeoutMs, () => finish(false));
    connection.on("error", () => finish(false));
    connection.on("close", () => resolve(false));
    connection.on("connect", () => connection.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])));
    connection.on("data", (bytes) => finish(bytes[0] === 0x4e || bytes[0] === 0x53));
  });
}

/**
 * Stops a postmaster in order: SIGINT ends sessions and writes a checkpoint, SIGQUIT leaves recovery to the next
 * start. Never SIGKILL, after which its children live on. True if it has ended.
 */
export async function stopPostmaster(
  pid: number,
  times: { fastMs: number; immediateMs: number },
): Promise<boolean> {
  const steps = [
    ["SIGINT", times.fastMs],
    ["SIGQUIT", times.immediateMs],
  ] as const;
  for (const [signal, waitMs] of steps) {
    try {
      process.kill(pid, signal);
    } catch {
      return !isAlive(pid);
    }
    const end = performance.now() + waitMs;
    while (performance.now() < end) {
      if (!isAlive(pid)) return true;
      await sleep(10);
    }
  }
  return !isAlive(pid);
}

/**
 * The folder of the socket: `run/` in the data folder, or a private one under the system's temporary folder where
 * that path would be too long. Made 0700 for the account; one that exists must be exactly that.
 */
export function prepareSocketFolder(dataFolder: string, owner: Ids): string {
  const folder = socketFolderFor(dataFolder);
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
    fs.chmodSync(folder, 0o700);
    if (owner.uid !== process.getuid?.()) fs.lchownSync(folder, owner.uid, owner.gid);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== owner.uid || (stat.mode & 0o777) !== 0o700) {
    throw new StartError(
      `the socket folder ${folder} must be a folder of user ${owner.uid} with mode 0700 ` +
        `(it has user ${stat.uid}, mode ${(stat.mode & 0o777).toString(8)}); remove it`,
    );
  }
  return folder;
}

function socketFolderFor(dataFolder: string): string {
  const usual = path.join(dataFolder, "run");
  if (Buffer.byteLength(path.join(usual, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX) return usual;
  const name = createHash("sha256").update(dataFolder).digest("hex").slice(0, 12);
  return path.join(os.tmpdir(), `picloud-${name}`);
}
