/** SQL of deployments, and of an app's deployed state. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import type { RouteRow } from "../routes/routes.service.ts";
import type { OwnLimits } from "../scripts/save-script.service.ts";
import type { AppState, StateScript } from "./deployment-plan.ts";
import type { Change } from "./deployment-plan.ts";

export interface DeploymentRow {
  readonly id: string;
  readonly app_id: string;
  readonly state_hash: string;
  readonly changes: readonly Change[];
  readonly message: string | null;
  readonly created_by: string | null;
  readonly created_at: Date;
}

/** Scripts with the hash of their live source, and routes, each in a fixed order. */
export async function readScriptsAndRoutes(
  db: Queryable,
  appId: string,
): Promise<Pick<AppState, "scripts" | "routes">> {
  const scripts = await db<(StateScript & { limits: OwnLimits })[]>`
    select s.id, s.name, s.language, s.kind, s.version, s.enabled, s.invoke, s.limits, v.source_hash
    from scripts s join script_versions v on v.app_id = s.app_id and v.script_id = s.id and v.version = s.version
    where s.app_id = ${appId} order by s.name`;
  const routes = await db<(RouteRow & { shape: string })[]>`
    select id, app_id, script_id, method, path, shape, dispatch_mode, auth, body_bytes_max, enabled
    from routes where app_id = ${appId} order by shape, method`;
  return { scripts, routes };
}

export async function insertDeployment(
  db: Queryable,
  deployment: Omit<DeploymentRow, "created_at">,
): Promise<DeploymentRow> {
  const { id, app_id: appId, state_hash: stateHash, changes, message, created_by: createdBy } = deployment;
  const [row] = await db<DeploymentRow[]>`
    insert into deployments (app_id, id, state_hash, changes, message, created_by)
    values (${appId}, ${id}, ${stateHash}, ${db.json(changes.map((change) => ({ ...change })))}, ${message},
      ${createdBy})
    returning id, app_id, state_hash, changes, message, created_by, created_at`;
  if (row === undefined) throw new Error("the insert of a deployment gave no row");
  return row;
}

/** Newest first, below `before`: ids are in the order of time. */
export async function listDeploymentRows(
  db: Queryable,
  appId: string,
  query: { readonly before: string | undefined; readonly limit: number },
): Promise<readonly DeploymentRow[]> {
  return await db<DeploymentRow[]>`
    select id, app_id, state_hash, changes, message, created_by, created_at from deployments
    where app_id = ${appId} ${query.before === undefined ? db`` : db`and id < ${query.before}::uuid`}
    order by id desc limit ${query.limit}`;
}

/** What an app holds of this. */
export const deploymentsContent: readonly AppContent[] = [
  tableContent({ kind: "deployments", table: "deployments", stopsDeletion: false }),
];
