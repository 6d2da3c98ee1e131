/** Which script answers (app, method, path): exact before parameter before wildcard. Memory only, replaced as a whole. */
import type { TableRoute } from "../features/routes/routes.service.ts";

export type RouteEntry = TableRoute;

export interface RouteMatch {
  readonly route: RouteEntry;
  /** Percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** `methods`: the path exists, for these methods only. `malformed`: a parameter is not valid percent-encoding. */
export type RouteLookup =
  | { readonly kind: "match"; readonly match: RouteMatch }
  | { readonly kind: "methods"; readonly methods: readonly string[] }
  | { readonly kind: "malformed" }
  | { readonly kind: "none" };

interface Node {
  readonly exact: Map<string, Node>;
  parameter: Node | undefined;
  /** Takes the rest of the path. */
  wildcard: Map<string, RouteEntry> | undefined;
  readonly methods: Map<string, RouteEntry>;
}

export interface RouteTable {
  find(appId: string, method: string, path: string): RouteLookup;
}

export function createRouteTable(routes: readonly RouteEntry[]): RouteTable {
  const apps = new Map<string, Node>();
  for (const route of routes) {
    const root = apps.get(route.app.id) ?? newNode();
    apps.set(route.app.id, root);
    insert(root, route);
  }
  return {
    find(appId, method, path) {
      const root = apps.get(appId);
      if (root === undefined) return { kind: "none" };
      const segments = path.slice(1).split("/");
      const found: Found[] = [];
      collect(root, segments, 0, found);
      return choose(found, method, segments);
    },
  };
}

interface Found {
  readonly methods: ReadonlyMap<string, RouteEntry>;
}

function newNode(): Node {
  return { exact: new Map(), parameter: undefined, wildcard: undefined, methods: new Map() };
}

function insert(root: Node, route: RouteEntry): void {
  let node = root;
  for (const segment of route.path.slice(1).split("/")) {
    if (segment.startsWith("*")) {
      node.wildcard ??= new Map();
      node.wildcard.set(route.method, route);
      return;
    }
    if (segment.startsWith(":")) node = node.parameter ??= newNode();
    else {
      const next = node.exact.get(segment) ?? newNode();
      node.exact.set(segment, next);
      node = next;
    }
  }
  node.methods.set(route.method, route);
}

/** All places that fit the path, best first. A path has few segments, so the search is short. */
function collect(node: Node, segments: readonly string[], at: number, found: Found[]): void {
  const segment = segments[at];
  if (segment === undefined) {
    if (node.methods.size > 0) found.push({ methods: node.methods });
    return;
  }
  const exact = node.exact.get(segment);
  if (exact !== undefined) collect(exact, segments, at + 1, found);
  if (node.parameter !== undefined && segment !== "") collect(node.parameter, segments, at + 1, found);
  if (node.wildcard !== undefined) found.push({ methods: node.wildcard });
}

/** The best place that has the method; HEAD takes GET's route where it has none of its own. */
function choose(found: readonly Found[], method: string, segments: readonly string[]): RouteLookup {
  for (const { methods } of found) {
    const route = methods.get(method) ?? (method === "HEAD" ? methods.get("GET") : undefined);
    if (route === undefined) continue;
    const params = paramsOf(route.path, segments);
    return params === undefined ? { kind: "malformed" } : { kind: "match", match: { route, params } };
  }
  const methods = new Set(found.flatMap((place) => [...place.methods.keys()]));
  if (methods.size === 0) return { kind: "none" };
  if (methods.has("GET")) methods.add("HEAD");
  return { kind: "methods", methods: [...methods.add("OPTIONS")].toSorted() };
}

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/** Percent-decoded; `undefined` where one is not valid. */
export function paramsOf(
  pattern: string,
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (!pattern.includes(":") && !pattern.includes("*")) return noParams;
  const entries: [string, string][] = [];
  for (const [i, part] of pattern.slice(1).split("/").entries()) {
    if (!part.startsWith(":") && !part.startsWith("*")) continue;
    const raw = part.startsWith("*") ? segments.slice(i).join("/") : (segments[i] ?? "");
    try {
      entries.push([part.slice(1), decodeURIComponent(raw)]);
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(entries);
}
