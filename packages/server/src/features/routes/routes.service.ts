/** Routes: which script of an app answers which method and path. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { difference } from "../../platform/database/audit.ts";
import type { AuditEntry, AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { getScriptRow } from "../scripts/scripts.service.ts";
import { parseRoutePath } from "./route-path.ts";
import { asyncBodyBytesMax, type RouteMethod } from "./routes.contract.ts";
import {
  deleteRouteRow,
  findRoute,
  findRouteByShape,
  findScriptKind,
  insertRoute,
  listRouteRows,
  listTableRows,
  updateRouteRow,
} from "./routes.repository.ts";
import type { RouteRow } from "./routes.repository.ts";

export { routesContent } from "./routes.repository.ts";
export { asyncBodyBytesMax } from "./routes.contract.ts";
export type { RouteMethod } from "./routes.contract.ts";
export type { RouteRow } from "./routes.repository.ts";

export interface Route extends RouteRow {
  readonly cors: null;
  readonly rate_limit: null;
}

/** What a caller sets of a route. */
export interface RouteInput {
  readonly method: RouteMethod;
  readonly path: string;
  readonly dispatch_mode: "sync" | "async";
  readonly auth: "public" | "member";
  readonly body_bytes_max: number | null;
  readonly enabled: boolean;
}

export async function listRoutes(
  ctx: Context,
  platform: Platform,
  appRef: string,
  page: PageQuery,
): Promise<Page<Route> & { items: Route[] }> {
  const app = await getApp(ctx, platform.db.read, appRef, "AppReadScript");
  return await pageOfRoutes(platform.db.read, { appId: app.id, scriptId: undefined }, page);
}

export async function listRoutesOfScript(
  ctx: Context,
  platform: Platform,
  scriptId: string,
  page: PageQuery,
): Promise<Page<Route> & { items: Route[] }> {
  const script = await getScriptRow(ctx, platform.db.read, scriptId, "AppReadScript");
  return await pageOfRoutes(platform.db.read, { appId: script.app_id, scriptId }, page);
}

export async function createRoute(
  ctx: Context,
  platform: Platform,
  scriptId: string,
  input: RouteInput,
): Promise<Route> {
  const { app_id: appId } = await getScriptRow(ctx, platform.db.read, scriptId, "AppManageRoutes");
  const change = { by: ctx, action: "routes.create", signal: "deployed", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await getScriptRow(ctx, tx, scriptId, "AppManageRoutes");
    const row = await putRoute(tx, platform, { ...input, id: newId(), app_id: appId, script_id: scriptId });
    record.tell({ resource: resourceOf(row), after: summaryOf(row) });
    return routeOf(row);
  });
}

export async function updateRoute(
  ctx: Context,
  platform: Platform,
  address: { readonly app: string; readonly id: string },
  change: { readonly [K in keyof RouteInput]?: RouteInput[K] | undefined } & {
    readonly script_id?: string | undefined;
  },
): Promise<Route> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageRoutes");
  const control = { by: ctx, action: "routes.update", signal: "deployed", appId } as const;
  return await controlChange(platform, control, async (tx, record) => {
    const row = await getRouteRow(tx, appId, address.id);
    const changed = {
      ...row,
      script_id: change.script_id ?? row.script_id,
      method: change.method ?? row.method,
      path: change.path ?? row.path,
      dispatch_mode: change.dispatch_mode ?? row.dispatch_mode,
      auth: change.auth ?? row.auth,
      body_bytes_max: change.body_bytes_max === undefined ? row.body_bytes_max : change.body_bytes_max,
      enabled: change.enabled ?? row.enabled,
    };
    record.tell({ resource: resourceOf(row), ...difference(summaryOf(row), summaryOf(changed)) });
    return routeOf(await putRoute(tx, platform, changed, row));
  });
}

export async function deleteRoute(
  ctx: Context,
  platform: Platform,
  address: { readonly app: string; readonly id: string },
): Promise<{ id: string }> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageRoutes");
  const change = { by: ctx, action: "routes.delete", signal: "deployed", appId } as const;
  await controlChange(platform, change, async (tx, record) => {
    const row = await getRouteRow(tx, appId, address.id);
    record.tell({ resource: resourceOf(row), before: summaryOf(row) });
    await deleteRouteRow(tx, appId, row.id);
  });
  return { id: address.id };
}

/** Stores a route inside a control change: new, or over `old`. Checks pattern, conflict, body limit and script; the
 *  caller has authorised. `field`: where the route stands in the request. Throws `invalid`, `already_exists`,
 *  `target_is_module`, `not_found`. */
export async function putRoute(
  tx: Transaction,
  platform: Pick<Platform, "config">,
  route: RouteRow & { readonly field?: string },
  old?: RouteRow,
): Promise<RouteRow> {
  const { field = "", ...row } = route;
  const { shape } = parseRoutePath(row.path, `${field}path`);
  checkBodyBytes(platform, row, `${field}body_bytes_max`);
  await checkTarget(tx, row);
  const holder = await findRouteByShape(tx, row.app_id, row.method, shape);
  if (holder !== undefined && holder.id !== row.id) {
    const message = `would match the same requests as ${holder.method} ${holder.path}`;
    throw new PicloudError("already_exists", `${row.method} ${row.path} ${message}.`, {
      fields: [{ path: `${field}path`, message }],
      details: { route_id: holder.id, script_id: holder.script_id },
    });
  }
  if (old === undefined) await insertRoute(tx, { ...row, shape });
  else await updateRouteRow(tx, { ...row, shape });
  return row;
}

/** Deletes a route inside a control change; the caller has authorised. */
export async function removeRoute(
  tx: Transaction,
  route: { readonly app_id: string; readonly id: string },
): Promise<void> {
  await deleteRouteRow(tx, route.app_id, route.id);
}

/** The pattern without names: routes of one method and shape match the same requests. Throws `invalid` at `field`. */
export function shapeOfPath(path: string, field: string): string {
  return parseRoutePath(path, field).shape;
}

/** A route as the data plane's table needs it. */
export interface TableRoute {
  readonly id: string;
  readonly app: { readonly id: string; readonly slug: string };
  readonly scriptId: string;
  readonly method: RouteMethod;
  /** Pattern; `parseRoutePath` of `route-path.ts` takes it apart. */
  readonly path: string;
  readonly auth: "public" | "user" | "member" | "key";
  /** Absent: the server's limit. */
  readonly bodyBytesMax: number | undefined;
  /** Answered when it is accepted, run later. */
  readonly isAsync: boolean;
}

/** All enabled routes of active apps. For the data plane only: it is what requests are matched with, so it asks for no
 *  principal; each route's `auth` decides then. */
export async function loadRouteTable(db: Queryable): Promise<readonly TableRoute[]> {
  const rows = await listTableRows(db);
  return rows.map((row) => ({
    id: row.id,
    app: { id: row.app_id, slug: row.app_slug },
    scriptId: row.script_id,
    method: row.method,
    path: row.path,
    auth: row.auth,
    bodyBytesMax: row.body_bytes_max ?? undefined,
    isAsync: row.dispatch_mode === "async",
  }));
}

async function pageOfRoutes(
  db: Queryable,
  of: { readonly appId: string; readonly scriptId: string | undefined },
  page: PageQuery,
): Promise<Page<Route> & { items: Route[] }> {
  const form = { list: `routes:${of.appId}:${of.scriptId ?? ""}`, parts: ["text", "text", "id"] } as const;
  const key = readCursor(form, page.cursor);
  const after =
    key === undefined ? undefined : { path: String(key[0]), method: String(key[1]), id: String(key[2]) };
  const rows = await listRouteRows(db, of.appId, { scriptId: of.scriptId, after, limit: page.limit + 1 });
  return pageOfRows(rows, page.limit, form, {
    key: (row) => [row.path, row.method, row.id],
    item: routeOf,
  });
}

/** 404 also for a route of another app. */
async function getRouteRow(db: Queryable, appId: string, id: string): Promise<RouteRow> {
  const row = await findRoute(db, appId, id);
  if (row === undefined) throw new PicloudError("not_found", `The app has no route ${id}.`);
  return row;
}

function checkBodyBytes(
  platform: Pick<Platform, "config">,
  { body_bytes_max: bytes, dispatch_mode }: RouteRow,
  path: string,
): void {
  const { requestMaxBytes } = platform.config;
  const most = dispatch_mode === "async" ? Math.min(requestMaxBytes, asyncBodyBytesMax) : requestMaxBytes;
  if (bytes === null || bytes <= most) return;
  const whose = most === requestMaxBytes ? "this server" : "async routes";
  const message = `must be at most ${most}, the limit of ${whose}`;
  throw new PicloudError("invalid", `body_bytes_max ${message}.`, { fields: [{ path, message }] });
}

async function checkTarget(tx: Transaction, route: RouteRow): Promise<void> {
  const kind = await findScriptKind(tx, route.app_id, route.script_id);
  if (kind === undefined) throw new PicloudError("not_found", `The app has no script ${route.script_id}.`);
  if (kind === "module")
    throw new PicloudError("target_is_module", "A module can't answer requests: route to an endpoint.");
}

function resourceOf(row: RouteRow): AuditEntry["resource"] {
  return { kind: "route", id: row.id, name: `${row.method} ${row.path}` };
}

function summaryOf(row: RouteRow): AuditSummary {
  const { script_id, method, path, dispatch_mode, auth, body_bytes_max, enabled } = row;
  return { script_id, method, path, dispatch_mode, auth, body_bytes_max, enabled };
}

function routeOf(row: RouteRow): Route {
  return { ...row, cors: null, rate_limit: null };
}
