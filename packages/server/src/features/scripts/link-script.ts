/** A script with its modules → what is stored and run. Nothing of it is evaluated here. */
import { createHash } from "node:crypto";
import type { Platform } from "../../platform/platform.ts";
import { compileApart } from "./compile-apart.ts";
import type { Compiled } from "./compile-here.ts";
import { MODULES_MAX, orderModules, orderProblem } from "./import-graph.ts";
import { checkNames, checkSettings, linkTypescript } from "./link-typescript.ts";
import { compilerNames, scriptFileName } from "./script-file.ts";
import { nearestName } from "./script-imports.ts";
import type { Finding } from "./script-rules.ts";
import type { CompiledSource } from "./script-source.ts";
import type { ScriptUnit } from "./script-unit.ts";
import type { Language } from "./scripts.contract.ts";
import { type Diagnostic, diagnosticAt, lineStarts, rhaiDiagnosticAt } from "./source-positions.ts";

/** Most characters of a script's text with its modules inside. */
const LINKED_CHARACTERS_MAX = 8 * 1_048_576;
const SHOWN_NAMES_MAX = 20;

/** The scripts that imports are looked up in. */
export interface Surroundings {
  /** Languages and kinds of all scripts of the app, by name. */
  readonly scripts: ReadonlyMap<
    string,
    { readonly language: Language; readonly kind: "endpoint" | "module" }
  >;
  /** A module that is there, read. */
  unit(name: string): Promise<ScriptUnit>;
}

/** Something wrong in the source of `script`, which is the linked script or one of its modules. */
export interface LinkProblem extends Diagnostic {
  readonly script: string;
  /** Names of the scripts that import each other, where they are the matter. */
  readonly chain?: readonly string[];
}

export type Linked =
  | {
      readonly ok: true;
      readonly compiled: CompiledSource;
      /** Modules that the script itself imports. */
      readonly imports: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly LinkProblem[] };

/** Finds the modules of a script, looks at what they want of each other, and puts them together. The artifact of a module
 *  by itself is its own text: it never runs. */
export async function linkScript(
  platform: Pick<Platform, "config" | "scriptHost">,
  script: ScriptUnit,
  surroundings: Surroundings,
): Promise<Linked> {
  const gathered = await gather(script, surroundings);
  if (gathered.problems.length > 0) return { ok: false, problems: gathered.problems };
  const { units } = gathered;
  const depthMax = platform.config.moduleImportDepth;
  const order = orderModules(script.name, (name) => evaluatedImports(units.get(name)), depthMax);
  if (!order.ok) return { ok: false, problems: [orderProblemIn(units, order, depthMax)] };
  const all = [...units.values()];
  const findings = [
    ...checkNames(all, (name) => units.get(name)),
    ...(script.kind === "endpoint" ? checkSettings(script, (name) => units.get(name)) : []),
  ];
  if (findings.length > 0) return { ok: false, problems: findings.map((one) => problemIn(units, one)) };

  const modules = order.modules.flatMap((name) => units.get(name) ?? []);
  const text = await textOf(platform, script, modules);
  if (!text.ok)
    return { ok: false, problems: text.diagnostics.map((one) => ({ ...one, script: script.name })) };
  const others = all.filter(({ name }) => name !== script.name);
  const imports = new Set(script.compiled.facts.imports.map(({ module }) => module));
  return { ok: true, compiled: compiledOf(script, text, others), imports: [...imports] };
}

/** TypeScript units are put together as they are. Rhai is compiled as a whole, because which function waits for the host
 *  depends on all that it calls. */
async function textOf(
  platform: Pick<Platform, "scriptHost">,
  script: ScriptUnit,
  modules: readonly ScriptUnit[],
): Promise<Text | Extract<Compiled, { ok: false }>> {
  if (script.kind === "module" || modules.length === 0) return script.compiled;
  const { name, language, kind, source } = script;
  if (language === "typescript") return { ...script.compiled, ...linkTypescript(script, modules) };
  return await compileApart({
    language,
    source,
    name: scriptFileName(name, language),
    kind,
    host: platform.scriptHost,
    modules: Object.fromEntries(modules.map((module) => [module.name, module.source])),
  });
}

type Text = Pick<Extract<Compiled, { ok: true }>, "ok" | "code" | "map" | "settings">;

/** A hash of everything that an artifact is made from; null if that is the source alone. `modules`: in any order. */
export function linkedFrom(
  script: { readonly language: Language; readonly sourceHash: string },
  modules: readonly { readonly name: string; readonly sourceHash: string }[],
): string | null {
  if (modules.length === 0) return null;
  const sources = modules.map(({ name, sourceHash }) => [name, sourceHash]).toSorted(byName);
  return hash([compilerNames[script.language], script.sourceHash, sources]);
}

function byName([one = ""]: readonly string[], [other = ""]: readonly string[]): number {
  return one < other ? -1 : Number(one > other);
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value), "utf8").digest("hex");
}

function compiledOf(
  script: ScriptUnit,
  { code, map, settings }: Text,
  modules: readonly ScriptUnit[],
): CompiledSource {
  const compiler = compilerNames[script.language];
  return {
    source: script.source,
    language: script.language,
    sourceHash: script.sourceHash,
    artifactHash: hash([compiler, code, map, settings]),
    artifact: code,
    sourceMap: map,
    settings,
    compiler,
    linkedFrom: script.kind === "module" ? null : linkedFrom(script, modules),
  };
}

/** All units that the script needs, itself first, as far as they can be found. Stops where there are too many or too much:
 *  nothing of that size is put together. */
async function gather(
  script: ScriptUnit,
  surroundings: Surroundings,
): Promise<{ readonly units: ReadonlyMap<string, ScriptUnit>; readonly problems: readonly LinkProblem[] }> {
  const units = new Map([[script.name, script]]);
  const problems: LinkProblem[] = [];
  let characters = 0;
  for (const unit of units.values()) {
    characters += Math.max(unit.source.length, unit.compiled.code.length);
    const tooMuch = sizeProblem(units.size - 1, characters);
    if (tooMuch !== undefined)
      return {
        units,
        problems: [problemIn(units, { unit: script.name, start: 0, end: 0, message: tooMuch })],
      };
    for (const { module, start, end } of unit.compiled.facts.imports) {
      if (units.has(module) && module !== script.name) continue;
      const reason = refusalOf(unit, module, surroundings);
      if (reason !== undefined) problems.push(problemIn(units, { unit: unit.name, start, end, ...reason }));
      else if (!units.has(module)) units.set(module, await surroundings.unit(module));
    }
  }
  return { units, problems };
}

function refusalOf(
  { language }: ScriptUnit,
  module: string,
  { scripts }: Surroundings,
): Pick<Finding, "message" | "hint"> | undefined {
  const found = scripts.get(module);
  const shown = language === "rhai" ? module : `./${module}`;
  if (found === undefined)
    return { message: `There is no module "${shown}".`, hint: hintOf(module, language, scripts) };
  if (found.kind !== "module") {
    const message = `"${shown}" is an endpoint: only modules can be imported.`;
    return { message, hint: "Make what both need a module of its own." };
  }
  if (found.language === language) return undefined;
  const languages = { rhai: "Rhai", typescript: "TypeScript" } as const;
  const message = `"${shown}" is a module in ${languages[found.language]}: a script in ${languages[language]} can't import it.`;
  return { message };
}

function hintOf(module: string, language: Language, scripts: Surroundings["scripts"]): string {
  const names = [...scripts].flatMap(([name, other]) =>
    other.kind === "module" && other.language === language ? [name] : [],
  );
  const nearest = nearestName(module, names);
  if (nearest !== undefined) return `Did you mean ${language === "rhai" ? nearest : `./${nearest}`}?`;
  if (names.length === 0) return "The app has no modules: deploy one with `pic deploy FILE --module`.";
  const shown = names.toSorted().slice(0, SHOWN_NAMES_MAX);
  return `There are: ${shown.join(", ")}${shown.length < names.length ? ", …" : "."}`;
}

function evaluatedImports(unit: ScriptUnit | undefined): readonly string[] {
  const modules = unit?.compiled.facts.imports.flatMap(({ module, isEvaluated }) =>
    isEvaluated ? [module] : [],
  );
  return [...new Set(modules)];
}

type Units = ReadonlyMap<string, ScriptUnit>;

/** Shown where the first script of the chain imports the second. */
function orderProblemIn(
  units: Units,
  order: Parameters<typeof orderProblem>[0],
  depthMax: number,
): LinkProblem {
  const [first = "", second] = order.chain;
  const at = units.get(first)?.compiled.facts.imports.find(({ module }) => module === second);
  const message = orderProblem(order, depthMax);
  const finding = { unit: first, start: at?.start ?? 0, end: at?.end ?? 0, message };
  return { ...problemIn(units, finding), chain: order.chain };
}

function sizeProblem(modules: number, characters: number): string | undefined {
  if (modules > MODULES_MAX) return `It needs more than ${MODULES_MAX} modules.`;
  if (characters <= LINKED_CHARACTERS_MAX) return undefined;
  return `It has more than ${LINKED_CHARACTERS_MAX} characters with its modules.`;
}

function problemIn(units: Units, { unit, ...finding }: Finding & { readonly unit: string }): LinkProblem {
  const { source = "", language } = units.get(unit) ?? {};
  const shown =
    language === "rhai"
      ? rhaiDiagnosticAt(source, finding)
      : diagnosticAt(source, lineStarts(source), finding);
  return { ...shown, script: unit };
}
