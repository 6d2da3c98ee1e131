/** The audit log (INS-9): one entry for each change that somebody makes, written in the transaction of the change. */
import type { Context, Principal } from "../context.ts";
import { newId } from "../ids.ts";
import type { Queryable, Transaction } from "./database.ts";

/** JSON for people who look back: the few members that tell what changed. Never a secret, a source or a value of data. */
export type AuditSummary = Readonly<Record<string, unknown>>;

export interface AuditEntry {
  /** Feature and endpoint: `apps.update`. */
  readonly action: string;
  readonly resource: { readonly kind: string; readonly id?: string; readonly name?: string };
  /** Absent: a change of the instance. */
  readonly appId?: string | undefined;
  readonly before?: AuditSummary | undefined;
  readonly after?: AuditSummary | undefined;
}

/** Who makes a change: the caller of the API, or the server by itself. */
export type AuditActor =
  | Pick<Context, "kind" | "requestId" | "principal" | "remoteAddr" | "execution">
  | "server";

/** Most characters of one text in a summary, and most items of one list. */
const textMax = 256;
const itemsMax = 50;

/** Adds an entry. `tx`: the transaction of the change, so that neither is there without the other. */
export async function writeAudit(tx: Transaction, by: AuditActor, entry: AuditEntry): Promise<void> {
  const actor = by === "server" ? undefined : by;
  const principal = whoOf(actor?.principal);
  const kind = actor === undefined || actor.kind === "system" ? "server" : principal.kind;
  const { resource } = entry;
  await tx`
    insert into audit (id, app_id, principal_kind, principal_id, principal_name, user_id, remote_addr, request_id,
      execution_id, action, resource_kind, resource_id, resource_name, before, after)
    values (${newId()}, ${entry.appId ?? null}, ${kind}, ${principal.id}, ${principal.name}, ${principal.userId},
      ${actor?.remoteAddr ?? null}, ${actor?.requestId ?? null}, ${actor?.execution?.id ?? null}, ${entry.action},
      ${resource.kind}, ${resource.id ?? null}, ${resource.name ?? null}, ${json(tx, entry.before)},
      ${json(tx, entry.after)})`;
}

/** The members of an update that differ, on both sides; for `before` and `after` of an entry. */
export function difference(
  before: AuditSummary,
  after: AuditSummary,
): { readonly before: AuditSummary; readonly after: AuditSummary } {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (from: AuditSummary): AuditSummary =>
    Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
  return { before: pick(before), after: pick(after) };
}

function whoOf(principal: Principal | undefined): {
  readonly kind: "user" | "api_key" | "end_user" | "nobody";
  readonly id: string | null;
  readonly name: string | null;
  readonly userId: string | null;
} {
  if (principal === undefined) return { kind: "nobody", id: null, name: null, userId: null };
  const { kind, id, name } = principal;
  if (kind === "api_key") return { kind, id, name, userId: principal.owner.id };
  return { kind, id, name, userId: kind === "user" ? id : null };
}

function json(tx: Queryable, summary: AuditSummary | undefined) {
  // Its members are JSON by then: what JSON.stringify leaves out is gone.
  return summary === undefined ? null : tx.json(JSON.parse(JSON.stringify(summary, bounded)) as never);
}

function bounded(_name: string, value: unknown): unknown {
  if (typeof value === "string" && value.length > textMax)
    return `${value.slice(0, textMax).toWellFormed()}…`;
  if (Array.isArray(value) && value.length > itemsMax)
    return [...value.slice(0, itemsMax), `… ${value.length - itemsMax} more`];
  return value;
}
