/** Apps: who sees which, and their life from creation to deletion. */
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { AppCapability, Page, PageQuery } from "@picloud/contract";
import { authorize, requireUser } from "../../platform/authorize.ts";
import type { AppRef, Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { difference } from "../../platform/database/audit.ts";
import type { AuditEntry, AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { policy } from "../../platform/policy.ts";
import {
  claimInstanceMark,
  findAppById,
  findAppBySlug,
  insertApp,
  listActiveIds,
  listDeletingApps,
  listApps as listAppRows,
  updateApp as updateAppRow,
} from "./apps.repository.ts";
import type { AppRow } from "./apps.repository.ts";
import { refuseReserved } from "./reserved-names.service.ts";

export interface App {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly state: "active" | "deleting";
  readonly created_at: string;
  readonly updated_at: string;
}

/** Throws `unauthenticated` where nobody asks: before anything is looked up, so that nobody learns what exists. */
export function requireCaller(ctx: Context): void {
  if (ctx.kind !== "system") requireUser(ctx);
}

/** The app that `ref` (id or slug) names, after the check that the caller holds the capability in it. Throws
 *  `unauthenticated`, `not_found`, `forbidden`, and `app_gone` for an app that is being deleted. */
export async function getApp(
  ctx: Context,
  db: Queryable,
  ref: string,
  capability: AppCapability,
): Promise<App> {
  const app = await getAppOfAnyState(ctx, db, ref, capability);
  if (app.state === "deleting") throw appGone(app.slug);
  return app;
}

/** The same for the few reads that still answer while the app is being deleted. */
export async function getAppOfAnyState(
  ctx: Context,
  db: Queryable,
  ref: string,
  capability: AppCapability,
): Promise<App> {
  requireCaller(ctx);
  const row = await findApp(db, ref);
  if (row === undefined) throw new PicloudError("not_found", `There is no app ${JSON.stringify(ref)}.`);
  authorize(ctx, capability, row.id);
  return appOf(row);
}

/** For whoever asks for something of an app that is being deleted. */
export function appGone(slug: string): PicloudError {
  return new PicloudError("app_gone", `The app ${slug} is being deleted.`);
}

async function findApp(db: Queryable, ref: string): Promise<AppRow | undefined> {
  if (uuidPattern.test(ref)) return await findAppById(db, ref);
  // No slug has other characters, and PostgreSQL would refuse some of them.
  return /^[a-z0-9-]{1,63}$/.test(ref) ? await findAppBySlug(db, ref) : undefined;
}

/** Whether anything may be written for the app. For a service that has checked the caller. */
export async function isAppActive(db: Queryable, id: string): Promise<boolean> {
  return (await findAppById(db, id))?.state === "active";
}

/** Those of the apps for which anything may run. For the data plane only. */
export async function activeAppsAmong(db: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set(await listActiveIds(db, ids));
}

/** Ids and slugs of the apps that are being deleted. For the data plane only. */
export async function loadDeletingApps(db: Queryable): Promise<readonly AppRef[]> {
  return await listDeletingApps(db);
}

/** Ids of the apps that the caller sees; `undefined`: all. */
export function visibleApps(ctx: Context, capability: AppCapability): readonly string[] | undefined {
  requireCaller(ctx);
  if (ctx.kind === "system") return undefined;
  const user = requireUser(ctx);
  const key = ctx.principal?.kind === "api_key" ? ctx.principal : undefined;
  if (key !== undefined && !key.scopes.includes(policy[capability].scope)) return [];
  const isEverywhere = user.role !== "member";
  if (key?.appId !== undefined) return isEverywhere || user.appRoles.has(key.appId) ? [key.appId] : [];
  return isEverywhere ? undefined : [...user.appRoles.keys()];
}

export async function listApps(
  ctx: Context,
  platform: Platform,
  page: PageQuery,
): Promise<Page<App> & { items: App[] }> {
  const ids = visibleApps(ctx, "AppRead");
  const form = { list: "apps", parts: ["text"] } as const;
  const [after] = readCursor(form, page.cursor) ?? [""];
  const rows = await listAppRows(platform.db.read, { after: String(after), limit: page.limit + 1, ids });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.slug], item: appOf });
}

export async function createApp(
  ctx: Context,
  platform: Platform,
  input: { readonly slug: string; readonly name?: string | undefined },
): Promise<App> {
  authorize(ctx, "InstanceManageApps");
  const id = newId();
  const change = { by: ctx, action: "apps.create", signal: "deployed", appId: id } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await refuseReserved(tx, { kind: "slug", name: input.slug });
    const row = await insertApp(tx, { id, slug: input.slug, name: input.name ?? input.slug });
    if (row === undefined) throw slugTaken(input.slug);
    record.tell({ resource: resourceOf(row), after: summaryOf(row) });
    return appOf(row);
  });
}

/** Changes name or slug. The old slug is free at once: whoever renames an app is there to say where it went. */
export async function updateApp(
  ctx: Context,
  platform: Platform,
  ref: string,
  change: { readonly slug?: string | undefined; readonly name?: string | undefined },
): Promise<App> {
  const { id } = await getApp(ctx, platform.db.read, ref, "AppManage");
  const control = { by: ctx, action: "apps.update", signal: "deployed", appId: id } as const;
  return await controlChange(platform, control, async (tx, record) => {
    const app = await getApp(ctx, tx, id, "AppManage");
    const slug = change.slug ?? app.slug;
    // Changes run one after another, so nobody takes the slug between this look and the update.
    const holder = await findAppBySlug(tx, slug);
    if (holder !== undefined && holder.id !== id) throw slugTaken(slug);
    if (slug !== app.slug) await refuseReserved(tx, { kind: "slug", name: slug });
    const row = await updateAppRow(tx, { id, slug, name: change.name ?? app.name });
    record.tell({ resource: resourceOf(app), ...difference(summaryOf(app), summaryOf(row ?? app)) });
    return row === undefined ? app : appOf(row);
  });
}

/** Makes the app `default` and runs `fill` for it, once in the life of the database: not again after a deletion. */
export async function createDefaultApp(
  platform: Platform,
  fill: (tx: Transaction, app: App) => Promise<void>,
): Promise<void> {
  const change = { by: "server", action: "apps.create", signal: "deployed" } as const;
  await controlChange(platform, change, async (tx, record) => {
    const isFirst = await claimInstanceMark(tx, "default_app");
    const row = isFirst ? await insertApp(tx, { id: newId(), slug: "default", name: "Default" }) : undefined;
    if (row === undefined) {
      record.nothing();
      return;
    }
    record.tell({ appId: row.id, resource: resourceOf(row), after: summaryOf(row) });
    await fill(tx, appOf(row));
  });
}

/** The app as the audit log names it. */
export function resourceOf(app: Pick<App, "id" | "slug">): AuditEntry["resource"] {
  return { kind: "app", id: app.id, name: app.slug };
}

/** What the audit log shows of an app. */
export function summaryOf({ slug, name }: Pick<App, "slug" | "name">): AuditSummary {
  return { slug, name };
}

function slugTaken(slug: string): PicloudError {
  return new PicloudError("already_exists", `There is an app ${slug} already.`, {
    fields: [{ path: "slug", message: "is taken" }],
  });
}

function appOf(row: AppRow): App {
  return { ...row, created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
}
