/** Deployments: plan what a manifest changes, then apply it in one transaction, or not at all. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { putRoute, removeRoute } from "../routes/routes.service.ts";
import {
  checkLimits,
  checkModuleName,
  hashSource,
  insertCompiled,
  LinksChanged,
  listEdges,
  planLinks,
  readSources,
  saveLinks,
  settleDeliveries,
  updateCompiled,
  userIdOf,
} from "../scripts/save-script.service.ts";
import type { LinkPlan, ScriptEdit } from "../scripts/save-script.service.ts";
import { getScriptRow, removeScript } from "../scripts/scripts.service.ts";
import { hashState, kindOf, makePlan } from "./deployment-plan.ts";
import type { AppState, Change, Manifest, Plan, ScriptStep } from "./deployment-plan.ts";
import { insertDeployment, listDeploymentRows, readScriptsAndRoutes } from "./deployments.repository.ts";
import type { DeploymentRow } from "./deployments.repository.ts";

export { deploymentsContent } from "./deployments.repository.ts";

export interface Deployment {
  readonly id: string;
  readonly app_id: string;
  readonly state_hash: string;
  readonly changes: Change[];
  readonly message: string | null;
  readonly created_by: string | null;
  readonly created_at: string;
}

interface LiveName {
  readonly id: string;
  readonly name: string;
  readonly kind: "endpoint" | "module";
  readonly version: number;
}

/** What the manifest would change, and which sources apply needs. Changes nothing. */
export async function planDeployment(
  ctx: Context,
  platform: Platform,
  manifest: Manifest & { readonly app: string },
): Promise<{ base: string; changes: Change[]; missing: string[] }> {
  const app = await getApp(ctx, platform.db.read, manifest.app, "AppWriteScript");
  const state = await readAppState(platform.db.read, app.id);
  const plan = makePlan(state, manifest);
  authorizePlan(ctx, app.id, plan);
  checkManifest(platform, manifest);
  const missing = plan.scripts.filter((step) => step.isNewSource && step.script.source === undefined);
  return {
    base: hashState(state),
    changes: [...plan.changes],
    missing: missing.map(({ script }) => script.name),
  };
}

/** Throws `stale` when the app's state is not the one planned with, and `compile_error`, `invalid`, … with nothing changed. */
export async function applyDeployment(
  ctx: Context,
  platform: Platform,
  manifest: Manifest & { readonly app: string; readonly base: string; readonly message?: string | undefined },
): Promise<Deployment & { scripts: LiveName[] }> {
  const app = await getApp(ctx, platform.db.read, manifest.app, "AppWriteScript");
  const seen = await readAppState(platform.db.read, app.id);
  refuseStale(hashState(seen), manifest.base);
  const plan = makePlan(seen, manifest);
  authorizePlan(ctx, app.id, plan);
  checkManifest(platform, manifest);
  const links = await linkPlan(platform, app.id, seen, plan);
  const change = { by: ctx, action: "deployments.apply", signal: "deployed", appId: app.id } as const;
  const deployment = await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, app.id, "AppWriteScript");
    // An equal hash is an equal state, so the plan made before the transaction holds in it.
    refuseStale(hashState(await readAppState(tx, app.id)), manifest.base);
    const scripts = await applyPlan(ctx, platform, tx, {
      appId: app.id,
      plan,
      links,
      message: manifest.message,
    });
    const row = await insertDeployment(tx, {
      id: newId(),
      app_id: app.id,
      state_hash: hashState(await readAppState(tx, app.id)),
      changes: plan.changes,
      message: manifest.message ?? null,
      created_by: userIdOf(ctx) ?? null,
    });
    const after = {
      message: row.message,
      changes: plan.changes.filter(({ action }) => action !== "unchanged"),
    };
    record.tell({ resource: { kind: "deployment", id: row.id }, after });
    return { ...deploymentOf(row), scripts };
  });
  for (const { script, old } of plan.scripts) {
    if (old === undefined || script.enabled === old.enabled) continue;
    await settleDeliveries(platform, { appId: app.id, scriptId: old.id }, script.enabled);
  }
  return deployment;
}

export async function listDeployments(
  ctx: Context,
  platform: Platform,
  appRef: string,
  page: PageQuery,
): Promise<Page<Deployment> & { items: Deployment[] }> {
  const app = await getApp(ctx, platform.db.read, appRef, "AppWriteScript");
  const form = { list: `deployments:${app.id}`, parts: ["id"] } as const;
  const key = readCursor(form, page.cursor);
  const before = key === undefined ? undefined : String(key[0]);
  const rows = await listDeploymentRows(platform.db.read, app.id, { before, limit: page.limit + 1 });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.id], item: deploymentOf });
}

async function readAppState(db: Queryable, appId: string): Promise<AppState> {
  const { scripts, routes } = await readScriptsAndRoutes(db, appId);
  return { scripts, routes, edges: await listEdges(db, appId) };
}

/** Beside AppWriteScript: what this plan touches. */
function authorizePlan(ctx: Context, appId: string, plan: Plan): void {
  const touchesRoutes =
    plan.deletedRoutes.length > 0 || plan.routes.some((step) => step.change.action !== "unchanged");
  if (touchesRoutes) authorize(ctx, "AppManageRoutes", appId);
  if (plan.deletedScripts.length > 0) authorize(ctx, "AppDeleteScript", appId);
}

function checkManifest(platform: Platform, manifest: Manifest): void {
  for (const [i, script] of manifest.scripts.entries()) {
    checkLimits(platform.config, script.limits ?? {}, `scripts.${i}.limits`);
    checkModuleName({ name: script.name, kind: script.kind ?? "endpoint" }, `scripts.${i}.name`);
    if (script.source !== undefined && hashSource(script.source) !== script.source_hash) {
      const message = "is not the SHA-256 of the source";
      throw new PicloudError("invalid", `scripts.${i}.source_hash ${message}.`, {
        fields: [{ path: `scripts.${i}.source_hash`, message }],
      });
    }
  }
}

/** Compiles what is new and links what depends on it. An unchanged state is all that the result depends on. */
async function linkPlan(platform: Platform, appId: string, state: AppState, plan: Plan): Promise<LinkPlan> {
  const edits = plan.scripts.filter((step) => step.isNewSource || step.isNewKind);
  const stored = edits.flatMap(({ isNewSource, old }) => (isNewSource || old === undefined ? [] : [old]));
  const sources = await readSources(platform.db.read, appId, stored);
  const changes = {
    edits: edits.map((step) =>
      editOf(step, step.isNewSource ? step.script.source : sources.get(step.old?.id ?? "")),
    ),
    removed: plan.deletedScripts.map(({ name }) => name),
  };
  try {
    return await planLinks(platform, appId, state, changes);
  } catch (error) {
    if (error instanceof LinksChanged) throw stale(undefined, error);
    throw error;
  }
}

function editOf({ script, index, old }: ScriptStep, source: string | undefined): ScriptEdit {
  const path = `scripts.${index}.source`;
  if (source === undefined) {
    throw new PicloudError(
      "invalid",
      `The source of ${script.name} is needed: the server does not have it.`,
      {
        fields: [{ path, message: "is needed" }],
      },
    );
  }
  const { name, language } = script;
  return { name, language, kind: kindOf({ script, old }), source, path, oldName: old?.name };
}

interface Work {
  readonly appId: string;
  readonly plan: Plan;
  readonly links: LinkPlan;
  readonly message: string | undefined;
}

/** Scripts first, because routes point at them; deletions of routes before new ones, of scripts at the end. */
async function applyPlan(ctx: Context, platform: Platform, tx: Transaction, work: Work): Promise<LiveName[]> {
  const { appId, plan } = work;
  const scripts = new Map<string, LiveName>();
  for (const route of plan.deletedRoutes) await removeRoute(tx, route);
  for (const step of plan.scripts) scripts.set(step.script.name, await applyScript(ctx, tx, work, step));
  await saveLinks(tx, appId, work.links);
  for (const { change, route, scriptName, field, old } of plan.routes) {
    const scriptId = scripts.get(scriptName)?.id;
    if (change.action === "unchanged" || scriptId === undefined) continue;
    const row = {
      id: old?.id ?? newId(),
      app_id: appId,
      script_id: scriptId,
      ...route,
    } as const;
    await putRoute(tx, platform, { ...row, field }, old);
  }
  for (const script of plan.deletedScripts) await removeScript(tx, { app_id: appId, id: script.id });
  return [...scripts.values()];
}

async function applyScript(
  ctx: Context,
  tx: Transaction,
  work: Work,
  { script, old, change }: ScriptStep,
): Promise<LiveName> {
  const compiled = work.links.compiled.get(script.name);
  const { kind, enabled, invoke, limits } = script;
  if (old === undefined) {
    if (compiled === undefined) throw new Error(`${script.name} is new and was not compiled`);
    return liveName(
      await insertCompiled(ctx, tx, work.appId, {
        name: script.name,
        language: script.language,
        kind: kind ?? "endpoint",
        enabled: enabled ?? true,
        invoke: invoke ?? "public",
        limits: limits ?? {},
        message: work.message,
        compiled,
      }),
    );
  }
  if (change.action === "unchanged") return liveName(old);
  const row = await getScriptRow(ctx, tx, old.id, "AppWriteScript");
  const { language } = script;
  const fields = { language, kind, enabled, invoke, limits, message: work.message, compiled };
  return liveName(await updateCompiled(ctx, tx, row, fields));
}

function liveName({ id, name, kind, version }: LiveName): LiveName {
  return { id, name, kind, version };
}

function refuseStale(state: string, base: string): void {
  if (state !== base) throw stale(state);
}

function stale(base?: string, cause?: unknown): PicloudError {
  return new PicloudError("stale", "The app has changed since the plan was made: plan again.", {
    ...(base === undefined ? {} : { details: { base } }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function deploymentOf(row: DeploymentRow): Deployment {
  return { ...row, changes: [...row.changes], created_at: row.created_at.toISOString() };
}
