/** Triggers: made, changed and removed so that every later write is seen by them, and what waits for them. */
import { PicloudError } from "@picloud/contract";
import type { InstanceRole, Page, PageQuery } from "@picloud/contract";
import { requireUser } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { difference } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { openWritesEnded } from "../../platform/database/open-writes.ts";
import {
  dropDeliveriesOfTrigger,
  holdDeliveriesOfTrigger,
  releaseDeliveriesOfTrigger,
} from "../../platform/database/outbox-holds.ts";
import { settleQueue } from "../../platform/database/queue-messages.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { roleHolds } from "../../platform/policy.ts";
import { getApp } from "../apps/apps.service.ts";
import { selfTriggerWarnings } from "./self-trigger.ts";
import { checkedKind, isMadeKind, kindColumns, kindRules } from "./trigger-kinds.ts";
import type { KindColumns, KindFields } from "./trigger-kinds.ts";
import { summaryOf, viewOf } from "./trigger-view.ts";
import type { BackoffKind, ChangedTrigger, TriggerView } from "./triggers.contract.ts";
import {
  deleteTriggerRow,
  findQueueConsumer,
  findTarget,
  findTrigger,
  findWrites,
  insertTrigger,
  listAppsWithTriggersOf,
  listTriggerRows,
  listTriggersOfUser,
  pauseTriggerRow,
  reassignRows,
  updateTriggerRow,
  type TriggerRow,
} from "./triggers.repository.ts";

export { triggersContent } from "./triggers.repository.ts";

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What a caller sets of a trigger beside its target. */
export type TriggerChange = KindFields &
  Optional<{
    enabled: boolean;
    max_attempts: number;
    backoff: BackoffKind;
    base_ms: number;
    max_ms: number;
    jitter_pct: number;
  }>;

export type NewTrigger = TriggerChange &
  Optional<{ script_id: string; script: string }> & { readonly kind: string };

/** Attempts of what is not tried again. */
const RUNS_ONCE = 1;

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

/** Answers when every write that has not yet begun sees the trigger. Throws `invalid`, `too_large`, `not_found`,
 *  `target_is_module`, `in_use` for a queue that has a consumer; `unavailable` says that it is stored and its start not certain. */
export async function createTrigger(
  ctx: Context,
  platform: Platform,
  appRef: string,
  input: NewTrigger,
): Promise<ChangedTrigger> {
  const app = await getApp(ctx, platform.db.read, appRef, "AppManageTriggers");
  const kind = checkedKind(input.kind);
  const columns = kindColumns(kind, input);
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
      ...columns,
      enabled: input.enabled ?? true,
      max_attempts: kindRules[kind].isRetried
        ? (input.max_attempts ?? config.triggerRetryMaxAttempts)
        : RUNS_ONCE,
      backoff: input.backoff ?? config.triggerRetryBackoff,
      base_ms: input.base_ms ?? config.triggerRetryBaseMs,
      max_ms: input.max_ms ?? config.triggerRetryMaxMs,
      jitter_pct: input.jitter_pct ?? config.triggerRetryJitterPct,
      registered_by: requireUser(ctx).id,
    };
    await checkReferences(tx, row);
    await insertTrigger(tx, row);
    record.tell({ resource: { kind: "trigger", id }, after: summaryOf(row) });
  });
  await awaitStart(platform, id);
  await settleQueues(platform, app.id, [{ kind, ...columns }]);
  return await changedView(platform, app.id, id);
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
): Promise<ChangedTrigger> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppManageTriggers");
  const control = {
    by: ctx,
    action: change.action ?? "triggers.update",
    signal: "deployed",
    appId: app.id,
  } as const;
  const rows = await controlChange(platform, control, async (tx, record) => {
    const row = await getRow(tx, app.id, address.id);
    const isResumed = change.enabled === true && row.paused_reason !== null;
    const changed = {
      ...row,
      ...(isMadeKind(row.kind) ? kindColumns(row.kind, change, row) : {}),
      enabled: change.enabled ?? row.enabled,
      paused_reason: isResumed ? null : row.paused_reason,
      registered_by: isResumed ? requireUser(ctx).id : row.registered_by,
      max_attempts: change.max_attempts ?? row.max_attempts,
      backoff: change.backoff ?? row.backoff,
      base_ms: change.base_ms ?? row.base_ms,
      max_ms: change.max_ms ?? row.max_ms,
      jitter_pct: change.jitter_pct ?? row.jitter_pct,
    };
    await checkReferences(tx, changed);
    await updateTriggerRow(tx, changed);
    const resource = { kind: "trigger", id: row.id };
    record.tell({ resource, ...difference(summaryOf(row), summaryOf(changed)) });
    return [row, changed];
  });
  await awaitStart(platform, address.id);
  await settleQueues(platform, app.id, rows);
  const key = { appId: app.id, triggerId: address.id };
  if (change.enabled === true && (await releaseDeliveriesOfTrigger(platform.db.write, key)) > 0)
    platform.signals.send("outbox", app.id);
  if (change.enabled === false) await holdDeliveriesOfTrigger(platform.db.write, key);
  return await changedView(platform, app.id, address.id);
}

/** Deletes a trigger and drops what waits for it, but for messages: those stay in their queue. */
export async function deleteTrigger(
  ctx: Context,
  platform: Platform,
  address: TriggerAddress,
): Promise<{ id: string; dropped_deliveries: number }> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppManageTriggers");
  const change = { by: ctx, action: "triggers.delete", signal: "deployed", appId: app.id } as const;
  const row = await controlChange(platform, change, async (tx, record) => {
    const found = await getRow(tx, app.id, address.id);
    record.tell({ resource: { kind: "trigger", id: found.id }, before: summaryOf(found) });
    await deleteTriggerRow(tx, app.id, found.id);
    return found;
  });
  // Writes that were open at the commit may still make deliveries: they are counted and dropped too.
  await awaitStart(platform, address.id);
  await settleQueues(platform, app.id, [row]);
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

/** Hands the triggers of a user to one who may manage triggers in each of their apps, in the transaction of the caller, who
 *  has been checked; then call what it gives after the commit. Throws `invalid` for `reassign_to`. */
export async function reassignTriggers(
  tx: Transaction,
  platform: Platform,
  users: {
    readonly from: string;
    readonly to: { readonly id: string; readonly name: string; readonly role: InstanceRole };
  },
): Promise<{ readonly count: number; readonly afterCommit: () => Promise<void> }> {
  const { from, to } = users;
  const apps = await listAppsWithTriggersOf(tx, from, to.id);
  const barred = apps.filter(({ role }) => !roleHolds("AppManageTriggers", to.role, role ?? undefined));
  if (barred.length > 0) {
    const slugs = barred.map(({ slug }) => slug).join(", ");
    throw invalid("reassign_to", `must be a user who may manage triggers; ${to.name} may not in ${slugs}`);
  }
  const moved = await reassignRows(tx, from, to.id);
  return {
    count: moved.length,
    afterCommit: async () => {
      for (const { app_id: appId, id: triggerId } of moved.filter((row) => row.was_paused)) {
        const key = { appId, triggerId };
        if ((await releaseDeliveriesOfTrigger(platform.db.write, key)) > 0)
          platform.signals.send("outbox", appId);
      }
    },
  };
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

/** What the database must say of the fields: a queue has one consumer that is on, and what a filter names is there.
 *  Changes run one after another, so it stays true until the commit. */
async function checkReferences(
  tx: Queryable,
  row: KindColumns & {
    readonly app_id: string;
    readonly id: string;
    readonly kind: string;
    readonly enabled: boolean;
  },
): Promise<void> {
  if (row.kind === "queue" && row.enabled) {
    const other = await findQueueConsumer(tx, row.app_id, { queue: row.pattern, exceptId: row.id });
    if (other !== undefined) {
      throw new PicloudError(
        "in_use",
        `The queue ${JSON.stringify(row.pattern)} has a consumer: trigger ${other.id} of the script ${other.script_name}. Disable or delete that one first.`,
        { details: { trigger_id: other.id, script_name: other.script_name } },
      );
    }
  }
  const { trigger_id_filter: triggerId, script_id_filter: scriptId } = row;
  if (triggerId !== null && (await findTrigger(tx, row.app_id, triggerId)) === undefined)
    throw invalid("trigger_id_filter", "must be a trigger of this app");
  if (scriptId !== null && (await findTarget(tx, row.app_id, { id: scriptId })) === undefined)
    throw invalid("script_id_filter", "must be a script of this app");
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

/** Messages that wait in the queues of a trigger are its consumer's, if it is the one, or wait because of what it is now. */
async function settleQueues(
  platform: Platform,
  appId: string,
  rows: readonly { readonly kind: string; readonly pattern: string }[],
): Promise<void> {
  const queues = new Set(rows.filter(({ kind }) => kind === "queue").map(({ pattern }) => pattern));
  for (const queue of queues)
    if ((await settleQueue(platform.db.write, { appId, queue })) > 0) platform.signals.send("outbox", appId);
}

/** With warnings of what its author should look at; none for one that is off. */
async function changedView(platform: Platform, appId: string, id: string): Promise<ChangedTrigger> {
  const row = await getRow(platform.db.write, appId, id);
  const { kind, pattern, script_name: scriptName } = row;
  if (!row.enabled || !isMadeKind(kind)) return viewOf(row);
  const writes = await findWrites(platform.db.write, row);
  const { maxTriggerDepth } = platform.config;
  const warnings = selfTriggerWarnings({ kind, pattern, scriptName }, writes, maxTriggerDepth);
  return { ...viewOf(row), ...(warnings.length === 0 ? {} : { warnings: [...warnings] }) };
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
