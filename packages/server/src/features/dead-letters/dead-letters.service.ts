/** Dead letters: looking at them, delivering them once more, closing them. */
import { isStorableText, JsonText, PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { Transaction } from "../../platform/database/database.ts";
import { afterCommit, readerOf, writeTogether } from "../../platform/database/run-transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import type { Resolution } from "./dead-letters.contract.ts";
import {
  countDeadLetterRows,
  deleteOldDeadLetters,
  findDeadLetter,
  listDeadLetterRows,
  replayRow,
  resolveRow,
  type DeadLetterRow,
} from "./dead-letters.repository.ts";

export { deadLettersContent } from "./dead-letters.repository.ts";

export interface DeadLetterAddress {
  readonly app: string;
  readonly id: string;
}

/** Newest first; `unresolved` narrows to those that are open. */
export async function listDeadLetters(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly app: string; readonly unresolved?: boolean | undefined },
): Promise<Page<DeadLetter> & { items: DeadLetter[] }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppDeadLetterManage");
  const isUnresolved = query.unresolved === true;
  const form = { list: `dead-letters:${app.id}:${isUnresolved}`, parts: ["id"] } as const;
  const before = readCursor(form, query.cursor)?.[0];
  const rows = await listDeadLetterRows(readerOf(platform, ctx), {
    appId: app.id,
    isUnresolved,
    before: before === undefined ? undefined : String(before),
    limit: query.limit + 1,
  });
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.id], item: viewOf });
}

export async function countDeadLetters(
  ctx: Context,
  platform: Platform,
  query: { readonly app: string; readonly unresolved?: boolean | undefined },
): Promise<{ count: number }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppDeadLetterManage");
  const isUnresolved = query.unresolved === true;
  return { count: await countDeadLetterRows(readerOf(platform, ctx), { appId: app.id, isUnresolved }) };
}

/** With its event, whose numbers stay as they were written. */
export async function getDeadLetter(
  ctx: Context,
  platform: Platform,
  address: DeadLetterAddress,
): Promise<DeadLetter & { event: unknown }> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppDeadLetterManage");
  const row = await findDeadLetter(readerOf(platform, ctx), app.id, address.id);
  if (row === undefined) throw notFound(address.id);
  return { ...viewOf(row), event: new JsonText(row.event) };
}

/** Delivers the event once more, with all attempts; the dead letter is then `replayed`. If the delivery fails again,
 *  there is a new dead letter. Throws `not_found` also when the script is gone. */
export async function replayDeadLetter(
  ctx: Context,
  platform: Platform,
  address: DeadLetterAddress,
): Promise<DeadLetter> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppDeadLetterManage");
  const row = await writeTogether(platform, ctx, async (tx) => {
    const replayed = await replayRow(tx, { appId: app.id, id: address.id });
    if (typeof replayed !== "string") await noteChange(tx, ctx, "dead_letters.replay", replayed);
    return replayed;
  });
  if (row === "missing") throw notFound(address.id);
  if (row === "script_gone") {
    throw new PicloudError("not_found", "The script that this event was for has been deleted.", {
      details: { dead_letter_id: address.id },
    });
  }
  afterCommit(ctx, () => platform.signals.send("outbox", app.id));
  return viewOf(row);
}

export async function resolveDeadLetter(
  ctx: Context,
  platform: Platform,
  address: DeadLetterAddress,
  resolution: { readonly reason: Resolution; readonly note?: string | undefined },
): Promise<DeadLetter> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppDeadLetterManage");
  const { reason, note = null } = resolution;
  if (note !== null && !isStorableText(note)) {
    throw new PicloudError("invalid", "note has U+0000 or half of a surrogate pair", {
      fields: [{ path: "note", message: "has U+0000 or half of a surrogate pair" }],
    });
  }
  const row = await writeTogether(platform, ctx, async (tx) => {
    const resolved = await resolveRow(tx, { appId: app.id, id: address.id }, { reason, note });
    if (resolved !== undefined) await noteChange(tx, ctx, "dead_letters.resolve", resolved);
    return resolved;
  });
  if (row === undefined) throw notFound(address.id);
  return viewOf(row);
}

/** Removes up to `limit` dead letters over the retention time (TRG-9); gives their number. */
export async function sweepDeadLetters(platform: Platform, limit: number): Promise<number> {
  return await deleteOldDeadLetters(platform.db.side, platform.config.deadLetterRetentionDays, limit);
}

async function noteChange(
  tx: Transaction,
  ctx: Context,
  action: "dead_letters.replay" | "dead_letters.resolve",
  row: DeadLetterRow,
): Promise<void> {
  const { id, app_id: appId, resolution, note, source, op } = row;
  await writeAudit(tx, ctx, {
    action,
    resource: { kind: "dead_letter", id },
    appId,
    after: { source, op, resolution, note },
  });
}

function notFound(id: string): PicloudError {
  return new PicloudError("not_found", `There is no dead letter ${id} in this app.`);
}

type DeadLetter = ReturnType<typeof viewOf>;

function viewOf(row: DeadLetterRow) {
  return {
    id: row.id,
    app_id: row.app_id,
    source: row.source,
    op: row.op,
    trigger_id: row.trigger_id,
    script_id: row.script_id,
    attempts: row.attempts,
    last_error: row.last_error,
    resolution: row.resolution,
    resolved_at: row.resolved_at?.toISOString() ?? null,
    note: row.note,
    root_execution_id: row.root_execution_id,
    last_execution_id: row.last_execution_id,
    first_attempt_at: row.first_attempt_at?.toISOString() ?? null,
    last_attempt_at: row.last_attempt_at.toISOString(),
    created_at: row.created_at.toISOString(),
  };
}
