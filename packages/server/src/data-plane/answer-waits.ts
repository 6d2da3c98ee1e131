/** Requests that wait for an answer, each until its time is up (EXE-7). The sandbox ends runs in time, so this is for
 *  what goes wrong: one look at all of them twice a second instead of a timer for each, which cost 3% of the server. */

export interface AnswerWait {
  /** On the clock of `performance.now()`. */
  readonly endsAtMs: number;
  /** Called once when the time is up. */
  readonly end: () => void;
}

export interface AnswerWaits {
  add(wait: AnswerWait): void;
  delete(wait: AnswerWait): void;
  close(): void;
}

const lookMs = 500;

export function createAnswerWaits(now: () => number = () => performance.now()): AnswerWaits {
  const waits = new Set<AnswerWait>();
  const timer = setInterval(() => {
    const nowMs = now();
    for (const wait of waits) {
      if (wait.endsAtMs > nowMs) continue;
      waits.delete(wait);
      wait.end();
    }
  }, lookMs);
  timer.unref();
  return {
    add: (wait) => void waits.add(wait),
    delete: (wait) => void waits.delete(wait),
    close: () => clearInterval(timer),
  };
}
