/** The deliveries that this node has claimed: it runs them, keeps their leases and completes them. */
import type { Platform } from "../platform/platform.ts";
import { createCompletions, type Completions } from "./completions.ts";
import { runClaimed, type DeliveryRunner } from "./delivery-run.ts";
import type { RunDelivery } from "./execution-request.ts";
import type { DeliveryBatch } from "./delivery-batch.ts";
import type { DeliveryTurns } from "./delivery-turns.ts";
import { renewLeases, type Outcome } from "./outbox.repository.ts";

export interface HeldOptions {
  readonly platform: Platform;
  readonly runDelivery: RunDelivery;
  readonly random: () => number;
  readonly turns: DeliveryTurns;
  /** A delivery has left; `dueInMs`: it comes back then. */
  readonly onLeft: (dueInMs: number | undefined) => void;
}

export interface HeldDeliveries {
  /** Runs a batch. `leaseEndMs`: on this node's monotonic clock, not later than the database's. */
  begin(batch: DeliveryBatch, leaseEndMs: number): void;
  renew(): Promise<void>;
  /** Runs, each of one batch, that wait, run or are being completed. */
  count(): number;
  /** Starts no more runs: what has not begun goes back. */
  stop(): void;
  /** Resolves when nothing is held. */
  left(): Promise<void>;
}

interface Held {
  readonly batch: DeliveryBatch;
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

  const see = async (entry: Held): Promise<void> => {
    const dueInMs = await deliver({ ...options, runner: runnerOf(entry), completions }, entry.batch);
    for (const delivery of entry.batch) {
      const key = keyOf(delivery);
      // After a lost lease this node may have claimed the row anew: that entry stays.
      if (held.get(key) === entry) held.delete(key);
    }
    running.delete(entry);
    options.onLeft(dueInMs);
  };

  return {
    begin(batch, leaseEndMs) {
      const entry = { batch, leaseEndMs };
      for (const delivery of batch) held.set(keyOf(delivery), entry);
      running.set(entry, see(entry));
    },
    async renew() {
      if (held.size === 0) return;
      const leaseEndMs = performance.now() + leaseMs;
      const claims = [...running.keys()].flatMap(({ batch }) => batch);
      const renewed = await renewLeases(platform.db.write, { nodeId: platform.nodeId, leaseMs, claims });
      for (const claim of renewed) {
        const entry = held.get(keyOf(claim));
        if (entry?.batch.some(({ id, claim: own }) => id === claim.id && own === claim.claim) === true)
          entry.leaseEndMs = leaseEndMs;
      }
    },
    count: () => running.size,
    stop() {
      isStopped = true;
      options.turns.stop();
    },
    async left() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

/** Runs a batch and completes it. Gives in how many milliseconds the first of it is due again, if one comes back. */
async function deliver(parts: DeliveryParts, batch: DeliveryBatch): Promise<number | undefined> {
  const { platform, completions } = parts;
  const [first] = batch;
  try {
    const outcomes = await runInTurn(parts, batch);
    if (outcomes.length === 0) return undefined;
    const isGrouped = batch.some((delivery) => delivery.group_key !== null);
    await completions.add(outcomes, isGrouped ? first.app_id : undefined);
    // The next of its group was freed by the same statement.
    if (isGrouped) platform.signals.send("outbox", first.app_id);
    const delays = outcomes.flatMap(({ kind, delayMs }) =>
      kind === "retry" || kind === "back" ? [delayMs] : [],
    );
    return delays.length === 0 ? undefined : Math.min(...delays);
  } catch (error) {
    // The rows stay claimed until their lease ends; then they are taken over.
    platform.log.error("delivery_failed", { deliveryId: first.id, appId: first.app_id, error });
    return undefined;
  }
}

interface DeliveryParts {
  readonly platform: Platform;
  readonly runner: DeliveryRunner;
  readonly completions: Completions;
  readonly turns: DeliveryTurns;
}

/** What has waited too long goes back, nothing used up: another node may have room. */
async function runInTurn(
  { turns, runner }: DeliveryParts,
  batch: DeliveryBatch,
): Promise<readonly Outcome[]> {
  const [{ app_id: appId }] = batch;
  const turn = turns.take(appId);
  if (!(turn === true || (await turn)))
    return batch.map((claim) => ({ claim, kind: "back", delayMs: 0, wait: "no_free_slot" }));
  try {
    return await runClaimed(runner, batch);
  } finally {
    turns.ended(appId);
  }
}

function keyOf(claim: { readonly app_id: string; readonly id: string }): string {
  return `${claim.app_id}/${claim.id}`;
}
