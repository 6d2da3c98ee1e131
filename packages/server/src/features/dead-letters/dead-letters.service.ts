/** Dead letters: looking at them, and closing them. */
import { isStorableText, JsonText } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { finishWrite, writeCause } from "../../platform/database/outbox.ts";
import { readerOf, writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import type { DeadLetterFilter, Resolution } from "./dead-letters.contract.ts";
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
import {
  countDeadLetterRows,
  deleteOldDeadLetters,
  findDeadLetter,
  listDeadLetterRows,
  resolveRow,
  type DeadLetterSelection,
} from "./dead-letters.repository.ts";

export { deadLettersContent } from "./dead-letters.repository.ts";
export type { DeadLetter } from "./dead-letter-view.ts";

export interface DeadLetterAddress {
  readonly app: string;
  readonly id: string;
}

export type DeadLetterQuery = DeadLetterFilter & {
  readonly app: string;
  readonly unresolved?: boolean | undefined;
};

/** Newest first; `unresolved` narrows to those that are open. */
export async function listDeadLetters(
  ctx: Context,
  platform: Platform,
  query: PageQuery & DeadLetterQuery,
): Promise<Page<DeadLetter> & { items: DeadLetter[] }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppDeadLetterManage");
  const { app: _, limit, cursor, unresolved = false, ...filter } = query;
  const list = listName(app.id, { unresolved, ...filter });
  const selection = { ...selectionOf(platform, filter), isUnresolved: unresolved };
  return await pageOf(platform.db.read, { appId: app.id, list, selection, limit, cursor });
}

/** For a run: dead letters of its own app. */
export async function listOwnDeadLetters(
  ctx: Context,
  platform: Platform,
  appId: string,
  query: PageQuery & { readonly unresolved: boolean },
): Promise<Page<DeadLetter>> {
  authorize(ctx, "AppDeadLetterManage", appId);
  const { unresolved, limit, cursor } = query;
  const list = listName(appId, { unresolved });
  return await pageOf(readerOf(platform, ctx), {
    appId,
    list,
    selection: { isUnresolved: unresolved },
    limit,
    cursor,
  });
}

async function pageOf(
  db: Queryable,
  query: PageQuery & {
    readonly appId: string;
    readonly list: string;
    readonly selection: DeadLetterSelection;
  },
): Promise<Page<DeadLetter> & { items: DeadLetter[] }> {
  const { appId, selection, limit } = query;
  const form = { list: query.list, parts: ["id"] } as const;
  const before = readCursor(form, query.cursor)?.[0];
  const rows = await listDeadLetterRows(db, {
    appId,
    selection,
    before: before === undefined ? undefined : String(before),
    limit: limit + 1,
  });
  return pageOfRows(rows, limit, form, { key: (row) => [row.id], item: viewOf });
}

export async function countDeadLetters(
  ctx: Context,
  platform: Platform,
  query: DeadLetterQuery,
): Promise<{ count: number }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppDeadLetterManage");
  const { app: _, unresolved = false, ...filter } = query;
  const selection = { ...selectionOf(platform, filter), isUnresolved: unresolved };
  return { count: await countDeadLetterRows(platform.db.read, app.id, selection) };
}

/** With its event, whose numbers stay as they were written. */
export async function getDeadLetter(
  ctx: Context,
  platform: Platform,
  address: DeadLetterAddress,
): Promise<DeadLetter & { event: unknown }> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppDeadLetterManage");
  const row = await findDeadLetter(platform.db.read, app.id, address.id);
  if (row === undefined) throw notFound(address.id);
  return { ...viewOf(row), event: new JsonText(row.event) };
}

/** Closes a dead letter, or gives it another reason; `handler_failed` leaves it open. Throws `not_found`. */
export async function resolveDeadLetter(
  ctx: Context,
  platform: Platform,
  address: DeadLetterAddress,
  resolution: { readonly reason: Resolution; readonly note?: string | undefined },
): Promise<DeadLetter> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppDeadLetterManage");
  const { reason, note = null } = resolution;
  if (note !== null && !isStorableText(note)) throw invalid("note", "has U+0000 or half of a surrogate pair");
  const cause = writeCause(platform, ctx, app.id);
  const row = await transaction(platform.db, async (tx) => {
    const resolved = await resolveRow(tx, cause, address.id, { reason, note });
    if (resolved !== undefined) {
      const about = { resource: resourceOf(resolved), appId: app.id, after: summaryOf(resolved) };
      await writeAudit(tx, ctx, { action: "dead_letters.resolve", ...about });
    }
    return resolved;
  });
  if (row === undefined) throw notFound(address.id);
  return viewOf(row);
}

/** For a run: closes a dead letter of its own app. Throws `not_found`. */
export async function resolveOwnDeadLetter(
  ctx: Context,
  platform: Platform,
  key: { readonly appId: string; readonly id: string },
  reason: Resolution,
): Promise<void> {
  authorize(ctx, "AppDeadLetterManage", key.appId);
  const cause = writeCause(platform, ctx, key.appId);
  const row = await resolveRow(writerOf(platform, ctx), cause, key.id, { reason, note: null });
  finishWrite(platform, ctx, cause, 0);
  if (row === undefined) throw notFound(key.id);
}

/** Removes up to `limit` dead letters over the retention time (TRG-9); gives their number. */
export async function sweepDeadLetters(platform: Platform, limit: number): Promise<number> {
  return await deleteOldDeadLetters(platform.db.side, platform.config.deadLetterRetentionDays, limit);
}
