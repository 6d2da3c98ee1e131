/** A source read by itself: what it imports, and for TypeScript its compiled text. Kept by content for modules, which many
 *  scripts share. */
import { LRUCache } from "lru-cache";
import type { Config } from "../../config.ts";
import type { Platform } from "../../platform/platform.ts";
import { compileApart } from "./compile-apart.ts";
import type { Compiled } from "./compile-here.ts";
import { compilerNames, scriptFileName } from "./script-file.ts";
import type { Language } from "./scripts.contract.ts";

/** A source and what it is called. */
export interface NamedSource {
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly source: string;
  readonly sourceHash: string;
}

export interface ScriptUnit extends NamedSource {
  readonly compiled: Extract<Compiled, { ok: true }>;
}

/** Of each instance; its size is one of its settings. */
const caches = new WeakMap<Config, LRUCache<string, ScriptUnit>>();

export function cachedModule(
  platform: Pick<Platform, "config">,
  module: Omit<NamedSource, "source">,
): ScriptUnit | undefined {
  return cacheOf(platform.config).get(keyOf(module));
}

/** Gives the unit, or what is wrong with the source. */
export async function readUnit(
  platform: Pick<Platform, "config" | "scriptHost">,
  source: NamedSource,
): Promise<ScriptUnit | Extract<Compiled, { ok: false }>> {
  const isModule = source.kind === "module";
  const cached = isModule ? cachedModule(platform, source) : undefined;
  if (cached !== undefined) return cached;
  const compiled = await compileApart({
    language: source.language,
    source: source.source,
    name: scriptFileName(source.name, source.language),
    kind: source.kind,
    host: platform.scriptHost,
  });
  if (!compiled.ok) return compiled;
  const unit = { ...source, compiled };
  if (isModule) cacheOf(platform.config).set(keyOf(source), unit);
  return unit;
}

function cacheOf(config: Config): LRUCache<string, ScriptUnit> {
  const known = caches.get(config);
  if (known !== undefined) return known;
  const made = new LRUCache<string, ScriptUnit>({ max: config.moduleCacheSize });
  caches.set(config, made);
  return made;
}

/** Everything that the compiled text depends on. */
function keyOf({ name, language, kind, sourceHash }: Omit<NamedSource, "source">): string {
  return `${compilerNames[language]} ${kind} ${name} ${sourceHash}`;
}
