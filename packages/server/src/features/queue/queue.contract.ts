/** Queues: messages that wait for a consumer, with delay, dedupe keys and groups in order. */
import { appRefSchema, defineContract, endpoint, pageOf, pageQuery, rawJson } from "@picloud/contract";
import { z } from "zod";

/** Sizes in bytes of UTF-8 or of JSON (`api.md` §7). */
export const queueLimits = {
  nameBytes: 128,
  dataBytes: 262_144,
  keyBytes: 256,
  batchMessages: 1000,
  delayMs: 365 * 86_400_000,
} as const;

const delaySchema = z
  .union([z.string(), z.number()])
  .describe("Time until the message may be delivered: 250ms, 30s, 5m, 12h, 3d, or milliseconds.");

const queueSchema = z.object({
  name: z.string(),
  /** Due, and nothing holds them. */
  waiting: z.number().int(),
  /** Their delay or the wait before their next attempt is not over. */
  delayed: z.number().int(),
  running: z.number().int(),
  /** Behind another one of their group, or because of a pause or of the consumer. */
  held: z.number().int(),
  paused: z.boolean(),
  /** Of what waits, is delayed, runs or is held. */
  oldest_at: z.iso.datetime().nullable(),
  oldest_age_ms: z.number().int().nullable(),
  /** The trigger that consumes it; null: none. */
  trigger_id: z.string().nullable(),
  script_name: z.string().nullable(),
});
export type QueueView = z.infer<typeof queueSchema>;

const messageStates = ["waiting", "delayed", "running", "held"] as const;

const messageSchema = z.object({
  id: z.string(),
  state: z.enum(messageStates),
  /** Why it is held; null if it is not. */
  held_reason: z.string().nullable(),
  /** The message of its group that it waits for. */
  held_by: z.string().nullable(),
  data: z.unknown(),
  group: z.string().nullable(),
  /** Used up. */
  attempts: z.number().int(),
  last_error: z.unknown(),
  enqueued_at: z.iso.datetime(),
  run_after: z.iso.datetime(),
  written_by: z.string().nullable(),
});
export type MessageView = z.infer<typeof messageSchema>;

const address = { app: appRefSchema, name: z.string() };
const queueColumns = [
  "name",
  "waiting",
  "delayed",
  "running",
  "held",
  "paused",
  "oldest_at",
  "trigger_id",
  "script_name",
];

const options = {
  delay: delaySchema.nullish(),
  dedupe_key: z.string().nullish(),
  group: z.string().nullish(),
};
/** Of a script's message; TypeScript's form of the name beside ours. */
export const messageOptionsSchema = z.strictObject({ ...options, dedupeKey: z.string().nullish() });

const optionsType = "{ delay?: string | number; dedupeKey?: string; group?: string }";
const nameArgument = { name: "name", schema: z.string(), type: "string" } as const;
const write = { effect: "write", capability: "AppQueueWrite" } as const;

export const queueContract = defineContract({
  summary: "Messages that wait for a consumer, with delay, dedupe keys and groups in order.",
  noun: "queue",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/queues", summary: "List the queues of an app" })
      .meta({
        capability: "AppQueueRead",
        cli: { verb: "ls", columns: queueColumns, summary: "List queues with their counts" },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(queueSchema)),
    peek: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/queues/{name}/peek",
        summary: "Read messages of a queue without taking them, oldest first",
      })
      .meta({
        capability: "AppQueueRead",
        cli: {
          verb: "peek",
          positionals: ["name"],
          columns: ["id", "state", "held_reason", "attempts", "group", "data", "enqueued_at", "run_after"],
          summary: "Show messages of a queue without taking them, oldest first",
        },
      })
      .input(z.strictObject({ ...address, ...pageQuery }))
      .output(pageOf(messageSchema)),
    send: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/queues/{name}/messages",
        successStatus: 201,
        summary: "Send a message",
      })
      .meta({
        capability: "AppQueueWrite",
        exactMember: "data",
        cli: {
          verb: "send",
          positionals: ["name", "data"],
          columns: ["id"],
          summary: "Send a message; gives its id",
        },
      })
      .input(
        z.strictObject({
          ...address,
          data: z.unknown().refine((value) => value !== undefined, "is required"),
          ...options,
        }),
      )
      .output(z.object({ id: z.string() })),
    purge: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/queues/{name}/purge",
        summary: "Delete all messages that do not run",
      })
      .meta({
        capability: "AppQueueWrite",
        cli: {
          verb: "purge",
          positionals: ["name"],
          columns: ["purged"],
          summary: "Delete all messages of a queue that do not run; says how many",
        },
      })
      .input(z.strictObject(address))
      .output(z.object({ purged: z.number().int() })),
    pause: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/queues/{name}/pause",
        summary: "Deliver no more messages until the queue is resumed",
      })
      .meta({
        capability: "AppQueueWrite",
        cli: {
          verb: "pause",
          positionals: ["name"],
          columns: queueColumns,
          summary: "Deliver no more messages of a queue; what runs goes on to its end",
        },
      })
      .input(z.strictObject(address))
      .output(queueSchema),
    resume: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/queues/{name}/resume",
        summary: "Deliver the messages of a paused queue again",
      })
      .meta({
        capability: "AppQueueWrite",
        cli: {
          verb: "resume",
          positionals: ["name"],
          columns: queueColumns,
          summary: "Deliver the messages of a queue again",
        },
      })
      .input(z.strictObject(address))
      .output(queueSchema),
  },
  methods: {
    send: {
      ...write,
      summary:
        "Sends a message; gives its id. With a dedupe key that was used in the last 24 hours nothing is sent, and the id is the first one's. Messages of a group are delivered one by one, in the order in which they were committed.",
      args: [
        nameArgument,
        { name: "data", schema: rawJson, type: "Json" },
        { name: "options", schema: messageOptionsSchema.nullish(), type: optionsType, optional: true },
      ],
      returns: "string",
      example: {
        typescript: `await queue.send("mails", { to: "ada" }, { delay: "5m", dedupeKey: "welcome-ada" })`,
        rhai: `queue::send("mails", #{ to: "ada" }, #{ delay: "5m", dedupe_key: "welcome-ada" })`,
      },
    },
    send_batch: {
      ...write,
      summary: "Sends up to 1,000 messages in one transaction; gives their ids in the same order.",
      args: [
        nameArgument,
        {
          name: "messages",
          schema: rawJson,
          type: "readonly { data: Json; delay?: string | number; dedupeKey?: string; group?: string }[]",
        },
      ],
      returns: "string[]",
      example: {
        typescript: `await queue.sendBatch("mails", [{ data: { to: "ada" } }, { data: { to: "bob" }, delay: "1h" }])`,
        rhai: `queue::send_batch("mails", [#{ data: #{ to: "ada" } }, #{ data: #{ to: "bob" }, delay: "1h" }])`,
      },
    },
  },
  events: [
    {
      source: "queue",
      ops: ["message"],
      fields: {
        queue: "string",
        message_id: "string",
        data: "Json",
        enqueued_at: "string",
        max_attempts: "number",
        group: "string | undefined",
        /** Consumers with a batch size get these instead of the fields of one message. */
        messages:
          "readonly { readonly queue: string; readonly messageId: string; readonly data: Json; readonly enqueuedAt: string; readonly maxAttempts: number; readonly group?: string }[] | undefined",
      },
    },
  ],
  limits: [
    { name: "queue", most: queueLimits.nameBytes, unit: "bytes", code: "too_large" },
    { name: "data", most: queueLimits.dataBytes, unit: "bytes of JSON", code: "too_large" },
    { name: "dedupe_key, group", most: queueLimits.keyBytes, unit: "bytes", code: "too_large" },
    { name: "messages of send_batch", most: queueLimits.batchMessages, unit: "messages", code: "too_large" },
  ],
});
