/** Deletes what is over its time, in small batches: expired kv entries, old events, dead letters, abandoned outcomes
 *  (TRG-9), and bytes that no file has. Frees held deliveries whose reason is gone. What finds nothing writes nothing. */
import { sweepLedger } from "../features/cron/cron-firing.service.ts";
import { sweepDeadLetters } from "../features/dead-letters/dead-letters.service.ts";
import { makeIndexes } from "../features/docs/docs-indexes.service.ts";
import { sweepLooseContents, sweepStore } from "../features/files/files-sweep.service.ts";
import { sweepExpired } from "../features/kv/kv.service.ts";
import { sweepDedupeKeys, sweepGroups } from "../features/queue/queue.service.ts";
import { freeHeldDeliveries } from "../platform/database/outbox-holds.ts";
import { freeLeaderlessGroups, settleAllQueues } from "../platform/database/queue-messages.ts";
import type { Platform } from "../platform/platform.ts";
import { deleteOldAnswers } from "./idempotency.repository.ts";
import { deleteOldAbandoned, deleteOldEvents, deleteRunRequests } from "./retention.repository.ts";

export interface Sweeper {
  /** All of it once; rejects for failures of the database. */
  sweep(): Promise<void>;
  close(): void;
}

/** Rows of one statement (TRG-9). */
const BATCH = 5_000;
/** Batches of one kind in one round; what is left waits for the next round. */
const BATCHES_MAX = 200;

const minuteMs = 60_000;
/** A request that has been dealt with stays so long at least. */
const requestMinutes = 10;
/** How often each kind is looked at, in minutes. Expired entries are absent at once, whenever they are deleted. */
const everyMinutes = {
  expired: 1,
  groups: 1,
  indexes: 5,
  held: 10,
  requests: 10,
  old: 60,
  store: 1440,
} as const;

/** Starts at once and repeats by itself. */
export function createSweeper(platform: Platform): Sweeper {
  const { db, config, log, signals } = platform;
  let minutes = 0;

  const freeHeld = async (): Promise<void> => {
    const freed = (await freeHeldDeliveries(db.side)) + (await settleAllQueues(db.side));
    if (freed > 0) signals.send("outbox");
  };
  const freeGroups = async (): Promise<void> => {
    if ((await freeLeaderlessGroups(db.side)) > 0) signals.send("outbox");
  };
  const sweepOld = async (): Promise<void> => {
    await inBatches(async () => await deleteOldAnswers(db.side, BATCH));
    await inBatches(async () => await deleteOldEvents(db.side, config.eventRetentionDays, BATCH));
    await inBatches(async () => await sweepDeadLetters(platform, BATCH));
    await inBatches(async () => await sweepLedger(platform, BATCH));
    const days = config.abandonedExecutionsRetentionDays;
    await inBatches(async () => await deleteOldAbandoned(db.side, days, BATCH));
    await inBatches(async () => await sweepLooseContents(platform, BATCH));
    await inBatches(async () => await sweepGroups(platform, BATCH));
  };
  const sweepRequests = async (): Promise<void> =>
    await inBatches(async () => await deleteRunRequests(db.side, requestMinutes, BATCH));
  const sweepExpiredAll = async (): Promise<void> => {
    await inBatches(async () => await sweepExpired(platform, BATCH));
    await inBatches(async () => await sweepDedupeKeys(platform, BATCH));
  };

  const failed = (error: unknown): void => log.warn("sweep_failed", { error });
  const tick = async (): Promise<void> => {
    if (minutes % everyMinutes.expired === 0) await sweepExpiredAll();
    if (minutes % everyMinutes.groups === 0) await freeGroups();
    if (minutes % everyMinutes.held === 0) await freeHeld();
    if (minutes % everyMinutes.requests === 0) await sweepRequests();
    // May take minutes: the rest does not wait for it.
    if (minutes % everyMinutes.indexes === 0) void makeIndexes(platform).catch(failed);
    if (minutes % everyMinutes.old === 0) await sweepOld();
    // Not at the start: it reads the whole list of the store.
    if (minutes % everyMinutes.store === 60) await sweepStore(platform);
    minutes++;
  };
  const repeat = (): void => void tick().catch(failed);
  const timer = setInterval(repeat, minuteMs);
  timer.unref();
  repeat();

  return {
    async sweep() {
      await sweepExpiredAll();
      await freeGroups();
      await freeHeld();
      await sweepRequests();
      await sweepOld();
      await sweepStore(platform);
    },
    close() {
      clearInterval(timer);
    },
  };
}

async function inBatches(work: () => Promise<number>): Promise<void> {
  for (let batches = 0; batches < BATCHES_MAX; batches++) if ((await work()) < BATCH) return;
}
