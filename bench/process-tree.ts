/** Memory of a process and all its descendants, from /proc. */
import { readFile, readdir } from "node:fs/promises";

export interface ProcessMemory {
  readonly pid: number;
  readonly command: string;
  /** Resident; counts shared pages in every process. */
  readonly rssMb: number;
  /** Proportional share: shared pages divided among those who share them. */
  readonly pssMb: number;
}

export async function processTree(root: number): Promise<ProcessMemory[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    // A process may end while its folder is read.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    const parent = /\) \S (\d+)/.exec(stat ?? "")?.[1];
    if (parent !== undefined) parents.set(pid, Number(parent));
  }
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === root) return true;
    }
    return false;
  };
  const found = [...parents.keys()].filter(isOurs).map(async (pid) => await memoryOf(pid));
  return (await Promise.all(found)).filter((process) => process !== undefined);
}

async function memoryOf(pid: number): Promise<ProcessMemory | undefined> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
    const mb = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) / 1024;
    return { pid, command, rssMb: mb("Rss"), pssMb: mb("Pss") };
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return undefined;
    throw error;
  }
}
