/** SQL of the import graph, and of what scripts are linked from. */
import type { Queryable } from "../../platform/database/database.ts";
import type { Edge } from "./import-graph.ts";
import type { Language } from "./scripts.contract.ts";

/** A script as others may import it. */
export interface AppScriptRow {
  readonly id: string;
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly version: number;
  readonly source_hash: string;
}

/** All scripts of an app with the hash of their live source, by name. */
export async function listAppScripts(db: Queryable, appId: string): Promise<readonly AppScriptRow[]> {
  return await db<AppScriptRow[]>`
    select s.id, s.name, s.language, s.kind, s.version, v.source_hash
    from scripts s join script_versions v on v.app_id = s.app_id and v.script_id = s.id and v.version = s.version
    where s.app_id = ${appId} order by s.name`;
}

/** The import graph of an app in names. */
export async function listEdges(db: Queryable, appId: string): Promise<readonly Edge[]> {
  return await db<Edge[]>`
    select s.name as importer, m.name as imported from script_imports i
    join scripts s on s.app_id = i.app_id and s.id = i.importer_id
    join scripts m on m.app_id = i.app_id and m.id = i.imported_id
    where i.app_id = ${appId} order by s.name, m.name`;
}

/** Sources of versions, by script id. */
export async function readSources(
  db: Queryable,
  appId: string,
  versions: readonly { readonly id: string; readonly version: number }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = versions.map(({ id }) => id);
  const numbers = versions.map(({ version }) => version);
  const rows = await db<{ script_id: string; source: string }[]>`
    select v.script_id, v.source from script_versions v
    join unnest(${ids}::uuid[], ${numbers}::int[]) as wanted(id, version)
      on v.script_id = wanted.id and v.version = wanted.version
    where v.app_id = ${appId}`;
  return new Map(rows.map((row) => [row.script_id, row.source]));
}

/** Ids of scripts by name. */
export async function readIds(
  db: Queryable,
  appId: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db<{ id: string; name: string }[]>`
    select id, name from scripts where app_id = ${appId} and name = any(${[...names]}::text[])`;
  return new Map(rows.map(({ id, name }) => [name, id]));
}

/** What a script imports from now on. */
export async function replaceImports(
  db: Queryable,
  appId: string,
  importerId: string,
  importedIds: readonly string[],
): Promise<void> {
  await db`
    delete from script_imports where app_id = ${appId} and importer_id = ${importerId}
      and imported_id <> all(${[...importedIds]}::uuid[])`;
  if (importedIds.length === 0) return;
  await db`
    insert into script_imports (app_id, importer_id, imported_id)
    select ${appId}, ${importerId}, imported_id from unnest(${[...importedIds]}::uuid[]) as imported_id
    on conflict do nothing`;
}

/** Names of the scripts that import a module directly. */
export async function listImporterNames(
  db: Queryable,
  script: { readonly app_id: string; readonly id: string },
): Promise<readonly string[]> {
  const rows = await db<{ name: string }[]>`
    select s.name from script_imports i join scripts s on s.app_id = i.app_id and s.id = i.importer_id
    where i.app_id = ${script.app_id} and i.imported_id = ${script.id} order by s.name`;
  return rows.map(({ name }) => name);
}

export interface LinkedRow {
  readonly id: string;
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly version: number;
  readonly is_direct: boolean;
}

export interface LinkedQuery {
  readonly appId: string;
  readonly scriptId: string;
  /** `imports`: what the script needs; `importers`: what needs it. */
  readonly direction: "imports" | "importers";
  readonly after: string | undefined;
  readonly limit: number;
}

/** Scripts that one is tied to by imports, directly or through others, by name. */
export async function listLinkedRows(db: Queryable, query: LinkedQuery): Promise<readonly LinkedRow[]> {
  const { appId, scriptId, after, limit } = query;
  const [from, to] =
    query.direction === "imports" ? [db`importer_id`, db`imported_id`] : [db`imported_id`, db`importer_id`];
  return await db<LinkedRow[]>`
    with recursive linked(id) as (
      select ${to} from script_imports where app_id = ${appId} and ${from} = ${scriptId}
      union
      select i.${to} from script_imports i join linked l on i.${from} = l.id where i.app_id = ${appId}
    )
    select s.id, s.name, s.language, s.kind, s.version, exists (
      select from script_imports i where i.app_id = ${appId} and i.${from} = ${scriptId} and i.${to} = s.id
    ) as is_direct
    from linked l join scripts s on s.app_id = ${appId} and s.id = l.id
    where ${after === undefined ? db`true` : db`s.name > ${after}`}
    order by s.name limit ${limit}`;
}

/** The modules that a script's live version needs, directly or through others. */
export async function listModules(
  db: Queryable,
  script: { readonly app_id: string; readonly id: string },
): Promise<readonly AppScriptRow[]> {
  return await db<AppScriptRow[]>`
    with recursive linked(id) as (
      select imported_id from script_imports where app_id = ${script.app_id} and importer_id = ${script.id}
      union
      select i.imported_id from script_imports i join linked l on i.importer_id = l.id
      where i.app_id = ${script.app_id}
    )
    select s.id, s.name, s.language, s.kind, s.version, v.source_hash
    from linked l join scripts s on s.app_id = ${script.app_id} and s.id = l.id
    join script_versions v on v.app_id = s.app_id and v.script_id = s.id and v.version = s.version
    order by s.name`;
}
