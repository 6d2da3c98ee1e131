/** The deliveries that this node has claimed: it runs them, keeps their leases and completes them. */
import type { Platform } from "../platform/platform.ts";
import { createCompletions } from "./completions.ts";
import { runClaimed, type DeliveryRunner } from "./delivery-run.ts";
import type { RunDelivery } from "./execution-request.ts";
import { renewLeases, type ClaimedDelivery } from "./outbox.repository.ts";

export interface HeldOptions {
  readonly platform: Platform;
  readonly runDelivery: RunDelivery;
  readonly random: () => number;
  /** A delivery has left; `dueInMs`: it comes back then. */
  readonly onLeft: (dueInMs: number | undefined) => void;
}

export interface HeldDeliveries {
  /** `leaseEndMs`: on this node's monotonic clock, not later than the database's. */
  begin(delivery: ClaimedDelivery, leaseEndMs: number): void;
  renew(): Promise<void>;
  count(): number;
  /** Apps with so many or more. */
  appsWith(count: number): string[];
  /** Starts no more runs: what has not begun goes back. */
  stop(): void;
  /** Resolves when nothing is held. */
  left(): Promise<void>;
}

interface Held {
  readonly delivery: ClaimedDelivery;
  leaseEndMs: number;
}

export function createHeldDeliveries(options: HeldOptions): HeldDeliveries {
  const { platform } = options;
  const { leaseMs } = platform.config;
  const held = new Map<string, Held>();
  const running = new Map<Held, Promise<void>>();
  const completions = createCompletions(platform);
  let isStopped = false;

  const runnerOf = (entry: Held): DeliveryRunner => ({
    platform,
    runDelivery: options.runDelivery,
    random: options.random,
    mayStart: () => !isStopped && entry.leaseEndMs - performance.now() > leaseMs / 2,
    isClosing: () => isStopped,
  });

  const deliver = async (entry: Held): Promise<number | undefined> => {
    const { delivery } = entry;
    try {
      const outcome = await runClaimed(runnerOf(entry), delivery);
      if (outcome === undefined) return undefined;
      await completions.add(outcome);
      return outcome.kind === "retry" || outcome.kind === "back" ? outcome.delayMs : undefined;
    } catch (error) {
      // The row stays claimed until its lease ends; then it is taken over.
      platform.log.error("delivery_failed", { deliveryId: delivery.id, appId: delivery.app_id, error });
      return undefined;
    }
  };

  const see = async (entry: Held): Promise<void> => {
    const dueInMs = await deliver(entry);
    const key = keyOf(entry.delivery);
    // After a lost lease this node may have claimed the row anew: that entry stays.
    if (held.get(key) === entry) held.delete(key);
    running.delete(entry);
    options.onLeft(dueInMs);
  };

  return {
    begin(delivery, leaseEndMs) {
      const entry = { delivery, leaseEndMs };
      held.set(keyOf(delivery), entry);
      running.set(entry, see(entry));
    },
    async renew() {
      if (held.size === 0) return;
      const leaseEndMs = performance.now() + leaseMs;
      const claims = [...held.values()].map(({ delivery }) => delivery);
      const renewed = await renewLeases(platform.db.write, { nodeId: platform.nodeId, leaseMs, claims });
      for (const claim of renewed) {
        const entry = held.get(keyOf(claim));
        if (entry?.delivery.claim === claim.claim) entry.leaseEndMs = leaseEndMs;
      }
    },
    count: () => held.size,
    appsWith(count) {
      if (held.size < count) return [];
      const counts = new Map<string, number>();
      for (const { delivery } of held.values())
        counts.set(delivery.app_id, (counts.get(delivery.app_id) ?? 0) + 1);
      return [...counts].filter(([, own]) => own >= count).map(([appId]) => appId);
    },
    stop() {
      isStopped = true;
    },
    async left() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

function keyOf(claim: { readonly app_id: string; readonly id: string }): string {
  return `${claim.app_id}/${claim.id}`;
}
