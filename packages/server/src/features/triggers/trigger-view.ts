/** How a trigger's row looks in answers and in the audit log. */
import type { AuditSummary } from "../../platform/database/audit.ts";
import { isMadeKind, kindRules } from "./trigger-kinds.ts";
import type { KindFields } from "./trigger-kinds.ts";
import type { TriggerView } from "./triggers.contract.ts";
import type { TriggerFields, TriggerRow } from "./triggers.repository.ts";

export function viewOf(row: TriggerRow): TriggerView {
  const { ops, ...fields } = kindFieldsOf(row);
  return {
    id: row.id,
    app_id: row.app_id,
    script_id: row.script_id,
    script_name: row.script_name,
    kind: row.kind,
    enabled: row.enabled,
    ...(row.paused_reason === null ? {} : { paused_reason: row.paused_reason }),
    dispatch_mode: "async",
    max_attempts: row.max_attempts,
    backoff: row.backoff,
    base_ms: row.base_ms,
    max_ms: row.max_ms,
    jitter_pct: row.jitter_pct,
    registered_by_principal: row.registered_by,
    runs_on: isMadeKind(row.kind) ? kindRules[row.kind].runsOn(row) : "",
    ...fields,
    ...(ops === undefined ? {} : { ops: [...ops] }),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

export function summaryOf(
  row: Omit<TriggerFields, "app_id" | "id"> & { readonly paused_reason?: string | null },
): AuditSummary {
  const { script_id, kind, enabled, max_attempts, backoff, base_ms, max_ms, jitter_pct } = row;
  return {
    script_id,
    kind,
    ...kindFieldsOf(row),
    enabled,
    paused_reason: row.paused_reason ?? null,
    retry: { max_attempts, backoff, base_ms, max_ms, jitter_pct },
  };
}

function kindFieldsOf(row: Omit<TriggerFields, "app_id" | "id">): KindFields {
  return isMadeKind(row.kind) ? kindRules[row.kind].fields(row) : {};
}
