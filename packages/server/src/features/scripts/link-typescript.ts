/** Puts a TypeScript script and the modules that it needs into one text, after a look whether all that is imported is
 *  exported. */
import type { CompiledTypescript } from "./compile-typescript.ts";
import type { ImportedName, ModuleExport, ModuleFacts, Origin } from "./module-facts.ts";
import { nearestName } from "./script-imports.ts";
import type { Finding } from "./script-rules.ts";
import { joinMaps, lineStarts } from "./source-positions.ts";

export interface TypescriptUnit {
  readonly name: string;
  readonly compiled: Extract<CompiledTypescript, { ok: true }>;
}

/** A finding in the source of one of the units. */
export interface LinkFinding extends Finding {
  readonly unit: string;
}

/** Names that an endpoint must set in its own text. */
const SETTINGS = ["transaction", "fresh"];
const SHOWN_NAMES_MAX = 20;
/** Names that `export *` passes on. They are compared with each other, so there is a bound. */
const EXPORTS_MAX = 5_000;

/** What is wrong between the units: names that are not exported, or exported twice. `of` gives every unit that is imported,
 *  for its types only or not. */
export function checkNames(
  units: readonly TypescriptUnit[],
  of: (name: string) => TypescriptUnit | undefined,
): readonly LinkFinding[] {
  const exports = new Exports((name) => of(name)?.compiled.facts);
  return units.flatMap(({ name: unit, compiled: { facts } }) => [
    ...facts.imports.flatMap(({ module, names }) =>
      names.flatMap((name) => {
        const finding = exports.check(module, name);
        return finding === undefined ? [] : [{ ...finding, unit }];
      }),
    ),
    ...exports.checkStars(facts).map((finding) => ({ ...finding, unit })),
  ]);
}

/** Settings are read before the script runs, so an endpoint can't take them from a module. */
export function checkSettings(
  endpoint: TypescriptUnit,
  of: (name: string) => TypescriptUnit | undefined,
): readonly LinkFinding[] {
  const { facts } = endpoint.compiled;
  const exports = new Exports((name) => of(name)?.compiled.facts);
  return facts.stars.flatMap((star) => {
    const setting = SETTINGS.find((name) => exports.find(star, name)?.isType === false);
    const at = facts.imports.find(({ module }) => module === star);
    if (setting === undefined || at === undefined) return [];
    const message = `"./${star}" exports "${setting}", which is a setting that a script makes in its own text.`;
    return [{ unit: endpoint.name, start: at.start, end: at.end, message }];
  });
}

/** `modules` in the order of evaluation. The text has the function form of a single script. */
export function linkTypescript(
  script: TypescriptUnit,
  modules: readonly TypescriptUnit[],
): { readonly code: string; readonly map: string } {
  if (modules.length === 0) return script.compiled;
  const names = JSON.stringify(modules.map(({ name }) => `./${name}`));
  // The units are arguments and not inside of the functions: no variable of ours is in their scope.
  let code = `(function(u){return function(p){return p.l(${names},u)}})([`;
  let line = 0;
  const parts = [...modules, script].map(({ compiled }, index) => {
    code += index === 0 ? "\n" : ",\n";
    line++;
    const part = { line, map: compiled.map };
    code += compiled.code;
    line += lineStarts(compiled.code).length - 1;
    return part;
  });
  return { code: `${code}])`, map: joinMaps(parts) };
}

interface Found {
  readonly isType: boolean;
  /** Where it is made: module and name. */
  readonly origin: string;
}

class Exports {
  readonly #factsOf: (module: string) => ModuleFacts | undefined;
  readonly #found = new Map<string, Found | undefined>();
  readonly #exports = new Map<string, ReadonlyMap<string, ModuleExport>>();
  readonly #namesOf = new Map<string, ReadonlySet<string>>();

  constructor(factsOf: (module: string) => ModuleFacts | undefined) {
    this.#factsOf = factsOf;
  }

  check(module: string, { name, start, end, isValue }: ImportedName): Finding | undefined {
    const found = this.find(module, name);
    if (found === undefined) {
      const hint = this.#hint(module, name);
      return { start, end, message: `"./${module}" has no export "${name}".`, hint };
    }
    if (!found.isType || !isValue) return undefined;
    const message = `"${name}" of "./${module}" is a type, and there are no types when a script runs.`;
    return { start, end, message, hint: "Write `import type` or `export type`." };
  }

  /** What is wrong with the `export *` of a module. */
  checkStars(facts: ModuleFacts): readonly Finding[] {
    const at = (star: string): { start: number; end: number } => {
      const statement = facts.imports.findLast(({ module }) => module === star);
      return { start: statement?.start ?? 0, end: statement?.end ?? 0 };
    };
    const large = facts.stars.find((star) => this.#names(star).size > EXPORTS_MAX);
    if (large !== undefined)
      return [{ ...at(large), message: `"./${large}" exports more than ${EXPORTS_MAX} names.` }];
    return this.#namesakes(facts).map(({ name, one, other }) => ({
      ...at(other),
      message: `"./${one}" and "./${other}" both export "${name}".`,
      hint: `Export the one that is meant by name: export { ${name} } from "./${other}".`,
    }));
  }

  /** Different things of one name that two modules of `export *` have: nobody could tell which is meant. */
  #namesakes(facts: ModuleFacts): { name: string; one: string; other: string }[] {
    const own = new Set(["default", ...facts.exports.map(({ name }) => name)]);
    const known = new Map<string, { readonly origin: string; readonly star: string }>();
    const namesakes: { name: string; one: string; other: string }[] = [];
    for (const star of new Set(facts.stars)) {
      for (const name of this.#names(star)) {
        const found = own.has(name) ? undefined : this.find(star, name);
        if (found === undefined || found.isType) continue;
        const before = known.get(name);
        if (before === undefined) known.set(name, { origin: found.origin, star });
        else if (before.origin !== found.origin) namesakes.push({ name, one: before.star, other: star });
      }
    }
    return namesakes;
  }

  /** Follows exports from module to module. Each name is looked up once, whatever ways lead to it. */
  find(module: string, name: string): Found | undefined {
    const key = `${module}\0${name}`;
    if (this.#found.has(key)) return this.#found.get(key);
    // Circles, which there can be among types, end here.
    this.#found.set(key, undefined);
    const found = this.#look(module, name);
    this.#found.set(key, found);
    return found;
  }

  #look(module: string, name: string): Found | undefined {
    const own = this.#exportsOf(module).get(name);
    if (own !== undefined) {
      if (own.from === undefined) return { isType: own.isType, origin: `${module}\0${name}` };
      return this.#follow(own.from, own.isType);
    }
    if (name === "default") return undefined;
    for (const star of this.#factsOf(module)?.stars ?? []) {
      const found = this.find(star, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A name that its own module does not find is that module's fault, and told there. */
  #follow(from: Origin, isType: boolean): Found {
    const found = this.find(from.module, from.name);
    return {
      isType: isType || found?.isType === true,
      origin: found?.origin ?? `${from.module}\0${from.name}`,
    };
  }

  #exportsOf(module: string): ReadonlyMap<string, ModuleExport> {
    const known = this.#exports.get(module);
    if (known !== undefined) return known;
    const exports = new Map<string, ModuleExport>();
    for (const entry of this.#factsOf(module)?.exports ?? []) {
      // A value and a type may have one name.
      if (!entry.isType || !exports.has(entry.name)) exports.set(entry.name, entry);
    }
    this.#exports.set(module, exports);
    return exports;
  }

  #names(module: string): ReadonlySet<string> {
    const known = this.#namesOf.get(module);
    if (known !== undefined) return known;
    const names = new Set<string>();
    this.#namesOf.set(module, names);
    for (const name of this.#exportsOf(module).keys()) names.add(name);
    for (const star of this.#factsOf(module)?.stars ?? []) {
      for (const name of this.#names(star)) if (name !== "default") names.add(name);
    }
    return names;
  }

  #hint(module: string, name: string): string {
    const names = [...this.#names(module)];
    const nearest = nearestName(name, names);
    if (nearest !== undefined) return `Did you mean ${nearest}?`;
    if (names.length === 0) return "It exports nothing.";
    const shown = names.toSorted().slice(0, SHOWN_NAMES_MAX);
    return `There are: ${shown.join(", ")}${shown.length < names.length ? ", …" : "."}`;
  }
}
