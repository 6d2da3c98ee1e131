/** What a result depends on beside the code. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  readonly node: string;
  /** Exact versions of what is compared or measured. */
  readonly packages: Readonly<Record<string, string>>;
  readonly commit: string;
}

const PACKAGES = ["isolated-vm", "postgres", "workerd"];

export function describeMachine(root: string): Machine {
  const version = (name: string): string => {
    const text = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
    return String((JSON.parse(text) as { version?: unknown }).version);
  };
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1_048_576),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, version(name)])),
    commit: commitOf(root),
  };
}

function commitOf(root: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return (
      git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain") === "" ? "" : " and changes")
    );
  } catch {
    // A tree without git, such as a tarball.
    return "unknown";
  }
}
