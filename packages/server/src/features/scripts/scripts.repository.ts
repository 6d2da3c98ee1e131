/** SQL of scripts and their versions. */
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";
import type { OwnLimits } from "./script-limits.ts";
import type { Language } from "./scripts.contract.ts";
import type { CompiledSource, ScriptSettings } from "./script-source.ts";

export interface ScriptRow {
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
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface VersionRow {
  readonly version: number;
  readonly source_hash: string;
  readonly message: string | null;
  readonly created_by: string | null;
  readonly created_at: Date;
}

export interface LiveRow extends ScriptRow {
  readonly app_state: "active" | "deleting";
  readonly artifact_hash: string;
  readonly artifact: string;
  readonly source_map: string;
  readonly settings: ScriptSettings;
  readonly source_hash: string;
  readonly compiler: string;
  readonly linked_from: string | null;
  /** What the modules that it needs are now; null if the artifact has none inside. */
  readonly modules: readonly { readonly name: string; readonly sourceHash: string }[] | null;
}

/** What a save can change about a script. */
export interface ScriptFields {
  readonly name: string;
  /** Of the live version. */
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly enabled: boolean;
  readonly invoke: "public" | "members";
  readonly limits: OwnLimits;
}

/** By id alone: ids are unique over all apps, and the caller checks the app of what it gets. */
export async function findScript(
  db: Queryable,
  id: string,
): Promise<(ScriptRow & { readonly app_state: "active" | "deleting" }) | undefined> {
  const [row] = await db<(ScriptRow & { app_state: "active" | "deleting" })[]>`
    select s.id, s.app_id, a.slug as app_slug, a.state as app_state, s.name, s.language, s.kind, s.version, s.enabled, s.invoke, s.limits,
      s.created_at, s.updated_at
    from scripts s join apps a on a.id = s.app_id where s.id = ${id}`;
  return row;
}

export async function findScriptOfApp(
  db: Queryable,
  appId: string,
  name: string,
): Promise<ScriptRow | undefined> {
  const [row] = await db<ScriptRow[]>`
    select s.id, s.app_id, a.slug as app_slug, s.name, s.language, s.kind, s.version, s.enabled, s.invoke, s.limits,
      s.created_at, s.updated_at
    from scripts s join apps a on a.id = s.app_id where s.app_id = ${appId} and s.name = ${name}`;
  return row;
}

export interface ScriptListQuery {
  /** Apps to list; undefined: all. */
  readonly appIds: readonly string[] | undefined;
  readonly name: string | undefined;
  readonly after: { readonly slug: string; readonly name: string } | undefined;
  readonly limit: number;
}

/** By app slug and name; without those of apps that are being deleted. */
export async function listScriptRows(db: Queryable, query: ScriptListQuery): Promise<readonly ScriptRow[]> {
  const { appIds, name, after } = query;
  return await db<ScriptRow[]>`
    select s.id, s.app_id, a.slug as app_slug, s.name, s.language, s.kind, s.version, s.enabled, s.invoke, s.limits,
      s.created_at, s.updated_at
    from scripts s join apps a on a.id = s.app_id
    where a.state = 'active' ${appIds === undefined ? db`` : db`and s.app_id = any(${[...appIds]}::uuid[])`}
      ${name === undefined ? db`` : db`and s.name = ${name}`}
      ${after === undefined ? db`` : db`and (a.slug, s.name) > (${after.slug}, ${after.name})`}
    order by a.slug, s.name limit ${query.limit}`;
}

export async function insertScript(
  db: Queryable,
  script: ScriptFields & { readonly appId: string; readonly id: string },
): Promise<boolean> {
  const rows = await db`
    insert into scripts (app_id, id, name, language, kind, version, enabled, invoke, limits)
    values (${script.appId}, ${script.id}, ${script.name}, ${script.language}, ${script.kind}, 1, ${script.enabled},
      ${script.invoke}, ${db.json({ ...script.limits })})
    on conflict do nothing returning id`;
  return rows.length === 1;
}

export async function updateScriptRow(
  db: Queryable,
  script: ScriptFields & { readonly appId: string; readonly id: string; readonly version: number },
): Promise<void> {
  await db`
    update scripts set name = ${script.name}, language = ${script.language}, kind = ${script.kind},
      version = ${script.version}, enabled = ${script.enabled}, invoke = ${script.invoke}, limits = ${db.json({ ...script.limits })},
      updated_at = now()
    where app_id = ${script.appId} and id = ${script.id}`;
}

export interface NewVersion {
  readonly appId: string;
  readonly scriptId: string;
  readonly version: number;
  readonly compiled: CompiledSource;
  readonly message: string | undefined;
  readonly createdBy: string | undefined;
}

export async function insertVersion(db: Queryable, version: NewVersion): Promise<void> {
  const { compiled } = version;
  await db`
    insert into script_versions (app_id, script_id, version, source, source_hash, artifact_hash, artifact, source_map,
      settings, compiler, linked_from, message, created_by)
    values (${version.appId}, ${version.scriptId}, ${version.version}, ${compiled.source}, ${compiled.sourceHash},
      ${compiled.artifactHash}, ${compiled.artifact}, ${compiled.sourceMap}, ${db.json({ ...compiled.settings })},
      ${compiled.compiler}, ${compiled.linkedFrom}, ${version.message ?? null}, ${version.createdBy ?? null})`;
}

/** What runs of the live version from now on; source and version stay. */
export async function updateArtifact(
  db: Queryable,
  script: { readonly appId: string; readonly scriptId: string },
  compiled: CompiledSource,
): Promise<void> {
  await db`
    update script_versions v set artifact_hash = ${compiled.artifactHash}, artifact = ${compiled.artifact},
      source_map = ${compiled.sourceMap}, settings = ${db.json({ ...compiled.settings })},
      compiler = ${compiled.compiler}, linked_from = ${compiled.linkedFrom}
    from scripts s
    where s.app_id = ${script.appId} and s.id = ${script.scriptId} and v.app_id = s.app_id
      and v.script_id = s.id and v.version = s.version`;
}

interface ScriptKey {
  readonly app_id: string;
  readonly id: string;
}

export async function findVersion(
  db: Queryable,
  script: ScriptKey,
  version: number,
): Promise<(VersionRow & { readonly source: string; readonly language: Language }) | undefined> {
  // The compiler's name begins with its language.
  const [row] = await db<(VersionRow & { source: string; language: Language })[]>`
    select version, source_hash, message, created_by, created_at, source, split_part(compiler, '-', 1) as language
    from script_versions
    where app_id = ${script.app_id} and script_id = ${script.id} and version = ${version}`;
  return row;
}

/** Newest first, below `before`. */
export async function listVersionRows(
  db: Queryable,
  script: ScriptKey,
  query: { readonly before: number | undefined; readonly limit: number },
): Promise<readonly VersionRow[]> {
  return await db<VersionRow[]>`
    select version, source_hash, message, created_by, created_at from script_versions
    where app_id = ${script.app_id} and script_id = ${script.id}
      ${query.before === undefined ? db`` : db`and version < ${query.before}`}
    order by version desc limit ${query.limit}`;
}

/** What runs now: the script with the artifact of its live version. */
export async function findLive(db: Queryable, id: string): Promise<LiveRow | undefined> {
  const [row] = await db<LiveRow[]>`
    select s.id, s.app_id, a.slug as app_slug, a.state as app_state, s.name, s.language, s.kind, s.version, s.enabled,
      s.invoke, s.limits, s.created_at, s.updated_at, v.artifact_hash, v.artifact, v.source_map, v.settings,
      v.source_hash, v.compiler, v.linked_from, case when v.linked_from is not null then (
        with recursive linked(id) as (
          select i.imported_id from script_imports i where i.app_id = s.app_id and i.importer_id = s.id
          union
          select i.imported_id from script_imports i join linked l on i.importer_id = l.id where i.app_id = s.app_id
        )
        select coalesce(json_agg(json_build_object('name', m.name, 'sourceHash', mv.source_hash)), '[]')
        from linked l join scripts m on m.app_id = s.app_id and m.id = l.id and m.kind = 'module'
        join script_versions mv on mv.app_id = s.app_id and mv.script_id = m.id and mv.version = m.version
      ) end as modules
    from scripts s join apps a on a.id = s.app_id
    join script_versions v on v.app_id = s.app_id and v.script_id = s.id and v.version = s.version
    where s.id = ${id}`;
  return row;
}

/** The id of a script by its app's id or slug and its name. */
export async function findScriptId(
  db: Queryable,
  app: { readonly id: string } | { readonly slug: string },
  name: string,
): Promise<string | undefined> {
  const [row] = await db<{ id: string }[]>`
    select s.id from scripts s join apps a on a.id = s.app_id
    where ${"id" in app ? db`s.app_id = ${app.id}` : db`a.slug = ${app.slug}`} and s.name = ${name}`;
  return row?.id;
}

/** What refers to a script: its routes and triggers. */
export async function countUses(
  db: Queryable,
  script: ScriptKey,
): Promise<{ routes: number; triggers: number }> {
  const [row] = await db<{ routes: number; triggers: number }[]>`
    select (select count(*)::int from routes where app_id = ${script.app_id} and script_id = ${script.id}) as routes,
      (select count(*)::int from triggers where app_id = ${script.app_id} and script_id = ${script.id}) as triggers`;
  return row ?? { routes: 0, triggers: 0 };
}

/** Deletes a script, and with it versions, routes and triggers. */
export async function deleteScriptRow(db: Queryable, script: ScriptKey): Promise<void> {
  await db`delete from scripts where app_id = ${script.app_id} and id = ${script.id}`;
}

/** What an app holds of this. Scripts with their live versions stay to the end, so that calls of them are told that the
 *  app is gone. */
export const scriptsContent: readonly AppContent[] = [
  tableContent({
    kind: "script_imports",
    table: "script_imports",
    key: ["importer_id", "imported_id"],
    stopsDeletion: false,
  }),
  tableContent({
    kind: "script_versions",
    table: "script_versions",
    key: ["script_id", "version"],
    stopsDeletion: false,
    deleted: (db) => db`and version <> (
      select s.version from scripts s where s.app_id = script_versions.app_id and s.id = script_versions.script_id)`,
  }),
  tableContent({ kind: "scripts", table: "scripts", stopsDeletion: true }),
];
