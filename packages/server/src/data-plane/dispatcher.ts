/** Outbox → runs: claims due deliveries while slots are free. Woken by signals after commits, by a timer to the next due
 *  row, and by one read every 2 s as the net under both. An idle node writes nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../platform/platform.ts";
import { createWakeTimer, every } from "./dispatcher-timers.ts";
import type { RunDelivery } from "./execution-request.ts";
import { createHeldDeliveries } from "./held-deliveries.ts";
import { claimDeliveries, FIRST_APP, readOutlook, takeOver } from "./outbox.repository.ts";

export interface DispatcherOptions {
  readonly platform: Platform;
  readonly runDelivery: RunDelivery;
  /** Execution slots of this node that are free now. */
  readonly freeSlots: () => number;
  /** Nobody else can use this database (it is embedded): leases of earlier lives are taken over at the start. */
  readonly isOnlyNode?: boolean;
  /** From 0 to under 1. */
  readonly random?: () => number;
}

export interface Dispatcher {
  start(): void;
  /** Claims and starts no more; resolves when what runs has ended and is completed, at the latest after
   *  `PICLOUD_DRAIN_MS` and a little. What is left then is taken over when its lease ends. */
  close(): Promise<void>;
  /** Deliveries that this node holds. */
  held(): number;
}

const POLL_MS = 2_000;
/** When something takes all slots: nobody tells when one is free again. */
const STARVED_RETRY_MS = 50;
/** Deliveries take this share of the execution slots at most: a backlog must not answer 503 to people who wait. */
const SLOTS_SHARE = 0.5;
/** After a failure of the database. */
const FAILURE_RETRY_MS = 500;
/** Walks of one pump over apps that have nothing due; each looks at 1,000. */
const EMPTY_WALKS_MAX = 20;
/** Time for the last completions after what runs has ended or was given up. */
const CLOSE_GRACE_MS = 2_000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { platform } = options;
  const { log } = platform;
  const pump = createPump(options);
  const subscriptions: (() => void)[] = [];

  const takeOverLost = async (onlyNode: boolean): Promise<void> => {
    const taken = await takeOver(platform.db.write, { nodeId: platform.nodeId, onlyNode });
    for (const { app_id: appId, id, takeovers, is_dead: isDead } of taken)
      log.warn("delivery_taken_over", { appId, deliveryId: id, takeovers, isDead });
    if (taken.length > 0) pump.wake();
  };

  const poll = async (): Promise<void> => {
    const { due_in_ms: due, lease_in_ms: lease } = await readOutlook(platform.db.read);
    if (due !== null) pump.wakeWithin(Math.max(0, due));
    if (lease !== null && lease <= 0) await takeOverLost(false);
  };

  return {
    start() {
      subscriptions.push(
        platform.signals.on("outbox", pump.wake),
        every(POLL_MS, poll, (error) => log.warn("outbox_poll_failed", { error })),
        every(platform.config.leaseMs / 3, pump.renew, (error) =>
          log.warn("lease_renewal_failed", { error }),
        ),
      );
      if (options.isOnlyNode === true)
        takeOverLost(true).catch((error: unknown) => log.warn("takeover_failed", { error }));
      pump.wake();
    },
    async close() {
      const patience = new AbortController();
      const wait = platform.config.drainMs + CLOSE_GRACE_MS;
      await Promise.race([pump.close(), sleep(wait, undefined, { signal: patience.signal, ref: false })]);
      patience.abort();
      for (const end of subscriptions.splice(0)) end();
    },
    held: pump.held,
  };
}

interface Pump {
  readonly wake: () => void;
  readonly wakeWithin: (ms: number) => void;
  readonly renew: () => Promise<void>;
  readonly held: () => number;
  readonly close: () => Promise<void>;
}

/** Claims until nothing is due or no slot is free, one claim at a time. */
function createPump(options: DispatcherOptions): Pump {
  const { platform } = options;
  const { leaseMs, maxConcurrentExecutions } = platform.config;
  const heldMax = Math.max(1, Math.floor(maxConcurrentExecutions * SLOTS_SHARE));
  const timer = createWakeTimer(POLL_MS, () => wake());
  const held = createHeldDeliveries({
    platform,
    runDelivery: options.runDelivery,
    random: options.random ?? Math.random,
    onLeft: (dueInMs) => {
      if (dueInMs !== undefined) timer.within(dueInMs);
      if (isStarved) wake();
    },
  });
  let pumping: Promise<void> | undefined;
  let isClosed = false;
  let isWoken = false;
  let isStarved = false;
  let afterApp = FIRST_APP;

  const wake = (): void => {
    if (isClosed) return;
    isWoken = true;
    pumping ??= run().finally(() => {
      pumping = undefined;
      // Somebody may have called between the last look at `isWoken` and now.
      if (isWoken) wake();
    });
  };

  const run = async (): Promise<void> => {
    try {
      while (isWoken && !isClosed) {
        isWoken = false;
        await claimAll();
      }
    } catch (error) {
      platform.log.warn("claim_failed", { error });
      isWoken = false;
      timer.within(FAILURE_RETRY_MS);
    }
  };

  const claimAll = async (): Promise<void> => {
    for (let emptyWalks = 0; !isClosed && emptyWalks < EMPTY_WALKS_MAX;) {
      // A delivery that has begun may not have taken its slot yet.
      const limit = Math.min(options.freeSlots(), heldMax - held.count());
      isStarved = limit <= 0;
      if (isStarved) {
        timer.within(STARVED_RETRY_MS);
        return;
      }
      const leaseEndMs = performance.now() + leaseMs;
      const query = { nodeId: platform.nodeId, afterApp, limit, leaseMs };
      const { deliveries, isWalkCut, ...next } = await claimDeliveries(platform.db.write, query);
      afterApp = next.afterApp;
      for (const delivery of deliveries) held.begin(delivery, leaseEndMs);
      if (deliveries.length < limit && !isWalkCut) return;
      if (deliveries.length === 0) emptyWalks++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  return {
    wake,
    wakeWithin: (ms) => timer.within(ms),
    renew: async () => await held.renew(),
    held: () => held.count(),
    async close() {
      isClosed = true;
      timer.stop();
      held.stop();
      await pumping;
      await held.left();
    },
  };
}
