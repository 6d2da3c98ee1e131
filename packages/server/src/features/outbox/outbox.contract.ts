/** The outbox: deliveries that wait or run, each with the reason why. */
import { appRefSchema, defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

/** Why a delivery is in the outbox; the sentence beside it has the numbers. */
export const waits = [
  /** A node runs it. */
  "running",
  /** The node that ran it is lost; the next look takes it over. */
  "lease_ended",
  /** Due, and this node has no execution slot for it. */
  "no_free_slot",
  /** Due, and the app's deliveries already hold all slots that one app may. */
  "app_share",
  /** Due; the next claim takes it. */
  "due",
  /** Failed before; waits for its next attempt. */
  "retry",
  /** Written to be delivered later. */
  "delayed",
  "trigger_disabled",
  "trigger_paused",
  "script_disabled",
  "queue_paused",
  /** A message of a queue that no trigger consumes. */
  "no_consumer",
  /** A message at the end of a chain of runs; nothing frees it. */
  "depth_limit",
  /** Behind an earlier message of its group. */
  "group",
  /** Was held; what held it is over, and the batch that frees it has not come to it yet. */
  "being_freed",
  /** Its trigger or script is gone; the next claim drops it. */
  "target_gone",
] as const;
export type Wait = (typeof waits)[number];

const deliverySchema = z.object({
  id: idSchema,
  app_id: idSchema,
  wait: z.enum(waits),
  /** The reason as a sentence, with times and names. */
  why: z.string(),
  event_id: idSchema,
  /** Null: the event is gone. */
  source: z.string().nullable(),
  op: z.string().nullable(),
  /** Null: a request to an async route, or a replay whose trigger is gone. */
  trigger_id: idSchema.nullable(),
  /** Null: a message without a consumer. */
  script_id: idSchema.nullable(),
  /** Null: the script is gone. */
  script_name: z.string().nullable(),
  /** Of a replay: where its event comes from. */
  dead_letter_id: idSchema.nullable(),
  group: z.string().nullable(),
  execution_id: idSchema,
  root_execution_id: idSchema,
  depth: z.int(),
  /** Attempts used up. */
  attempt: z.int(),
  max_attempts: z.int(),
  takeovers: z.int(),
  last_error: z.object({ code: z.string(), message: z.string() }).nullable(),
  run_after: z.iso.datetime(),
  /** The node that holds it, since when, and until when if it does not say more. */
  node_id: idSchema.nullable(),
  locked_at: z.iso.datetime().nullable(),
  lease_until: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});
export type DeliveryView = z.infer<typeof deliverySchema>;

const filter = {
  wait: z.enum(waits).optional(),
  trigger_id: idSchema.optional(),
  script_id: idSchema.optional(),
};

export const outboxContract = defineContract({
  summary: "Deliveries that wait or run, each with the reason why.",
  noun: "outbox",
  endpoints: {
    list: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/outbox",
        summary: "List the deliveries that wait or run, in the order of their events",
      })
      .meta({
        capability: "AppReadLogs",
        cli: {
          verb: "ls",
          columns: ["id", "source", "op", "script_name", "attempt", "wait", "why"],
          summary: "List what waits or runs, and why",
        },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery, ...filter }))
      .output(pageOf(deliverySchema)),
    count: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/outbox/count",
        summary: "Count the deliveries that wait or run, by reason",
      })
      .meta({
        capability: "AppReadLogs",
        cli: {
          verb: "count",
          columns: ["count", "waits"],
          summary: "Count what waits or runs, by reason",
        },
      })
      .input(z.strictObject({ app: appRefSchema, ...filter }))
      .output(
        z.object({
          count: z.int(),
          waits: z.array(z.object({ wait: z.enum(waits), count: z.int(), oldest_at: z.iso.datetime() })),
        }),
      ),
  },
  methods: {},
  events: [],
  limits: [],
});
