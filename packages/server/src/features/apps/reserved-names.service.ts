/** Names of deleted apps, slugs and hosts: nobody gets them for 30 days, so that old links, bookmarks and clients with
 *  credentials do not end up at somebody else's app. An instance admin can free them before. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import type { Platform } from "../../platform/platform.ts";
import {
  deleteOutdatedReserved,
  deleteReserved,
  findReserved,
  insertReserved,
  listReservedRows,
} from "./reserved-names.repository.ts";
import type { ReservedKind, ReservedRow } from "./reserved-names.repository.ts";

export type { ReservedKind } from "./reserved-names.repository.ts";

/** APP-1. */
const RESERVED_DAYS = 30;

export interface ReservedName {
  readonly name: string;
  readonly app_id: string;
  readonly reserved_at: string;
  readonly reserved_until: string;
}

/** Keeps names back from now on; in the transaction that begins the deletion of the app. */
export async function reserveNames(
  tx: Transaction,
  reserve: { readonly kind: ReservedKind; readonly names: readonly string[]; readonly appId: string },
): Promise<void> {
  if (reserve.names.length > 0) await insertReserved(tx, { ...reserve, days: RESERVED_DAYS });
}

const nouns = {
  slug: { field: "slug", path: "reserved_slugs", command: "pic apps free" },
  host: { field: "host", path: "reserved_hosts", command: "pic domains free" },
} as const;

/** Throws `already_exists` for a name that is reserved, with until when and how to free it. Call it in the control change
 *  that takes the name. `forAppId`: an app that is still there and may have what was its own. */
export async function refuseReserved(
  db: Queryable,
  name: { readonly kind: ReservedKind; readonly name: string; readonly forAppId?: string },
): Promise<void> {
  const { kind } = name;
  const row = await findReserved(db, kind, name.name);
  if (row === undefined || row.app_id === name.forAppId) return;
  const { field, path, command } = nouns[kind];
  const until = row.reserved_until.toISOString();
  throw new PicloudError(
    "already_exists",
    `The ${kind} ${name.name} belonged to an app that was deleted or gave it up, and is reserved until ${until}. An instance admin frees it with \`${command} ${row.name}\` (DELETE /api/v1/admin/${path}/${row.name}).`,
    {
      fields: [{ path: field, message: `is reserved until ${until}` }],
      details: { reserved_until: until, app_id: row.app_id },
    },
  );
}

/** By name. */
export async function listReserved(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly kind: ReservedKind },
): Promise<Page<ReservedName> & { items: ReservedName[] }> {
  authorize(ctx, "InstanceManageApps");
  const form = { list: `reserved:${query.kind}`, parts: ["text"] } as const;
  const after = String(readCursor(form, query.cursor)?.[0] ?? "");
  const rows = await listReservedRows(platform.db.read, { kind: query.kind, after, limit: query.limit + 1 });
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.name], item: viewOf });
}

/** Anybody may have the name from now on. Throws `not_found` for one that is not reserved. `action`: for the audit log. */
export async function freeName(
  ctx: Context,
  platform: Platform,
  free: { readonly kind: ReservedKind; readonly name: string; readonly action: string },
): Promise<ReservedName> {
  authorize(ctx, "InstanceManageApps");
  const { kind, name, action } = free;
  return await controlChange(platform, { by: ctx, action, signal: "deployed" }, async (tx, record) => {
    const row = await deleteReserved(tx, kind, name);
    if (row === undefined)
      throw new PicloudError("not_found", `The ${kind} ${JSON.stringify(name)} is not reserved.`);
    const { app_id, reserved_until } = viewOf(row);
    record.tell({ resource: { kind: `reserved_${kind}`, name }, before: { app_id, reserved_until } });
    return viewOf(row);
  });
}

/** Removes names whose time is over; they were free before. Gives their number. */
export async function sweepReserved(platform: Platform, limit: number): Promise<number> {
  return await deleteOutdatedReserved(platform.db.side, limit);
}

function viewOf(row: ReservedRow): ReservedName {
  return {
    ...row,
    reserved_at: row.reserved_at.toISOString(),
    reserved_until: row.reserved_until.toISOString(),
  };
}
