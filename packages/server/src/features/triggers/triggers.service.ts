/** Triggers: made, changed and removed so that every later write is seen by them, and what waits for them. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { requireUser } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { difference } from "../../platform/database/audit.ts";
import type { AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { openWritesEnded } from "../../platform/database/open-writes.ts";
import {
  dropDeliveriesOfTrigger,
  holdDeliveriesOfTrigger,
  releaseDeliveriesOfTrigger,
} from "../../platform/database/outbox-holds.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { checkCollectionGlob, checkOps } from "./trigger-pattern.ts";
import {
  collectionOps,
  triggerKinds,
  type BackoffKind,
  type CollectionKind,
  type TriggerKind,
  type TriggerView,
} from "./triggers.contract.ts";
import {
  deleteTriggerRow,
  findTarget,
  findTrigger,
  insertTrigger,
  listTriggerRows,
  listTriggersOfUser,
  pauseTriggerRow,
  updateTriggerRow,
  type TriggerRow,
} from "./triggers.repository.ts";

export { triggersContent } from "./triggers.repository.ts";

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What a caller sets of a trigger of a collection beside its target. */
export type TriggerChange = Optional<{
  enabled: boolean;
  collection_glob: string;
  ops: readonly string[];
  max_attempts: number;
  backoff: BackoffKind;
  base_ms: number;
  max_ms: number;
  jitter_pct: number;
}>;

export type NewTrigger = TriggerChange &
  Optional<{ script_id: string; script: string }> & { readonly kind: string };

export interface TriggerAddress {
  readonly app: string;
  readonly id: string;
}

export async function listTriggers(
  ctx: Context,
  platform: Platform,
  appRef: string,
  page: PageQuery,
): Promise<Page<TriggerView> & { items: TriggerView[] }> {
  const app = await getApp(ctx, platform.db.read, appRef, "AppManageTriggers");
  const form = { list: `triggers:${app.id}`, parts: ["id"] } as const;
  const before = readCursor(form, page.cursor)?.[0];
  const rows = await listTriggerRows(platform.db.read, {
    appId: app.id,
    before: before === undefined ? undefined : String(before),
    limit: page.limit + 1,
  });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.id], item: viewOf });
}

export async function getTrigger(
  ctx: Context,
  platform: Platform,
  address: TriggerAddress,
): Promise<TriggerView> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppManageTriggers");
  return viewOf(await getRow(platform.db.read, app.id, address.id));
}

/** Answers when every write that has not yet begun sees the trigger. Throws `invalid`, `not_found`,
 *  `target_is_module`; `unavailable` says that it is stored and its start not certain. */
export async function createTrigger(
  ctx: Context,
  platform: Platform,
  appRef: string,
  input: NewTrigger,
): Promise<TriggerView> {
  const app = await getApp(ctx, platform.db.read, appRef, "AppManageTriggers");
  const kind = checkedKind(input.kind);
  if (input.collection_glob === undefined) throw invalid("collection_glob", "is required");
  checkCollectionGlob(input.collection_glob, "collection_glob");
  const ops = checkOps(input.ops ?? [], collectionOps[kind], "ops");
  const { config } = platform;
  const id = newId();
  const change = { by: ctx, action: "triggers.create", signal: "deployed", appId: app.id } as const;
  await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, app.id, "AppManageTriggers");
    const row = {
      app_id: app.id,
      id,
      script_id: await targetId(tx, app.id, input),
      kind,
      pattern: input.collection_glob ?? "",
      ops,
      enabled: input.enabled ?? true,
      max_attempts: input.max_attempts ?? config.triggerRetryMaxAttempts,
      backoff: input.backoff ?? config.triggerRetryBackoff,
      base_ms: input.base_ms ?? config.triggerRetryBaseMs,
      max_ms: input.max_ms ?? config.triggerRetryMaxMs,
      jitter_pct: input.jitter_pct ?? config.triggerRetryJitterPct,
      registered_by: requireUser(ctx).id,
    };
    await insertTrigger(tx, row);
    record.tell({ resource: { kind: "trigger", id }, after: summaryOf(row) });
  });
  await awaitStart(platform, id);
  return viewOf(await getRow(platform.db.write, app.id, id));
}

/** Changes a trigger. Switching it on frees what was held, and makes the caller the one whose right counts if it was
 *  paused for a lack of rights; switching it off holds what waits. */
export async function updateTrigger(
  ctx: Context,
  platform: Platform,
  address: TriggerAddress,
  change: TriggerChange & {
    /** For the audit log; absent: an update. */
    readonly action?: "triggers.enable" | "triggers.disable";
  },
): Promise<TriggerView> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppManageTriggers");
  if (change.collection_glob !== undefined) checkCollectionGlob(change.collection_glob, "collection_glob");
  const control = {
    by: ctx,
    action: change.action ?? "triggers.update",
    signal: "deployed",
    appId: app.id,
  } as const;
  await controlChange(platform, control, async (tx, record) => {
    const row = await getRow(tx, app.id, address.id);
    const ops = change.ops === undefined ? row.ops : checkOps(change.ops, opsOf(row.kind), "ops");
    const isResumed = change.enabled === true && row.paused_reason !== null;
    const changed = {
      ...row,
      pattern: change.collection_glob ?? row.pattern,
      ops,
      enabled: change.enabled ?? row.enabled,
      paused_reason: isResumed ? null : row.paused_reason,
      registered_by: isResumed ? requireUser(ctx).id : row.registered_by,
      max_attempts: change.max_attempts ?? row.max_attempts,
      backoff: change.backoff ?? row.backoff,
      base_ms: change.base_ms ?? row.base_ms,
      max_ms: change.max_ms ?? row.max_ms,
      jitter_pct: change.jitter_pct ?? row.jitter_pct,
    };
    await updateTriggerRow(tx, changed);
    const resource = { kind: "trigger", id: row.id };
    record.tell({ resource, ...difference(summaryOf(row), summaryOf(changed)) });
  });
  await awaitStart(platform, address.id);
  const key = { appId: app.id, triggerId: address.id };
  if (change.enabled === true && (await releaseDeliveriesOfTrigger(platform.db.write, key)) > 0)
    platform.signals.send("outbox", app.id);
  if (change.enabled === false) await holdDeliveriesOfTrigger(platform.db.write, key);
  return viewOf(await getRow(platform.db.write, app.id, address.id));
}

/** Deletes a trigger and drops what waits for it. */
export async function deleteTrigger(
  ctx: Context,
  platform: Platform,
  address: TriggerAddress,
): Promise<{ id: string; dropped_deliveries: number }> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppManageTriggers");
  const change = { by: ctx, action: "triggers.delete", signal: "deployed", appId: app.id } as const;
  await controlChange(platform, change, async (tx, record) => {
    const row = await getRow(tx, app.id, address.id);
    record.tell({ resource: { kind: "trigger", id: row.id }, before: summaryOf(row) });
    await deleteTriggerRow(tx, app.id, row.id);
  });
  // Writes that were open at the commit may still make deliveries: they are counted and dropped too.
  await awaitStart(platform, address.id);
  const key = { appId: app.id, triggerId: address.id };
  return { id: address.id, dropped_deliveries: await dropDeliveriesOfTrigger(platform.db.write, key) };
}

/** Some of the triggers that run as a user, whatever the app. For who manages users and has been checked. */
export async function triggersOfUser(
  db: Queryable,
  userId: string,
): Promise<readonly { readonly id: string; readonly app: string }[]> {
  return await listTriggersOfUser(db, userId, 10);
}

export type PausedReason = "user_disabled" | "user_lacks_right";

/** Pauses a trigger whose user may no longer have it run (TRG-7): its events are held until somebody switches it on.
 *  For the dispatcher. */
export async function pauseTrigger(
  platform: Platform,
  appId: string,
  id: string,
  pause: { readonly reason: PausedReason; readonly userId: string },
): Promise<void> {
  if (!(await pauseTriggerRow(platform.db.write, { appId, id }, pause))) return;
  platform.log.warn("trigger_paused", { appId, triggerId: id, reason: pause.reason });
  await holdDeliveriesOfTrigger(platform.db.write, { appId, triggerId: id });
}

async function getRow(db: Queryable, appId: string, id: string): Promise<TriggerRow> {
  const row = await findTrigger(db, appId, id);
  if (row === undefined) throw new PicloudError("not_found", `There is no trigger ${id} in this app.`);
  return row;
}

function checkedKind(kind: string): CollectionKind {
  if (!triggerKinds.some((known) => known === kind))
    throw invalid("kind", `must be one of ${triggerKinds.join(", ")}`);
  if (!isCollectionKind(kind))
    throw invalid("kind", `${kind} is not available yet; ${Object.keys(collectionOps).join(" and ")} are`);
  return kind;
}

function isCollectionKind(kind: string): kind is CollectionKind {
  return Object.hasOwn(collectionOps, kind);
}

function opsOf(kind: TriggerKind): readonly string[] {
  return isCollectionKind(kind) ? collectionOps[kind] : [];
}

async function targetId(db: Queryable, appId: string, input: NewTrigger): Promise<string> {
  const { script_id: id, script: name } = input;
  if ((id === undefined) === (name === undefined))
    throw invalid("script_id", "give the script by script_id or by script (its name), one of them");
  const target = await findTarget(db, appId, id === undefined ? { name: name ?? "" } : { id });
  if (target === undefined)
    throw new PicloudError("not_found", `There is no script ${JSON.stringify(id ?? name)} in this app.`);
  if (target.kind !== "endpoint") {
    throw new PicloudError("target_is_module", "A trigger needs an endpoint; this script is a module.", {
      fields: [{ path: id === undefined ? "script" : "script_id", message: "is a module" }],
    });
  }
  return target.id;
}

async function awaitStart(platform: Platform, id: string): Promise<void> {
  if (await openWritesEnded(platform.db.read)) return;
  throw new PicloudError(
    "unavailable",
    `The change of trigger ${id} is stored, but writes that were open before it have not ended: it is not certain that they see it.`,
  );
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}

function summaryOf(
  row: Omit<Parameters<typeof insertTrigger>[1], "app_id" | "id"> & {
    readonly paused_reason?: string | null;
  },
): AuditSummary {
  const { script_id, kind, pattern, ops, enabled, paused_reason, max_attempts, backoff, base_ms, max_ms } =
    row;
  const retry = { max_attempts, backoff, base_ms, max_ms, jitter_pct: row.jitter_pct };
  return {
    script_id,
    kind,
    collection_glob: pattern,
    ops,
    enabled,
    paused_reason: paused_reason ?? null,
    retry,
  };
}

function viewOf(row: TriggerRow): TriggerView {
  return {
    id: row.id,
    app_id: row.app_id,
    script_id: row.script_id,
    script_name: row.script_name,
    kind: row.kind,
    enabled: row.enabled,
    ...(row.paused_reason === null ? {} : { paused_reason: row.paused_reason }),
    dispatch_mode: "async",
    max_attempts: row.max_attempts,
    backoff: row.backoff,
    base_ms: row.base_ms,
    max_ms: row.max_ms,
    jitter_pct: row.jitter_pct,
    registered_by_principal: row.registered_by,
    collection_glob: row.pattern,
    ops: [...row.ops],
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
