/** What becomes of the runs of an isolate that was cut: offender, suspects, those that only waited or had not started. */
import { encodeFrame, FROM_EXECUTOR, LIMIT, LOST } from "../protocol.ts";
import type { Entry, Run } from "./state.ts";

/** Why an entry ended. Decided by the clock and by isolated-vm, never by a message: scripts can fake those. */
export function causeOf(isDisposed: boolean, elapsedMs: number, timeoutMs: number): number {
  if (isDisposed) return LIMIT.memory;
  return elapsedMs >= timeoutMs ? LIMIT.cpu : LIMIT.broken;
}

export interface Recovery {
  readonly entries: { place(run: Run): void; forget(run: Run): void };
  readonly entry: Entry;
  readonly cause: number;
  readonly elapsedMs: number;
  readonly send: (text: string) => void;
}

/** Reports every run that was lost with the entry's isolate and places again what had not started. */
export function recover({ entries, entry, cause, elapsedMs, send }: Recovery): void {
  const { isolate } = entry.context;
  // A load that hits a limit is the fault of the script, so of every run that waits for it.
  const isOffender = entry.isLoad || entry.runs.size === 1;
  const waiting: Run[] = [];
  for (const run of isolate.runs) {
    if (entry.runs.has(run)) {
      entries.forget(run);
      if (!isOffender) {
        send(run.token + encodeFrame(FROM_EXECUTOR.lost, run.slot, LOST.suspect, []));
        continue;
      }
      const cpu = String(run.cpuMicros + Math.round(elapsedMs * 1000));
      send(run.token + encodeFrame(FROM_EXECUTOR.limit, run.slot, cause, []));
      send(run.token + encodeFrame(FROM_EXECUTOR.finished, run.slot, run.call, [cpu, "0"]));
    } else if (run.isStarted) {
      entries.forget(run);
      send(run.token + encodeFrame(FROM_EXECUTOR.lost, run.slot, LOST.waited, []));
    } else waiting.push(run);
  }
  for (const run of waiting) {
    isolate.runs.delete(run);
    entries.place(run);
  }
}
