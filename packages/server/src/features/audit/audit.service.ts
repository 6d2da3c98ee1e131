/** Reading the audit log, of an app or of all. */
import type { Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import type { Platform } from "../../platform/platform.ts";
import { getAppOfAnyState } from "../apps/apps.service.ts";
import { listAuditRows } from "./audit.repository.ts";
import type { AuditRow } from "./audit.repository.ts";

export type AuditEntryView = Omit<AuditRow, "at"> & { readonly at: string };
type AuditPage = Page<AuditEntryView> & { items: AuditEntryView[] };

/** Also of an app that is being deleted. */
export async function listAppAudit(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly app: string },
): Promise<AuditPage> {
  const app = await getAppOfAnyState(ctx, platform.db.read, query.app, "AppReadAudit");
  return await pageOf(platform, app.id, query);
}

/** Of the instance and all apps, also those that are gone. */
export async function listInstanceAudit(
  ctx: Context,
  platform: Platform,
  page: PageQuery,
): Promise<AuditPage> {
  authorize(ctx, "InstanceReadAudit");
  return await pageOf(platform, undefined, page);
}

async function pageOf(platform: Platform, appId: string | undefined, page: PageQuery): Promise<AuditPage> {
  const form = { list: `audit:${appId ?? ""}`, parts: ["id"] } as const;
  const before = readCursor(form, page.cursor)?.[0];
  const rows = await listAuditRows(platform.db.read, {
    appId,
    before: before === undefined ? undefined : String(before),
    limit: page.limit + 1,
  });
  return pageOfRows(rows, page.limit, form, {
    key: (row) => [row.id],
    item: (row) => ({ ...row, at: row.at.toISOString() }),
  });
}
