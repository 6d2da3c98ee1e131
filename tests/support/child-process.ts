/** A child process whose output is kept, and which ends within a bound. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

export interface ChildOptions {
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Text for its standard input, which is closed after it. */
  readonly input?: string;
}

export interface ChildExit {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningChild {
  readonly pid: number;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Settles when it has ended and its output is complete. */
  readonly ended: Promise<ChildExit>;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the match once the output, both streams in order of arrival, has it; rejects when the child ends first. */
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
}

export function startChild(program: string, args: readonly string[], options: ChildOptions): RunningChild {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [stdout, stderr, both] = ["", "", ""];
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    both += text;
    notify();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    both += text;
    notify();
  });
  // A child that ends without reading its input is no fault of the writer.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  let exit: ChildExit | undefined;
  const ended = new Promise<ChildExit>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      exit = { code, signal };
      resolve(exit);
      notify();
    });
  });
  const command = [program, ...args].join(" ");
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    signal: (name) => void child.kill(name),
    waitForOutput: async (pattern, timeoutMs) =>
      await new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          watchers.delete(look);
          act();
        };
        const look = (): void => {
          const match = pattern.exec(both);
          const how = exit;
          if (match !== null) settle(() => resolve(match));
          else if (how !== undefined)
            settle(() =>
              reject(new Error(`${command} ended (${describe(how)}) without ${pattern}:\n${both}`)),
            );
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`${command}: no ${pattern} in ${timeoutMs} ms:\n${both}`))),
          timeoutMs,
        );
        watchers.add(look);
        look();
      }),
  };
}

/** Waits for the end of a child, and kills it where it does not come. */
export async function endOf(child: RunningChild, timeoutMs: number): Promise<ChildExit> {
  const timer = setTimeout(() => child.signal("SIGKILL"), timeoutMs);
  try {
    return await child.ended;
  } finally {
    clearTimeout(timer);
  }
}

function describe({ code, signal }: ChildExit): string {
  return signal ?? `exit code ${code}`;
}

/** True while a process of this id runs (one that is dead but not yet waited for does not). */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  // Linux only; elsewhere the answer of kill has to do.
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) Z /.test(state);
}
