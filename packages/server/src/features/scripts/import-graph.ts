/** The order in which modules are evaluated, and why there may be none. Pure: names and what each imports. */

/** More modules than any script needs; bounds the walk. */
export const MODULES_MAX = 256;

/** One script imports another; both by name. */
export interface Edge {
  readonly importer: string;
  readonly imported: string;
}

export type ModuleOrder =
  | { readonly ok: true; readonly modules: readonly string[] }
  | { readonly ok: false; readonly reason: "cycle" | "depth" | "count"; readonly chain: readonly string[] };

/** Modules that `root` needs, each after those that it imports itself and the first import first. `importsOf` is asked once
 *  for each. At most `depthMax` imports may lie between the root and any module. O(imports). */
export function orderModules(
  root: string,
  importsOf: (name: string) => readonly string[],
  depthMax: number,
): ModuleOrder {
  const walk = new Walk(importsOf);
  walk.visit(root);
  if (walk.broken !== undefined) return walk.broken;
  const chain = walk.longest(root);
  // The root itself is no module.
  if (chain.length - 1 > depthMax) return { ok: false, reason: "depth", chain: chain.slice(0, depthMax + 2) };
  return { ok: true, modules: walk.order.filter((name) => name !== root) };
}

class Walk {
  readonly order: string[] = [];
  broken: Extract<ModuleOrder, { ok: false }> | undefined;
  readonly #importsOf: (name: string) => readonly string[];
  readonly #path: string[] = [];
  /** How many imports follow each other from here at most, and the first of them. */
  readonly #below = new Map<string, { readonly length: number; readonly next: string | undefined }>();

  constructor(importsOf: (name: string) => readonly string[]) {
    this.#importsOf = importsOf;
  }

  /** Depth first; as deep as there are modules at most. */
  visit(name: string): void {
    if (this.broken !== undefined || this.#below.has(name)) return;
    const onPath = this.#path.indexOf(name);
    if (onPath !== -1) {
      this.broken = { ok: false, reason: "cycle", chain: [...this.#path.slice(onPath), name] };
      return;
    }
    this.#path.push(name);
    if (this.#path.length + this.order.length > MODULES_MAX + 1) {
      this.broken = { ok: false, reason: "count", chain: [...this.#path] };
      return;
    }
    let longest: { length: number; next: string | undefined } = { length: 0, next: undefined };
    for (const imported of this.#importsOf(name)) {
      this.visit(imported);
      const length = (this.#below.get(imported)?.length ?? 0) + 1;
      if (length > longest.length) longest = { length, next: imported };
    }
    if (this.broken !== undefined) return;
    this.#below.set(name, longest);
    this.order.push(name);
    this.#path.pop();
  }

  longest(from: string): readonly string[] {
    const chain: string[] = [];
    for (let name: string | undefined = from; name !== undefined; name = this.#below.get(name)?.next)
      chain.push(name);
    return chain;
  }
}

/** The sentence for a script that can't be linked. */
export function orderProblem(order: Extract<ModuleOrder, { ok: false }>, depthMax: number): string {
  const chain = order.chain.join(" → ");
  switch (order.reason) {
    case "cycle":
      return `Modules import each other in a circle: ${chain}.`;
    case "depth":
      return `Modules are imported more than ${depthMax} levels deep: ${chain}.`;
    case "count":
      return `More than ${MODULES_MAX} modules are needed: ${chain}.`;
    default:
      return order.reason satisfies never;
  }
}

/** Every name that imports one of `names`, directly or through others, without `names` themselves unless they import each
 *  other. */
export function importersOf(names: Iterable<string>, edges: readonly Edge[]): ReadonlySet<string> {
  const importers = new Map<string, string[]>();
  for (const { importer, imported } of edges) {
    const known = importers.get(imported);
    if (known === undefined) importers.set(imported, [importer]);
    else known.push(importer);
  }
  const found = new Set<string>();
  const queue = [...names];
  for (let at = 0; at < queue.length; at++) {
    for (const importer of importers.get(queue[at] ?? "") ?? []) {
      if (found.has(importer)) continue;
      found.add(importer);
      queue.push(importer);
    }
  }
  return found;
}
