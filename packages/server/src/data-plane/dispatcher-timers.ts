/** When the dispatcher works: timers and wake-ups. */

export interface WakeTimer {
  /** Fires in `ms`, at each moment that was asked for; later than `mostMs` is left to whoever polls. */
  within(ms: number): void;
  /** For good. */
  stop(): void;
}

/** One timer for several moments. An earlier one does not stand for a later one: what is due then is not due before. */
export function createWakeTimer(mostMs: number, fire: () => void): WakeTimer {
  let timeout: NodeJS.Timeout | undefined;
  let firesAtMs = Infinity;
  let isStopped = false;
  /** Whole milliseconds, so there are at most `mostMs` of them. */
  const moments = new Set<number>();
  const arm = (): void => {
    const nextMs = Math.min(...moments);
    if (nextMs >= firesAtMs) return;
    clearTimeout(timeout);
    firesAtMs = nextMs;
    // A millisecond more: the database's clock is asked whether it is due.
    timeout = setTimeout(elapsed, Math.max(0, nextMs - performance.now()) + 1);
  };
  const elapsed = (): void => {
    firesAtMs = Infinity;
    const nowMs = performance.now();
    for (const moment of moments) if (moment <= nowMs) moments.delete(moment);
    arm();
    fire();
  };
  return {
    within(ms) {
      if (isStopped || ms > mostMs) return;
      moments.add(Math.ceil(performance.now() + ms));
      arm();
    },
    stop() {
      isStopped = true;
      clearTimeout(timeout);
    },
  };
}

/** Runs `work` again and again, never twice at once. Gives what ends it. */
export function every(ms: number, work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let isBusy = false;
  const interval = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    work()
      .catch(failed)
      .finally(() => {
        isBusy = false;
      });
  }, ms);
  return () => clearInterval(interval);
}

export interface Coalesced {
  /** Has the work run once more, now or after the one that is under way. */
  wake(): void;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

/** Runs `work` for wake-ups, never twice at once; any number of them meanwhile makes one more. */
export function createCoalesced(work: () => Promise<void>, failed: (error: unknown) => void): Coalesced {
  let running: Promise<void> | undefined;
  let isWoken = false;
  const run = async (): Promise<void> => {
    try {
      while (isWoken) {
        isWoken = false;
        await work();
      }
    } catch (error) {
      isWoken = false;
      failed(error);
    }
  };
  const wake = (): void => {
    isWoken = true;
    running ??= run().finally(() => {
      running = undefined;
      // Somebody may have called between the last look at `isWoken` and now.
      if (isWoken) wake();
    });
  };
  return {
    wake,
    async idle() {
      while (running !== undefined) await running;
    },
  };
}
