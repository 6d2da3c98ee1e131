/** Dead letters are delivered once more: one, by a person or a script, or many, batch by batch. */
import { PicloudError } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { readCursor, writeCursor, type CursorForm } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { finishWrite, isChainEnd, writeCause } from "../../platform/database/outbox.ts";
import { writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import {
  invalid,
  listName,
  notFound,
  resourceOf,
  selectionOf,
  summaryOf,
  viewOf,
  type DeadLetter,
} from "./dead-letter-view.ts";
import type { DeadLetterFilter } from "./dead-letters.contract.ts";
import {
  findDeadLetter,
  newestDeadLetterId,
  replayRow,
  replayRows,
  type DeadLetterRow,
  type PickedRow,
} from "./dead-letters.repository.ts";
import type { DeadLetterAddress } from "./dead-letters.service.ts";

export interface DeadLetterKey {
  readonly appId: string;
  readonly id: string;
}

/** Delivers the event once more, with all attempts; the dead letter is then `replayed`. If the delivery fails again,
 *  there is a new dead letter. Throws `not_found` also when the script is gone, and `stale` if it is `replayed`. */
export async function replayDeadLetter(
  ctx: Context,
  platform: Platform,
  address: DeadLetterAddress,
): Promise<DeadLetter> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppDeadLetterManage");
  const cause = writeCause(platform, ctx, app.id);
  const row = await transaction(platform.db, async (tx) => {
    const picked = await replayRow(tx, cause, address.id);
    if (picked?.is_replayed === true) {
      const about = { resource: resourceOf(picked), appId: app.id, after: summaryOf(picked) };
      await writeAudit(tx, ctx, { action: "dead_letters.replay", ...about });
    }
    return picked;
  });
  const replayed = await replayedOf(platform.db.write, { appId: app.id, id: address.id }, row);
  if (replayed === undefined) {
    throw new PicloudError(
      "stale",
      "This dead letter has been replayed already. If its event failed again, that is a new dead letter.",
      { details: { dead_letter_id: address.id } },
    );
  }
  finishWrite(platform, ctx, cause, 1);
  return viewOf(replayed);
}

/** For a run: replays a dead letter of its own app, one deeper than the run. False: it has been replayed already. Throws
 *  `not_found`, and `invalid` where the chain of triggers would get too deep: the dead letter then stays as it is. */
export async function replayOwnDeadLetter(
  ctx: Context,
  platform: Platform,
  key: DeadLetterKey,
): Promise<boolean> {
  authorize(ctx, "AppDeadLetterManage", key.appId);
  const cause = writeCause(platform, ctx, key.appId);
  if (isChainEnd(cause))
    throw invalid("id", `would be delivered at depth ${cause.depthMax + 1}; the most is ${cause.depthMax}`);
  const row = await replayRow(writerOf(platform, ctx), cause, key.id);
  finishWrite(platform, ctx, cause, row?.is_replayed === true ? 1 : 0);
  return (await replayedOf(writerOf(platform, ctx), key, row)) !== undefined;
}

/** Throws `not_found` for what is not there or has nobody to go to; nothing: it was replayed before. */
async function replayedOf(
  db: Queryable,
  key: DeadLetterKey,
  row: PickedRow | undefined,
): Promise<DeadLetterRow | undefined> {
  if (row?.is_replayed === true) return row;
  if (row !== undefined) {
    throw new PicloudError("not_found", "The script that this event was for has been deleted.", {
      details: { dead_letter_id: key.id },
    });
  }
  if ((await findDeadLetter(db, key.appId, key.id)) === undefined) throw notFound(key.id);
  return undefined;
}

export interface ReplayedBatch {
  readonly replayed: number;
  /** Open ones that stay: the script that they were for is gone. */
  readonly skipped: number;
  /** Null: it was the last batch. */
  readonly next_cursor: string | null;
}

/** Replays up to `limit` open dead letters, oldest first, all or none of them. The cursor goes on with what was there at
 *  the first request, so that what fails anew is not replayed in the same round. Whoever loses the cursor asks without:
 *  what is replayed is no longer open. */
export async function replayDeadLetters(
  ctx: Context,
  platform: Platform,
  query: {
    readonly app: string;
    readonly filter: DeadLetterFilter;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<ReplayedBatch> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppDeadLetterManage");
  const { filter, limit } = query;
  const selection = { ...selectionOf(platform, filter), isUnresolved: true };
  const form: CursorForm = {
    list: `replay:${listName(app.id, { ...filter, unresolved: true })}`,
    parts: ["id", "id"],
  };
  const [after, end] = readCursor(form, query.cursor) ?? [];
  const last = end === undefined ? await newestDeadLetterId(platform.db.read, app.id) : String(end);
  if (last === undefined) return { replayed: 0, skipped: 0, next_cursor: null };
  const cause = writeCause(platform, ctx, app.id);
  const picked = await transaction(platform.db, async (tx) => {
    const batch = { selection, after: after === undefined ? undefined : String(after), last, limit };
    const rows = await replayRows(tx, cause, batch);
    const count = rows.filter((row) => row.is_replayed).length;
    if (count > 0) {
      await writeAudit(tx, ctx, {
        action: "dead_letters.replay_many",
        resource: { kind: "dead_letters" },
        appId: app.id,
        after: { count, filter },
      });
    }
    return rows;
  });
  const replayed = picked.filter((row) => row.is_replayed).length;
  finishWrite(platform, ctx, cause, replayed);
  const furthest = picked.length < limit ? undefined : picked.at(-1);
  return {
    replayed,
    skipped: picked.length - replayed,
    next_cursor: furthest === undefined ? null : writeCursor(form, [furthest.id, last]),
  };
}
