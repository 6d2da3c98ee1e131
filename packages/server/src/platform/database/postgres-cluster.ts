/** A new PostgreSQL data folder, made aside and renamed when it is whole, and the passwords that open it. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { StartError } from "../start-error.ts";
import { chownTree, hasPasswdEntry, type PostgresAccount } from "./postgres-accounts.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

export interface ClusterOptions {
  readonly dataFolder: string;
  readonly account: PostgresAccount | undefined;
  readonly binaries: PostgresBinaries;
  /** Told about initdb, so that the watchdog can end it. */
  readonly onProcess: (pid: number) => void;
}

export interface Cluster {
  readonly pgFolder: string;
  readonly isNew: boolean;
  /** Of `postgres`, the bootstrap superuser: for start-up and upgrades. */
  readonly superuserPassword: string;
  /** Of `picloud`, the server's own role. */
  readonly password: string;
}

/**
 * The data folder's cluster; made by initdb if there is none. Call it with the data lock held. Throws
 * {@link StartError} if the data is of another major version or initdb fails.
 */
export async function ensureCluster(options: ClusterOptions): Promise<Cluster> {
  const pgFolder = path.join(options.dataFolder, "pg");
  const isNew = checkClusterVersion(pgFolder, options.binaries.major);
  const superuserPassword = keepPassword(path.join(options.dataFolder, "pg-superuser"));
  const password = keepPassword(path.join(options.dataFolder, "pg-password"));
  removeLeftovers(options.dataFolder);
  if (isNew) await createCluster(options, superuserPassword);
  return { pgFolder, isNew, superuserPassword, password };
}

/** The environment of PostgreSQL's programs: no locale of the system, which may not be installed. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

/** True if there is no data yet. Throws {@link StartError} for data of another version; changes nothing. */
export function checkClusterVersion(pgFolder: string, major: number): boolean {
  let text: string;
  try {
    text = fs.readFileSync(path.join(pgFolder, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
      throw new StartError(`PICLOUD_DATA_DIR: ${pgFolder} belongs to another user; start as that user`, {
        cause: error,
      });
    }
    if (fs.existsSync(pgFolder) && fs.readdirSync(pgFolder).length > 0) {
      throw new StartError(
        `PICLOUD_DATA_DIR: ${pgFolder} is not empty and holds no PostgreSQL data; move it away`,
      );
    }
    return true;
  }
  if (text === String(major)) return false;
  throw new StartError(
    `PICLOUD_DATA_DIR: ${pgFolder} holds data of PostgreSQL ${text}, this build brings ${major}; ` +
      `start the PiCloud release that wrote it, or give a PostgreSQL in DATABASE_URL`,
  );
}

/** A random password that stays: 0600, complete or absent. Letters and digits only, so it needs no quoting anywhere. */
function keepPassword(file: string): string {
  try {
    const kept = fs.readFileSync(file, "utf8").trim();
    if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const password = randomBytes(32).toString("hex");
  const building = `${file}.${randomBytes(6).toString("hex")}`;
  const descriptor = fs.openSync(building, "wx", 0o600);
  try {
    fs.writeSync(descriptor, `${password}\n`);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(building, file);
  return password;
}

const BUILDING_PREFIX = "pg.init-";

function removeLeftovers(dataFolder: string): void {
  for (const name of fs.readdirSync(dataFolder)) {
    if (name.startsWith(BUILDING_PREFIX)) {
      // An initdb whose server was killed may still be writing for a moment.
      fs.rmSync(path.join(dataFolder, name), {
        recursive: true,
        force: true,
        maxRetries: 5,
        retryDelay: 200,
      });
    }
  }
}

async function createCluster(options: ClusterOptions, superuserPassword: string): Promise<void> {
  const { dataFolder, account } = options;
  const uid = process.getuid?.();
  if (account === undefined && uid !== undefined && !hasPasswdEntry(uid)) {
    throw new StartError(
      `user id ${uid} has no entry in /etc/passwd, which PostgreSQL's initdb needs; add one, or set DATABASE_URL`,
    );
  }
  const building = path.join(dataFolder, `${BUILDING_PREFIX}${randomBytes(6).toString("hex")}`);
  const passwordFile = path.join(building, "password");
  fs.mkdirSync(building, { mode: 0o700 });
  fs.writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
  try {
    if (account !== undefined) chownTree(building, account.initdb);
    await runInitdb(options, path.join(building, "pg"), passwordFile);
    if (account !== undefined && account.uid !== account.initdb.uid)
      chownTree(path.join(building, "pg"), account);
    fs.renameSync(path.join(building, "pg"), path.join(dataFolder, "pg"));
    syncFolder(dataFolder);
  } finally {
    fs.rmSync(building, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function syncFolder(folder: string): void {
  const descriptor = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** How much of what a program wrote is kept for the error. */
const OUTPUT_CHARS_MAX = 4_000;

async function runInitdb(options: ClusterOptions, target: string, passwordFile: string): Promise<void> {
  const { account, binaries } = options;
  const args = ["-D", target, "-U", "postgres", "-E", "UTF8", "--locale=C", "--locale-provider=builtin"];
  args.push("--builtin-locale=C.UTF-8", "--auth-local=scram-sha-256", "--auth-host=scram-sha-256");
  args.push(`--pwfile=${passwordFile}`, "--data-checksums", "--no-instructions");
  const child = spawn(binaries.initdb, args, {
    ...(account === undefined ? {} : { uid: account.initdb.uid, gid: account.initdb.gid }),
    env: postgresEnvironment(),
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
    // Its own process group: Ctrl+C must not reach it, and the watchdog can end all of it.
    detached: true,
  });
  if (child.pid !== undefined) options.onProcess(child.pid);
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARS_MAX);
  });
  await new Promise<void>((resolve, reject) => {
    child.on("error", (cause) => {
      reject(new StartError(`PostgreSQL's initdb could not be started: ${cause.message}`, { cause }));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new StartError(`PostgreSQL's initdb failed (${code ?? signal}): ${lastLines(output)}`));
    });
  });
}

/** What a program said, on one line. */
export function lastLines(output: string): string {
  return output.trim().split("\n").slice(-6).join(" | ") || "it said nothing";
}
