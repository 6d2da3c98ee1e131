/** Processes that another one has started: on Linux from /proc, elsewhere from `ps`. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";

/** Of a program whose command line has the text, oldest first as far as numbers tell. */
export function childrenOf(parentPid: number, text: string): readonly number[] {
  return listProcesses()
    .filter(({ parent, command }) => parent === parentPid && command.includes(text))
    .map(({ pid }) => pid)
    .toSorted((a, b) => a - b);
}

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function listProcesses(): Listed[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-axo", "pid=,ppid=,command="], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
  }
  return fs.readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
      // The name in brackets may hold spaces; after it come the state and the parent.
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const command = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(name), parent, command }];
    } catch {
      // It has ended in between.
      return [];
    }
  });
}

/** Sends SIGKILL; false if there is no such process any more. */
export function kill9(pid: number): boolean {
  return signal(pid, "SIGKILL");
}

/** False if there is no such process any more. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
