/** One measurement at a time on a machine: two would measure each other. */
import { openSync, readFileSync, rmSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATH = join(tmpdir(), "picloud-bench.lock");
const POLL_MS = 500;
const WAIT_MS_MAX = 30 * 60_000;

/** Waits for its turn; the lock is given back by `release`, and by the death of this process. */
export async function acquireBenchLock(): Promise<{ release(): void }> {
  const end = performance.now() + WAIT_MS_MAX;
  let isTold = false;
  while (!take()) {
    if (performance.now() > end) throw new Error(`another benchmark has held ${PATH} for too long`);
    if (!isTold) console.error(`waiting for another benchmark (${PATH})`);
    isTold = true;
    await sleep(POLL_MS);
  }
  return { release: () => rmSync(PATH, { force: true }) };
}

function take(): boolean {
  try {
    const file = openSync(PATH, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  if (isHolderAlive()) return false;
  rmSync(PATH, { force: true });
  return false;
}

function isHolderAlive(): boolean {
  try {
    const pid = Number(readFileSync(PATH, "utf8"));
    // Empty: its holder is between making and writing the file.
    if (!Number.isInteger(pid) || pid <= 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
