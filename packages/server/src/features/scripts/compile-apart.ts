/** Compiles where it can hurt no one. The parser of TypeScript draws the whole line of each error that it finds, so 64 KB
 *  made of errors take a minute and gigabytes; Rhai's takes a second for its longest texts. A longer text is compiled by a
 *  process of its own, with a bound on time and memory. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { PicloudError } from "@picloud/contract";

import { type Compiled, compileHere, type CompileRequest } from "./compile-here.ts";

/** Up to these, the worst text of TypeScript takes half a second here; most scripts are below and take a millisecond. */
const OWN_CHARACTERS_MAX = 8_192;
const OWN_LINE_CHARACTERS_MAX = 500;
/** Of Rhai, with its modules. Most texts take time in proportion to their length; one in which every call may reach every
 *  closure takes the square of it, for this much some tenths of a second. */
const OWN_RHAI_CHARACTERS_MAX = 4_096;
const TIME_MS_MAX = 10_000;
/** Resident size; V8's own heap has a bound of its own, the parser's memory is outside of it. */
const MEMORY_BYTES_MAX = 768 * 1024 * 1024;
const WATCH_INTERVAL_MS = 50;
const PAGE_BYTES = 4096;
const PROCESSES_MAX = 2;
const WAITING_MAX = 64;

// Of the machine, not of an instance: two servers in one process share its cores and memory too.
let running = 0;
const waiting: (() => void)[] = [];

/** Like `compileHere`, for any text at any time. Throws `overloaded` if too many compile already. */
export async function compileApart(request: CompileRequest): Promise<Compiled> {
  if (isQuick(request)) return compileHere(request);
  await takeTurn();
  try {
    return await compileInProcess(request);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function isQuick({ source, language, modules = {} }: CompileRequest): boolean {
  if (language === "rhai") {
    const all = Object.values(modules).reduce((sum, one) => sum + one.length, source.length);
    return all <= OWN_RHAI_CHARACTERS_MAX;
  }
  if (source.length > OWN_CHARACTERS_MAX) return false;
  let start = 0;
  while (start < source.length) {
    const end = source.indexOf("\n", start);
    if ((end === -1 ? source.length : end) - start > OWN_LINE_CHARACTERS_MAX) return false;
    if (end === -1) return true;
    start = end + 1;
  }
  return true;
}

async function takeTurn(): Promise<void> {
  if (running >= PROCESSES_MAX) {
    if (waiting.length >= WAITING_MAX) {
      throw new PicloudError("overloaded", "Too many scripts are being compiled: try again in a moment.");
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running++;
}

async function compileInProcess(request: CompileRequest): Promise<Compiled> {
  const main = fileURLToPath(new URL("./compiler-process.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=512", "--disable-warning=ExperimentalWarning", main],
    {
      env: {},
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  const end = new AbortController();
  const exited = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let killed: string | undefined;
  const kill = (why: string): void => {
    killed ??= why;
    child.kill("SIGKILL");
  };
  if (child.pid !== undefined) lowerPriority(child.pid);
  void watch(child.pid, kill, end.signal);
  // It may be gone before it has read everything; its exit tells.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(request));
  const [out, ended] = await Promise.all([text(child.stdout), exited]);
  end.abort();
  if (killed === undefined && out !== "") return JSON.parse(out) as Compiled;
  return refused(killed ?? `the compiler ended with ${ended}`);
}

function refused(why: string): Compiled {
  const message = `The script can't be compiled: ${why}.`;
  return {
    ok: false,
    diagnostics: [{ code: "compile_error", message, line: 1, column: 1, excerpt: "1 | \n  | ^" }],
  };
}

/** Kills a compiler that takes too long or too much. */
async function watch(
  pid: number | undefined,
  kill: (why: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + TIME_MS_MAX;
  while (!signal.aborted) {
    await wait(WATCH_INTERVAL_MS, undefined, { ref: false });
    if (signal.aborted) return;
    if (performance.now() > endMs) kill(`it takes more than ${TIME_MS_MAX / 1000} s`);
    if ((await residentBytes(pid)) > MEMORY_BYTES_MAX) kill("it takes too much memory");
  }
}

/** Linux only; elsewhere the time is the only bound. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "");
  return Number(statm.split(" ")[1] ?? 0) * PAGE_BYTES;
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already; its exit tells.
  }
}
