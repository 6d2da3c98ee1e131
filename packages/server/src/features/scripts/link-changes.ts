/** What saving and deleting scripts means for those that import them: everything that depends on a change is compiled and
 *  linked before the transaction, and written in it, or nothing changes. */
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { PicloudError } from "@picloud/contract";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { type Edge, importersOf } from "./import-graph.ts";
import { type LinkProblem, linkScript, type Surroundings } from "./link-script.ts";
import {
  type AppScriptRow,
  listAppScripts,
  listEdges,
  readIds,
  readSources,
  replaceImports,
} from "./script-imports.repository.ts";
import { type CompiledSource, compileError, readSource, type SourceToCompile } from "./script-source.ts";
import { cachedModule, readUnit, type ScriptUnit } from "./script-unit.ts";
import { updateArtifact } from "./scripts.repository.ts";

/** Scripts and the import graph of an app as they were read. */
export interface LinkState {
  readonly scripts: readonly AppScriptRow[];
  readonly edges: readonly Edge[];
}

/** A script with a text, name or kind that is new. */
export interface ScriptEdit extends SourceToCompile {
  /** Absent for a script that is new. */
  readonly oldName?: string | undefined;
}

export interface LinkChanges {
  readonly edits: readonly ScriptEdit[];
  /** Names of scripts that go. */
  readonly removed: readonly string[];
}

export interface LinkPlan {
  /** What each edited script becomes, by its new name. */
  readonly compiled: ReadonlyMap<string, CompiledSource>;
  /** Endpoints that are not edited but get a new artifact. */
  readonly relinked: readonly AppScriptRow[];
  readonly links: readonly Link[];
  /** Of the state that the plan is right for; undefined: right for any. */
  readonly stateHash: string | undefined;
}

interface Link {
  readonly name: string;
  /** Undefined: as they were. */
  readonly imports: readonly string[] | undefined;
  /** To be written to the live version; undefined for what is edited, and for modules. */
  readonly artifact: CompiledSource | undefined;
}

/** Thrown inside the transaction when the app is another than the one planned for. */
export class LinksChanged extends Error {
  override readonly name = "LinksChanged";
}

const ATTEMPTS_MAX = 5;
/** Sources of importers that are read with one statement, and held together. */
const READ_AT_A_TIME = 16;
/** Of all artifacts that one change makes: they are held until they are written. */
const ARTIFACT_CHARACTERS_MAX = 128 * 1_048_576;

export async function readLinkState(db: Queryable, appId: string): Promise<LinkState> {
  const [scripts, edges] = await Promise.all([listAppScripts(db, appId), listEdges(db, appId)]);
  return { scripts, edges };
}

/** Plans, and runs `work` with the plan, again if the app's modules have changed between the two. */
export async function withLinks<T>(
  platform: Platform,
  appId: string,
  changes: () => Promise<LinkChanges>,
  work: (plan: LinkPlan) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const state = await readLinkState(platform.db.read, appId);
      return await work(await planLinks(platform, appId, state, await changes()));
    } catch (error) {
      if (!(error instanceof LinksChanged)) throw error;
      if (attempt < ATTEMPTS_MAX) continue;
      throw new PicloudError("stale", "The app's modules keep changing: try again.", { cause: error });
    }
  }
}

/** Compiles and links what a change touches. Throws `already_exists` for a name that is taken, `in_use` for a module that
 *  others need, `compile_error` for a script that is edited and for one that would break. */
export async function planLinks(
  platform: Pick<Platform, "config" | "scriptHost" | "db">,
  appId: string,
  state: LinkState,
  changes: LinkChanges,
): Promise<LinkPlan> {
  const app = new NextApp(platform, appId, state, changes);
  app.refuseTaken();
  app.refuseUsed();
  for (const edit of changes.edits) await app.readEdit(edit);
  return await app.link();
}

/** Throws inside a control change if the plan is not right any more. */
export async function confirmLinks(tx: Transaction, appId: string, plan: LinkPlan): Promise<void> {
  if (plan.stateHash === undefined) return;
  if (hashLinks(await readLinkState(tx, appId)) !== plan.stateHash) throw new LinksChanged();
}

/** Writes the import graph and the artifacts of those that import what was saved; the edited scripts are stored by then. */
export async function saveLinks(tx: Transaction, appId: string, plan: LinkPlan): Promise<void> {
  const names = new Set(plan.links.flatMap(({ name, imports = [] }) => [name, ...imports]));
  if (names.size === 0) return;
  const ids = await readIds(tx, appId, [...names]);
  const idOf = (name: string): string => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`script ${name} is gone within its own transaction`);
    return id;
  };
  for (const { name, imports, artifact } of plan.links) {
    const importedIds = imports?.map((imported) => idOf(imported));
    if (importedIds !== undefined) await replaceImports(tx, appId, idOf(name), importedIds);
    if (artifact !== undefined) await updateArtifact(tx, { appId, scriptId: idOf(name) }, artifact);
  }
}

/** Only what imports can depend on: another endpoint's save is nobody's matter. */
function hashLinks({ scripts, edges }: LinkState): string {
  const importers = new Set(edges.map(({ importer }) => importer));
  const rows = scripts.filter(({ kind, name }) => kind === "module" || importers.has(name));
  return createHash("sha256")
    .update(JSON.stringify([rows, edges]))
    .digest("hex");
}

/** The app as it will be. */
class NextApp {
  readonly #platform: Pick<Platform, "config" | "scriptHost" | "db">;
  readonly #appId: string;
  readonly #state: LinkState;
  readonly #changes: LinkChanges;
  readonly #old: ReadonlyMap<string, AppScriptRow>;
  /** Scripts that stay as they are. */
  readonly #kept: ReadonlyMap<string, AppScriptRow>;
  readonly #edits: ReadonlyMap<string, ScriptEdit>;
  readonly #units = new Map<string, ScriptUnit>();

  constructor(
    platform: Pick<Platform, "config" | "scriptHost" | "db">,
    appId: string,
    state: LinkState,
    changes: LinkChanges,
  ) {
    this.#platform = platform;
    this.#appId = appId;
    this.#state = state;
    this.#changes = changes;
    this.#old = new Map(state.scripts.map((row) => [row.name, row]));
    const leaving = new Set([...changes.removed, ...changes.edits.flatMap(({ oldName }) => oldName ?? [])]);
    this.#kept = new Map([...this.#old].filter(([name]) => !leaving.has(name)));
    this.#edits = new Map(changes.edits.map((edit) => [edit.name, edit]));
  }

  refuseTaken(): void {
    for (const { name } of this.#changes.edits) if (this.#kept.has(name)) throw nameTaken(name);
  }

  /** Modules that go, or stop being modules under their name, while a script that stays as it is imports them. */
  refuseUsed(): void {
    for (const { name } of this.#lost()) {
      const importers = this.#state.edges.filter(
        ({ importer, imported }) => imported === name && this.#kept.has(importer),
      );
      if (importers.length > 0)
        throw inUse(
          name,
          importers.map(({ importer }) => importer),
        );
    }
  }

  async readEdit(edit: ScriptEdit): Promise<void> {
    const { oldName: _, ...source } = edit;
    this.#units.set(edit.name, await readSource(this.#platform, source));
    // Requests go on between scripts.
    await setImmediate();
  }

  async link(): Promise<LinkPlan> {
    const affected = this.#affected();
    const compiled = new Map<string, CompiledSource>();
    const links: Link[] = [];
    let characters = 0;
    const surroundings: Surroundings = {
      scripts: new Map<string, AppScriptRow | ScriptEdit>([...this.#kept, ...this.#edits]),
      unit: async (name) => await this.#unit(name),
    };
    const names = [...this.#edits.keys(), ...affected];
    for (const [i, name] of names.entries()) {
      if (i % READ_AT_A_TIME === 0) await this.#readSources(names.slice(i, i + READ_AT_A_TIME));
      const linked = await linkScript(this.#platform, await this.#unit(name), surroundings);
      if (!linked.ok) throw this.#broken(linked.problems);
      characters += linked.compiled.artifact.length;
      if (characters > ARTIFACT_CHARACTERS_MAX) throw tooManyImporters();
      const isEdit = this.#edits.has(name);
      if (isEdit) compiled.set(name, linked.compiled);
      const isRewritten = !isEdit && this.#kept.get(name)?.kind === "endpoint";
      const imports = isEdit || !this.#isSameGraph(name, linked.imports) ? linked.imports : undefined;
      links.push({ name, imports, artifact: isRewritten ? linked.compiled : undefined });
      // Nobody imports an endpoint: its unit is not needed again.
      if (isRewritten) this.#units.delete(name);
      await setImmediate();
    }
    const relinked = [...affected].flatMap((name) => this.#kept.get(name) ?? []);
    const isAlone = links.every(({ imports }) => imports?.length === 0) && !this.#touchesModules();
    return {
      compiled,
      links,
      relinked: relinked.filter(({ kind }) => kind === "endpoint"),
      stateHash: isAlone ? undefined : hashLinks(this.#state),
    };
  }

  /** Modules of before that are none under their name afterwards. */
  #lost(): readonly AppScriptRow[] {
    return this.#state.scripts.filter(
      ({ name, kind }) =>
        kind === "module" && !this.#kept.has(name) && this.#edits.get(name)?.kind !== "module",
    );
  }

  /** Names of scripts that stay as they are but depend on what does not, in the order of names. */
  #affected(): ReadonlySet<string> {
    const changed = [
      ...this.#changes.removed,
      ...this.#changes.edits.flatMap(({ name, oldName }) => [name, oldName ?? name]),
    ];
    const importers = [...importersOf(changed, this.#state.edges)].filter((name) => this.#kept.has(name));
    return new Set(importers.toSorted());
  }

  /** A script that stays as it is still imports the same rows: those of edited modules keep their ids. */
  #isSameGraph(name: string, imports: readonly string[]): boolean {
    const before = this.#state.edges.filter(({ importer }) => importer === name);
    return (
      before.length === imports.length &&
      imports.every(
        (imported) =>
          before.some((edge) => edge.imported === imported) &&
          (this.#kept.has(imported) || this.#edits.get(imported)?.oldName === imported),
      )
    );
  }

  #touchesModules(): boolean {
    return (
      this.#changes.edits.some(({ kind, oldName }) => kind === "module" || this.#wasModule(oldName)) ||
      this.#changes.removed.some((name) => this.#wasModule(name)) ||
      this.#changes.edits.some(({ oldName }) =>
        this.#state.edges.some(({ importer }) => importer === oldName),
      )
    );
  }

  #wasModule(name: string | undefined): boolean {
    return name !== undefined && this.#old.get(name)?.kind === "module";
  }

  /** An edited script, or one that stays as it is. */
  async #unit(name: string): Promise<ScriptUnit> {
    const known = this.#units.get(name);
    if (known !== undefined) return known;
    await this.#readSources([name]);
    const unit = this.#units.get(name);
    if (unit === undefined) throw new LinksChanged();
    return unit;
  }

  /** A stored source compiled once, so it does again, unless the compiler is a newer one. */
  async #readSources(names: readonly string[]): Promise<void> {
    const wanted = names.flatMap((name) => (this.#units.has(name) ? [] : (this.#kept.get(name) ?? [])));
    const missing: AppScriptRow[] = [];
    for (const row of wanted) {
      const cached = cachedModule(this.#platform, { ...row, sourceHash: row.source_hash });
      if (cached === undefined) missing.push(row);
      else this.#units.set(row.name, cached);
    }
    if (missing.length === 0) return;
    const sources = await readSources(this.#platform.db.read, this.#appId, missing);
    for (const { id, name, language, kind, source_hash: sourceHash } of missing) {
      const source = sources.get(id);
      if (source === undefined) throw new LinksChanged();
      const unit = await readUnit(this.#platform, { name, language, kind, source, sourceHash });
      if ("ok" in unit) throw compileError(name, this.#pathFor(name), unit.diagnostics);
      this.#units.set(name, unit);
      await setImmediate();
    }
  }

  #broken(problems: readonly LinkProblem[]): PicloudError {
    const script = problems[0]?.script ?? "";
    const own = problems.filter((problem) => problem.script === script);
    const chain = own[0]?.chain;
    const details = chain === undefined ? {} : { chain };
    const edit = this.#edits.get(script);
    if (edit !== undefined) return compileError(script, edit.path, own, { details });
    const message = "Nothing is saved, because a script that imports what changes would break. ";
    return compileError(script, this.#pathFor(script), own, {
      message,
      details: { ...details, importer: script },
    });
  }

  /** Where in the request a script stands that `importer` needs. */
  #pathFor(importer: string): string {
    const cause = this.#changes.edits.find(({ name, oldName }) =>
      importersOf([name, oldName ?? name], this.#state.edges).has(importer),
    );
    return (cause ?? this.#changes.edits[0])?.path ?? "";
  }
}

function tooManyImporters(): PicloudError {
  const most = `${ARTIFACT_CHARACTERS_MAX} characters`;
  return new PicloudError(
    "too_large",
    `The scripts that this change compiles have more than ${most} together: deploy them in parts.`,
  );
}

export function inUse(module: string, importers: readonly string[]): PicloudError {
  return new PicloudError(
    "in_use",
    `${module} is imported by ${importers.join(", ")}: change them first, or deploy all of it together.`,
    { details: { importers } },
  );
}

export function nameTaken(name: string): PicloudError {
  return new PicloudError("already_exists", `The app has a script ${name} already.`, {
    fields: [{ path: "name", message: "is taken" }],
  });
}
