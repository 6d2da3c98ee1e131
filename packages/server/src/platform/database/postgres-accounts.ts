/**
 * The user of the operating system that PostgreSQL runs as. PostgreSQL refuses to run as root, so a server that was
 * started as root gives it an account of its own; otherwise it runs as the server's own user.
 */
import fs from "node:fs";
import path from "node:path";

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresAccount extends Ids {
  readonly name: string;
  /** Who runs initdb, where that must be another account: initdb needs an entry in the passwd file. */
  readonly initdb: Ids;
}

/** Without an account of its own PostgreSQL gets this number, which no distribution hands out. Executors start after it. */
const FALLBACK_UID = 200_000;

/** Accounts to prefer, in order. `postgres` exists where the system's own PostgreSQL is or was installed. */
const PREFERRED = ["picloud", "postgres"];

/**
 * The account for the data in `pgFolder`: the owner of data that exists, else `picloud`, else `postgres`, else a bare
 * number. `undefined` means the server's own user, which is the case unless the server runs as root.
 */
export function postgresAccount(pgFolder: string, passwdFile = "/etc/passwd"): PostgresAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readPasswd(passwdFile);
  const owner = fs.statSync(pgFolder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) {
    const name = accounts.find((account) => account.uid === owner.uid)?.name ?? `uid ${owner.uid}`;
    return { name, uid: owner.uid, gid: owner.gid, initdb: { uid: owner.uid, gid: owner.gid } };
  }
  for (const name of PREFERRED) {
    const found = accounts.find((account) => account.name === name && account.uid !== 0);
    if (found !== undefined) return { ...found, initdb: { uid: found.uid, gid: found.gid } };
  }
  const nobody = accounts.find((account) => account.name === "nobody") ?? { uid: 65_534, gid: 65_534 };
  return {
    name: `uid ${FALLBACK_UID}`,
    uid: FALLBACK_UID,
    gid: FALLBACK_UID,
    initdb: { uid: nobody.uid, gid: nobody.gid },
  };
}

/** Whether initdb will find this process's user, which it insists on. */
export function hasPasswdEntry(uid: number, passwdFile = "/etc/passwd"): boolean {
  return readPasswd(passwdFile).some((account) => account.uid === uid);
}

function readPasswd(file: string): readonly (Ids & { readonly name: string })[] {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    // No passwd file (a minimal container): the same as one without entries.
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/**
 * The first folder on the way to `folder` (itself included) that the account cannot enter, or `undefined`. Judged by
 * owner and mode; folders that do not exist yet count as open.
 */
export function findClosedFolder(folder: string, ids: Ids): string | undefined {
  const absolute = path.resolve(folder);
  const parts = absolute.split(path.sep).filter((part) => part !== "");
  let current = path.parse(absolute).root;
  for (const part of ["", ...parts]) {
    current = path.join(current, part);
    const stat = fs.statSync(current, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const bit = stat.uid === ids.uid ? 0o100 : stat.gid === ids.gid ? 0o010 : 0o001;
    if ((stat.mode & bit) === 0) return current;
  }
  return undefined;
}

/** Gives a folder and all in it to an account. Links are not followed. */
export function chownTree(folder: string, ids: Ids): void {
  fs.lchownSync(folder, ids.uid, ids.gid);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) chownTree(child, ids);
    else fs.lchownSync(child, ids.uid, ids.gid);
  }
}
