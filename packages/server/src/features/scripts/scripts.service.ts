/** Scripts: saved in immutable versions; the old one stays live until the new one compiles and is stored. */
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { AppCapability, Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { AppRef, Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import type { AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { dropDeliveriesOfScript } from "../../platform/database/outbox-holds.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone, getApp, requireCaller, visibleApps } from "../apps/apps.service.ts";
import { currentArtifact } from "./current-artifact.ts";
import { inUse } from "./link-changes.ts";
import { type LinkedRow, listImporterNames, listLinkedRows } from "./script-imports.repository.ts";
import { effectiveLimits } from "./script-limits.ts";
import type { EffectiveLimits, OwnLimits } from "./script-limits.ts";
import type { ScriptSettings } from "./script-source.ts";
import {
  countUses,
  deleteScriptRow,
  findLive,
  findScript,
  findScriptId,
  findVersion,
  listScriptRows,
  listVersionRows,
} from "./scripts.repository.ts";
import type { ScriptListQuery, ScriptRow, VersionRow } from "./scripts.repository.ts";
import type { Language } from "./scripts.contract.ts";
import { unifiedDiff } from "./unified-diff.ts";

export { scriptsContent } from "./scripts.repository.ts";
export { scriptFileName } from "./script-file.ts";
export { mapStack } from "./source-positions.ts";

export interface ScriptItem {
  readonly id: string;
  readonly app_id: string;
  readonly app_slug: string;
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly version: number;
  readonly enabled: boolean;
  readonly invoke: "public" | "members";
  readonly limits: OwnLimits;
  readonly created_at: string;
  readonly updated_at: string;
}
export type Script = ScriptItem & { readonly source: string };
/** `affected`, of a module only: endpoints that were linked again because they import it, directly or through others. */
export type SavedScript = Script & {
  readonly affected?: { readonly id: string; readonly name: string; readonly version: number }[];
};

export interface Version {
  readonly version: number;
  readonly source_hash: string;
  readonly message: string | null;
  readonly created_by: string | null;
  readonly created_at: string;
}

/** A script by id, after the check that the caller holds the capability in its app. Throws `unauthenticated`,
 *  `not_found`, `forbidden`, `app_gone`. */
export async function getScriptRow(
  ctx: Context,
  db: Queryable,
  id: string,
  capability: AppCapability,
): Promise<ScriptRow> {
  requireCaller(ctx);
  const found = await findScript(db, id);
  if (found === undefined) throw new PicloudError("not_found", `There is no script ${id}.`);
  const { app_state: state, ...row } = found;
  authorize(ctx, capability, row.app_id);
  if (state === "deleting") throw appGone(row.app_slug);
  return row;
}

export async function getScript(ctx: Context, db: Queryable, id: string): Promise<Script> {
  return await withSource(db, await getScriptRow(ctx, db, id, "AppReadScript"));
}

/** Scripts of one app, or of all that the caller sees. */
export async function listScripts(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly app?: string; readonly name?: string | undefined },
): Promise<Page<ScriptItem> & { items: ScriptItem[] }> {
  const app =
    query.app === undefined ? undefined : await getApp(ctx, platform.db.read, query.app, "AppReadScript");
  const appIds = app === undefined ? visibleApps(ctx, "AppReadScript") : [app.id];
  const form = { list: `scripts:${app?.id ?? ""}:${query.name ?? ""}`, parts: ["text", "text"] } as const;
  const key = readCursor(form, query.cursor);
  const after = key === undefined ? undefined : { slug: String(key[0]), name: String(key[1]) };
  const find: ScriptListQuery = { appIds, name: query.name, after, limit: query.limit + 1 };
  const rows = await listScriptRows(platform.db.read, find);
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.app_slug, row.name], item: itemOf });
}

/** Deletes a script with its versions, routes, triggers and waiting deliveries; dead letters stay. */
export async function deleteScript(
  ctx: Context,
  platform: Platform,
  id: string,
): Promise<{ id: string; routes_deleted: number; triggers_deleted: number; deliveries_dropped: number }> {
  const { app_id: appId } = await getScriptRow(ctx, platform.db.read, id, "AppDeleteScript");
  const change = { by: ctx, action: "scripts.delete", signal: "deployed", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    const row = await getScriptRow(ctx, tx, id, "AppDeleteScript");
    record.tell({ resource: { kind: "script", id, name: row.name }, before: auditSummary(row) });
    const importers = await listImporterNames(tx, row);
    if (importers.length > 0) throw inUse(row.name, importers);
    const uses = await countUses(tx, row);
    const dropped = await removeScript(tx, row);
    return { id, routes_deleted: uses.routes, triggers_deleted: uses.triggers, deliveries_dropped: dropped };
  });
}

/** Deletes a script inside a control change, with all that `deleteScript` names; the caller has authorised. Gives the
 *  number of deliveries dropped. */
export async function removeScript(
  tx: Transaction,
  script: { readonly app_id: string; readonly id: string },
): Promise<number> {
  const dropped = await dropDeliveriesOfScript(tx, { appId: script.app_id, scriptId: script.id });
  await deleteScriptRow(tx, script);
  return dropped;
}

export async function listVersions(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly id: string },
): Promise<Page<Version> & { items: Version[] }> {
  const script = await getScriptRow(ctx, platform.db.read, query.id, "AppReadScript");
  const form = { list: `versions:${script.id}`, parts: ["int"] } as const;
  const key = readCursor(form, query.cursor);
  const before = key === undefined ? undefined : Number(key[0]);
  const rows = await listVersionRows(platform.db.read, script, { before, limit: query.limit + 1 });
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.version], item: versionOf });
}

/** Scripts that imports tie to one, in one of the two directions. */
export async function listLinked(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly id: string; readonly direction: "imports" | "importers" },
): Promise<Page<LinkedRow> & { items: LinkedRow[] }> {
  const { id: scriptId, direction, limit } = query;
  const { app_id: appId } = await getScriptRow(ctx, platform.db.read, scriptId, "AppReadScript");
  const form = { list: `${direction}:${scriptId}`, parts: ["text"] } as const;
  const key = readCursor(form, query.cursor);
  const after = key === undefined ? undefined : String(key[0]);
  const rows = await listLinkedRows(platform.db.read, {
    appId,
    scriptId,
    direction,
    after,
    limit: limit + 1,
  });
  return pageOfRows(rows, limit, form, { key: (row) => [row.name], item: (row) => row });
}

export async function getVersion(
  ctx: Context,
  platform: Platform,
  id: string,
  version: number,
): Promise<Version & { source: string }> {
  const script = await getScriptRow(ctx, platform.db.read, id, "AppReadScript");
  return await getVersionOf(platform.db.read, script, version);
}

export async function diffVersions(
  ctx: Context,
  platform: Platform,
  query: { readonly id: string; readonly from: number; readonly to: number },
): Promise<{ from: number; to: number; diff: string }> {
  const script = await getScriptRow(ctx, platform.db.read, query.id, "AppReadScript");
  const from = await getVersionOf(platform.db.read, script, query.from);
  const to = await getVersionOf(platform.db.read, script, query.to);
  const diff = unifiedDiff(
    { name: `${script.name} v${query.from}`, text: from.source },
    { name: `${script.name} v${query.to}`, text: to.source },
  );
  return { from: query.from, to: query.to, diff };
}

/** Throws `not_found` for a version that the script never had. */
export async function getVersionOf(
  db: Queryable,
  script: ScriptRow,
  version: number,
): Promise<Version & { source: string; language: Language }> {
  const row = await findVersion(db, script, version);
  if (row === undefined) throw new PicloudError("not_found", `${script.name} has no version ${version}.`);
  return { ...versionOf(row), source: row.source, language: row.language };
}

/** A script as the data plane runs it. */
export interface LiveScript {
  readonly app: AppRef & { readonly state: "active" | "deleting" };
  readonly id: string;
  readonly name: string;
  readonly language: Language;
  readonly version: number;
  readonly enabled: boolean;
  readonly kind: "endpoint" | "module";
  readonly invoke: "public" | "members";
  readonly limits: EffectiveLimits;
  /** Equal hashes run alike: what caches are keyed by. */
  readonly artifactHash: string;
  readonly artifact: string;
  readonly sourceMap: string;
  readonly settings: ScriptSettings;
}

/** The live version of a script, disabled or not; the caller decides by `enabled`, `invoke` and the app's state. For the
 *  data plane only: no principal is asked for, because anonymous calls run scripts too (EXE-1). */
export async function loadLiveScript(
  platform: Pick<Platform, "db" | "config" | "log" | "scriptHost">,
  scriptId: string,
): Promise<LiveScript | undefined> {
  const row = await findLive(platform.db.read, scriptId);
  if (row === undefined) return undefined;
  // Its versions may be gone already. Whoever knows the script's id is not told of which app it was.
  if (row.app_state === "deleting")
    throw new PicloudError("app_gone", "The app of this script is being deleted.");
  const runs = await currentArtifact(platform, row);
  return {
    app: { id: row.app_id, slug: row.app_slug, state: row.app_state },
    id: row.id,
    name: row.name,
    language: row.language,
    version: row.version,
    enabled: row.enabled,
    kind: row.kind,
    invoke: row.invoke,
    limits: effectiveLimits(platform.config, row.limits),
    ...runs,
  };
}

/** Id of a script by app (id or slug) and name. For the data plane only, like `loadLiveScript`. */
export async function findScriptByName(
  db: Queryable,
  app: string,
  name: string,
): Promise<string | undefined> {
  return await findScriptId(db, uuidPattern.test(app) ? { id: app } : { slug: app }, name);
}

/** What the audit log shows of a script: which version, not its source. */
export function auditSummary(row: ScriptRow): AuditSummary {
  const { name, language, kind, version, enabled, invoke, limits } = row;
  return { name, language, kind, version, enabled, invoke, limits };
}

export async function withSource(db: Queryable, row: ScriptRow): Promise<Script> {
  const { source } = await getVersionOf(db, row, row.version);
  return { ...itemOf(row), source };
}

function itemOf(row: ScriptRow): ScriptItem {
  return { ...row, created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
}

function versionOf(row: VersionRow): Version {
  const { version, source_hash, message, created_by, created_at } = row;
  return { version, source_hash, message, created_by, created_at: created_at.toISOString() };
}
