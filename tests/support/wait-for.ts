/** Waiting on a condition, never on time alone. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/** Calls `look` until it gives something else than `undefined` or `false`; throws with `what` after the bound. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
