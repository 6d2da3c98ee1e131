/** Reading executions and their logs, the live tail, and what keeps both tables bounded. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { withEventMeta } from "@orpc/server";
import { authorize } from "../../platform/authorize.ts";
import { createBell } from "../../platform/bell.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import type { CursorForm } from "../../platform/cursor.ts";
import { commitBound } from "../../platform/database/commit-order.ts";
import type { EndpointCall } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp, isAppActive } from "../apps/apps.service.ts";
import { getScriptRow } from "../scripts/scripts.service.ts";
import type { ExecutionRecorder } from "./execution-recorder.ts";
import type { Execution, ExecutionDetail } from "./executions.contract.ts";
import {
  findExecution,
  listAbandoned as listAbandonedRows,
  listEmitted,
  listExecutions as listExecutionRows,
  listExecutionsAfter,
} from "./executions.repository.ts";
import type { ExecutionFilter, ExecutionRow } from "./executions.repository.ts";

export { executionsContent } from "./executions.repository.ts";
export { createRecorder, storable } from "./execution-recorder.ts";
export type { ExecutionRecorder } from "./execution-recorder.ts";
export { createExecutionUpkeep } from "./execution-upkeep.ts";

export interface ExecutionQuery {
  readonly status?: string | undefined;
  readonly since?: string | undefined;
  readonly q?: string | undefined;
}

/** What the executions of this node are written with; reads flush it first. */
export interface ExecutionStore {
  readonly platform: Platform;
  readonly recorder: ExecutionRecorder;
}

/** Which executions: all of an app (id or slug), or one script's. */
export type ExecutionScope = { readonly app: string } | { readonly scriptId: string };

export async function listExecutions(
  ctx: Context,
  store: ExecutionStore,
  scope: ExecutionScope,
  query: ExecutionQuery & PageQuery,
): Promise<Page<Execution> & { items: Execution[] }> {
  const filter = await filterOf(ctx, store, scope, query);
  const form = cursorForm("executions", filter);
  const [before] = readCursor(form, query.cursor) ?? [];
  await store.recorder.flush();
  const rows = await listExecutionRows(
    store.platform.db.read,
    filter,
    before === undefined ? undefined : String(before),
    query.limit + 1,
  );
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.id], item: executionOf });
}

export async function getExecution(
  ctx: Context,
  store: ExecutionStore,
  app: string,
  id: string,
): Promise<ExecutionDetail> {
  const { read } = store.platform.db;
  const { id: appId } = await getApp(ctx, read, app, "AppReadLogs");
  await store.recorder.flush();
  const found = await findExecution(read, appId, id);
  if (found === undefined) throw new PicloudError("not_found", `There is no execution ${id} in this app.`);
  const { receipt, ...row } = found;
  const { lines, omitted } = readReceipt(receipt);
  const emitted = await listEmitted(read, {
    appId,
    executionId: id,
    fromId: leastIdAt(row.started_at.getTime() - clockSkewMs),
    toId: leastIdAt((row.ended_at?.getTime() ?? store.platform.now()) + clockSkewMs),
    limit: emittedMax,
  });
  return {
    ...executionOf(row),
    receipt: {
      wrote: lines.filter((line) => !isSent(line)),
      sent: lines.filter(isSent),
      emitted: [...emitted],
      omitted,
    },
  };
}

type ReceiptLine = ExecutionDetail["receipt"]["wrote"][number];

/** Services that send; what others change is written. */
const sending: ReadonlySet<string> = new Set(["queue", "pubsub", "email", "http"]);
/** Events of one execution that are shown. */
const emittedMax = 1_000;
/** Between the clocks of nodes and database. */
const clockSkewMs = 120_000;

function isSent({ call }: ReceiptLine): boolean {
  return sending.has(call.slice(0, call.indexOf(".")));
}

function readReceipt(text: string | null): { lines: ReceiptLine[]; omitted: number } {
  if (text === null) return { lines: [], omitted: 0 };
  return JSON.parse(text) as { lines: ReceiptLine[]; omitted: number };
}

/** Before every UUID v7 of this time or later. */
function leastIdAt(ms: number): string {
  const hex = Math.max(0, Math.trunc(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

export async function listAbandoned(
  ctx: Context,
  store: ExecutionStore,
  app: string,
  query: PageQuery,
): Promise<Page<AbandonedExecution> & { items: AbandonedExecution[] }> {
  const { id: appId } = await getApp(ctx, store.platform.db.read, app, "AppReadLogs");
  const form: CursorForm = { list: `abandoned:${appId}`, parts: ["id"] };
  const [before] = readCursor(form, query.cursor) ?? [];
  await store.recorder.flush();
  const rows = await listAbandonedRows(
    store.platform.db.read,
    appId,
    before === undefined ? undefined : String(before),
    query.limit + 1,
  );
  return pageOfRows(rows, query.limit, form, {
    key: (row) => [row.execution_id],
    item: (row) => ({ ...row, created_at: row.created_at.toISOString() }),
  });
}

export interface AbandonedExecution {
  readonly execution_id: string;
  readonly script_id: string;
  readonly reason: string;
  readonly status: string;
  readonly error_code: string | null;
  readonly created_at: string;
}

/** How many executions one read of a tail takes. */
const tailBatch = 200;
/** A tail looks again at least this often, so that a lost signal costs a second. */
const tailPollMs = 1000;

type TailQuery = ExecutionQuery & Pick<EndpointCall, "signal" | "lastEventId">;

/** Executions as they end, in the order of their commits. A client that comes back with the id of its last event gets
 *  everything since; a new one gets what ends from now on. Ends when the client leaves or loses the right to read.
 *  Refusals and the position come before the answer begins: what ends after it is in the stream. */
export async function tailExecutions(
  ctx: Context,
  store: ExecutionStore,
  scope: ExecutionScope,
  query: TailQuery,
): Promise<AsyncGenerator<Execution, void, void>> {
  const filter = await filterOf(ctx, store, scope, query);
  const start = readPosition(query.lastEventId) ?? {
    xid: await commitBound(store.platform.db.read),
    id: leastId,
  };
  return followExecutions(ctx, store, { ...query, filter }, start);
}

async function* followExecutions(
  ctx: Context,
  store: ExecutionStore,
  query: TailQuery & { readonly filter: Awaited<ReturnType<typeof filterOf>> },
  start: Position,
): AsyncGenerator<Execution, void, void> {
  const { db, signals } = store.platform;
  const { filter } = query;
  // Subscribe first, then read: nothing falls between.
  const bell = createBell();
  const unsubscribe = signals.on("executions", bell.ring);
  query.signal?.addEventListener("abort", bell.ring, { once: true });
  try {
    let position = start;
    while (query.signal?.aborted !== true) {
      authorize(ctx, "AppReadLogs", filter.appId);
      if (!(await isAppActive(db.read, filter.appId)))
        throw new PicloudError("app_gone", "The app is being deleted.");
      const bound = await commitBound(db.read);
      const rows = await listExecutionsAfter(db.read, filter, position, { bound, limit: tailBatch });
      for (const row of rows) {
        position = { xid: row.xid, id: row.id };
        yield withEventMeta(executionOf(row), { id: `${row.xid}.${row.id}` });
      }
      if (rows.length < tailBatch) await bell.wait(tailPollMs);
    }
  } finally {
    unsubscribe();
    query.signal?.removeEventListener("abort", bell.ring);
  }
}

interface Position {
  readonly xid: string;
  readonly id: string;
}

const leastId = "00000000-0000-0000-0000-000000000000";

function readPosition(lastEventId: string | undefined): Position | undefined {
  const match = /^(\d{1,19})\.([0-9a-f-]{36})$/.exec(lastEventId ?? "");
  return match?.[1] === undefined || match[2] === undefined ? undefined : { xid: match[1], id: match[2] };
}

async function filterOf(
  ctx: Context,
  store: ExecutionStore,
  scope: ExecutionScope,
  query: ExecutionQuery,
): Promise<ExecutionFilter> {
  const { status, since, q } = query;
  const read = store.platform.db.read;
  if ("app" in scope) {
    const app = await getApp(ctx, read, scope.app, "AppReadLogs");
    return { appId: app.id, status, since, q };
  }
  const script = await getScriptRow(ctx, read, scope.scriptId, "AppReadLogs");
  return { appId: script.app_id, scriptId: scope.scriptId, status, since, q };
}

function cursorForm(list: string, filter: ExecutionFilter): CursorForm {
  return {
    list: JSON.stringify([list, filter.appId, filter.scriptId, filter.status, filter.since, filter.q]),
    parts: ["id"],
  };
}

function executionOf(row: ExecutionRow): Execution {
  const { error_code, error_message, error_stack, xid: _, lines, started_at, ended_at, ...rest } = row;
  return {
    ...rest,
    started_at: started_at.toISOString(),
    ended_at: ended_at?.toISOString() ?? null,
    error:
      error_code === null ? null : { code: error_code, message: error_message ?? "", stack: error_stack },
    lines: lines === null ? [] : (JSON.parse(lines) as Execution["lines"]),
  };
}
