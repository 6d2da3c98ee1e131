/** The artifact of a script at the moment of its load. It was made when the script or one of its modules was saved; should
 *  an older compiler have made it, or the modules be others than it was made from (rows that were restored), it is made
 *  again here. */
import { PicloudError } from "@picloud/contract";
import { isConnectionError } from "../../platform/database/pg-errors.ts";
import type { Platform } from "../../platform/platform.ts";
import { compilerNames } from "./script-file.ts";
import { linkedFrom, linkScript } from "./link-script.ts";
import { type AppScriptRow, listModules, readSources } from "./script-imports.repository.ts";
import { readUnit, type ScriptUnit } from "./script-unit.ts";
import type { LiveRow } from "./scripts.repository.ts";
import type { ScriptSettings } from "./script-rules.ts";

export interface CurrentArtifact {
  readonly artifactHash: string;
  readonly artifact: string;
  readonly sourceMap: string;
  readonly settings: ScriptSettings;
}

type LoadPlatform = Pick<Platform, "db" | "config" | "log" | "scriptHost">;

/** Throws `internal`, with the reason in the server's log only: a caller learns nothing of modules and their text. */
export async function currentArtifact(platform: LoadPlatform, row: LiveRow): Promise<CurrentArtifact> {
  const { artifact_hash: artifactHash, artifact, source_map: sourceMap, settings } = row;
  const stored = { artifactHash, artifact, sourceMap, settings };
  const script = { language: row.language, sourceHash: row.source_hash };
  const isOurs = row.compiler === compilerNames[row.language];
  if (isOurs && linkedFrom(script, row.modules ?? []) === row.linked_from) return stored;
  platform.log.info("script_linked_at_load", { scriptId: row.id, appId: row.app_id, compiler: row.compiler });
  try {
    return await linkNow(platform, row);
  } catch (error) {
    if (isConnectionError(error)) throw error;
    platform.log.error("script_not_linked", { scriptId: row.id, appId: row.app_id, error });
    const what = row.modules === null ? row.name : `The modules of ${row.name}`;
    throw new PicloudError("internal", `${what} can't be loaded.`, { cause: error });
  }
}

/** Reads, checks and links as a save does. */
async function linkNow(platform: LoadPlatform, row: LiveRow): Promise<CurrentArtifact> {
  const { db } = platform;
  const modules = await listModules(db.read, row);
  const self: AppScriptRow = row;
  const sources = await readSources(db.read, row.app_id, [...modules, self]);
  const unitOf = async (script: AppScriptRow): Promise<ScriptUnit> => {
    const source = sources.get(script.id);
    if (source === undefined) throw new Error(`the source of ${script.name} is gone`);
    const unit = await readUnit(platform, { ...script, sourceHash: script.source_hash, source });
    if (!("ok" in unit)) return unit;
    const [first] = unit.diagnostics;
    throw new Error(`${script.name} ${first?.line}:${first?.column}: ${first?.message}`);
  };
  const byName = new Map([...modules, self].map((script) => [script.name, script]));
  const linked = await linkScript(platform, await unitOf(self), {
    scripts: byName,
    async unit(name) {
      const module = byName.get(name);
      if (module === undefined) throw new Error(`there is no module ${name}`);
      return await unitOf(module);
    },
  });
  if (linked.ok) return linked.compiled;
  const [first] = linked.problems;
  throw new Error(`${first?.script} ${first?.line}:${first?.column}: ${first?.message}`);
}
