/** Dead letters: events whose deliveries used up all their attempts. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
} from "@picloud/contract";
import { z } from "zod";

export const resolutions = ["replayed", "ignored", "handled_by_script", "handler_failed"] as const;
export type Resolution = (typeof resolutions)[number];

/** Dead letters of one mass replay request, and so of one transaction. */
export const replayedAtOnce = 1_000;
export const noteCharactersMax = 4_096;

const summaryFields = {
  id: z.string(),
  app_id: z.string(),
  source: z.string(),
  op: z.string(),
  event_id: z.string(),
  trigger_id: z.string().nullable(),
  script_id: z.string(),
  attempts: z.number().int(),
  last_error: z.object({ code: z.string(), message: z.string() }),
  resolution: z.enum(resolutions).nullable(),
  resolved_at: z.iso.datetime().nullable(),
  note: z.string().nullable(),
  /** How deep in its chain the delivery was. */
  depth: z.number().int(),
  /** How often scripts have replayed the event in a row. */
  replays: z.number().int(),
  /** Handlers that have not ended yet. */
  pending_handlers: z.number().int(),
  root_execution_id: z.string(),
  last_execution_id: z.string().nullable(),
  first_attempt_at: z.iso.datetime().nullable(),
  last_attempt_at: z.iso.datetime(),
  created_at: z.iso.datetime(),
};
const summarySchema = z.object(summaryFields);
const deadLetterSchema = z.object({ ...summaryFields, event: z.unknown() });

/** A query's value is text; a typed client sends a boolean. */
const queryFlag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const word = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, "must be a word of a–z, 0–9, _ and -");
const time = z.string().max(64).refine(isStorableText, "has U+0000 or half of a surrogate pair");
const filterFields = {
  source: word.optional().describe("only events of this source: kv, docs, queue …"),
  script: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be the name or the id of a script")
    .optional()
    .describe("only deliveries to this script, by name or id"),
  trigger_id: idSchema.optional().describe("only deliveries of this trigger"),
  code: word.optional().describe("only with this code of the last error"),
  since: time.optional().describe("only what died since: 5m, 12h, 3d, or a time"),
  until: time.optional().describe("only what died before: 5m, 12h, 3d, or a time"),
};
const filterSchema = z.strictObject(filterFields);
export type DeadLetterFilter = z.infer<typeof filterSchema>;

const listQuery = {
  unresolved: queryFlag.optional().describe("only those that are open"),
  ...filterFields,
};
const address = { app: appRefSchema, id: idSchema };
const columns = [
  "id",
  "created_at",
  "source",
  "op",
  "script_id",
  "attempts",
  "last_error",
  "resolution",
  "resolved_at",
];

const idArgument = { name: "id", schema: idSchema, type: "string" } as const;
const write = { effect: "write", capability: "AppDeadLetterManage" } as const;

export const deadLettersContract = defineContract({
  summary: "Events whose deliveries used up all their attempts.",
  noun: "dead-letters",
  types: `
/** An event whose delivery used up all its attempts. */
export interface DeadLetter {
  readonly id: string;
  readonly source: string;
  readonly op: string;
  readonly eventId: string;
  readonly triggerId?: string;
  readonly scriptId: string;
  readonly attempts: number;
  readonly lastError: { readonly code: string; readonly message: string };
  readonly resolution?: DeadLetterResolution;
  readonly resolvedAt?: string;
  readonly note?: string;
  readonly depth: number;
  /** How often scripts have replayed the event in a row. */
  readonly replays: number;
  /** Handlers that have not ended yet. */
  readonly pendingHandlers: number;
  readonly rootExecutionId: string;
  readonly lastExecutionId?: string;
  readonly firstAttemptAt?: string;
  readonly lastAttemptAt: string;
  readonly createdAt: string;
}
export type DeadLetterResolution = ${resolutions.map((one) => JSON.stringify(one)).join(" | ")};
`,
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/dead_letters", summary: "List dead letters, newest first" })
      .meta({
        capability: "AppDeadLetterManage",
        cli: { verb: "ls", columns, summary: "List dead letters" },
      })
      .input(z.strictObject({ app: appRefSchema, ...listQuery, ...pageQuery }))
      .output(pageOf(summarySchema)),
    count: endpoint
      .route({ method: "GET", path: "/apps/{app}/dead_letters/count", summary: "Count dead letters" })
      .meta({
        capability: "AppDeadLetterManage",
        cli: { verb: "count", columns: ["count"], summary: "Count dead letters" },
      })
      .input(z.strictObject({ app: appRefSchema, ...listQuery }))
      .output(z.object({ count: z.number().int() })),
    get: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/dead_letters/{id}",
        summary: "Read a dead letter with its event",
      })
      .meta({
        capability: "AppDeadLetterManage",
        cli: {
          verb: "show",
          positionals: ["id"],
          columns: [...columns, "note", "last_execution_id", "event"],
          summary: "Show a dead letter",
        },
      })
      .input(z.strictObject(address))
      .output(deadLetterSchema),
    replay: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/dead_letters/{id}/replay",
        summary: "Deliver the event once more, with all attempts",
      })
      .meta({
        capability: "AppDeadLetterManage",
        cli: { verb: "replay", positionals: ["id"], columns, summary: "Deliver the event once more" },
      })
      .input(z.strictObject(address))
      .output(summarySchema),
    replay_many: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/dead_letters/replay",
        summary:
          "Deliver the events of open dead letters once more, oldest first, up to 1,000 in one transaction; go on with next_cursor",
      })
      .meta({ capability: "AppDeadLetterManage" })
      .input(
        z.strictObject({
          app: appRefSchema,
          filter: filterSchema,
          limit: z.number().int().min(1).max(replayedAtOnce).default(replayedAtOnce),
          cursor: z.string().max(2048).optional(),
        }),
      )
      .output(
        z.object({
          replayed: z.number().int(),
          /** Open ones that stay: the script that they were for has been deleted. */
          skipped: z.number().int(),
          next_cursor: z.string().nullable(),
        }),
      ),
    resolve: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/dead_letters/{id}/resolve",
        summary: "Close a dead letter with a reason",
      })
      .meta({
        capability: "AppDeadLetterManage",
        cli: { verb: "resolve", positionals: ["id"], columns, summary: "Close a dead letter" },
      })
      .input(
        z.strictObject({
          ...address,
          reason: z.enum(resolutions),
          note: z.string().max(noteCharactersMax).optional(),
        }),
      )
      .output(summarySchema),
  },
  methods: {
    list: {
      effect: "read",
      capability: "AppDeadLetterManage",
      reply: "page",
      summary: "A page of the app's dead letters, newest first; with unresolved only those that are open.",
      args: [
        {
          name: "options",
          schema: z
            .strictObject({
              unresolved: z.boolean().nullish(),
              cursor: z.string().nullish(),
              limit: z.number().int().min(1).max(1000).nullish(),
            })
            .nullish(),
          type: "{ unresolved?: boolean; cursor?: string; limit?: number }",
          optional: true,
        },
      ],
      returns: "Page<DeadLetter>",
      example: {
        typescript: `await deadLetters.list({ unresolved: true, limit: 10 })`,
        rhai: `dead_letters::list(#{ unresolved: true, limit: 10 })`,
      },
    },
    replay: {
      ...write,
      summary:
        "Delivers the event once more, with all attempts. False: it has been replayed already. Throws not_found if there is none or its script is gone.",
      args: [idArgument],
      returns: "boolean",
      example: {
        typescript: `for (const { id } of (await deadLetters.list({ unresolved: true })).items) await deadLetters.replay(id)`,
        rhai: `for letter in dead_letters::list(#{ unresolved: true }).items { dead_letters::replay(letter.id); }`,
      },
    },
    resolve: {
      ...write,
      summary: "Closes a dead letter with a reason; handler_failed leaves it open. Throws not_found.",
      args: [
        idArgument,
        {
          name: "reason",
          schema: z.enum(resolutions),
          type: "DeadLetterResolution",
        },
      ],
      returns: "void",
      example: {
        typescript: `for (const { id } of (await deadLetters.list({ unresolved: true })).items) await deadLetters.resolve(id, "ignored")`,
        rhai: `for letter in dead_letters::list(#{ unresolved: true }).items { dead_letters::resolve(letter.id, "ignored"); }`,
      },
    },
  },
  events: [
    {
      source: "dead_letter",
      ops: ["dead_letter"],
      fields: {
        dead_letter_id: "string",
        original: "Exclude<AnyEvent, DeadLetterEvent>",
        attempts: "number",
        last_error: "{ readonly code: string; readonly message: string }",
        trigger_id: "string | undefined",
        script_id: "string",
        first_attempt_at: "string | undefined",
        last_attempt_at: "string",
      },
    },
  ],
  limits: [{ name: "note", most: noteCharactersMax, unit: "characters", code: "invalid" }],
});
