/** A trigger run by hand: an event of its kind for it alone, through the outbox like every other. */
import { JsonText, PicloudError } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import { transaction } from "../../platform/database/transaction.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { checkedPayload, firedEvent, namedMember, opsOf } from "./fired-event.ts";
import type { FiredEvent } from "./fired-event.ts";
import { findLastEvent, insertHandMade } from "./trigger-fire.repository.ts";
import type { HandMadeDelivery } from "./trigger-fire.repository.ts";
import { isMadeKind } from "./trigger-kinds.ts";
import type { MadeKind } from "./trigger-kinds.ts";
import type { FiredTrigger } from "./triggers.contract.ts";
import { findTrigger, type TriggerRow } from "./triggers.repository.ts";

export interface FireRequest {
  readonly app: string;
  readonly id: string;
  readonly op?: string | undefined;
  /** `JsonText`; absent: an example. */
  readonly payload?: unknown;
  /** With the payload of the last event. */
  readonly last?: boolean | undefined;
  /** For cron: the occurrence that it stands for. */
  readonly at?: string | undefined;
}

/** Makes the event and answers before it runs. Also for a trigger that is off, which is how a handler is tried; the
 *  delivery of a paused one waits. Throws `invalid`, `too_large`, and `not_found` where there is no last event. */
export async function fireTrigger(
  ctx: Context,
  platform: Platform,
  request: FireRequest,
): Promise<FiredTrigger> {
  const app = await getApp(ctx, platform.db.read, request.app, "AppManageTriggers");
  const trigger = await findTrigger(platform.db.read, app.id, request.id);
  if (trigger === undefined || !isMadeKind(trigger.kind)) throw notFound(request.id);
  const payload = request.payload === undefined ? undefined : checkedPayload(request.payload);
  checkTogether(trigger.kind, request);
  const now = new Date(platform.now());
  const at = { now, scheduledAt: request.at === undefined ? now : new Date(request.at) };
  const asked =
    request.last === true
      ? await lastEvent(platform, trigger.kind, trigger, request.op)
      : { op: request.op, payload };
  const event = firedEvent(trigger.kind, trigger, asked, at);
  const [eventId, executionId] = [newId(), newId()];
  const key = { appId: app.id, triggerId: trigger.id, eventId, executionId };
  const delivery = await transaction(platform.db, async (tx) => {
    const made = await insertHandMade(tx, { ...key, source: trigger.kind, ...event });
    if (made === undefined) return undefined;
    await writeAudit(tx, ctx, {
      action: "triggers.fire",
      resource: { kind: "trigger", id: trigger.id },
      appId: app.id,
      after: { kind: trigger.kind, op: event.op, event_id: eventId, execution_id: executionId },
    });
    return made;
  });
  if (delivery === undefined) throw notFound(request.id);
  if (delivery.held_reason === null) platform.signals.send("outbox", app.id);
  return answerOf(key, trigger.kind, { event, delivery });
}

function answerOf(
  key: { readonly eventId: string; readonly executionId: string },
  kind: MadeKind,
  { event, delivery }: { readonly event: FiredEvent; readonly delivery: HandMadeDelivery },
): FiredTrigger {
  return {
    event_id: key.eventId,
    execution_id: key.executionId,
    ...(kind === "cron" ? { scheduled_at: scheduledAtOf(event) } : {}),
    op: event.op,
    payload: new JsonText(event.payload),
    ...(delivery.held_reason === null ? {} : { held_reason: delivery.held_reason }),
  };
}

/** Of a payload that has been checked. */
function scheduledAtOf({ payload }: FiredEvent): string {
  const { scheduled_at: time } = JSON.parse(payload) as { readonly scheduled_at: string };
  return new Date(time).toISOString();
}

async function lastEvent(
  platform: Platform,
  kind: MadeKind,
  trigger: TriggerRow,
  op: string | undefined,
): Promise<{ readonly op: string; readonly payload: JsonText }> {
  const found = await findLastEvent(platform.db.read, {
    appId: trigger.app_id,
    source: kind,
    ops: op === undefined ? opsOf(kind, trigger) : [op],
    member: namedMember[kind],
    pattern: trigger.pattern,
  });
  if (found === undefined) {
    throw new PicloudError(
      "not_found",
      "None of the app's newest events is one that this trigger would get; give a payload, or leave last out for an example.",
    );
  }
  return { op: found.op, payload: new JsonText(found.payload) };
}

function checkTogether(kind: MadeKind, { payload, last, at }: FireRequest): void {
  if (payload !== undefined && last === true) throw invalid("last", "can't go with a payload");
  if (at === undefined) return;
  if (kind !== "cron") throw invalid("at", `is for cron triggers; this one is of kind ${kind}`);
  if (payload !== undefined || last === true)
    throw invalid("at", "can't go with a payload or last; scheduled_at of a payload is the same");
}

function notFound(id: string): PicloudError {
  return new PicloudError("not_found", `There is no trigger ${id} in this app.`);
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
