/** Claims due deliveries while slots are free, and begins them. */
import type { DeliverySlots } from "../features/outbox/outbox.service.ts";
import type { Platform } from "../platform/platform.ts";
import { formBatches } from "./delivery-batch.ts";
import { createCoalesced, createWakeTimer } from "./dispatcher-timers.ts";
import type { RunDelivery } from "./execution-request.ts";
import { createHeldDeliveries } from "./held-deliveries.ts";
import { claimDeliveries, FIRST_APP } from "./outbox.repository.ts";

export interface PumpOptions {
  readonly platform: Platform;
  readonly runDelivery: RunDelivery;
  readonly freeSlots: () => number;
  readonly random: () => number;
  /** How far ahead its timer is set; what is due later is found by whoever polls. */
  readonly timerMostMs: number;
}

/** When something takes all slots: nobody tells when one is free again. */
const STARVED_RETRY_MS = 50;
/** Deliveries take this share of the execution slots at most: a backlog must not answer 503 to people who wait. */
const SLOTS_SHARE = 0.5;
/** An app with this share of the deliveries that may be held gets no more, and this share at most in one claim: so one
 *  app's long runs never hold more than three quarters, and the others' deliveries go on. */
const APP_FULL_SHARE = 0.5;
const APP_CLAIM_SHARE = 0.25;
/** After a failure of the database. */
const FAILURE_RETRY_MS = 500;
/** Walks of one pump over apps that have nothing due; each looks at 1,000. */
const EMPTY_WALKS_MAX = 20;

export interface Pump {
  readonly wake: () => void;
  readonly wakeWithin: (ms: number) => void;
  readonly renew: () => Promise<void>;
  readonly held: () => number;
  readonly slots: DeliverySlots;
  readonly close: () => Promise<void>;
}

/** Claims until nothing is due or no slot is free, one claim at a time. */
export function createPump(options: PumpOptions): Pump {
  const { platform } = options;
  const { leaseMs, maxConcurrentExecutions } = platform.config;
  const heldMax = Math.max(1, Math.floor(maxConcurrentExecutions * SLOTS_SHARE));
  const appLimit = Math.ceil(heldMax * APP_CLAIM_SHARE);
  const appFull = Math.ceil(heldMax * APP_FULL_SHARE);
  const timer = createWakeTimer(options.timerMostMs, () => wake());
  const held = createHeldDeliveries({
    platform,
    runDelivery: options.runDelivery,
    random: options.random,
    onLeft: (dueInMs) => {
      if (dueInMs !== undefined) timer.within(dueInMs);
      if (isStarved) wake();
    },
  });
  let isClosed = false;
  let isStarved = false;
  let afterApp = FIRST_APP;

  // A delivery that has begun may not have taken its slot yet.
  const room = (): number => Math.min(options.freeSlots(), heldMax - held.count());

  const claimAll = async (): Promise<void> => {
    for (let emptyWalks = 0; !isClosed && emptyWalks < EMPTY_WALKS_MAX;) {
      const limit = room();
      isStarved = limit <= 0;
      if (isStarved) {
        timer.within(STARVED_RETRY_MS);
        return;
      }
      const leaseEndMs = performance.now() + leaseMs;
      const fullApps = held.appsWith(appFull);
      // Their runs that end make room for what they have waiting.
      isStarved = fullApps.length > 0;
      const query = { nodeId: platform.nodeId, afterApp, limit, appLimit, fullApps, leaseMs };
      const { deliveries, hasMore, ...next } = await claimDeliveries(platform.db.write, query);
      afterApp = next.afterApp;
      for (const batch of await formBatches(platform, deliveries)) held.begin(batch, leaseEndMs);
      if (!hasMore) return;
      if (deliveries.length === 0) emptyWalks++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  const pumping = createCoalesced(claimAll, (error) => {
    platform.log.warn("claim_failed", { error });
    timer.within(FAILURE_RETRY_MS);
  });
  const wake = (): void => {
    if (!isClosed) pumping.wake();
  };

  return {
    wake,
    wakeWithin: (ms) => timer.within(ms),
    renew: async () => await held.renew(),
    held: () => held.count(),
    slots: {
      open: (appId) =>
        room() <= 0 ? "none_free" : held.appsWith(appFull).includes(appId) ? "app_share" : "yes",
      held: () => held.count(),
      most: () => heldMax,
    },
    async close() {
      isClosed = true;
      timer.stop();
      held.stop();
      await pumping.idle();
      await held.left();
    },
  };
}
