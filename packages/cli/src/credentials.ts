/** Where `pic` keeps who you are: TOML, one table per profile, readable by you alone. */
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "smol-toml";
import { CliError, exitCodes, inputError } from "./failure.ts";
import type { Io } from "./io.ts";

export interface Profile {
  readonly url: string;
  readonly token: string;
  readonly username?: string | undefined;
}

export type Profiles = Readonly<Record<string, Profile>>;

const profilePattern = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/;

/** Throws a usage error for a name that can't be a table of the file. */
export function checkedProfileName(name: string): string {
  if (profilePattern.test(name)) return name;
  throw new CliError({
    code: "usage",
    message: `"${name}" is not a profile name`,
    cause: "1–63 of a–z, A–Z, 0–9, _ and -, a letter or digit first",
    exitCode: exitCodes.usage,
  });
}

/** `credentials.toml` in the platform's folder for settings. */
export function credentialsPath(io: Io): string {
  return join(configDir(io), "picloud", "credentials.toml");
}

function configDir(io: Io): string {
  // A relative path in the variable is to be ignored (XDG Base Directory Specification).
  const xdg = io.env["XDG_CONFIG_HOME"] ?? "";
  if (isAbsolute(xdg)) return xdg;
  if (io.platform === "win32") return io.env["APPDATA"] ?? join(io.homeDir, "AppData", "Roaming");
  if (io.platform === "darwin") return join(io.homeDir, "Library", "Application Support");
  return join(io.homeDir, ".config");
}

/** All profiles; none when there is no file. Refuses a file that others may read, for its tokens may be known to them. */
export async function readProfiles(io: Io): Promise<Profiles> {
  const path = credentialsPath(io);
  let text: string;
  try {
    if (io.platform !== "win32") refuseIfShared(path, (await stat(path)).mode);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    if (error instanceof CliError) throw error;
    throw new CliError({
      code: "credentials_unreadable",
      message: `${path} can't be read`,
      cause: error instanceof Error ? error.message : String(error),
      exitCode: exitCodes.notAllowed,
    });
  }
  return parseProfiles(path, text);
}

function refuseIfShared(path: string, mode: number): void {
  if ((mode & 0o077) === 0) return;
  throw new CliError({
    code: "credentials_exposed",
    message: `${path} can be read by other users (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
    cause: "the tokens in it may be known to them; log out and in again if they are not meant to",
    fix: `chmod 600 '${path}'`,
    exitCode: exitCodes.notAllowed,
  });
}

function parseProfiles(path: string, text: string): Profiles {
  let tables: Readonly<Record<string, unknown>>;
  try {
    tables = parse(text);
  } catch (error) {
    throw invalidFile(path, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
  const profiles: Record<string, Profile> = {};
  for (const [name, table] of Object.entries(tables)) {
    if (typeof table !== "object" || table === null) throw invalidFile(path, `${name} is not a table`);
    const { url, token, username } = table as Readonly<Record<string, unknown>>;
    if (typeof url !== "string" || typeof token !== "string") {
      throw invalidFile(path, `[${name}] needs url and token, both text`);
    }
    profiles[name] = { url, token, ...(typeof username === "string" ? { username } : {}) };
  }
  return profiles;
}

function invalidFile(path: string, cause: string): CliError {
  return inputError(`${path} is not a credentials file`, { cause, fix: `rm '${path}' && pic login` });
}

/** Changes the file while no other `pic` does: what `change` gets is what the file holds now, so that of two log-ins at
 *  the same time both are kept. `change` waits for nothing, and the lock is held for some milliseconds. */
export async function updateProfiles(
  io: Io,
  change: (profiles: Profiles) => Profiles,
  lockWaitMs = lockWaitMsDefault,
): Promise<void> {
  const path = credentialsPath(io);
  const lock = `${path}.lock`;
  try {
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    await takeLock(lock, lockWaitMs);
    try {
      await writeProfiles(io, change(await readProfiles(io)));
    } finally {
      await rm(lock, { force: true });
    }
  } catch (error) {
    if (error instanceof CliError || !isSystemError(error)) throw error;
    throw new CliError({
      code: "credentials_unwritable",
      message: `${path} can't be written`,
      cause: error.message,
      exitCode: exitCodes.notAllowed,
    });
  }
}

const lockPauseMs = 20;

/** The work under the lock takes milliseconds; one held for so long was left by a `pic` that was killed. */
const lockWaitMsDefault = 5000;

/** A lock that is left over is not broken by itself: two that do so at once would both believe to have it. */
async function takeLock(lock: string, waitMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += lockPauseMs) {
    try {
      await writeFile(lock, `${process.pid}\n`, { mode: 0o600, flag: "wx" });
      return;
    } catch (error) {
      if (!isSystemError(error) || error.code !== "EEXIST") throw error;
    }
    await sleep(lockPauseMs);
  }
  throw new CliError({
    code: "credentials_locked",
    message: `another pic is writing the credentials for more than ${waitMs / 1000} s`,
    cause: `${lock} holds its process id; if that process is gone, the file was left over`,
    fix: `rm '${lock}'`,
    exitCode: exitCodes.conflict,
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** Replaces the file at once, with mode 0600; removes it when no profile is left. */
export async function writeProfiles(io: Io, profiles: Profiles): Promise<void> {
  const path = credentialsPath(io);
  if (Object.keys(profiles).length === 0) {
    await rm(path, { force: true });
    return;
  }
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, stringify(profiles), { mode: 0o600, flag: "wx" });
    // The umask may only take away; an odd one could leave the file unreadable to its owner.
    await chmod(draft, 0o600);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
