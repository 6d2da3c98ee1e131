/** When sessions and keys were last used, written in batches: requests only leave a note, and wait for nothing. */
import type { Logger } from "./logger.ts";

/** Notes wait so long for others. */
const flushMs = 1_000;
/** More at a time are let go: their next use is noted. */
const notesMax = 10_000;

export interface UseNotes {
  note(id: string): void;
  close(): void;
}

/** `write` gets each id once a batch, one batch at a time. */
export function createUseNotes(write: (ids: readonly string[]) => Promise<void>, log: Logger): UseNotes {
  const ids = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isWriting = false;
  const flush = async (): Promise<void> => {
    timer = undefined;
    const batch = [...ids];
    ids.clear();
    isWriting = true;
    try {
      await write(batch);
    } catch (error) {
      // Only the time shown is older than the truth.
      log.warn("last_use_not_written", { count: batch.length, error });
    } finally {
      isWriting = false;
    }
    if (ids.size > 0) start();
  };
  const start = (): void => {
    if (timer === undefined && !isWriting) timer = setTimeout(() => void flush(), flushMs).unref();
  };
  return {
    note(id) {
      if (ids.size < notesMax) ids.add(id);
      start();
    },
    close() {
      ids.clear();
      clearTimeout(timer);
    },
  };
}
