/** Triggers: which script runs on which event, and how often it is tried. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  pageOf,
  pageQuery,
  scriptNameSchema,
} from "@picloud/contract";
import { z } from "zod";
import { docsContract } from "../docs/docs.contract.ts";
import { filesContract } from "../files/files.contract.ts";
import { kvContract } from "../kv/kv.contract.ts";

export const triggerKinds = [
  "kv",
  "docs",
  "files",
  "pubsub",
  "cron",
  "email",
  "dead_letter",
  "queue",
] as const;
export type TriggerKind = (typeof triggerKinds)[number];

/** Kinds whose triggers match collections, with the ops of their events. */
export const collectionOps = {
  kv: kvContract.events[0].ops,
  docs: docsContract.events[0].ops,
  files: filesContract.events[0].ops,
} as const satisfies Partial<Record<TriggerKind, readonly string[]>>;
export type CollectionKind = keyof typeof collectionOps;

export const overlapPolicies = ["allow", "skip"] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** Most messages of one run of a queue's consumer. */
export const batchSizeMax = 1000;

export const backoffKinds = ["exponential", "linear", "constant"] as const;
export type BackoffKind = (typeof backoffKinds)[number];

/** How often a delivery is tried. Left out at creation: the server's `PICLOUD_TRIGGER_RETRY_*`, copied into the row. */
const retryFields = {
  max_attempts: z.number().int().min(1).max(100).optional(),
  backoff: z.enum(backoffKinds).optional(),
  base_ms: z.number().int().min(0).max(86_400_000).optional(),
  max_ms: z.number().int().min(0).max(604_800_000).optional(),
  jitter_pct: z.number().int().min(0).max(100).optional(),
};

/** What a trigger runs on; each kind takes some of them (`trigger-kinds.ts`). */
const kindFields = {
  collection_glob: z.string().describe("kv, docs, files: a collection, prefix:* or *").optional(),
  ops: z.array(z.string()).max(16).describe("kv, docs, files: only these; empty means all").optional(),
  topic_pattern: z.string().describe("pubsub: a topic, prefix.* or *").optional(),
  queue: z.string().describe("queue: its name").optional(),
  batch_size: z
    .number()
    .int()
    .min(1)
    .max(batchSizeMax)
    .describe("queue: messages of one run, at most (1)")
    .optional(),
  schedule: z.string().max(256).describe("cron: 5 fields, or 6 with seconds first").optional(),
  timezone: z.string().max(64).describe("cron: as Europe/Berlin (UTC)").optional(),
  overlap: z
    .enum(overlapPolicies)
    .describe("cron: whether it fires while the last run still goes on (allow)")
    .optional(),
  source_filter: z.string().describe("dead_letter: only of events of this source; empty for all").optional(),
  trigger_id_filter: z.string().describe("dead_letter: only of this trigger; empty for all").optional(),
  script_id_filter: z.string().describe("dead_letter: only of this script; empty for all").optional(),
};

const triggerSchema = z.object({
  id: z.string(),
  app_id: z.string(),
  script_id: z.string(),
  script_name: z.string(),
  kind: z.enum(triggerKinds),
  enabled: z.boolean(),
  paused_reason: z.string().optional(),
  dispatch_mode: z.literal("async"),
  max_attempts: z.number().int(),
  backoff: z.enum(backoffKinds),
  base_ms: z.number().int(),
  max_ms: z.number().int(),
  jitter_pct: z.number().int(),
  registered_by_principal: z.string(),
  runs_on: z.string().describe("what it runs on, in a few words"),
  collection_glob: z.string().optional(),
  ops: z.array(z.string()).optional(),
  topic_pattern: z.string().optional(),
  queue: z.string().optional(),
  batch_size: z.number().int().optional(),
  schedule: z.string().optional(),
  timezone: z.string().optional(),
  overlap: z.enum(overlapPolicies).optional(),
  source_filter: z.string().optional(),
  trigger_id_filter: z.string().optional(),
  script_id_filter: z.string().optional(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type TriggerView = z.infer<typeof triggerSchema>;

/** After a change: what the author should look at. */
const changedSchema = triggerSchema.extend({ warnings: z.array(z.string()).optional() });
export type ChangedTrigger = z.infer<typeof changedSchema>;

const firedSchema = z.object({
  event_id: z.string(),
  /** Of the first attempt. */
  execution_id: z.string(),
  scheduled_at: z.iso.datetime().optional(),
  op: z.string(),
  /** `ctx.event.<source>` as it was made. */
  payload: z.unknown(),
  /** Why it does not run yet. */
  held_reason: z.string().optional(),
});
export type FiredTrigger = z.infer<typeof firedSchema>;

const address = { app: appRefSchema, id: idSchema };
const columns = ["id", "kind", "runs_on", "script_name", "enabled", "paused_reason"];

export const triggersContract = defineContract({
  summary: "Which script runs on which event, and how often it is tried.",
  noun: "triggers",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/triggers", summary: "List the triggers of an app" })
      .meta({ capability: "AppManageTriggers", cli: { verb: "ls", columns, summary: "List triggers" } })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(triggerSchema)),
    get: endpoint
      .route({ method: "GET", path: "/apps/{app}/triggers/{id}", summary: "Read a trigger" })
      .meta({
        capability: "AppManageTriggers",
        cli: { verb: "show", positionals: ["id"], columns, summary: "Show a trigger" },
      })
      .input(z.strictObject(address))
      .output(triggerSchema),
    create: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/triggers/{kind}",
        successStatus: 201,
        summary: "Make a trigger; answers when every later write is seen by it",
      })
      .meta({
        capability: "AppManageTriggers",
        cli: {
          verb: "add",
          positionals: ["kind"],
          columns,
          summary: "Run a script on events: pic triggers add kv --script NAME --collection-glob 'orders:*'",
        },
      })
      .input(
        z.strictObject({
          app: appRefSchema,
          kind: z.string(),
          /** Target by id or by name; one of the two. */
          script_id: idSchema.optional(),
          script: scriptNameSchema.optional(),
          ...kindFields,
          enabled: z.boolean().optional(),
          dispatch_mode: z.literal("async").optional(),
          ...retryFields,
        }),
      )
      .output(changedSchema),
    update: endpoint
      .route({ method: "PATCH", path: "/apps/{app}/triggers/{id}", summary: "Change or switch a trigger" })
      .meta({
        capability: "AppManageTriggers",
        cli: {
          verb: "set",
          positionals: ["id"],
          columns,
          summary: "Change what a trigger runs on, or its retries",
        },
      })
      .input(
        z.strictObject({
          ...address,
          enabled: z.boolean().optional(),
          dispatch_mode: z.literal("async").optional(),
          ...kindFields,
          ...retryFields,
        }),
      )
      .output(changedSchema),
    enable: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/triggers/{id}/enable",
        summary: "Switch a trigger on and free its held deliveries",
      })
      .meta({
        capability: "AppManageTriggers",
        cli: { verb: "enable", positionals: ["id"], columns, summary: "Switch a trigger on" },
      })
      .input(z.strictObject(address))
      .output(changedSchema),
    disable: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/triggers/{id}/disable",
        summary: "Switch a trigger off and hold its deliveries",
      })
      .meta({
        capability: "AppManageTriggers",
        cli: { verb: "disable", positionals: ["id"], columns, summary: "Switch a trigger off" },
      })
      .input(z.strictObject(address))
      .output(triggerSchema),
    fire: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/triggers/{id}/fire",
        successStatus: 202,
        summary: "Run a trigger once by hand, also one that is off",
      })
      .meta({
        capability: "AppManageTriggers",
        exactMember: "payload",
        cli: {
          verb: "fire",
          positionals: ["id"],
          columns: ["event_id", "execution_id", "op", "scheduled_at", "held_reason"],
          summary: "Run a trigger once by hand, also one that is off",
        },
      })
      .input(
        z.strictObject({
          ...address,
          payload: z.unknown().optional(),
          op: z.string().max(64).describe("of the event; else the first that the trigger runs on").optional(),
          last: z.boolean().describe("with the payload of the app's last event that fits").optional(),
          at: z.iso
            .datetime({ offset: true })
            .describe("cron: the occurrence that it stands for; it runs now")
            .optional(),
        }),
      )
      .output(firedSchema),
    delete: endpoint
      .route({
        method: "DELETE",
        path: "/apps/{app}/triggers/{id}",
        summary: "Delete a trigger and drop its waiting deliveries",
      })
      .meta({
        capability: "AppManageTriggers",
        cli: {
          verb: "rm",
          positionals: ["id"],
          columns: ["id", "dropped_deliveries"],
          summary: "Delete a trigger; says how many waiting deliveries were dropped",
        },
      })
      .input(z.strictObject(address))
      .output(z.object({ id: z.string(), dropped_deliveries: z.number().int() })),
  },
  methods: {},
  events: [
    {
      source: "cron",
      ops: ["fire"],
      fields: {
        schedule: "string",
        timezone: "string",
        scheduled_at: "string",
        fired_at: "string",
        missed: "number",
      },
    },
  ],
  limits: [],
});
