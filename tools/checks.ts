/** The checks that `npm test` counts as tests, and how one is run. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface Check {
  readonly name: string;
  /** A program of `node_modules/.bin`, or `node`. */
  readonly command: readonly [string, ...string[]];
}

export interface CheckResult {
  readonly name: string;
  readonly isPassed: boolean;
  readonly durationMs: number;
  readonly output: string;
}

/** Far above the slowest check (types, 2 s): only a hung one gets here. */
const CHECK_TIMEOUT_MS = 180_000;

export function listChecks(root: string): Check[] {
  const folders = ["packages", "tools", "tests", "bench", "examples"].filter((name) =>
    existsSync(join(root, name)),
  );
  return [
    { name: "types", command: ["tsc", "-p", "."] },
    { name: "contract types", command: ["tsc", "-p", "tsconfig.contract.json"] },
    { name: "types of examples", command: ["tsc", "-p", "examples"] },
    { name: "lint", command: ["oxlint", ...folders] },
    { name: "format", command: ["oxfmt", "--check", ...folders] },
    { name: "arrows", command: ["node", "tools/arrows.ts"] },
    { name: "tidy", command: ["node", "tools/tidy.ts"] },
    { name: "dead code", command: ["knip", "--no-progress"] },
    { name: "generated files", command: ["node", "tools/generate.ts", "--check"] },
  ];
}

/** Runs the checks, `width` at a time, in order; `onResult` is called as each ends. */
export async function runChecks(
  root: string,
  checks: readonly Check[],
  width: number,
  onResult: (result: CheckResult) => void,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const waiting = [...checks];
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const result = await runCheck(root, check);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}

async function runCheck(root: string, { name, command }: Check): Promise<CheckResult> {
  const started = performance.now();
  const [program, ...args] = command;
  const bin = program === "node" ? process.execPath : join(root, "node_modules", ".bin", program);
  const { promise, resolve } = Promise.withResolvers<CheckResult>();
  const child = spawn(bin, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: CHECK_TIMEOUT_MS,
    // npm's shims are scripts of the shell there.
    shell: process.platform === "win32" && program !== "node",
  });
  let output = "";
  const end = (isPassed: boolean, more: string): void => {
    resolve({ name, isPassed, durationMs: performance.now() - started, output: output + more });
  };
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  child.on("error", (error) => end(false, `${program} could not be started: ${error.message}\n`));
  child.on("close", (code, signal) => end(code === 0, signal === null ? "" : `ended by ${signal}\n`));
  return await promise;
}
