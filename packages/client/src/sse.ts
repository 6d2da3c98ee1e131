/** Event streams that survive a lost connection: opened again after the last event that was seen. */
import { ApiError } from "./errors.ts";

export interface ResumeOptions {
  readonly signal?: AbortSignal;
  /** Told of each break, with the pause before the next try. */
  readonly onBreak?: (error: unknown, pauseMs: number) => void;
  /** Waits; replaced in tests. Returns early when the signal aborts. */
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const pauseMsFirst = 250;
const pauseMsMost = 5_000;

/** Yields the events of `open(lastEventId)`, opening it again whenever it ends or breaks, until the signal aborts.
 *  A refusal that will not change (401, 403, 404, 422 …) is thrown. No event is lost as long as the server replays what
 *  follows `lastEventId`. */
export async function* resumed<T>(
  open: (lastEventId: string | undefined) => Promise<AsyncIterable<T>>,
  options: ResumeOptions = {},
): AsyncGenerator<T, void, undefined> {
  const { signal, onBreak, pause = pauseFor } = options;
  const isOver = (): boolean => signal?.aborted === true;
  let lastEventId: string | undefined;
  let pauseMs = pauseMsFirst;
  const { getEventMeta } = await import("@orpc/client");
  while (!isOver()) {
    let reason: unknown;
    try {
      for await (const event of await open(lastEventId)) {
        lastEventId = getEventMeta(event)?.id ?? lastEventId;
        pauseMs = pauseMsFirst;
        yield event;
      }
    } catch (error) {
      if (isOver()) return;
      if (error instanceof ApiError && !error.retryable) throw error;
      reason = error;
    }
    // The server may end a stream by itself, when it drains.
    onBreak?.(reason, pauseMs);
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, pauseMsMost);
  }
}

async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
