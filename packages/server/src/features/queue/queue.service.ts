/** Queues: messages are sent, looked at, purged; queues are paused and resumed. Delivery is the outbox's. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { AuditSummary } from "../../platform/database/audit.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { openWritesEnded } from "../../platform/database/open-writes.ts";
import { isChainEnd, writeCause, type WriteCause } from "../../platform/database/outbox.ts";
import { isDataError, isSerializationFailure } from "../../platform/database/pg-errors.ts";
import { settleQueue, type QueueKey } from "../../platform/database/queue-messages.ts";
import { afterCommit, writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import { triggerChain } from "../../platform/database/trigger-chain.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone } from "../apps/apps.service.ts";
import { checkQueueName } from "./queue-message.ts";
import { insertMessages, type NewMessage, type SentMessage } from "./queue-send.repository.ts";
import type { QueueView } from "./queue.contract.ts";
import * as repository from "./queue.repository.ts";
import type { MessageRow, QueueRow } from "./queue.repository.ts";

export { queueContent } from "./queue.repository.ts";
export type { MessageRow } from "./queue.repository.ts";

/** Sends messages of one queue, all or none; gives their ids, or those of the first messages with their dedupe keys. `make`
 *  is called when the caller may send: it checks what it is given. */
export async function sendMessages(
  ctx: Context,
  platform: Platform,
  key: QueueKey,
  make: () => readonly NewMessage[],
): Promise<readonly string[]> {
  enter(ctx, "AppQueueWrite", key);
  const messages = make();
  if (messages.length === 0) return [];
  const cause = writeCause(platform, ctx, key.appId);
  const sent = await tried(ctx, async () => {
    if (ctx.kind !== "api") return await insertMessages(writerOf(platform, ctx), cause, key.queue, messages);
    return await transaction(platform.db, async (tx) => {
      const rows = await insertMessages(tx, cause, key.queue, messages);
      const ids = rows.map((row) => row.message_id);
      await note(tx, ctx, { action: "queue.send", key, after: { message_ids: ids } });
      return rows;
    });
  });
  if (sent.length < messages.length) throw appGone(ctx.execution?.app.slug ?? key.appId);
  afterCommit(ctx, () => finish(platform, ctx, cause, sent));
  return sent.map((row) => row.message_id);
}

/** Batches and completions that meet in several groups may block each other in a ring: PostgreSQL ends one of them, which
 *  comes through at the next try. In a run's transaction a conflict is for the run, which begins again. */
const TRIES = 3;

async function tried<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  const most = ctx.transaction === undefined ? TRIES : 1;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (isSerializationFailure(error) && tries < most) continue;
      if (isDataError(error)) throw new PicloudError("invalid", "data can't be stored", { cause: error });
      throw error;
    }
  }
}

/** After the commit. Unlike what a write causes, a message at the end of a chain is not dropped: somebody was given its id.
 *  It is held for good, and says so. */
function finish(platform: Platform, ctx: Context, cause: WriteCause, sent: readonly SentMessage[]): void {
  if (cause.execution !== undefined) cause.execution.recorded = true;
  const count = sent.filter((row) => row.is_new).length;
  if (count === 0) return;
  if (!isChainEnd(cause)) {
    platform.signals.send("outbox", cause.appId);
    return;
  }
  ctx.warnAuthor?.(
    `The chain of triggers ends here: ${count} messages would run at depth ${cause.depthMax + 1}, the most is ${cause.depthMax}. They stay in the queue, held.`,
    cause.execution && triggerChain(platform, cause.execution),
  );
  ctx.log.warn("trigger_depth_exceeded", {
    appId: cause.appId,
    executionId: cause.execution?.id,
    depthMax: cause.depthMax,
    messages: count,
  });
}

/** Queues that have messages, a consumer or a pause, by name. */
export async function listQueues(
  ctx: Context,
  platform: Platform,
  appId: string,
  page: PageQuery,
): Promise<Page<QueueView> & { items: QueueView[] }> {
  authorize(ctx, "AppQueueRead", appId);
  const form = { list: `queues:${appId}`, parts: ["text"] } as const;
  const after = String(readCursor(form, page.cursor)?.[0] ?? "");
  const query = { appId, after, only: undefined, limit: page.limit + 1 };
  const rows = await repository.listQueueRows(platform.db.read, query);
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.name], item: viewOf });
}

/** A page may hold this much JSON text; it ends early before it would hold more, but has at least one message. */
const PAGE_BYTES_MAX = 4 * 1_048_576;

/** Messages in the order in which they were sent, without taking them. */
export async function peekMessages(
  ctx: Context,
  platform: Platform,
  key: QueueKey,
  page: PageQuery,
): Promise<Page<MessageRow> & { items: MessageRow[] }> {
  enter(ctx, "AppQueueRead", key);
  const form = { list: `queue:${JSON.stringify([key.appId, key.queue])}`, parts: ["id"] } as const;
  const after = readCursor(form, page.cursor)?.[0];
  const rows = await repository.listMessageRows(platform.db.read, key, {
    after: after === undefined ? undefined : String(after),
    limit: page.limit + 1,
  });
  const over = rows.findIndex((row) => row.bytes > PAGE_BYTES_MAX);
  const limit = over === -1 ? page.limit : Math.min(page.limit, Math.max(over, 1));
  return pageOfRows(rows, limit, form, { key: (row) => [row.id], item: (row) => row });
}

/** Messages of one statement; each is a short transaction of its own. */
const PURGE_BATCH = 5_000;
/** Batches of one purge; at 5,000 rows each more than any queue holds. */
const PURGE_BATCHES_MAX = 10_000;

/** Deletes what waits, is delayed or is held and was sent before; what runs goes on to its end. Gives the number. The entry
 *  of the audit log comes first: a purge that breaks off half-way has one. */
export async function purgeQueue(ctx: Context, platform: Platform, key: QueueKey): Promise<number> {
  enter(ctx, "AppQueueWrite", key);
  const before = await transaction(platform.db, async (tx) => {
    await note(tx, ctx, { action: "queue.purge", key });
    return await repository.readNow(tx);
  });
  let purged = 0;
  for (const isBehind of [true, false]) {
    for (let batches = 0; batches < PURGE_BATCHES_MAX; batches++) {
      const batch = { before, isBehind, limit: PURGE_BATCH };
      const count = await tried(ctx, async () => await repository.purgeBatch(platform.db.write, key, batch));
      purged += count;
      if (count < PURGE_BATCH) break;
    }
  }
  // A group whose first messages are gone may have a next one now.
  if (purged > 0) platform.signals.send("outbox", key.appId);
  return purged;
}

/** From the answer on no message of the queue is started, but what was claimed before may be. */
export async function pauseQueue(ctx: Context, platform: Platform, key: QueueKey): Promise<QueueView> {
  enter(ctx, "AppQueueWrite", key);
  await transaction(platform.db, async (tx) => {
    if (await repository.insertPause(tx, key)) await note(tx, ctx, { action: "queue.pause", key });
  });
  await settleQueue(platform.db.write, key);
  return await viewQueue(platform, key);
}

/** Frees what was held for the pause. Throws `unavailable` when writes that were open before do not end: what they sent may
 *  wait for the next sweep. */
export async function resumeQueue(ctx: Context, platform: Platform, key: QueueKey): Promise<QueueView> {
  enter(ctx, "AppQueueWrite", key);
  await transaction(platform.db, async (tx) => {
    if (await repository.deletePause(tx, key)) await note(tx, ctx, { action: "queue.resume", key });
  });
  const isSeen = await openWritesEnded(platform.db.read);
  if ((await settleQueue(platform.db.write, key)) > 0) platform.signals.send("outbox", key.appId);
  if (isSeen) return await viewQueue(platform, key);
  throw new PicloudError(
    "unavailable",
    "The queue is resumed, but writes that were open before have not ended: what they sent may wait some minutes.",
  );
}

/** Removes up to `limit` dedupe keys whose time is over; gives their number. */
export async function sweepDedupeKeys(platform: Platform, limit: number): Promise<number> {
  return await repository.deleteOldKeys(platform.db.side, limit);
}

/** Removes up to `limit` groups that nobody uses; gives their number. */
export async function sweepGroups(platform: Platform, limit: number): Promise<number> {
  return await repository.deleteOldGroups(platform.db.side, limit);
}

function enter(ctx: Context, capability: "AppQueueRead" | "AppQueueWrite", key: QueueKey): void {
  authorize(ctx, capability, key.appId);
  checkQueueName(key.queue, "name");
}

interface Change {
  readonly action: "queue.send" | "queue.purge" | "queue.pause" | "queue.resume";
  readonly key: QueueKey;
  readonly after?: AuditSummary;
}

/** A person's change has an entry in the audit log: which messages, never their data. */
async function note(tx: Transaction, ctx: Context, { action, key, after }: Change): Promise<void> {
  const resource = { kind: "queue", name: key.queue };
  await writeAudit(tx, ctx, { action, resource, appId: key.appId, after });
}

async function viewQueue(platform: Platform, key: QueueKey): Promise<QueueView> {
  const [row] = await listOne(platform.db.write, key);
  if (row === undefined) throw appGone(key.appId);
  return viewOf(row);
}

async function listOne(db: Queryable, { appId, queue }: QueueKey): Promise<readonly QueueRow[]> {
  return await repository.listQueueRows(db, { appId, after: "", only: queue, limit: 1 });
}

function viewOf(row: QueueRow): QueueView {
  return { ...row, oldest_at: row.oldest_at?.toISOString() ?? null };
}
