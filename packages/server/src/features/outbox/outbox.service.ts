/** Looking at the outbox: every delivery that waits can say why. */
import type { Page, PageQuery } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor, type CursorForm } from "../../platform/cursor.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import type { DeliveryView, Wait } from "./outbox.contract.ts";
import { countOutboxRows, listOutboxRows, type OutboxFilter, type OutboxRow } from "./outbox.repository.ts";

/** Execution slots of the node that is asked, for deliveries. */
export interface DeliverySlots {
  /** Whether a claim would take a due delivery of the app now. */
  open(appId: string): "yes" | "none_free" | "app_share";
  /** Deliveries that the node holds, and how many it may. */
  held(): number;
  most(): number;
}

export interface OutboxView {
  readonly platform: Platform;
  readonly slots: DeliverySlots;
}

export interface OutboxQuery {
  readonly app: string;
  readonly wait?: Wait | undefined;
  readonly trigger_id?: string | undefined;
  readonly script_id?: string | undefined;
}

export async function listOutbox(
  ctx: Context,
  view: OutboxView,
  query: OutboxQuery & PageQuery,
): Promise<Page<DeliveryView> & { items: DeliveryView[] }> {
  const filter = await filterOf(ctx, view, query);
  const { appId, triggerId, scriptId } = filter;
  const form: CursorForm = {
    list: JSON.stringify(["outbox", appId, filter.wait, triggerId, scriptId]),
    parts: ["id"],
  };
  const after = readCursor(form, query.cursor)?.[0];
  const rows = await listOutboxRows(view.platform.db.read, filter, {
    after: after === undefined ? undefined : String(after),
    limit: query.limit + 1,
  });
  const { triggerRetryMaxAttempts } = view.platform.config;
  return pageOfRows(rows, query.limit, form, {
    key: (row) => [row.id],
    item: (row) =>
      // Without a trigger the server's own setting counts.
      viewOf({ ...row, max_attempts: row.max_attempts ?? triggerRetryMaxAttempts }, view.slots),
  });
}

export async function countOutbox(
  ctx: Context,
  view: OutboxView,
  query: OutboxQuery,
): Promise<{ count: number; waits: { wait: Wait; count: number; oldest_at: string }[] }> {
  const rows = await countOutboxRows(view.platform.db.read, await filterOf(ctx, view, query));
  return {
    count: rows.reduce((sum, row) => sum + row.count, 0),
    waits: rows.map((row) => ({ ...row, oldest_at: row.oldest_at.toISOString() })),
  };
}

async function filterOf(ctx: Context, view: OutboxView, query: OutboxQuery): Promise<OutboxFilter> {
  const app = await getApp(ctx, view.platform.db.read, query.app, "AppReadLogs");
  const open = view.slots.open(app.id);
  return {
    appId: app.id,
    wait: query.wait,
    triggerId: query.trigger_id,
    scriptId: query.script_id,
    dueWait: open === "yes" ? "due" : open === "app_share" ? "app_share" : "no_free_slot",
  };
}

type ShownRow = OutboxRow & { readonly max_attempts: number };

function viewOf(row: ShownRow, slots: DeliverySlots): DeliveryView {
  return {
    id: row.id,
    app_id: row.app_id,
    wait: row.wait,
    why: sentences[row.wait](row, slots),
    event_id: row.event_id,
    source: row.source,
    op: row.op,
    trigger_id: row.trigger_id,
    script_id: row.script_id,
    script_name: row.script_name,
    dead_letter_id: row.dead_letter_id,
    group: row.group_key,
    execution_id: row.execution_id,
    root_execution_id: row.root_execution_id,
    depth: row.depth,
    attempt: row.attempt,
    max_attempts: row.max_attempts,
    takeovers: row.takeovers,
    last_error: row.last_error,
    run_after: row.run_after.toISOString(),
    node_id: row.locked_by,
    locked_at: row.locked_at?.toISOString() ?? null,
    lease_until: row.lease_until?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  };
}

const sentences: Readonly<Record<Wait, (row: ShownRow, slots: DeliverySlots) => string>> = {
  running: (row) => `being run by node ${row.locked_by} since ${time(row.locked_at)}`,
  lease_ended: (row) =>
    `node ${row.locked_by} was lost with it; its lease ended at ${time(row.lease_until)}, another node takes it over`,
  no_free_slot: (row, slots) =>
    `due since ${time(row.run_after)}; no free slot: this node holds ${slots.held()} deliveries, ${slots.most()} are the most, fewer while other runs have the slots`,
  app_share: (row) =>
    `due since ${time(row.run_after)}; the app's deliveries hold all slots of this node that one app may have`,
  due: (row) => `due since ${time(row.run_after)}; the next claim takes it`,
  retry: (row) =>
    `retry in ${until(row)}, at ${time(row.run_after)}; failed ${row.attempt} of ${row.max_attempts} times, last with ${row.last_error?.code ?? "no error"}`,
  delayed: (row) => `delayed until ${time(row.run_after)}, for ${until(row)}`,
  trigger_disabled: (row) => `trigger ${row.trigger_id} is disabled`,
  trigger_paused: (row) => `trigger ${row.trigger_id} is paused: ${row.paused_reason}`,
  script_disabled: (row) => `script ${row.script_name} is disabled`,
  queue_paused: () => "the queue is paused",
  no_consumer: () => "no trigger consumes the queue",
  depth_limit: (row) =>
    `the chain of runs that sent it ends here: it would run at depth ${row.depth}; nothing frees it but a purge`,
  group: (row) =>
    `group ${row.group_key} is held by ${row.group_first_id ?? "a message that is gone by now"}`,
  being_freed: () => "was held; what held it is over, and it is being freed",
  target_gone: () => "its trigger or script is gone; the next claim drops it",
};

function time(at: Date | null): string {
  return at?.toISOString() ?? "an unknown time";
}

/** Time to `run_after`: `40 s`, `5 min`, `2 h 5 min`, `3 d 1 h`. */
function until({ run_after: at, looked_at: now }: OutboxRow): string {
  const seconds = Math.max(0, Math.ceil((at.getTime() - now.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
