/** Rows of the ledger in words. */
import type { LedgerRow } from "./cron.repository.ts";

type Told = Pick<
  LedgerRow,
  | "status"
  | "scheduled_at"
  | "scheduled_until"
  | "occurrences"
  | "late_ms"
  | "missed"
  | "overlaps_execution_id"
>;

export function summaryOf(row: Told): string {
  const at = row.scheduled_at.toISOString();
  const span = `${at}–${row.scheduled_until?.toISOString() ?? at}`;
  switch (row.status) {
    case "ran":
      return `ran, ${late(row)}`;
    case "caught_up":
      return `caught up${makesUpFor(row)}, ${late(row)}`;
    case "skipped":
      return `skipped, overlaps with execution ${row.overlaps_execution_id ?? "unknown"}`;
    case "missed":
      return `missed ${row.occurrences}, ${span}`;
    case "disabled":
    case "paused":
      return `${row.status}: ${row.occurrences} did not run, ${span}`;
    case "clock_went_back":
      return `clock went back, waiting until ${at}`;
    default:
      return row.status satisfies never;
  }
}

function makesUpFor({ missed }: Told): string {
  return missed === null || missed === 0 ? "" : ` for ${missed} missed`;
}

/** Below a second is the time that any run takes to start. */
function late({ late_ms: lateMs }: Told): string {
  const seconds = Math.floor((lateMs ?? 0) / 1000);
  return seconds === 0 ? "on time" : `late by ${seconds} s`;
}
