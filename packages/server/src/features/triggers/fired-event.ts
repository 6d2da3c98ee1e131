/** Events that somebody makes by hand for one trigger: their shape by kind (`api.md` §3), what is filled in, and an
 *  example for who gives none. */
import { checkedJson, JsonText, PicloudError } from "@picloud/contract";
import { z } from "zod";
import { newId } from "../../platform/ids.ts";
import { candidatePatterns } from "../../platform/database/outbox.ts";
import { collectionOps } from "./triggers.contract.ts";
import type { MadeKind } from "./trigger-kinds.ts";
import type { TriggerRow } from "./triggers.repository.ts";

export interface FiredEvent {
  readonly op: string;
  /** JSON text of `ctx.event.<source>`; of a queue one message, to which its delivery adds what its consumer says. */
  readonly payload: string;
}

/** The largest real event is the update of a document, with the one before. */
const PAYLOAD_BYTES_MAX = 2_228_224;

type Members = Readonly<Record<string, unknown>>;

interface EventRule {
  readonly ops: readonly string[];
  readonly schema: z.ZodType<Members>;
  /** Members of any JSON value, which an event of the op must have (true) or must not have. */
  readonly values?: (op: string) => Readonly<Record<string, boolean>>;
  /** Members that need not be given. */
  readonly filled: (trigger: TriggerRow, at: FireTime) => Members;
  /** All members that have to be given, for an event of the op. */
  readonly example: (trigger: TriggerRow, op: string) => Members;
  /** Why the trigger would never get such an event. */
  readonly mismatch?: (trigger: TriggerRow, payload: Members) => Mismatch | undefined;
}

interface Mismatch {
  readonly path: string;
  readonly message: string;
}

/** Member of the payload that a trigger's pattern is compared with, by kind; none for the others. */
export const namedMember: Readonly<Partial<Record<MadeKind, string>>> = {
  kv: "collection",
  docs: "collection",
  files: "collection",
  pubsub: "topic",
  queue: "queue",
};

export interface FireTime {
  readonly now: Date;
  /** For cron. */
  readonly scheduledAt: Date;
}

const time = z.iso.datetime({ offset: true });
const name = z.string().min(1).max(128);
const exampleValue = { example: true };

const rules: Readonly<Record<MadeKind, EventRule>> = {
  kv: {
    ops: collectionOps.kv,
    schema: z.strictObject({
      collection: name,
      key: z.string().min(1).max(512),
      value: z.unknown().optional(),
    }),
    values: (op) => ({ value: op !== "delete" }),
    filled: exactCollection,
    example: (trigger, op) => ({
      collection: exampleName(trigger),
      key: "example",
      ...(op === "delete" ? {} : { value: exampleValue }),
    }),
    mismatch: collectionMismatch,
  },
  docs: {
    ops: collectionOps.docs,
    schema: z.strictObject({
      collection: name,
      id: z.uuid(),
      data: z.record(z.string(), z.unknown()).optional(),
      prev_data: z.record(z.string(), z.unknown()).optional(),
    }),
    values: (op) => ({ data: op !== "delete", prev_data: op !== "create" }),
    filled: exactCollection,
    example: (trigger, op) => ({
      collection: exampleName(trigger),
      id: newId(),
      ...(op === "delete" ? {} : { data: exampleValue }),
      ...(op === "create" ? {} : { prev_data: { example: false } }),
    }),
    mismatch: collectionMismatch,
  },
  files: {
    ops: collectionOps.files,
    schema: z.strictObject({
      collection: name,
      id: z.uuid(),
      name: z.string(),
      content_type: z.string(),
      size_bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
    }),
    filled: exactCollection,
    example: (trigger) => ({
      collection: exampleName(trigger),
      id: newId(),
      name: "example.txt",
      content_type: "text/plain",
      size_bytes: 0,
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }),
    mismatch: collectionMismatch,
  },
  pubsub: {
    ops: ["publish"],
    schema: z.strictObject({ topic: name, message: z.unknown().optional(), published_at: time }),
    values: () => ({ message: true }),
    filled: ({ pattern }, { now }) => ({
      ...(pattern.includes("*") ? {} : { topic: pattern }),
      published_at: now.toISOString(),
    }),
    example: (trigger) => ({ topic: exampleName(trigger), message: exampleValue }),
    mismatch: ({ pattern }, { topic }) =>
      candidatePatterns(String(topic), ".").includes(pattern)
        ? undefined
        : { path: "topic", message: `is not matched by ${pattern}` },
  },
  queue: {
    ops: ["message"],
    schema: z.strictObject({
      queue: name,
      message_id: z.uuid(),
      data: z.unknown().optional(),
      enqueued_at: time,
      group: z.string().optional(),
    }),
    values: () => ({ data: true }),
    filled: ({ pattern }, { now }) => ({
      queue: pattern,
      message_id: newId(),
      enqueued_at: now.toISOString(),
    }),
    example: () => ({ data: exampleValue }),
    mismatch: ({ pattern }, { queue }) =>
      queue === pattern ? undefined : { path: "queue", message: `must be ${pattern}, the trigger's` },
  },
  cron: {
    ops: ["fire"],
    schema: z.strictObject({
      schedule: z.string(),
      timezone: z.string(),
      scheduled_at: time,
      fired_at: time,
      missed: z.int().min(0),
    }),
    filled: ({ schedule, timezone }, { now, scheduledAt }) => ({
      schedule,
      timezone,
      scheduled_at: scheduledAt.toISOString(),
      fired_at: now.toISOString(),
      missed: 0,
    }),
    example: () => ({}),
  },
  dead_letter: {
    ops: ["dead_letter"],
    schema: z.strictObject({
      dead_letter_id: z.uuid(),
      original: z.looseObject({ id: z.string(), source: z.string(), op: z.string() }),
      attempts: z.int().min(1),
      last_error: z.strictObject({ code: z.string(), message: z.string() }),
      trigger_id: z.uuid().optional(),
      script_id: z.uuid(),
      first_attempt_at: time.optional(),
      last_attempt_at: time,
    }),
    filled: (trigger, { now }) => ({
      dead_letter_id: newId(),
      attempts: 1,
      last_error: { code: "script_error", message: "An example, made by hand." },
      ...(trigger.trigger_id_filter === null ? {} : { trigger_id: trigger.trigger_id_filter }),
      script_id: trigger.script_id_filter ?? trigger.script_id,
      first_attempt_at: now.toISOString(),
      last_attempt_at: now.toISOString(),
    }),
    example: () => ({
      original: {
        id: newId(),
        source: "kv",
        op: "insert",
        occurred_at: new Date(0).toISOString(),
        kv: { collection: "example", key: "example", value: exampleValue },
      },
    }),
    mismatch: ({ trigger_id_filter, script_id_filter }, payload) => {
      if (trigger_id_filter !== null && payload["trigger_id"] !== trigger_id_filter)
        return { path: "trigger_id", message: `must be ${trigger_id_filter}, the trigger's filter` };
      if (script_id_filter !== null && payload["script_id"] !== script_id_filter)
        return { path: "script_id", message: `must be ${script_id_filter}, the trigger's filter` };
      return undefined;
    },
  },
};

/** Ops that the trigger runs on. */
export function opsOf(kind: MadeKind, trigger: TriggerRow): readonly string[] {
  return trigger.ops.length > 0 ? trigger.ops : rules[kind].ops;
}

/** The event as asked for; without a payload an example. Throws `invalid` for `op` and members of `payload`, `too_large`. */
export function firedEvent(
  kind: MadeKind,
  trigger: TriggerRow,
  asked: { readonly op?: string | undefined; readonly payload?: JsonText | undefined },
  at: FireTime,
): FiredEvent {
  const rule = rules[kind];
  const op = checkedOp(opsOf(kind, trigger), asked.op);
  const given = asked.payload?.text ?? JSON.stringify(rule.example(trigger, op));
  const text = withMembers(given, rule.filled(trigger, at));
  const payload = parsedPayload(rule, text);
  checkValues(rule, op, payload);
  const mismatch = rule.mismatch?.(trigger, payload);
  if (mismatch !== undefined) throw invalid(`payload.${mismatch.path}`, mismatch.message);
  return { op, payload: text };
}

function checkedOp(known: readonly string[], op: string | undefined): string {
  if (op === undefined) return known[0] ?? "";
  if (!known.includes(op))
    throw invalid("op", `must be one of ${known.join(", ")}, which the trigger runs on`);
  return op;
}

/** Throws `invalid` or `too_large` for what no event can have. */
export function checkedPayload(payload: unknown): JsonText {
  const text = payload instanceof JsonText ? payload.text : JSON.stringify(payload);
  return checkedJson(text, "payload", PAYLOAD_BYTES_MAX);
}

/** The object with more members; those that it has stay, with their numbers as they are written. */
function withMembers(text: string, more: Members): string {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("payload", "must be an object");
  const missing = Object.entries(more).filter(([member]) => !Object.hasOwn(value, member));
  if (missing.length === 0) return text;
  const tail = JSON.stringify(Object.fromEntries(missing)).slice(1);
  return `${text.trimEnd().slice(0, -1)}${Object.keys(value).length === 0 ? "" : ","}${tail}`;
}

function parsedPayload(rule: EventRule, text: string): Members {
  const value: unknown = JSON.parse(text);
  const parsed = rule.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => ({
    path: ["payload", ...issue.path.map(String)].join("."),
    message: issue.message,
  }));
  throw new PicloudError("invalid", fields.map(({ path, message }) => `${path}: ${message}`).join("; "), {
    fields,
  });
}

function checkValues(rule: EventRule, op: string, payload: Members): void {
  for (const [member, isWanted] of Object.entries(rule.values?.(op) ?? {})) {
    if ((payload[member] !== undefined) !== isWanted)
      throw invalid(`payload.${member}`, isWanted ? `is required for ${op}` : `is no member for ${op}`);
  }
}

function exactCollection({ pattern }: TriggerRow): Members {
  return pattern.includes("*") ? {} : { collection: pattern };
}

/** `orders:*` → `orders:example`. */
function exampleName({ pattern }: TriggerRow): string {
  return pattern.replace("*", "example");
}

function collectionMismatch({ pattern }: TriggerRow, { collection }: Members): Mismatch | undefined {
  return candidatePatterns(String(collection), ":").includes(pattern)
    ? undefined
    : { path: "collection", message: `is not matched by ${pattern}` };
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
