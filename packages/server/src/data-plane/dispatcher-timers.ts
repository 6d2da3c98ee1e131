/** When the dispatcher works: timers and wake-ups. */

export interface WakeTimer {
  /** Fires in `ms` or before, if it has been asked to; later than `mostMs` is left to whoever polls. */
  within(ms: number): void;
  /** For good. */
  stop(): void;
}

/** One timer for the earliest of several moments. */
export function createWakeTimer(mostMs: number, fire: () => void): WakeTimer {
  let timeout: NodeJS.Timeout | undefined;
  let atMs = Infinity;
  return {
    within(ms) {
      const wantedMs = performance.now() + ms;
      if (ms > mostMs || wantedMs >= atMs) return;
      clearTimeout(timeout);
      atMs = wantedMs;
      const elapsed = (): void => {
        atMs = Infinity;
        fire();
      };
      // A millisecond more: the database's clock is asked whether it is due.
      timeout = setTimeout(elapsed, ms + 1);
    },
    stop() {
      clearTimeout(timeout);
      atMs = -Infinity;
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
