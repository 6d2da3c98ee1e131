/** Deletes the rows of apps that were switched off, in small batches, on one node at a time; what a node leaves undone
 *  when it ends, however it ends, another one goes on with. Two phases, both harmless when done again:
 *  `stopping`: writes that were open at the switch may still commit, and are waited for. A statement that begins later
 *  sees the state in its snapshot and writes nothing (`activeApp` in `platform/database/outbox.ts`).
 *  `clearing`: so no row comes any more, and one pass over all tables leaves none. */
import { setTimeout as sleep } from "node:timers/promises";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Place } from "../../platform/database/app-content.ts";
import { openWritesEnded } from "../../platform/database/open-writes.ts";
import {
  beginClearing,
  claimDeletion,
  deleteAppRow,
  noteDeleted,
  releaseDeletion,
} from "./app-deletion.repository.ts";
import type { ClaimedDeletion } from "./app-deletion.repository.ts";
import type { AppStore } from "./app-deletion.service.ts";
import { resourceOf, summaryOf } from "./apps.service.ts";
import { sweepReserved } from "./reserved-names.service.ts";

export interface AppRemover {
  /** Ends with the batch that is under way; the rest is done after the next start, or on another node. */
  close(): Promise<void>;
}

/** The net under the signal: for deletions whose node was lost, and for failures of the database. */
const POLL_MS = 5_000;
/** One app is worked on for so long, then the next one that waits. */
const TURN_MS = 10_000;
/** Rows of a batch: it begins small, because rows may be large, and keeps within {@link BATCH_MS}. */
const BATCH_FIRST = 200;
const BATCH_MIN = 10;
const BATCH_MAX = 5_000;
const BATCH_MS = 100;
/** After each batch the database belongs to others for as long as it took, at most so long. */
const PAUSE_MAX_MS = 200;
const CLOSE_MS = 2_000;
const SWEEP_BATCH = 1_000;

/** Starts at once and works by itself. */
export function createAppRemover(store: AppStore): AppRemover {
  const { platform } = store;
  const stopping = new AbortController();
  let isWoken = false;
  let working: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (isWoken && !stopping.signal.aborted) {
      isWoken = false;
      await removeAll(store, stopping.signal);
    }
  };
  const wake = (): void => {
    isWoken = true;
    working ??= work()
      .catch((error: unknown) => {
        isWoken = false;
        if (!stopping.signal.aborted) platform.log.warn("app_deletion_failed", { error });
      })
      .finally(() => {
        working = undefined;
        if (isWoken) wake();
      });
  };
  const unsubscribe = platform.signals.on("deployed", wake);
  const timer = setInterval(wake, POLL_MS);
  timer.unref();
  wake();
  return {
    async close() {
      stopping.abort();
      clearInterval(timer);
      unsubscribe();
      await Promise.race([working, sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

/** Works on what waits, app by app, until nothing does. Rejects for failures of the database. */
export async function removeAll(store: AppStore, signal: AbortSignal): Promise<void> {
  const { db, nodeId, config } = store.platform;
  while (!signal.aborted) {
    const claimed = await claimDeletion(db.write, { nodeId, leaseMs: config.leaseMs });
    if (claimed === undefined) return;
    if (await takeTurn(store, claimed, signal)) await finish(store, claimed);
    else await releaseDeletion(db.write, claimed.app_id, nodeId);
  }
}

/** True when only the app's own row is left. */
async function takeTurn(store: AppStore, claimed: ClaimedDeletion, signal: AbortSignal): Promise<boolean> {
  const { db, log } = store.platform;
  const { app_id: appId } = claimed;
  if (claimed.phase === "stopping") {
    if (!(await openWritesEnded(db.read))) {
      log.warn("app_deletion_waits", { appId, reason: "a transaction that began before it is still open" });
      return false;
    }
    await beginClearing(db.write, appId);
  }
  const endMs = performance.now() + TURN_MS;
  let limit = BATCH_FIRST;
  for (const content of store.contents) {
    let after: Place | undefined;
    for (;;) {
      if (signal.aborted || performance.now() > endMs) return false;
      const startMs = performance.now();
      const { rows, last } = await content.deleteBatch(db.write, appId, { limit, after });
      if (rows === 0) break;
      after = last;
      const { nodeId, config } = store.platform;
      await noteDeleted(db.write, { appId, nodeId, rows, leaseMs: config.leaseMs });
      const tookMs = performance.now() - startMs;
      limit = nextLimit(limit, tookMs);
      await sleep(Math.min(tookMs, PAUSE_MAX_MS));
    }
  }
  return true;
}

function nextLimit(limit: number, tookMs: number): number {
  if (tookMs > BATCH_MS) return Math.max(BATCH_MIN, Math.floor(limit / 2));
  return tookMs < BATCH_MS / 2 ? Math.min(BATCH_MAX, limit * 2) : limit;
}

/** Removes the app itself. A row that is there all the same stops it: the next turn deletes it first. */
async function finish({ platform, contents }: AppStore, claimed: ClaimedDeletion): Promise<void> {
  const { app_id: appId, slug, name } = claimed;
  const change = { by: "server", action: "apps.removed", signal: ["deployed", "access"], appId } as const;
  const rows = await controlChange(platform, change, async (tx, record) => {
    for (const content of contents) {
      if ((await content.deleteBatch(tx, appId, { limit: 1 })).rows > 0)
        throw new Error(`rows of the app ${appId} came into ${content.table} while it was being deleted`);
    }
    const deleted = await deleteAppRow(tx, appId);
    if (deleted === undefined) {
      record.nothing();
      return undefined;
    }
    record.tell({
      resource: resourceOf({ id: appId, slug }),
      before: summaryOf({ slug, name }),
      after: { rows_deleted: deleted },
    });
    return deleted;
  });
  if (rows !== undefined) platform.log.info("app_deleted", { appId, slug, rows });
  await sweepReserved(platform, SWEEP_BATCH);
}
