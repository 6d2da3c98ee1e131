/** Saving scripts: every new source is a new immutable version. Used by the endpoints and by deployments. */
import { PicloudError } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { difference } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Transaction } from "../../platform/database/database.ts";
import { holdDeliveriesOfScript, releaseDeliveriesOfScript } from "../../platform/database/outbox-holds.ts";
import type { ScriptKey } from "../../platform/database/outbox-holds.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import {
  confirmLinks,
  type LinkChanges,
  type LinkPlan,
  LinksChanged,
  nameTaken,
  saveLinks,
  type ScriptEdit,
  withLinks,
} from "./link-changes.ts";
import { isReservedModuleName } from "./module-names.ts";
import { checkLimits } from "./script-limits.ts";
import type { OwnLimits } from "./script-limits.ts";
import type { CompiledSource } from "./script-source.ts";
import {
  countUses,
  findScript,
  findScriptOfApp,
  findVersion,
  insertScript,
  insertVersion,
  updateArtifact,
  updateScriptRow,
} from "./scripts.repository.ts";
import type { ScriptFields, ScriptRow } from "./scripts.repository.ts";
import type { Language } from "./scripts.contract.ts";
import { auditSummary, getScriptRow, getVersionOf, withSource } from "./scripts.service.ts";
import type { SavedScript, Script } from "./scripts.service.ts";

export { checkLimits } from "./script-limits.ts";
export type { OwnLimits } from "./script-limits.ts";
export { LinksChanged, planLinks, saveLinks } from "./link-changes.ts";
export type { LinkPlan, ScriptEdit } from "./link-changes.ts";
export { listEdges, readSources } from "./script-imports.repository.ts";
export { importersOf } from "./import-graph.ts";
export type { Edge } from "./import-graph.ts";
export { compileSource, hashSource } from "./script-source.ts";
export type { CompiledSource } from "./script-source.ts";

export interface NewScript {
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly enabled: boolean;
  readonly invoke: "public" | "members";
  readonly limits: OwnLimits;
  readonly message?: string | undefined;
}

export interface ScriptChange {
  readonly name?: string | undefined;
  /** Of the new source; absent: the script's. */
  readonly language?: Language | undefined;
  readonly kind?: "endpoint" | "module" | undefined;
  readonly source?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly invoke?: "public" | "members" | undefined;
  readonly limits?: OwnLimits | undefined;
  readonly message?: string | undefined;
}

export async function createScript(
  ctx: Context,
  platform: Platform,
  appRef: string,
  input: NewScript & { readonly source: string },
): Promise<SavedScript> {
  const { id: appId } = await getApp(ctx, platform.db.read, appRef, "AppWriteScript");
  checkLimits(platform.config, input.limits, "limits");
  checkModuleName(input, "name");
  const changes = { edits: [{ ...input, path: "source" }], removed: [] };
  const control = { by: ctx, signal: "deployed", appId } as const;
  return await withLinks(
    platform,
    appId,
    async () => await Promise.resolve(changes),
    async (plan) =>
      await controlChange(platform, { ...control, action: "scripts.create" }, async (tx, record) => {
        const app = await getApp(ctx, tx, appId, "AppWriteScript");
        await confirmLinks(tx, appId, plan);
        const compiled = compiledIn(plan, input.name);
        const row = await insertCompiled(ctx, tx, app.id, { ...input, compiled });
        record.tell({ resource: { kind: "script", id: row.id, name: row.name }, after: auditSummary(row) });
        await saveLinks(tx, appId, plan);
        return withAffected(await withSource(tx, row), plan);
      }),
  );
}

/** Saves what is given. `ifMatch`: the version that must be live, else `stale`. A source equal to the live one makes no
 *  new version; a new name does, because error positions carry the file's name. Scripts that import a module are linked
 *  with it again. */
export async function updateScript(
  ctx: Context,
  platform: Platform,
  id: string,
  change: ScriptChange & {
    readonly ifMatch?: number | undefined;
    /** For the audit log; absent: an update. */
    readonly action?: "scripts.rollback";
  },
): Promise<SavedScript> {
  const first = await getScriptRow(ctx, platform.db.read, id, "AppWriteScript");
  const { app_id: appId } = first;
  if (change.language !== undefined && change.source === undefined) {
    throw new PicloudError("invalid", "A language is that of a source, which has to come with it.", {
      fields: [{ path: "source", message: "is required with language" }],
    });
  }
  if (change.limits !== undefined) checkLimits(platform.config, change.limits, "limits");
  const control = { by: ctx, action: change.action ?? "scripts.update", signal: "deployed", appId } as const;
  let seen = first;
  const changes = async (): Promise<LinkChanges> => {
    seen = await getScriptRow(ctx, platform.db.read, id, "AppWriteScript");
    refuseStale(seen, change.ifMatch);
    const edit = await editOf(platform, seen, change);
    return { edits: edit === undefined ? [] : [edit], removed: [] };
  };
  const saved = await withLinks(
    platform,
    appId,
    changes,
    async (plan) =>
      await controlChange(platform, control, async (tx, record) => {
        const row = await getScriptRow(ctx, tx, id, "AppWriteScript");
        refuseStale(row, change.ifMatch);
        const { name = row.name } = change;
        const compiled = plan.compiled.get(name);
        // What was compiled was made from the row seen before; another save since then must not be undone by it.
        if (compiled !== undefined && change.source === undefined) refuseStale(row, seen.version);
        if (!isSameScript(row, seen)) throw new LinksChanged();
        await confirmLinks(tx, appId, plan);
        const now = await updateCompiled(ctx, tx, row, { ...change, compiled });
        const changed = difference(auditSummary(row), auditSummary(now));
        record.tell({ resource: { kind: "script", id, name: row.name }, ...changed });
        await saveLinks(tx, appId, plan);
        return withAffected(await withSource(tx, await getScriptRow(ctx, tx, id, "AppWriteScript")), plan);
      }),
  );
  await settleDeliveries(platform, { appId, scriptId: id }, change.enabled);
  return saved;
}

/** Makes the source of an old version live again, as a new version. */
export async function rollBackScript(
  ctx: Context,
  platform: Platform,
  id: string,
  version: number,
): Promise<SavedScript> {
  const script = await getScriptRow(ctx, platform.db.read, id, "AppWriteScript");
  const { source, language } = await getVersionOf(platform.db.read, script, version);
  const message = `Back to version ${version}`;
  return await updateScript(ctx, platform, id, { source, language, message, action: "scripts.rollback" });
}

/** Stores a new script with its first version, inside a control change. The caller has authorised and compiled. */
export async function insertCompiled(
  ctx: Context,
  tx: Transaction,
  appId: string,
  input: NewScript & { readonly compiled: CompiledSource },
): Promise<ScriptRow> {
  const id = newId();
  if (!(await insertScript(tx, { ...input, appId, id }))) throw nameTaken(input.name);
  await insertVersion(tx, {
    appId,
    scriptId: id,
    version: 1,
    compiled: input.compiled,
    message: input.message,
    createdBy: userIdOf(ctx),
  });
  return await storedScript(tx, id);
}

/** Applies a change to a script, inside a control change; a new version where the compiled text is new. The caller has
 *  authorised and compiled, and `row` is of this transaction. */
export async function updateCompiled(
  ctx: Context,
  tx: Transaction,
  row: ScriptRow,
  change: Omit<ScriptChange, "source"> & { readonly compiled: CompiledSource | undefined },
): Promise<ScriptRow> {
  const fields = mergeFields(row, change);
  if (fields.name !== row.name && (await findScriptOfApp(tx, row.app_id, fields.name)) !== undefined)
    throw nameTaken(fields.name);
  if (fields.kind === "module" && row.kind !== "module") await refuseUses(tx, row);
  const version = await saveVersion(ctx, tx, row, { ...change, name: fields.name });
  // The same source of another kind is another artifact.
  if (version === row.version && change.compiled !== undefined)
    await updateArtifact(tx, { appId: row.app_id, scriptId: row.id }, change.compiled);
  await updateScriptRow(tx, { appId: row.app_id, id: row.id, version, ...fields });
  return await storedScript(tx, row.id);
}

function mergeFields(row: ScriptRow, change: ScriptChange): ScriptFields {
  return {
    name: change.name ?? row.name,
    language: change.language ?? row.language,
    kind: change.kind ?? row.kind,
    enabled: change.enabled ?? row.enabled,
    invoke: change.invoke ?? row.invoke,
    limits: change.limits ?? row.limits,
  };
}

/** Gives the number of the version that is live then: the next one where source or name is new. */
async function saveVersion(
  ctx: Context,
  tx: Transaction,
  row: ScriptRow,
  change: {
    readonly name: string;
    readonly compiled: CompiledSource | undefined;
    readonly message?: string | undefined;
  },
): Promise<number> {
  const { compiled, name } = change;
  if (compiled === undefined) return row.version;
  const isRenamed = name !== row.name;
  const live = await findVersion(tx, row, row.version);
  const isSame = live?.source_hash === compiled.sourceHash && live.language === compiled.language;
  if (!isRenamed && isSame) return row.version;
  const version = row.version + 1;
  await insertVersion(tx, {
    appId: row.app_id,
    scriptId: row.id,
    version,
    compiled,
    message: change.message ?? (isRenamed ? `Renamed from ${row.name}` : undefined),
    createdBy: userIdOf(ctx),
  });
  return version;
}

/** After the commit of a change that says whether a script is on: its waiting deliveries are freed, or held with the
 *  reason. A server lost before this is repaired by the dispatcher's sweep. */
export async function settleDeliveries(
  platform: Platform,
  script: ScriptKey,
  enabled: boolean | undefined,
): Promise<void> {
  if (enabled === undefined) return;
  const settle = enabled ? releaseDeliveriesOfScript : holdDeliveriesOfScript;
  if ((await settle(platform.db.write, script)) > 0 && enabled) platform.signals.send("outbox", script.appId);
}

/** What has to be compiled: a source, name or kind that is new. */
async function editOf(
  platform: Platform,
  row: ScriptRow,
  change: ScriptChange,
): Promise<ScriptEdit | undefined> {
  const { name = row.name, kind = row.kind, language = row.language } = change;
  checkModuleName({ name, kind }, change.name === undefined ? "kind" : "name");
  if (change.source === undefined && name === row.name && kind === row.kind) return undefined;
  const source = change.source ?? (await getVersionOf(platform.db.read, row, row.version)).source;
  return { name, language, kind, source, path: "source", oldName: row.name };
}

function isSameScript(row: ScriptRow, seen: ScriptRow): boolean {
  return row.name === seen.name && row.kind === seen.kind && row.language === seen.language;
}

/** An import would look like one of a service. Throws `invalid`. */
export function checkModuleName(
  { name, kind }: { readonly name: string; readonly kind: "endpoint" | "module" },
  path: string,
): void {
  if (kind !== "module" || !isReservedModuleName(name)) return;
  throw new PicloudError("invalid", `No module can be called ${name}: that is the name of a service.`, {
    fields: [{ path, message: `${name} is the name of a service` }],
  });
}

export function compiledIn(plan: LinkPlan, name: string): CompiledSource {
  const compiled = plan.compiled.get(name);
  if (compiled === undefined) throw new Error(`${name} is new and was not compiled`);
  return compiled;
}

/** A saved module says which endpoints have it inside. */
function withAffected(script: Script, plan: LinkPlan): SavedScript {
  if (script.kind !== "module") return script;
  return { ...script, affected: plan.relinked.map(({ id, name, version }) => ({ id, name, version })) };
}

function refuseStale(row: ScriptRow, version: number | undefined): void {
  if (version === undefined || version === row.version) return;
  throw new PicloudError(
    "stale",
    `${row.name} is at version ${row.version}, not ${version}: read it again.`,
    {
      details: { version: row.version },
    },
  );
}

/** An endpoint that requests or events reach can't become a module (SCR-5). */
async function refuseUses(tx: Transaction, row: ScriptRow): Promise<void> {
  const { routes, triggers } = await countUses(tx, row);
  if (routes + triggers === 0) return;
  throw new PicloudError(
    "in_use",
    `${row.name} can't become a module: it has ${routes} routes and ${triggers} triggers. Delete them first.`,
    { details: { routes, triggers } },
  );
}

async function storedScript(tx: Transaction, id: string): Promise<ScriptRow> {
  const found = await findScript(tx, id);
  if (found === undefined) throw new Error(`script ${id} is gone within its own transaction`);
  const { app_state: _, ...row } = found;
  return row;
}

/** Who is written down as the author: the user, or the owner of the API key. */
export function userIdOf(ctx: Context): string | undefined {
  if (ctx.principal?.kind === "user") return ctx.principal.id;
  return ctx.principal?.kind === "api_key" ? ctx.principal.owner.id : undefined;
}
