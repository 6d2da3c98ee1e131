/** Keeps the time: deadlines of runs, pings of executors, and their resident memory. */
import { readFileSync } from "node:fs";

import type { ExecutorProcess } from "./executor-process.ts";

const TICK_MS = 50;
const PING_MS = 100;
/** Without an answer for so long an executor is killed. */
const SILENCE_MS = 1_000;
/** One that is ready to run but gets no processor, because the machine is busy with others, has so long. */
const STARVED_SILENCE_MS = 4_000;
/** When the CPU time of a silent executor is looked at first. */
const SUSPICION_MS = 250;
/** Linux counts CPU time in ticks of 10 ms. A main thread that hangs and runs uses more than this in the time between. */
const STARVED_TICKS_MAX = 25;
const MEMORY_CHECK_MS = 500;
/** A tick that comes this late was held up by the server itself: silence of executors means nothing then. */
const LATE_TICK_MS = 150;
const PAGE_BYTES = 4096;

export interface Watched {
  processes(): Iterable<ExecutorProcess>;
  /** Called every tick. */
  onTick(nowMs: number): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;
  #lastTickMs = performance.now();
  #lastPingMs = 0;
  #lastMemoryMs = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const isLate = now - this.#lastTickMs > LATE_TICK_MS;
    this.#lastTickMs = now;
    const isPing = now - this.#lastPingMs >= PING_MS;
    const isMemory = now - this.#lastMemoryMs >= MEMORY_CHECK_MS;
    if (isPing) this.#lastPingMs = now;
    if (isMemory) this.#lastMemoryMs = now;
    for (const executor of this.#watched.processes()) {
      if (!executor.isReady) continue;
      if (isLate && executor.unansweredSinceMs !== undefined) executor.unansweredSinceMs = now;
      if (isSilent(executor, now)) {
        executor.kill("it did not answer for a second");
        continue;
      }
      if (isPing) executor.ping(now);
      if (isMemory && residentMb(executor.pid) > executor.memoryMb) executor.kill("it used too much memory");
    }
    this.#watched.onTick(now);
  }
}

/** Whether an executor was without an answer for too long. */
function isSilent(executor: ExecutorProcess, nowMs: number): boolean {
  const silentMs = executor.unansweredSinceMs === undefined ? 0 : nowMs - executor.unansweredSinceMs;
  if (silentMs > SUSPICION_MS) executor.silentTicks ??= mainThread(executor.pid).ticks;
  if (silentMs <= SILENCE_MS) return false;
  const { state, ticks } = mainThread(executor.pid);
  const isStarved = state === "R" && ticks - (executor.silentTicks ?? 0) <= STARVED_TICKS_MAX;
  return !isStarved || silentMs > STARVED_SILENCE_MS;
}

/** State and CPU time of the main thread of a process; a state of "" where it can't be known. */
function mainThread(pid: number): { readonly state: string; readonly ticks: number } {
  if (process.platform !== "linux") return { state: "", ticks: 0 };
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/task/${pid}/stat`, "latin1").split(") ");
    const fields = rest.split(" ");
    return { state: fields[0] ?? "", ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return { state: "", ticks: 0 }; // it has just ended
  }
}

/** 0 where it can't be known. */
function residentMb(pid: number): number {
  if (process.platform !== "linux") return 0;
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
    return (pages * PAGE_BYTES) / (1024 * 1024);
  } catch {
    return 0; // it has just ended
  }
}
