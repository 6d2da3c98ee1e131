/** SQL of routes. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import type { RouteMethod } from "./routes.contract.ts";

export interface RouteRow {
  readonly id: string;
  readonly app_id: string;
  readonly script_id: string;
  readonly method: RouteMethod;
  readonly path: string;
  readonly dispatch_mode: "sync" | "async";
  readonly auth: "public" | "user" | "member" | "key";
  readonly body_bytes_max: number | null;
  readonly enabled: boolean;
}

export interface TableRow extends RouteRow {
  readonly app_slug: string;
}

/** What is stored: the row and the shape of its path. */
export type StoredRoute = RouteRow & { readonly shape: string };

interface ListQuery {
  readonly scriptId: string | undefined;
  readonly after: { readonly path: string; readonly method: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** By path and method. */
export async function listRouteRows(
  db: Queryable,
  appId: string,
  query: ListQuery,
): Promise<readonly RouteRow[]> {
  const { scriptId, after } = query;
  return await db<RouteRow[]>`
    select id, app_id, script_id, method, path, dispatch_mode, auth, body_bytes_max, enabled from routes
    where app_id = ${appId} ${scriptId === undefined ? db`` : db`and script_id = ${scriptId}`}
      ${after === undefined ? db`` : db`and (path, method, id) > (${after.path}, ${after.method}, ${after.id}::uuid)`}
    order by path, method, id limit ${query.limit}`;
}

export async function findRoute(db: Queryable, appId: string, id: string): Promise<RouteRow | undefined> {
  const [row] = await db<RouteRow[]>`
    select id, app_id, script_id, method, path, dispatch_mode, auth, body_bytes_max, enabled from routes
    where app_id = ${appId} and id = ${id}`;
  return row;
}

/** The route that matches the same requests. */
export async function findRouteByShape(
  db: Queryable,
  appId: string,
  method: string,
  shape: string,
): Promise<RouteRow | undefined> {
  const [row] = await db<RouteRow[]>`
    select id, app_id, script_id, method, path, dispatch_mode, auth, body_bytes_max, enabled from routes
    where app_id = ${appId} and method = ${method} and shape = ${shape}`;
  return row;
}

export async function insertRoute(db: Queryable, route: StoredRoute): Promise<void> {
  await db`
    insert into routes (app_id, id, script_id, method, path, shape, dispatch_mode, auth, body_bytes_max, enabled)
    values (${route.app_id}, ${route.id}, ${route.script_id}, ${route.method}, ${route.path}, ${route.shape},
      ${route.dispatch_mode}, ${route.auth}, ${route.body_bytes_max}, ${route.enabled})`;
}

export async function updateRouteRow(db: Queryable, route: StoredRoute): Promise<void> {
  await db`
    update routes set script_id = ${route.script_id}, method = ${route.method}, path = ${route.path},
      shape = ${route.shape}, dispatch_mode = ${route.dispatch_mode}, auth = ${route.auth},
      body_bytes_max = ${route.body_bytes_max}, enabled = ${route.enabled}, updated_at = now()
    where app_id = ${route.app_id} and id = ${route.id}`;
}

export async function deleteRouteRow(db: Queryable, appId: string, id: string): Promise<void> {
  await db`delete from routes where app_id = ${appId} and id = ${id}`;
}

/** Kind of a script, or `undefined` when the app has no such script. */
export async function findScriptKind(db: Queryable, appId: string, id: string): Promise<string | undefined> {
  const [row] = await db<{ kind: string }[]>`select kind from scripts where app_id = ${appId} and id = ${id}`;
  return row?.kind;
}

/** Every route that requests can reach: enabled, of an app that is active. */
export async function listTableRows(db: Queryable): Promise<readonly TableRow[]> {
  return await db<TableRow[]>`
    select r.id, r.app_id, r.script_id, r.method, r.path, r.dispatch_mode, r.auth, r.body_bytes_max, r.enabled,
      a.slug as app_slug
    from routes r join apps a on a.id = r.app_id
    where r.enabled and a.state = 'active' order by a.slug, r.path, r.method`;
}

/** What an app holds of this. */
export const routesContent: readonly AppContent[] = [
  tableContent({ kind: "routes", table: "routes", stopsDeletion: true }),
];
