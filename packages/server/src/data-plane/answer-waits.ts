/** Requests that wait for an answer, each until its time is up (EXE-7). The sandbox ends runs in time, so this is for
 *  what goes wrong: one look at all of them twice a second instead of a timer for each, which cost 3% of the server. */
import { Slots } from "../platform/slots.ts";

export interface AnswerWait {
  /** On the clock of `performance.now()`. */
  readonly endsAtMs: number;
  /** Called when the time is up, and again until the wait is deleted. */
  readonly end: () => void;
}

export interface AnswerWaits {
  /** Gives the place to delete it from. */
  add(wait: AnswerWait): number;
  delete(place: number): void;
  close(): void;
}

const lookMs = 500;

export function createAnswerWaits(now: () => number = () => performance.now()): AnswerWaits {
  const waits = new Slots<AnswerWait>();
  const timer = setInterval(() => {
    const nowMs = now();
    for (const wait of waits) if (wait.endsAtMs <= nowMs) wait.end();
  }, lookMs);
  timer.unref();
  return {
    add: (wait) => waits.add(wait),
    delete: (place) => waits.delete(place),
    close: () => clearInterval(timer),
  };
}
