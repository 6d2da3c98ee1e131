/** Dead letters: events whose deliveries used up all their attempts. */
import { appRefSchema, defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

export const resolutions = ["replayed", "ignored", "handled_by_script", "handler_failed"] as const;
export type Resolution = (typeof resolutions)[number];

const summaryFields = {
  id: z.string(),
  app_id: z.string(),
  source: z.string(),
  op: z.string(),
  trigger_id: z.string().nullable(),
  script_id: z.string(),
  attempts: z.number().int(),
  last_error: z.object({ code: z.string(), message: z.string() }),
  resolution: z.enum(resolutions).nullable(),
  resolved_at: z.iso.datetime().nullable(),
  note: z.string().nullable(),
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

const address = { app: appRefSchema, id: idSchema };
const columns = ["id", "source", "op", "script_id", "attempts", "last_error", "resolution", "created_at"];

export const deadLettersContract = defineContract({
  summary: "Events whose deliveries used up all their attempts.",
  noun: "dead-letters",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/dead_letters", summary: "List dead letters, newest first" })
      .meta({
        capability: "AppDeadLetterManage",
        cli: { verb: "ls", columns, summary: "List dead letters" },
      })
      .input(z.strictObject({ app: appRefSchema, unresolved: queryFlag.optional(), ...pageQuery }))
      .output(pageOf(summarySchema)),
    count: endpoint
      .route({ method: "GET", path: "/apps/{app}/dead_letters/count", summary: "Count dead letters" })
      .meta({
        capability: "AppDeadLetterManage",
        cli: { verb: "count", columns: ["count"], summary: "Count dead letters" },
      })
      .input(z.strictObject({ app: appRefSchema, unresolved: queryFlag.optional() }))
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
          columns: [...columns, "event"],
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
        z.strictObject({ ...address, reason: z.enum(resolutions), note: z.string().max(4096).optional() }),
      )
      .output(summarySchema),
  },
  methods: {},
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
  limits: [],
});
