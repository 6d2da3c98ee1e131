/** Completes deliveries in batches: what ends while one statement is under way goes into the next. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDataError } from "../platform/database/pg-errors.ts";
import type { Platform } from "../platform/platform.ts";
import { completeDeliveries, type Outcome } from "./outbox.repository.ts";

export interface Completions {
  /** Resolves when the outcomes of one run are committed, in one statement, or given up: their lease then ends and another
   *  node takes them over. `waitsFor`: the app whose transactions this may wait for; its outcomes then hold up nobody
   *  else's. The end of a message of a group waits for the lock of the group, which a script's transaction that has sent to
   *  it holds for seconds. */
  add(outcomes: readonly Outcome[], waitsFor?: string): Promise<void>;
}

/** Rows of one statement, but for the last run's. */
const BATCH_MAX = 256;
/** Tries of one batch; with the waits between them about 15 s, half a lease. */
const TRIES_MAX = 12;
const WAIT_MAX_MS = 2_000;

interface Waiting {
  readonly outcomes: readonly Outcome[];
  readonly done: () => void;
}

/** What goes into common statements, one after another. */
interface Lane {
  /** Bounded by the runs of deliveries that a node holds: each adds its outcomes once. */
  readonly queue: Waiting[];
}

/** Of all outcomes that wait for nobody. */
const COMMON = "";

export function createCompletions(platform: Platform): Completions {
  // Only those that are at work are here.
  const lanes = new Map<string, Lane>();

  const flush = async (name: string, { queue }: Lane): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0, runsOfBatch(queue));
      await commit(
        platform,
        batch.flatMap(({ outcomes }) => outcomes),
      );
      for (const { done } of batch) done();
    }
    lanes.delete(name);
  };

  return {
    async add(outcomes, waitsFor = COMMON) {
      await new Promise<void>((done) => {
        const lane = lanes.get(waitsFor);
        if (lane !== undefined) {
          lane.queue.push({ outcomes, done });
          return;
        }
        const made: Lane = { queue: [{ outcomes, done }] };
        lanes.set(waitsFor, made);
        void flush(waitsFor, made);
      });
    },
  };
}

function runsOfBatch(queue: readonly Waiting[]): number {
  let rows = 0;
  const end = queue.findIndex(({ outcomes }) => (rows += outcomes.length) >= BATCH_MAX);
  return end === -1 ? queue.length : end + 1;
}

/** Never rejects. A batch that fails for its data is taken apart, so that one app's bad text holds up nobody else. */
async function commit(platform: Platform, batch: readonly Outcome[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await completeDeliveries(platform.db.write, platform.nodeId, batch);
      const apps = new Set(batch.map(({ claim }) => claim.app_id));
      for (const appId of apps) platform.signals.send("executions", appId);
      // A dead letter may have handlers.
      for (const { kind, claim } of batch) if (kind === "dead") platform.signals.send("outbox", claim.app_id);
      return;
    } catch (error) {
      if (isDataError(error)) {
        await commitApart(platform, batch, error);
        return;
      }
      platform.log.warn("completion_failed", { deliveries: batch.length, tries, error });
      if (tries >= TRIES_MAX) return;
      await sleep(Math.min(WAIT_MAX_MS, 50 * 2 ** tries));
    }
  }
}

async function commitApart(platform: Platform, batch: readonly Outcome[], error: unknown): Promise<void> {
  const [only] = batch;
  if (only !== undefined && batch.length === 1) {
    const plain = withoutTexts(only);
    if (plain === undefined) {
      platform.log.error("completion_impossible", { deliveryId: only.claim.id, error });
      return;
    }
    await commit(platform, [plain]);
    return;
  }
  for (const outcome of batch) await commit(platform, [outcome]);
}

const UNSTORABLE = "unstorable";

/** The same outcome with nothing left that a script wrote; `undefined` if it is that already. */
function withoutTexts(outcome: Outcome): Outcome | undefined {
  const { error, end } = outcome;
  if (end === undefined || end.errorMessage === UNSTORABLE) return undefined;
  const { errorStack: _, ...kept } = end;
  return {
    ...outcome,
    ...(error === undefined
      ? {}
      : { error: JSON.stringify({ code: end.errorCode ?? "internal", message: UNSTORABLE }) }),
    end: { ...kept, errorMessage: UNSTORABLE },
  };
}
