import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chownTree, findClosedFolder, hasPasswdEntry, postgresAccount } from "./postgres-accounts.ts";

const isRoot = process.getuid?.() === 0;
let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-accounts-"));
  fs.chmodSync(folder, 0o711);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function passwd(...names: readonly string[]): string {
  const file = path.join(folder, "passwd");
  const uids: Readonly<Record<string, number>> = { root: 0, postgres: 101, picloud: 990, nobody: 65_534 };
  fs.writeFileSync(
    file,
    names.map((name) => `${name}:x:${uids[name]}:${uids[name]}:a,b:/:/bin/sh\n`).join(""),
  );
  return file;
}

describe.runIf(isRoot)("as root", () => {
  const account = (...names: string[]) => postgresAccount(path.join(folder, "none"), passwd(...names));

  it("PostgreSQL runs as picloud, else as postgres", () => {
    expect(account("root", "postgres", "picloud", "nobody")).toMatchObject({ name: "picloud", uid: 990 });
    expect(account("root", "postgres", "nobody")).toEqual({
      name: "postgres",
      uid: 101,
      gid: 101,
      initdb: { uid: 101, gid: 101 },
    });
  });

  it("where neither exists it runs under a bare number, and initdb as nobody", () => {
    const expected = { uid: 200_000, gid: 200_000, initdb: { uid: 65_534, gid: 65_534 } };
    expect(account("root", "nobody")).toMatchObject(expected);
    expect(postgresAccount(path.join(folder, "none"), path.join(folder, "no-passwd"))).toMatchObject(
      expected,
    );
  });

  it("data that exists keeps its owner", () => {
    const pgFolder = path.join(folder, "pg");
    fs.mkdirSync(pgFolder);
    fs.chownSync(pgFolder, 4_321, 4_322);
    expect(postgresAccount(pgFolder, passwd("root", "picloud"))).toMatchObject({ uid: 4_321, gid: 4_322 });
  });

  it("a whole folder changes its owner, links themselves and not their targets", () => {
    const tree = path.join(folder, "tree");
    fs.mkdirSync(path.join(tree, "a/b"), { recursive: true });
    const outside = path.join(folder, "outside");
    fs.writeFileSync(outside, "");
    fs.writeFileSync(path.join(tree, "a/b/file"), "");
    fs.symlinkSync(outside, path.join(tree, "a/link"));
    chownTree(tree, { uid: 77, gid: 78 });
    const owners = ["", "a", "a/b", "a/b/file", "a/link"].map(
      (name) => fs.lstatSync(path.join(tree, name)).uid,
    );
    expect(owners).toEqual([77, 77, 77, 77, 77]);
    expect(fs.statSync(outside).uid).toBe(0);
  });
});

describe.skipIf(isRoot)("as another user", () => {
  it("PostgreSQL runs as that user", () => {
    expect(postgresAccount(folder)).toBeUndefined();
  });
});

describe("entering folders", () => {
  it("is judged by the mode for owner, group and others of each folder on the way", () => {
    const own = fs.statSync(folder);
    const closed = path.join(folder, "closed");
    fs.mkdirSync(path.join(closed, "inner"), { recursive: true });
    fs.chmodSync(closed, 0o700);
    const stranger = { uid: 54_321, gid: 54_321 };
    expect(findClosedFolder(path.join(closed, "inner"), stranger)).toBe(closed);
    expect(findClosedFolder(path.join(closed, "missing/deeper"), stranger)).toBe(closed);
    expect(findClosedFolder(path.join(closed, "inner"), { uid: own.uid, gid: own.gid })).toBeUndefined();
    fs.chmodSync(closed, 0o710);
    expect(findClosedFolder(closed, { uid: 54_321, gid: own.gid })).toBeUndefined();
    expect(findClosedFolder(closed, stranger)).toBe(closed);
    fs.chmodSync(closed, 0o711);
    expect(findClosedFolder(closed, stranger)).toBeUndefined();
  });

  it("a folder that does not exist yet is open", () => {
    expect(findClosedFolder(path.join(folder, "later/on"), { uid: 1, gid: 1 })).toBeUndefined();
  });
});

describe("the passwd file", () => {
  it("is asked for an entry by number", () => {
    const file = passwd("root", "nobody");
    expect(hasPasswdEntry(65_534, file)).toBe(true);
    expect(hasPasswdEntry(12_345, file)).toBe(false);
    expect(hasPasswdEntry(0, path.join(folder, "no-passwd"))).toBe(false);
  });
});
