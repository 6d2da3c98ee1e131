/** Outbox → runs: claims due deliveries while slots are free. Woken by signals after commits, by a timer to the next due
 *  row, and by one read every 2 s as the net under both. An idle node writes nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DeliverySlots } from "../features/outbox/outbox.service.ts";
import type { Platform } from "../platform/platform.ts";
import { createPump } from "./delivery-pump.ts";
import { every } from "./dispatcher-timers.ts";
import type { RunDelivery } from "./execution-request.ts";
import { readOutlook, takeOver } from "./outbox.repository.ts";

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
  readonly slots: DeliverySlots;
}

/** The timer of the pump reaches as far: what is due later is found by the next poll. */
const POLL_MS = 2_000;
/** Time for the last completions after what runs has ended or was given up. */
const CLOSE_GRACE_MS = 2_000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { platform } = options;
  const { log } = platform;
  const pump = createPump({ random: Math.random, ...options, timerMostMs: POLL_MS });
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
    slots: pump.slots,
  };
}
