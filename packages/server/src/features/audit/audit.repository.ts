/** SQL of reading the audit log; entries are written by `platform/database/audit.ts`. */
import type { Queryable } from "../../platform/database/database.ts";

export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly app_id: string | null;
  readonly principal_kind: "user" | "api_key" | "end_user" | "nobody" | "server";
  readonly principal_id: string | null;
  readonly principal_name: string | null;
  readonly user_id: string | null;
  readonly remote_addr: string | null;
  readonly request_id: string | null;
  readonly execution_id: string | null;
  readonly action: string;
  readonly resource_kind: string;
  readonly resource_id: string | null;
  readonly resource_name: string | null;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** Newest first, below `before`: ids are in the order of time. `appId` absent: everything. Reads as many rows as it
 *  gives, however long the log is. */
export async function listAuditRows(
  db: Queryable,
  query: {
    readonly appId: string | undefined;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<readonly AuditRow[]> {
  return await db<AuditRow[]>`
    select id, at, app_id, principal_kind, principal_id, principal_name, user_id, remote_addr, request_id,
      execution_id, action, resource_kind, resource_id, resource_name, before, after
    from audit
    where ${query.appId === undefined ? db`true` : db`app_id = ${query.appId}`}
      ${query.before === undefined ? db`` : db`and id < ${query.before}::uuid`}
    order by id desc limit ${query.limit}`;
}
