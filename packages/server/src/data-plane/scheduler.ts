/** Cron → outbox: a timer to the next occurrence of any trigger, set by the database's clock. Woken when triggers change,
 *  and looks every 2 s (the net of the outbox) while there is a schedule, in case the clock was set or a notice was lost.
 *  A look is one read; only an occurrence writes. Every node looks, one of them fires. */
import { setTimeout as sleep } from "node:timers/promises";
import { fireDue, followTriggers } from "../features/cron/cron-firing.service.ts";
import type { Platform } from "../platform/platform.ts";
import { createCoalesced, createWakeTimer, every } from "./dispatcher-timers.ts";

export interface Scheduler {
  start(): void;
  /** Fires no more; resolves when nothing of it runs, or does not end. */
  close(): Promise<void>;
}

const POLL_MS = 2_000;
/** Polls between two looks for triggers that changed without a notice, and, while nothing is scheduled, at all. */
const POLLS_PER_FOLLOW = 30;
/** For the statement that is under way, on a database that may answer nothing any more. */
const CLOSE_GRACE_MS = 2_000;
/** After a failure of the database. */
const FAILURE_RETRY_MS = 1_000;

export function createScheduler(platform: Platform): Scheduler {
  const { log, signals } = platform;
  /** Apps whose triggers may have changed; `undefined`: all. */
  const changed = new Set<string | undefined>([undefined]);
  const ends: (() => void)[] = [];
  let isClosed = false;
  let isIdle = false;
  let polls = 0;

  const look = async (): Promise<void> => {
    if (isClosed) return;
    for (const appId of changed) {
      // Forgotten first: a change that comes meanwhile is another one.
      changed.delete(appId);
      try {
        await followTriggers(platform, appId);
      } catch (error) {
        changed.add(appId);
        throw error;
      }
    }
    const { dueInMs, isUnsettled } = await fireDue(platform);
    isIdle = dueInMs === undefined;
    if (isUnsettled) changed.add(undefined);
    if (dueInMs !== undefined) timer.within(Math.max(0, dueInMs));
  };
  const looking = createCoalesced(look, (error) => {
    log.warn("cron_look_failed", { error });
    timer.within(FAILURE_RETRY_MS);
  });
  const timer = createWakeTimer(POLL_MS, () => looking.wake());

  const poll = async (): Promise<void> => {
    polls++;
    const isTurn = polls % POLLS_PER_FOLLOW === 0;
    if (isTurn) changed.add(undefined);
    if (isTurn || !isIdle) looking.wake();
    await looking.idle();
  };

  return {
    start() {
      const follow = (appId: string | undefined): void => {
        changed.add(appId);
        looking.wake();
      };
      ends.push(
        signals.on("deployed", follow),
        every(POLL_MS, poll, (error) => log.warn("cron_poll_failed", { error })),
      );
      looking.wake();
    },
    async close() {
      isClosed = true;
      timer.stop();
      for (const end of ends.splice(0)) end();
      const patience = new AbortController();
      await Promise.race([
        looking.idle(),
        sleep(CLOSE_GRACE_MS, undefined, { signal: patience.signal, ref: false }),
      ]);
      patience.abort();
    },
  };
}
