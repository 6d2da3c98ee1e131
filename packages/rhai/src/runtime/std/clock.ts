/** The clock of timestamps, and waiting. */

interface Clocks {
  readonly performance?: { now(): number };
  readonly Atomics?: typeof Atomics;
  readonly SharedArrayBuffer?: typeof SharedArrayBuffer;
}

/** A bare isolate has no `performance`, a page may have no shared memory. */
const clocks: Clocks = globalThis;

/** Milliseconds of a monotonic clock where there is one. */
export function now(): number {
  return clocks.performance?.now() ?? Date.now();
}

/** Blocks this thread, as native's `sleep` does. Who runs scripts of others gives them no such function or ends the isolate
 *  by its time limit. */
export function sleepMs(ms: number): void {
  if (clocks.SharedArrayBuffer !== undefined && clocks.Atomics !== undefined) {
    const cell = new Int32Array(new clocks.SharedArrayBuffer(4));
    clocks.Atomics.wait(cell, 0, 0, ms);
    return;
  }
  const end = now() + ms;
  while (now() < end);
}
