/** Executions: what ran, why, how it ended, and what it logged. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
} from "@picloud/contract";
import { eventIterator } from "@orpc/contract";
import { z } from "zod";

export const executionStatuses = ["running", "ok", "failed", "lost"] as const;

const lineSchema = z.object({
  at: z.iso.datetime(),
  level: z.enum(["trace", "debug", "info", "warn", "error"]),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

export const executionSchema = z.object({
  id: idSchema,
  app_id: idSchema,
  script_id: idSchema,
  script_name: z.string(),
  script_version: z.int(),
  /** `http`: a route; `execute`: called by id or name; `trigger`: a delivery. */
  kind: z.enum(["http", "execute", "async", "trigger"]),
  route_id: idSchema.nullable(),
  trigger_id: idSchema.nullable(),
  event_id: idSchema.nullable(),
  attempt: z.int(),
  depth: z.int(),
  request_id: idSchema,
  root_execution_id: idSchema,
  parent_execution_id: idSchema.nullable(),
  status: z.enum(executionStatuses),
  http_status: z.int().nullable(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  duration_ms: z.number().nullable(),
  cpu_ms: z.number().nullable(),
  heap_bytes: z.int().nullable(),
  context_call: z.int().nullable(),
  error: z.object({ code: z.string(), message: z.string(), stack: z.string().nullable() }).nullable(),
  lines: z.array(lineSchema),
});
export type Execution = z.infer<typeof executionSchema>;

/** One service call that changed something. */
const receiptLineSchema = z.object({
  /** `kv.set`. */
  call: z.string(),
  /** Collection and key or id, queue, topic or name. */
  target: z.string().optional(),
  /** Of what was made or sent. */
  id: z.string().optional(),
  count: z.int().optional(),
});
const executionDetailSchema = executionSchema.extend({
  /** What it did, in the order of its calls. Of one that has not ended, or whose end was lost, only `emitted` is known. */
  receipt: z.object({
    wrote: z.array(receiptLineSchema),
    sent: z.array(receiptLineSchema),
    /** Events that set off triggers; at most 1,000. */
    emitted: z.array(z.object({ event_id: idSchema, source: z.string(), op: z.string() })),
    /** Calls after the first hundred. */
    omitted: z.int(),
  }),
});
export type ExecutionDetail = z.infer<typeof executionDetailSchema>;

const filter = {
  status: z.enum(executionStatuses).optional(),
  /** Only executions that started at this time or later. */
  since: z.iso.datetime({ offset: true }).optional(),
  /** Text in a line, the error or the script's name; upper and lower case alike. */
  q: z.string().min(1).max(256).refine(isStorableText, "has U+0000 or half of a surrogate pair").optional(),
};

export const executionsContract = defineContract({
  summary: "Executions and their log lines, newest first, with a live tail.",
  noun: "executions",
  endpoints: {
    list: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/logs",
        summary: "Executions of an app with their log lines",
      })
      .meta({
        capability: "AppReadLogs",
        cli: {
          verb: "ls",
          columns: [
            "started_at",
            "script_name",
            "script_version",
            "kind",
            "status",
            "http_status",
            "duration_ms",
            "id",
          ],
          summary: "List executions",
        },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery, ...filter }))
      .output(pageOf(executionSchema)),
    listOfScript: endpoint
      .route({
        method: "GET",
        path: "/scripts/{id}/logs",
        summary: "Executions of a script with their log lines",
      })
      .meta({ capability: "AppReadLogs" })
      .input(z.strictObject({ id: idSchema, ...pageQuery, ...filter }))
      .output(pageOf(executionSchema)),
    tail: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/logs/tail",
        summary: "Executions of an app as they end, as server-sent events; resumed by `Last-Event-ID`",
      })
      .meta({ capability: "AppReadLogs" })
      .input(z.strictObject({ app: appRefSchema, ...filter }))
      .output(eventIterator(executionSchema)),
    tailOfScript: endpoint
      .route({
        method: "GET",
        path: "/scripts/{id}/logs/tail",
        summary: "Executions of a script as they end, as server-sent events; resumed by `Last-Event-ID`",
      })
      .meta({ capability: "AppReadLogs" })
      .input(z.strictObject({ id: idSchema, ...filter }))
      .output(eventIterator(executionSchema)),
    get: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/executions/{id}",
        summary: "One execution with its log lines and what it wrote, sent and emitted",
      })
      .meta({
        capability: "AppReadLogs",
        cli: {
          verb: "show",
          positionals: ["id"],
          columns: [
            "started_at",
            "script_name",
            "script_version",
            "kind",
            "status",
            "http_status",
            "duration_ms",
            "error",
            "receipt",
          ],
          summary: "Show an execution",
        },
      })
      .input(z.strictObject({ app: appRefSchema, id: idSchema }))
      .output(executionDetailSchema),
    listAbandoned: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/abandoned_executions",
        summary: "Outcomes that nobody waited for any more",
      })
      .meta({ capability: "AppReadLogs" })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(
        pageOf(
          z.object({
            execution_id: idSchema,
            script_id: idSchema,
            reason: z.string(),
            status: z.string(),
            error_code: z.string().nullable(),
            created_at: z.iso.datetime(),
          }),
        ),
      ),
  },
  methods: {},
  events: [],
  limits: [
    { name: "log_bytes", most: 4_194_304, unit: "bytes of log text of one execution", code: "too_large" },
  ],
});
