import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBinaries, findPackage } from "./postgres-binaries.ts";

const isRoot = process.getuid?.() === 0;
const account = { name: "stranger", uid: 54_321, gid: 54_321, initdb: { uid: 54_321, gid: 54_321 } };

let folder: string;
let native: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-binaries-"));
  fs.chmodSync(folder, 0o711);
  native = path.join(folder, "package", "native");
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The package as npm unpacks it without install scripts: no links, no modes. */
function unpack(): void {
  fs.cpSync(findPackage().native, native, {
    recursive: true,
    verbatimSymlinks: true,
    // Without `share`, which the programs do not need to tell their version.
    filter: (file) => !fs.lstatSync(file).isSymbolicLink() && path.basename(file) !== "share",
  });
  for (const name of fs.readdirSync(path.join(native, "bin")))
    fs.chmodSync(path.join(native, "bin", name), 0o644);
}

function versionOf(program: string): string {
  return execFileSync(program, ["-V"], { encoding: "utf8" }).trim();
}

describe("the installed package", () => {
  it("is used where it is", () => {
    const binaries = findBinaries({ account: undefined, copyFolder: path.join(folder, "copies") });
    expect(versionOf(binaries.postgres)).toBe(
      `postgres (PostgreSQL) ${binaries.version.replace(/(?:\.0)?-.*/, "")}`,
    );
    expect(versionOf(binaries.initdb)).toContain(String(binaries.major));
    expect(fs.existsSync(path.join(folder, "copies"))).toBe(false);
  });

  it("works when its install script did not run", () => {
    unpack();
    const source = { native, version: "18.4.0-test" };
    const binaries = findBinaries({ account: undefined, copyFolder: path.join(folder, "copies"), source });
    expect(binaries.postgres).toBe(path.join(native, "bin", "postgres"));
    expect(versionOf(binaries.postgres)).toContain("PostgreSQL");
  });
});

describe.runIf(isRoot)("a package that PostgreSQL's account cannot reach", () => {
  it("is copied once, whole and for everyone to read", () => {
    unpack();
    fs.chmodSync(path.join(folder, "package"), 0o700);
    const copyFolder = path.join(folder, "copies");
    const options = { account, copyFolder, source: { native, version: "18.4.0-test" } };
    const binaries = findBinaries(options);
    expect(binaries.postgres).toBe(
      path.join(copyFolder, "postgresql-18.4.0-test", "native", "bin", "postgres"),
    );
    const output = execFileSync(binaries.postgres, ["-V"], {
      encoding: "utf8",
      uid: account.uid,
      gid: account.gid,
      cwd: "/",
    });
    expect(output).toContain("PostgreSQL");

    const made = fs.statSync(binaries.postgres).ino;
    expect(fs.statSync(findBinaries(options).postgres).ino).toBe(made);
    expect(fs.readdirSync(copyFolder)).toEqual(["postgresql-18.4.0-test"]);
  });

  it("is not taken from a copy that others may change", () => {
    unpack();
    fs.chmodSync(path.join(folder, "package"), 0o700);
    const copyFolder = path.join(folder, "copies");
    const target = path.join(copyFolder, "postgresql-18.4.0-test");
    fs.mkdirSync(target, { recursive: true });
    fs.chmodSync(target, 0o777);
    const options = { account, copyFolder, source: { native, version: "18.4.0-test" } };
    expect(() => findBinaries(options)).toThrow(`${target} should hold the PostgreSQL programs`);
  });
});
