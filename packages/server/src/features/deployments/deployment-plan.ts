/** What a manifest changes in an app's deployed state. Pure: the same state and manifest give the same plan. */
import { createHash } from "node:crypto";
import { PicloudError } from "@picloud/contract";
import { shapeOfPath } from "../routes/routes.service.ts";
import type { RouteMethod, RouteRow } from "../routes/routes.service.ts";
import { importersOf } from "../scripts/save-script.service.ts";
import type { Edge, OwnLimits } from "../scripts/save-script.service.ts";
import { type Language, limitNames } from "../scripts/scripts.contract.ts";

export interface ManifestRoute {
  readonly method: RouteMethod;
  readonly path: string;
  readonly dispatch_mode?: "sync" | "async" | undefined;
  readonly auth?: "public" | "member" | undefined;
  readonly body_bytes_max?: number | null | undefined;
  readonly enabled?: boolean | undefined;
}

export interface ManifestScript {
  readonly name: string;
  readonly language: Language;
  readonly kind?: "endpoint" | "module" | undefined;
  readonly source_hash: string;
  readonly source?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly invoke?: "public" | "members" | undefined;
  readonly limits?: OwnLimits | undefined;
  readonly routes?: readonly ManifestRoute[] | undefined;
}

export interface Manifest {
  readonly scripts: readonly ManifestScript[];
  readonly prune: boolean;
}

export interface StateScript {
  readonly id: string;
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly version: number;
  readonly enabled: boolean;
  readonly invoke: "public" | "members";
  readonly limits: OwnLimits;
  readonly source_hash: string;
}
type StateRoute = RouteRow & { readonly shape: string };

export interface AppState {
  readonly scripts: readonly StateScript[];
  readonly routes: readonly StateRoute[];
  /** Which script imports which module, by name. */
  readonly edges: readonly Edge[];
}

export interface Change {
  readonly action: "create" | "update" | "delete" | "unchanged";
  readonly kind: "script" | "route";
  readonly name: string;
  readonly detail: string;
}

export interface ScriptStep {
  readonly change: Change;
  readonly index: number;
  readonly script: ManifestScript;
  readonly old: StateScript | undefined;
  /** The source differs from the live one. */
  readonly isNewSource: boolean;
  readonly isNewKind: boolean;
}

export interface RouteStep {
  readonly change: Change;
  /** Where the route stands in the request, with a dot at the end. */
  readonly field: string;
  readonly scriptName: string;
  readonly route: Pick<RouteRow, "method" | "path" | "dispatch_mode" | "auth" | "body_bytes_max" | "enabled">;
  readonly old: StateRoute | undefined;
}

export interface Plan {
  readonly scripts: readonly ScriptStep[];
  readonly routes: readonly RouteStep[];
  readonly deletedScripts: readonly StateScript[];
  readonly deletedRoutes: readonly StateRoute[];
  /** All of it in words, in the order scripts, routes, deletions. */
  readonly changes: readonly Change[];
}

/** Changes with anything that a deployment can change. */
export function hashState(state: AppState): string {
  return createHash("sha256")
    .update(JSON.stringify([state.scripts, state.routes]))
    .digest("hex");
}

/** Throws `invalid` for a manifest that contradicts itself. */
export function makePlan(state: AppState, manifest: Manifest): Plan {
  refuseTwice(manifest.scripts.map((script, i) => ({ key: script.name, field: `scripts.${i}.name` })));
  const scripts = manifest.scripts.map((script, index) => planScript(state, script, index));
  const routes = planRoutes(state, manifest);
  const deletedScripts = manifest.prune ? unnamedScripts(state, manifest) : [];
  const deletedRoutes = manifest.prune ? unlistedRoutes(state, manifest, routes) : [];
  const relinked = relinkedScripts(state, scripts, deletedScripts);
  const changes = [
    ...scripts.map((step) => relinkedChange(step, relinked)),
    ...otherRelinks(state, scripts, relinked),
    ...routes.map((step) => step.change),
    ...deletedRoutes.map((route) => deletion("route", nameOfRoute(route), "not in the manifest")),
    ...deletedScripts.map((script) => deletion("script", script.name, "not in the manifest")),
  ];
  return { scripts, routes, deletedScripts, deletedRoutes, changes };
}

/** What a script is after the deployment. */
export function kindOf({ script, old }: Pick<ScriptStep, "script" | "old">): "endpoint" | "module" {
  return script.kind ?? old?.kind ?? "endpoint";
}

/** Endpoints whose own source stays and that import a module which does not, with the names of these modules. */
function relinkedScripts(
  state: AppState,
  steps: readonly ScriptStep[],
  deleted: readonly StateScript[],
): ReadonlyMap<string, readonly string[]> {
  const changed = new Set([
    ...steps
      .filter(({ isNewSource, isNewKind }) => isNewSource || isNewKind)
      .map(({ script }) => script.name),
    ...deleted.map(({ name }) => name),
  ]);
  const endpoints = new Set(state.scripts.flatMap(({ kind, name }) => (kind === "endpoint" ? [name] : [])));
  const causes = new Map<string, string[]>();
  for (const name of changed) {
    for (const importer of importersOf([name], state.edges)) {
      if (!endpoints.has(importer) || changed.has(importer)) continue;
      causes.set(importer, [...(causes.get(importer) ?? []), name]);
    }
  }
  return causes;
}

function relinkedChange(
  { change, old }: ScriptStep,
  relinked: ReadonlyMap<string, readonly string[]>,
): Change {
  const causes = relinked.get(change.name);
  if (causes === undefined) return change;
  const detail = change.action === "unchanged" ? `v${old?.version ?? 1}` : change.detail;
  return { ...change, action: "update", detail: `${detail}, ${relinkWords(causes)}` };
}

/** Scripts that the manifest does not name. */
function otherRelinks(
  state: AppState,
  steps: readonly ScriptStep[],
  relinked: ReadonlyMap<string, readonly string[]>,
): readonly Change[] {
  const named = new Set(steps.map(({ script }) => script.name));
  return state.scripts.flatMap(({ name, version }): Change[] => {
    const causes = relinked.get(name);
    if (causes === undefined || named.has(name)) return [];
    return [{ action: "update", kind: "script", name, detail: `v${version}, ${relinkWords(causes)}` }];
  });
}

function relinkWords(modules: readonly string[]): string {
  return `linked again with ${modules.toSorted().join(", ")}`;
}

function deletion(kind: "script" | "route", name: string, detail: string): Change {
  return { action: "delete", kind, name, detail };
}

function planScript(state: AppState, script: ManifestScript, index: number): ScriptStep {
  const old = state.scripts.find(({ name }) => name === script.name);
  if (old === undefined) {
    const detail = script.kind === "module" ? "v1, module" : "v1";
    const change: Change = { action: "create", kind: "script", name: script.name, detail };
    return { change, index, script, old, isNewSource: true, isNewKind: false };
  }
  const isNewSource = old.source_hash !== script.source_hash || old.language !== script.language;
  const words = [
    ...(isNewSource ? [`v${old.version} → v${old.version + 1}`] : []),
    ...changedWord("language", old.language, script.language),
    ...changedWord("kind", old.kind, script.kind),
    ...changedWord("enabled", old.enabled, script.enabled),
    ...changedWord("invoke", old.invoke, script.invoke),
    ...(script.limits !== undefined && !sameLimits(old.limits, script.limits) ? ["limits"] : []),
  ];
  const action = words.length === 0 ? "unchanged" : "update";
  const detail = words.length === 0 ? `v${old.version}` : words.join(", ");
  const change: Change = { action, kind: "script", name: script.name, detail };
  const isNewKind = kindOf({ script, old }) !== old.kind;
  return { change, index, script, old, isNewSource, isNewKind };
}

function planRoutes(state: AppState, manifest: Manifest): readonly RouteStep[] {
  const steps = manifest.scripts.flatMap((script, i) =>
    (script.routes ?? []).map((route, j) => {
      const field = `scripts.${i}.routes.${j}.`;
      const shape = shapeOfPath(route.path, `${field}path`);
      return { shape, step: planRoute(state, { script, route, field, shape }) };
    }),
  );
  refuseTwice(
    steps.map(({ shape, step }) => ({ key: `${step.route.method} ${shape}`, field: `${step.field}path` })),
  );
  return steps.map(({ step }) => step);
}

const newRoute = { dispatch_mode: "sync", auth: "public", body_bytes_max: null, enabled: true } as const;

/** What is absent stays as it is, or takes the default. */
function mergedRoute(input: ManifestRoute, old: RouteRow | undefined): RouteStep["route"] {
  const kept = old ?? newRoute;
  return {
    method: input.method,
    path: input.path,
    dispatch_mode: input.dispatch_mode ?? kept.dispatch_mode,
    auth: input.auth ?? kept.auth,
    body_bytes_max: input.body_bytes_max === undefined ? kept.body_bytes_max : input.body_bytes_max,
    enabled: input.enabled ?? kept.enabled,
  };
}

function planRoute(
  state: AppState,
  given: {
    readonly script: ManifestScript;
    readonly route: ManifestRoute;
    readonly field: string;
    readonly shape: string;
  },
): RouteStep {
  const { script, route: input, field, shape } = given;
  const old = state.routes.find((route) => route.method === input.method && route.shape === shape);
  const route = mergedRoute(input, old);
  const name = nameOfRoute(route);
  const base = { field, scriptName: script.name, route, old };
  if (old === undefined) {
    const mode = route.dispatch_mode === "async" ? ", async" : "";
    const detail = `→ ${script.name}, auth ${route.auth}${mode}`;
    return { ...base, change: { action: "create", kind: "route", name, detail } };
  }
  const oldScript = state.scripts.find(({ id }) => id === old.script_id)?.name ?? "";
  const words = [
    ...changedWord("script", oldScript, script.name),
    ...changedWord("path", old.path, route.path),
    ...changedWord("dispatch_mode", old.dispatch_mode, route.dispatch_mode),
    ...changedWord("auth", old.auth, route.auth),
    ...changedWord("body_bytes_max", old.body_bytes_max, route.body_bytes_max),
    ...changedWord("enabled", old.enabled, route.enabled),
  ];
  const action = words.length === 0 ? "unchanged" : "update";
  const detail = words.length === 0 ? `→ ${script.name}` : words.join(", ");
  return { ...base, change: { action, kind: "route", name, detail } };
}

function unnamedScripts(state: AppState, manifest: Manifest): readonly StateScript[] {
  const named = new Set(manifest.scripts.map(({ name }) => name));
  return state.scripts.filter(({ name }) => !named.has(name));
}

/** Routes of scripts that list their routes, without those listed. */
function unlistedRoutes(
  state: AppState,
  manifest: Manifest,
  steps: readonly RouteStep[],
): readonly StateRoute[] {
  const listing = new Set(
    manifest.scripts.filter((script) => script.routes !== undefined).map(({ name }) => name),
  );
  const ids = new Set(state.scripts.filter(({ name }) => listing.has(name)).map(({ id }) => id));
  const kept = new Set(steps.map(({ old }) => old?.id));
  return state.routes.filter((route) => ids.has(route.script_id) && !kept.has(route.id));
}

function refuseTwice(entries: readonly { readonly key: string; readonly field: string }[]): void {
  const seen = new Set<string>();
  for (const { key, field } of entries) {
    if (seen.has(key)) {
      throw new PicloudError("invalid", `The manifest has ${key} twice.`, {
        fields: [{ path: field, message: `${key} is there twice` }],
      });
    }
    seen.add(key);
  }
}

/** Nothing when the new value is absent or equal. */
function changedWord<T>(word: string, old: T, value: T | undefined): readonly string[] {
  return value === undefined || value === old ? [] : [`${word} ${String(old)} → ${String(value)}`];
}

function sameLimits(a: OwnLimits, b: OwnLimits): boolean {
  return limitNames.every((name) => a[name] === b[name]);
}

function nameOfRoute(route: { readonly method: string; readonly path: string }): string {
  return `${route.method} ${route.path}`;
}
