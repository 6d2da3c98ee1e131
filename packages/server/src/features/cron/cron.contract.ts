/** Cron: when triggers of this kind run next, and what became of every occurrence. */
import { appRefSchema, defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

/** Why nothing fires: the trigger is switched off, or its user may no longer have it run. */
export const offReasons = ["disabled", "paused"] as const;
export type OffReason = (typeof offReasons)[number];

/** `ran`, `caught_up`: it was delivered. `skipped`: an earlier delivery of the trigger waited or ran. `missed`: no server was
 *  there. `disabled`, `paused`: the trigger was off. `clock_went_back`: no occurrence; what has fired is not fired again. */
export const ledgerStatuses = [
  "ran",
  "caught_up",
  "skipped",
  "missed",
  ...offReasons,
  "clock_went_back",
] as const;
export type LedgerStatus = (typeof ledgerStatuses)[number];

const address = { app: appRefSchema, id: idSchema };

const nextRunSchema = z.object({
  scheduled_at: z.iso.datetime(),
  /** The same in the trigger's zone, with its offset. */
  local_time: z.string(),
  timezone: z.string(),
  /** Set: the trigger is off, and this occurrence will not run if that stays so. */
  off_reason: z.enum(offReasons).optional(),
});

const ledgerSchema = z.object({
  id: idSchema,
  status: z.enum(ledgerStatuses),
  /** The occurrence; of a gap its first; of a clock that went back the time that is waited for. */
  scheduled_at: z.iso.datetime(),
  /** Of a gap: its last occurrence. */
  scheduled_until: z.iso.datetime().optional(),
  /** How many occurrences the row stands for. */
  occurrences: z.int(),
  late_ms: z.int().optional(),
  /** Occurrences before this one that its run makes up for; the event says the same. */
  missed: z.int().optional(),
  execution_id: idSchema.optional(),
  /** Of that execution, once it has written or ended. */
  execution_status: z.enum(["running", "ok", "failed", "lost"]).optional(),
  /** The execution that waited or ran. */
  overlaps_execution_id: idSchema.optional(),
  /** The row in words. */
  summary: z.string(),
  /** Counts the changes of schedule and time zone. */
  schedule_version: z.int(),
  recorded_at: z.iso.datetime(),
});
export type LedgerEntry = z.infer<typeof ledgerSchema>;
export type NextRun = z.infer<typeof nextRunSchema>;

export const cronContract = defineContract({
  summary: "When cron triggers run next, and what became of each expected run.",
  noun: "triggers",
  endpoints: {
    nextRuns: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/triggers/{id}/next_runs",
        summary: "When a cron trigger runs next, soonest first",
      })
      .meta({
        capability: "AppManageTriggers",
        cli: {
          verb: "next",
          positionals: ["id"],
          columns: ["scheduled_at", "local_time", "timezone", "off_reason"],
          summary: "Show when a cron trigger runs next",
        },
      })
      .input(z.strictObject({ ...address, ...pageQuery }))
      .output(pageOf(nextRunSchema)),
    ledger: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/triggers/{id}/ledger",
        summary: "What became of each expected run of a cron trigger, newest first; kept 30 days",
      })
      .meta({
        capability: "AppManageTriggers",
        cli: {
          verb: "ledger",
          positionals: ["id"],
          columns: ["scheduled_at", "status", "summary", "execution_id", "execution_status"],
          summary: "Show what became of each expected run of a cron trigger",
        },
      })
      .input(z.strictObject({ ...address, ...pageQuery }))
      .output(pageOf(ledgerSchema)),
  },
  methods: {},
  events: [],
  limits: [],
});
