/** Claims due deliveries while slots are free, and begins them. */
import type { DeliverySlots } from "../features/outbox/outbox.service.ts";
import type { Platform } from "../platform/platform.ts";
import { formBatches } from "./delivery-batch.ts";
import { createCoalesced, createWakeTimer, type WakeTimer } from "./dispatcher-timers.ts";
import type { RunDelivery } from "./execution-request.ts";
import { createDeliveryTurns, type DeliveryTurns } from "./delivery-turns.ts";
import { createHeldDeliveries, type HeldDeliveries } from "./held-deliveries.ts";
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
/** An app runs this share of what may run at most, so that the others' deliveries always find room. */
const APP_RUN_SHARE = 0.75;
/** Claimed ahead of its turn: what ended in the last such time, so as much as will be run until the next claim is back. A
 *  node whose runs are long claims nothing ahead: another node may have room for it. */
const AHEAD_MS = 100;
const AHEAD_MAX = 512;
/** What has not begun by then goes back. */
const TURN_WAIT_MAX_MS = 1_000;
/** Held in all, with what waits for its completion. */
const COMPLETING_MAX = 1_024;
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

/** What the claims of a node stand on. */
interface Claiming {
  readonly options: PumpOptions;
  readonly timer: WakeTimer;
  readonly turns: DeliveryTurns;
  readonly pace: Pace;
  readonly held: HeldDeliveries;
  readonly shares: Shares;
  readonly state: { isClosed: boolean; isStarved: boolean; afterApp: string };
}

interface Shares {
  readonly heldMax: number;
  readonly appLimit: number;
  readonly appFull: number;
}

function sharesOf(slots: number): Shares {
  const heldMax = Math.max(1, Math.floor(slots * SLOTS_SHARE));
  return {
    heldMax,
    appLimit: Math.ceil(heldMax * APP_CLAIM_SHARE),
    appFull: Math.ceil(heldMax * APP_FULL_SHARE),
  };
}

/** A delivery that has begun may not have taken its slot yet. */
function room({ options, turns, shares }: Claiming): number {
  return Math.min(options.freeSlots(), shares.heldMax - turns.running());
}

/** Claims until nothing is due or no slot is free, one claim at a time. */
async function claimAll(claiming: Claiming): Promise<void> {
  const { options, timer, turns, pace, held, shares, state } = claiming;
  const { platform } = options;
  const { leaseMs } = platform.config;
  for (let emptyWalks = 0; !state.isClosed && emptyWalks < EMPTY_WALKS_MAX;) {
    turns.look();
    const ahead = pace.ahead();
    const limit = Math.min(
      room(claiming) + ahead - turns.waiting(),
      shares.heldMax + COMPLETING_MAX - held.count(),
    );
    state.isStarved = limit <= 0;
    // What waits for its turn is looked at again: nobody tells when a slot that others had is free.
    if (state.isStarved || turns.waiting() > 0) timer.within(STARVED_RETRY_MS);
    if (state.isStarved) return;
    const leaseEndMs = performance.now() + leaseMs;
    const fullApps = turns.appsWith(shares.appFull + ahead);
    // Their runs that end make room for what they have waiting.
    state.isStarved = fullApps.length > 0;
    const { deliveries, hasMore, ...next } = await claimDeliveries(platform.db.write, {
      nodeId: platform.nodeId,
      afterApp: state.afterApp,
      limit,
      appLimit: shares.appLimit + ahead,
      fullApps,
      leaseMs,
    });
    state.afterApp = next.afterApp;
    for (const batch of await formBatches(platform, deliveries)) held.begin(batch, leaseEndMs);
    if (turns.waiting() > 0) timer.within(STARVED_RETRY_MS);
    if (!hasMore) return;
    if (deliveries.length === 0) emptyWalks++;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function createPump(options: PumpOptions): Pump {
  const { platform } = options;
  const shares = sharesOf(platform.config.maxConcurrentExecutions);
  const timer = createWakeTimer(options.timerMostMs, () => wake());
  const pace = createPace();
  const turns = createDeliveryTurns({
    most: shares.heldMax,
    appMost: Math.ceil(shares.heldMax * APP_RUN_SHARE),
    freeSlots: options.freeSlots,
    waitMaxMs: TURN_WAIT_MAX_MS,
  });
  const state = { isClosed: false, isStarved: false, afterApp: FIRST_APP };
  const held = createHeldDeliveries({
    platform,
    turns,
    runDelivery: options.runDelivery,
    random: options.random,
    onLeft: (dueInMs) => {
      pace.ended();
      if (dueInMs !== undefined) timer.within(dueInMs);
      if (state.isStarved) wake();
    },
  });
  const claiming: Claiming = { options, timer, turns, pace, held, shares, state };
  const pumping = createCoalesced(
    async () => await claimAll(claiming),
    (error) => {
      platform.log.warn("claim_failed", { error });
      timer.within(FAILURE_RETRY_MS);
    },
  );
  const wake = (): void => {
    if (!state.isClosed) pumping.wake();
  };

  return {
    wake,
    wakeWithin: (ms) => timer.within(ms),
    renew: async () => await held.renew(),
    held: () => held.count(),
    slots: {
      open(appId) {
        if (room(claiming) <= 0) return "none_free";
        return turns.ofApp(appId) >= shares.appFull + pace.ahead() ? "app_share" : "yes";
      },
      held: () => held.count(),
      most: () => shares.heldMax,
    },
    async close() {
      state.isClosed = true;
      timer.stop();
      held.stop();
      await pumping.idle();
      await held.left();
    },
  };
}

interface Pace {
  ended(): void;
  ahead(): number;
}

/** How many deliveries have ended lately. */
function createPace(): Pace {
  let since = performance.now();
  let ended = 0;
  let before = 0;
  return {
    ended: () => void ended++,
    ahead() {
      const ms = performance.now() - since;
      if (ms >= AHEAD_MS) {
        // Nothing for two such times: what was fast then may be slow now.
        before = ms >= 2 * AHEAD_MS ? 0 : ended;
        ended = 0;
        since = performance.now();
      }
      return Math.min(AHEAD_MAX, Math.max(before, ended));
    },
  };
}
