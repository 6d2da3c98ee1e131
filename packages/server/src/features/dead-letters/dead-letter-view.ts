/** Dead letters as callers see them, and what callers say of them. */
import { parseDuration, PicloudError } from "@picloud/contract";
import type { AuditSummary } from "../../platform/database/audit.ts";
import type { Platform } from "../../platform/platform.ts";
import type { DeadLetterFilter } from "./dead-letters.contract.ts";
import type { DeadLetterRow, DeadLetterSelection } from "./dead-letters.repository.ts";

export type DeadLetter = ReturnType<typeof viewOf>;

export function viewOf(row: DeadLetterRow) {
  return {
    id: row.id,
    app_id: row.app_id,
    source: row.source,
    op: row.op,
    event_id: row.event_id,
    trigger_id: row.trigger_id,
    script_id: row.script_id,
    attempts: row.attempts,
    last_error: row.last_error,
    resolution: row.resolution,
    resolved_at: row.resolved_at?.toISOString() ?? null,
    note: row.note,
    depth: row.depth,
    replays: row.replays,
    pending_handlers: row.pending_handlers,
    root_execution_id: row.root_execution_id,
    last_execution_id: row.last_execution_id,
    first_attempt_at: row.first_attempt_at?.toISOString() ?? null,
    last_attempt_at: row.last_attempt_at.toISOString(),
    created_at: row.created_at.toISOString(),
  };
}

/** For the audit log. */
export function summaryOf({ source, op, resolution, note }: DeadLetterRow): AuditSummary {
  return { source, op, resolution, note };
}

export function resourceOf({ id }: DeadLetterRow): { readonly kind: string; readonly id: string } {
  return { kind: "dead_letter", id };
}

/** Name of a list for its cursors: with all that narrows it. */
export function listName(appId: string, filter: DeadLetterFilter & { readonly unresolved: boolean }): string {
  const { unresolved, source, script, trigger_id, code, since, until } = filter;
  return `dead-letters:${JSON.stringify([appId, unresolved, source, script, trigger_id, code, since, until])}`;
}

/** Throws `invalid` for a time that is none. */
export function selectionOf(
  platform: Platform,
  filter: DeadLetterFilter,
): Omit<DeadLetterSelection, "isUnresolved"> {
  const { since, until, ...rest } = filter;
  const now = platform.now();
  return { ...rest, since: timeOf("since", since, now), until: timeOf("until", until, now) };
}

/** A time as it stands or so long ago. */
function timeOf(field: string, text: string | undefined, now: number): Date | undefined {
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  if (ago !== undefined) return new Date(now - ago);
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(isTime ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw invalid(field, "must be a duration (5m, 12h, 3d) or an RFC 3339 time");
  return time;
}

export function notFound(id: string): PicloudError {
  return new PicloudError("not_found", `There is no dead letter ${id} in this app.`);
}

export function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
