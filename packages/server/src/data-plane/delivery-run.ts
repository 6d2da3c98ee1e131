/** Claimed deliveries of one run: may they run, the run, and what becomes of them. */
import type { UserPrincipal } from "../platform/context.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";
import { roleHolds } from "../platform/policy.ts";
import { pauseTrigger, type PausedReason } from "../features/triggers/triggers.service.ts";
import type { HeldReason } from "../platform/database/outbox-holds.ts";
import { callerNow } from "./async-accept.ts";
import { REQUEST_SOURCE, storedRequest } from "./async-request.ts";
import { freeNextOfGroups, settleClaimed } from "../platform/database/queue-messages.ts";
import { batchSizeOf, type DeliveryBatch } from "./delivery-batch.ts";
import { deliveryScope } from "./delivery-scope.ts";
import { deliveryEventText } from "./delivery-event.ts";
import type { DeliveryResult, DeliveryRun, RunDelivery } from "./execution-request.ts";
import {
  findPayload,
  holdDelivery,
  isScriptPresent,
  type ClaimedDelivery,
  type ClaimedTrigger,
  type Outcome,
} from "./outbox.repository.ts";
import { retryDelayMs, type RetryPolicy } from "./retry.ts";

export interface DeliveryRunner {
  readonly platform: Platform;
  readonly runDelivery: RunDelivery;
  /** From 0 to under 1. */
  readonly random: () => number;
  /** Whether enough of the lease is left to start. */
  readonly mayStart: (delivery: ClaimedDelivery) => boolean;
  readonly isClosing: () => boolean;
}

/** Runs a batch of deliveries once; gives what becomes of each. Left out is what was put aside: nothing to complete. Rejects
 *  only for failures of the database. */
export async function runClaimed(runner: DeliveryRunner, batch: DeliveryBatch): Promise<readonly Outcome[]> {
  const { platform } = runner;
  const outcomes: Outcome[] = [];
  const ready: ReadyDelivery[] = [];
  for (const delivery of batch) {
    const refusal = await refusalOf(runner, delivery);
    if (refusal === "put_aside") continue;
    if (refusal !== undefined) {
      outcomes.push(refusal);
      continue;
    }
    const payload = delivery.payload ?? (await findPayload(platform.db.read, delivery));
    if (payload === undefined) outcomes.push(drop(platform, delivery, "event_gone"));
    else ready.push({ delivery, payload });
  }
  const [first] = ready;
  if (first === undefined) return outcomes;
  if (!runner.mayStart(first.delivery))
    return [...outcomes, ...ready.map(({ delivery }) => back(delivery, 0))];
  const asked = await request(platform, first, ready);
  const claims = ready.map(({ delivery }) => delivery);
  const result = await runner.runDelivery({ ...asked, scope: deliveryScope(platform.nodeId, claims) });
  if (result.kind === "completed") await freeGroups(platform, claims);
  for (const { delivery } of ready) {
    const outcome = await judge(runner, delivery, result);
    if (outcome !== "put_aside") outcomes.push(outcome);
  }
  return outcomes;
}

/** A serializable transaction leaves the next of a group to whoever comes after its commit. */
async function freeGroups(platform: Platform, claims: readonly ClaimedDelivery[]): Promise<void> {
  const groups = claims.flatMap(({ app_id: appId, queue, group_key: group }) =>
    queue === null || group === null ? [] : [{ appId, queue, group }],
  );
  if (groups.length === 0) return;
  await freeNextOfGroups(platform.db.write, groups);
  for (const { appId } of groups) platform.signals.send("outbox", appId);
}

interface ReadyDelivery {
  readonly delivery: ClaimedDelivery;
  /** JSON text. */
  readonly payload: string;
}

/** What becomes of a delivery that must not run now; `undefined`: it may. */
async function refusalOf(
  runner: DeliveryRunner,
  delivery: ClaimedDelivery,
): Promise<Outcome | "put_aside" | undefined> {
  const { platform } = runner;
  const gone = whyGone(delivery);
  if (gone === undefined && isTooDeep(platform, delivery)) return tooDeep(platform, delivery);
  if (gone === "trigger_gone" && delivery.queue !== null) return await settle(runner, delivery);
  if (gone !== undefined) return drop(platform, delivery, gone);
  if (delivery.is_queue_paused) return await settle(runner, delivery);
  const { trigger } = delivery;
  if (trigger === null) return undefined;
  if (!trigger.enabled && !delivery.by_hand) return await hold(runner, delivery, "trigger_disabled");
  if (trigger.pausedReason !== null) return await hold(runner, delivery, "trigger_paused");
  const reason = whyPaused(trigger);
  if (reason === undefined) return undefined;
  const pause = { reason, userId: trigger.user.id };
  await pauseTrigger(platform, delivery.app_id, String(delivery.trigger_id), pause);
  return await hold(runner, delivery, "trigger_paused");
}

/** A write ends its chain itself; a dead letter is made by the server, after the run that failed at the greatest depth. */
function isTooDeep({ config }: Platform, delivery: ClaimedDelivery): boolean {
  return isHandler(delivery) && delivery.depth > config.maxTriggerDepth;
}

function tooDeep({ config, log }: Platform, delivery: ClaimedDelivery): Outcome {
  const { app_id: appId, dead_letter_id: deadLetterId, trigger_id: triggerId } = delivery;
  const depthMax = config.maxTriggerDepth;
  log.warn("trigger_depth_exceeded", { appId, deadLetterId, triggerId, depthMax });
  const message = `The handler would run at depth ${delivery.depth}; the most is ${depthMax}.`;
  const error = JSON.stringify({ code: "depth_limit", message });
  return { claim: delivery, kind: "handled", delayMs: 0, error };
}

function back(delivery: ClaimedDelivery, delayMs: number): Outcome {
  return { claim: delivery, kind: "back", delayMs };
}

type Gone = "app_gone" | "event_gone" | "trigger_gone" | "script_gone";

function whyGone(delivery: ClaimedDelivery): Gone | undefined {
  if (delivery.app_state !== "active") return "app_gone";
  if (delivery.source === null) return "event_gone";
  return delivery.trigger_id !== null && delivery.trigger === null ? "trigger_gone" : undefined;
}

/** The right of whoever registered the trigger is checked at each delivery (TRG-7). */
function whyPaused(trigger: ClaimedTrigger): PausedReason | undefined {
  const { user } = trigger;
  if (user.isDisabled) return "user_disabled";
  return roleHolds("AppManageTriggers", user.role, user.appRole ?? undefined)
    ? undefined
    : "user_lacks_right";
}

/** The run of the first delivery, for all of its batch. */
async function request(
  platform: Platform,
  first: ReadyDelivery,
  batch: readonly ReadyDelivery[],
): Promise<Omit<DeliveryRun, "scope">> {
  const run = eventRun(first, batch);
  if (first.delivery.source !== REQUEST_SOURCE) return run;
  const stored = storedRequest(first.payload);
  const { caller } = stored;
  const principal = caller && (await callerNow(platform, first.delivery.app_id, caller));
  return { ...run, event: "", request: stored, ...(principal === undefined ? {} : { principal }) };
}

function eventRun(
  { delivery, payload }: ReadyDelivery,
  batch: readonly ReadyDelivery[],
): Omit<DeliveryRun, "scope"> {
  const attempt = delivery.attempt + 1;
  // Only the very first run has the id that was promised; a later one must not write over its row.
  const isFirst = delivery.first_attempt_at === null && delivery.takeovers === 0;
  return {
    executionId: isFirst ? delivery.execution_id : newId(),
    rootExecutionId: delivery.root_execution_id,
    ...(delivery.parent_execution_id === null ? {} : { parentExecutionId: delivery.parent_execution_id }),
    app: { id: delivery.app_id, slug: delivery.app_slug ?? "" },
    scriptId: delivery.script_id,
    ...(delivery.trigger_id === null ? {} : { triggerId: delivery.trigger_id }),
    eventId: delivery.event_id,
    attempt,
    depth: delivery.depth,
    isDeadLetterHandler: isHandler(delivery),
    event: deliveryEventText({
      id: delivery.event_id,
      source: delivery.source ?? "",
      op: delivery.op ?? "",
      triggerId: delivery.trigger_id ?? undefined,
      attempt,
      occurredAt: delivery.occurred_at ?? new Date(0),
      payload: delivery.source === "queue" ? queuePayload(delivery, batch) : payload,
    }),
    ...(delivery.trigger === null ? {} : { principal: principalOf(delivery.app_id, delivery.trigger) }),
  };
}

/** With what only the consumer says. A consumer with a batch size gets an array, however many there are. */
function queuePayload(delivery: ClaimedDelivery, batch: readonly ReadyDelivery[]): string {
  const messages = batch.map(({ payload }) =>
    payload.replace(/^\s*\{/, `{"max_attempts":${delivery.trigger?.maxAttempts ?? 1},`),
  );
  if (batchSizeOf(delivery) === undefined) return messages[0] ?? "null";
  return `{"queue":${JSON.stringify(delivery.trigger?.pattern ?? delivery.queue)},"messages":[${messages.join()}]}`;
}

function principalOf(appId: string, { user }: ClaimedTrigger): UserPrincipal {
  const appRoles = new Map(user.appRole === null ? [] : [[appId, user.appRole]]);
  return { kind: "user", id: user.id, name: user.name, role: user.role, appRoles };
}

async function judge(
  runner: DeliveryRunner,
  delivery: ClaimedDelivery,
  result: DeliveryResult,
): Promise<Outcome | "put_aside"> {
  if (result.kind === "completed") return "put_aside";
  if (result.kind === "refused") return await judgeRefusal(runner, delivery, result.reason);
  return isHandler(delivery) ? handled(runner, delivery, result) : ended(runner, delivery, result);
}

/** Of dead letters; also one that was run by hand. */
function isHandler({ source }: ClaimedDelivery): boolean {
  return source === "dead_letter";
}

/** It runs once: what fails here goes no further, or it would go round for ever. */
function handled(
  runner: DeliveryRunner,
  delivery: ClaimedDelivery,
  result: DeliveryResult & { kind: "ended" },
): Outcome {
  const outcome = ended(runner, delivery, result);
  if (outcome.kind === "back") return outcome;
  if (outcome.kind !== "done") {
    const { app_id: appId, dead_letter_id: deadLetterId, trigger_id: triggerId } = delivery;
    runner.platform.log.warn("dead_letter_handler_failed", { appId, deadLetterId, triggerId });
  }
  return { ...outcome, kind: "handled", delayMs: 0 };
}

function ended(
  runner: DeliveryRunner,
  delivery: ClaimedDelivery,
  result: DeliveryResult & { kind: "ended" },
): Outcome {
  const kept = result.end === undefined ? {} : { end: result.end };
  const failure = failureOf(result);
  if (failure === undefined) return { claim: delivery, kind: "done", delayMs: 0, ...kept };
  // A run that the stop of this node cut off says nothing about the script: no attempt is used.
  if (failure.code === "unavailable" && runner.isClosing()) return { ...back(delivery, 0), ...kept };
  if (isUndecided(failure.code))
    return { ...back(delivery, UNDECIDED_DELAY_MS * (1 + runner.random())), ...kept };
  const error = JSON.stringify(failure);
  const policy = delivery.trigger ?? defaultPolicy(runner.platform);
  const delayMs = retryDelayMs(policy, delivery.attempt + 1, runner.random());
  return delayMs === undefined
    ? { claim: delivery, kind: "dead", delayMs: 0, error, ...kept }
    : { claim: delivery, kind: "retry", delayMs, error, ...kept };
}

/** A transaction that met others at each try says nothing about the script either. Where the answer to COMMIT was lost, the
 *  delivery is still there only if it did not commit: then it runs again. */
function isUndecided(code: string): boolean {
  return code === "conflict_retries" || code === "commit_unknown";
}

function failureOf({
  end,
  error,
}: DeliveryResult & { kind: "ended" }): { code: string; message: string } | undefined {
  if (error === undefined && end?.status !== "failed") return undefined;
  const code = error?.code ?? end?.errorCode ?? "internal";
  return { code, message: error?.message ?? end?.errorMessage ?? code };
}

/** A share of the gate that is full empties with the next run that ends. */
const GATE_FULL_DELAY_MS = 50;
/** For what a cached view of the scripts says and the database does not yet, or no longer. */
const STALE_DELAY_MS = 100;
/** For transactions that met each other. */
const UNDECIDED_DELAY_MS = 200;

async function judgeRefusal(
  runner: DeliveryRunner,
  delivery: ClaimedDelivery,
  reason: (DeliveryResult & { kind: "refused" })["reason"],
): Promise<Outcome | "put_aside"> {
  const { platform } = runner;
  switch (reason) {
    case "gate_full":
      return { ...back(delivery, GATE_FULL_DELAY_MS * (1 + runner.random())), wait: "no_free_slot" };
    case "draining":
      return back(delivery, 0);
    case "script_disabled":
      return await hold(runner, delivery, "script_disabled");
    case "script_missing":
      if (await isScriptPresent(platform.db.write, delivery)) return back(delivery, STALE_DELAY_MS);
      return delivery.queue === null
        ? drop(platform, delivery, "script_gone")
        : await settle(runner, delivery);
    case "app_gone":
      return drop(platform, delivery, "app_gone");
    case "claim_lost":
      // Another node has it, or it is gone; others of its batch may run again. What is not held stays as it is.
      return back(delivery, 0);
    default:
      return reason satisfies never;
  }
}

async function hold(
  runner: DeliveryRunner,
  delivery: ClaimedDelivery,
  reason: HeldReason,
): Promise<Outcome | "put_aside"> {
  const { platform } = runner;
  const isHeld = await holdDelivery(platform.db.write, platform.nodeId, delivery, reason);
  return isHeld ? "put_aside" : back(delivery, STALE_DELAY_MS);
}

/** Puts a message back into its queue, which has another consumer now, none, or a pause. */
async function settle(runner: DeliveryRunner, delivery: ClaimedDelivery): Promise<Outcome | "put_aside"> {
  const { platform } = runner;
  const { app_id: appId, id, claim } = delivery;
  const message = { appId, queue: delivery.queue ?? "", id, claim };
  const reason = await settleClaimed(platform.db.write, platform.nodeId, message);
  if (reason === null) platform.signals.send("outbox", appId);
  return "put_aside";
}

/** Nobody is left to deliver to: the delivery ends with a line in the log. */
function drop(platform: Platform, delivery: ClaimedDelivery, reason: Gone): Outcome {
  platform.log.warn("delivery_dropped", {
    appId: delivery.app_id,
    deliveryId: delivery.id,
    eventId: delivery.event_id,
    triggerId: delivery.trigger_id,
    scriptId: delivery.script_id,
    reason,
  });
  if (!isHandler(delivery)) return { claim: delivery, kind: "done", delayMs: 0 };
  // A handler that did not run has not handled anything.
  const error = JSON.stringify({ code: reason, message: "The handler or its trigger has been deleted." });
  return { claim: delivery, kind: "handled", delayMs: 0, error };
}

function defaultPolicy({ config }: Platform): RetryPolicy {
  return {
    maxAttempts: config.triggerRetryMaxAttempts,
    backoff: config.triggerRetryBackoff,
    baseMs: config.triggerRetryBaseMs,
    maxMs: config.triggerRetryMaxMs,
    jitterPct: config.triggerRetryJitterPct,
  };
}
