/** Publish and subscribe: messages by topic, to scripts by triggers and to whoever listens now. */
import { appRefSchema, defineContract, endpoint, rawJson } from "@picloud/contract";
import { eventIterator } from "@orpc/contract";
import { z } from "zod";

/** Sizes in bytes of UTF-8 and of JSON text (`api.md` §7). */
export const pubsubLimits = { topicBytes: 128, messageBytes: 262_144 } as const;

const messageSchema = z.object({
  topic: z.string(),
  message: z.unknown(),
  durable: z.boolean(),
  /** Of the event that triggers get; null for an ephemeral message. */
  event_id: z.string().nullable(),
  published_at: z.iso.datetime(),
});

const publish = {
  effect: "write",
  capability: "AppPubsubPublish",
  // An object of an interface is no Json to the compiler; what can't be written as JSON is refused when it is called.
  args: [
    { name: "topic", schema: z.string(), type: "string" },
    { name: "message", schema: rawJson, type: "Json | object" },
  ],
  bytesAsText: true,
} as const;

export const pubsubContract = defineContract({
  summary: "Messages by topic, to scripts by triggers and to whoever listens now.",
  noun: "pubsub",
  endpoints: {
    publish: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/pubsub/publish",
        summary: "Publish a message; says how many triggers it was delivered to",
      })
      .meta({
        capability: "AppPubsubPublish",
        exactMember: "message",
        cli: {
          verb: "publish",
          positionals: ["topic", "message"],
          columns: ["topic", "deliveries"],
          summary: "Publish a message; --ephemeral: only to those who listen now",
        },
      })
      .input(
        z.strictObject({
          app: appRefSchema,
          topic: z.string(),
          message: z.unknown().refine((value) => value !== undefined, "is required"),
          ephemeral: z.boolean().optional(),
        }),
      )
      .output(z.object({ topic: z.string(), deliveries: z.number().int() })),
    tail: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/pubsub/tail",
        summary:
          "Messages as they are published, as server-sent events; durable ones are resumed by `Last-Event-ID`",
      })
      .meta({ capability: "AppReadLogs" })
      .input(z.strictObject({ app: appRefSchema, topic: z.string().optional() }))
      .output(eventIterator(messageSchema)),
  },
  methods: {
    publish_durable: {
      ...publish,
      summary:
        "Publishes a message to all matching triggers in one step and gives their number; none is fine. Who follows the topic gets it too. Bytes at any depth become base64 text.",
      returns: "number",
      example: {
        typescript: `await pubsub.publishDurable("orders.created", { id: "17", total: 12.5 })`,
        rhai: `pubsub::publish_durable("orders.created", #{ id: "17", total: 12.5 })`,
      },
    },
    publish_ephemeral: {
      ...publish,
      summary:
        "Sends a message to those who follow the topic now, and to nobody else: nothing is stored. Bytes become base64 text.",
      returns: "void",
      example: {
        typescript: `await pubsub.publishEphemeral("cursors.page-1", { user: "ada", x: 3 })`,
        rhai: `pubsub::publish_ephemeral("cursors.page-1", #{ user: "ada", x: 3 })`,
      },
    },
  },
  events: [
    {
      source: "pubsub",
      ops: ["publish"],
      fields: { topic: "string", message: "Json", published_at: "string" },
    },
  ],
  limits: [
    { name: "topic", most: pubsubLimits.topicBytes, unit: "bytes", code: "too_large" },
    { name: "message", most: pubsubLimits.messageBytes, unit: "bytes of JSON", code: "too_large" },
  ],
});
