/** The repository's own source files, for the checks: what git would commit, read once. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Folders with code, beside the files of the root. */
const ROOTS = [".ci", "bench", "docs", "examples", "packages", "tests", "tools"];
const IGNORED = /(^|\/)(node_modules|picloud-data|dist)(\/|$)/;

/** Paths of every file that is tracked, or would be: in a tree without git (a tarball), every file of `ROOTS`. */
export function listFiles(root: string): string[] {
  if (existsSync(join(root, ".git"))) {
    const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const names = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    // A file that is deleted but not yet committed is still listed.
    return names.split("\0").filter((name) => name !== "" && existsSync(join(root, name)));
  }
  const patterns = ["*", ...ROOTS.map((folder) => `${folder}/**`)];
  return globSync(patterns, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((name) => !IGNORED.test(name));
}

export function readFiles(root: string, paths: readonly string[]): SourceFile[] {
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Is this file a test, or only for tests? */
export function isTest(path: string): boolean {
  return /\.test\.ts$|^tests\/|\/tests\//.test(path);
}
