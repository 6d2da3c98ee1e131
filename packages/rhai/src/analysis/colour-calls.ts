/** Calls, as the colour analysis sees them: which functions may run, and what flows where. */
import {
  type BinaryExpression,
  type CallExpression,
  type Expression,
  type ImportStatement,
  type MethodExpression,
} from "../syntax/tree.ts";
import { type Alias, type Scopes, type Unit } from "./binding.ts";
import { ColourNodes, isLibraryName } from "./colour-nodes.ts";
import {
  CalleeWatcher,
  HandleWatcher,
  link,
  ParameterWatcher,
  type Site,
  type SiteNode,
} from "./colour-sites.ts";
import { FlowNode } from "./flow.ts";
import { type ColourOptions, type HostName } from "./host-names.ts";

type Values = readonly (FlowNode | undefined)[];

/** Functions of the library that call functions they are given. */
const callbackTakers: ReadonlySet<string> = new Set(
  (
    "map filter some all for_each find find_map index_of reduce reduce_rev zip dedup sort sort_by order order_by " +
    "drain retain"
  ).split(" "),
);

/** Which argument of a callback taker is the callback, in method style. */
function callbackAt(name: string): number {
  return name === "zip" ? 1 : 0;
}

/** Functions of the library that neither keep nor return what they are given. */
const looking: ReadonlySet<string> = new Set(
  "print debug type_of is_shared is_def_var is_def_fn to_string to_debug len is_empty".split(" "),
);

export abstract class ColourCalls {
  readonly sites: Site[] = [];
  protected readonly programs: readonly Scopes[];
  protected readonly nodes: ColourNodes;
  protected scopes: Scopes;
  protected unit: Unit;
  /** Some code is not there to be looked at: calls of values may run anything. */
  protected readonly isOpen: boolean;
  private readonly options: ColourOptions;

  constructor(programs: readonly Scopes[], options: ColourOptions) {
    const [first] = programs;
    if (first === undefined) throw new Error("colours of no program");
    this.programs = programs;
    this.options = options;
    this.scopes = first;
    this.unit = first.main;
    this.isOpen = programs.some((scopes) => scopes.units.some((unit) => unit.isDynamic));
    const mixes = programs.some((scopes) => [...scopes.owner.keys()].some((node) => node.name === "curry"));
    this.nodes = new ColourNodes(programs, mixes);
  }

  protected abstract value(node: Expression): FlowNode | undefined;

  private site(node: SiteNode): Site {
    const site: Site = {
      node,
      unit: this.unit,
      isHost: false,
      isHandle: false,
      isUnknown: false,
      direct: new Set(),
      dynamic: new Set(),
    };
    this.sites.push(site);
    return site;
  }

  /** The functions that a text names. */
  protected named(text: string): FlowNode | undefined {
    return this.nodes.functionsNode(this.nodes.functionsNamed(text));
  }

  // ---- calls by name

  protected call(node: CallExpression): FlowNode | undefined {
    const args = node.args.map((arg) => this.value(arg));
    if (node.namespace.length > 0) return this.qualified(node, args);
    const own = this.scopes.functions.get(`${node.name}/${args.length}`);
    if (own !== undefined) return this.direct(this.site(node), own, undefined, args);
    const host = this.options.host.functions.get(`${node.name}/${args.length}`);
    if (host !== undefined) return this.hostCall(node, host, args);
    const [first, ...rest] = args;
    switch (node.name) {
      case "eval":
        this.site(node).isUnknown = true;
        return this.nodes.heap;
      case "Fn":
        return this.pointer(node, first);
      case "call":
        return this.callValue(node, first, rest);
      case "curry":
        return this.curry(first, rest);
      default:
        if (node.isCapturing) return this.nodes.heap;
        return this.library(node, first, rest);
    }
  }

  /** `Fn(…)`. */
  private pointer(node: CallExpression, name: FlowNode | undefined): FlowNode | undefined {
    const [arg] = node.args;
    const isKnown = arg?.kind === "literal" && arg.literal.type === "string";
    if (!isKnown) return this.nodes.callable(name);
    if (name !== undefined) return name;
    // No function of the script: one of the library.
    const native = new FlowNode();
    this.nodes.flow.add(native, "native");
    return native;
  }

  /** `f.curry(…)`: the same function; its parameters get these values too. */
  private curry(fn: FlowNode | undefined, args: Values): FlowNode | undefined {
    const { flow, heap } = this.nodes;
    for (const arg of args) flow.edge(arg, heap);
    flow.watch(fn, new ParameterWatcher(this.nodes, args));
    return fn;
  }

  private direct(
    site: Site,
    units: readonly Unit[],
    self: FlowNode | undefined,
    args: Values,
  ): FlowNode | undefined {
    const result = new FlowNode();
    for (const unit of units) {
      site.direct.add(unit);
      link(this.nodes, unit, { self, args, result });
    }
    return result;
  }

  private hostCall(node: SiteNode, host: HostName, args: Values): FlowNode {
    const { flow, heap } = this.nodes;
    if (host.suspends) this.site(node).isHost = true;
    for (const arg of args) flow.edge(arg, heap);
    if (!(host.makesHandle ?? !host.suspends)) return heap;
    const result = new FlowNode();
    flow.edge(heap, result);
    flow.add(result, "handle");
    return result;
  }

  /** `a::b::name(…)`: a module's, a host's, or one's own by `global::`. */
  private qualified(node: CallExpression, args: Values): FlowNode | undefined {
    const path = node.namespace.map((part) => part.text);
    const key = `${node.name}/${args.length}`;
    const alias = this.scopes.modules.get(node);
    if (alias !== undefined) return this.moduleCall(node, this.moduleAt(alias, path.slice(1)), args);
    const host = this.options.host.functions.get(`${path.join("::")}::${key}`);
    if (host !== undefined) return this.hostCall(node, host, args);
    const own = path[0] === "global" ? this.scopes.functions.get(key) : undefined;
    return own === undefined ? undefined : this.direct(this.site(node), own, undefined, args);
  }

  /** The module behind an alias, or behind aliases inside of it. */
  private moduleAt(alias: Alias, path: readonly string[]): Scopes | "none" | undefined {
    let module = this.options.moduleOf?.(alias.node);
    for (const name of path) {
      if (module === undefined || module === "none") return module;
      const inner = [...module.aliases.values()].find((one) => one.name === name);
      module = inner === undefined ? "none" : this.options.moduleOf?.(inner.node);
    }
    return module;
  }

  private moduleCall(
    node: CallExpression,
    module: Scopes | "none" | undefined,
    args: Values,
  ): FlowNode | undefined {
    if (module === "none") return undefined;
    const { flow, heap } = this.nodes;
    const units = module?.functions.get(`${node.name}/${args.length}`);
    if (units !== undefined) return this.direct(this.site(node), units, undefined, args);
    for (const arg of args) flow.edge(arg, heap);
    if (module === undefined) this.site(node).isUnknown = true;
    return heap;
  }

  protected importModule(node: ImportStatement): void {
    const module = this.options.moduleOf?.(node);
    if (module === "none") return;
    const site = this.site(node);
    if (module === undefined) site.isUnknown = true;
    else site.direct.add(module.main);
  }

  /** `item in container` is `contains(container, item)`, which a script may define. */
  protected contains(
    node: BinaryExpression,
    container: FlowNode | undefined,
    item: FlowNode | undefined,
  ): void {
    const own = this.scopes.functions.get("contains/2");
    if (own !== undefined) this.direct(this.site(node), own, undefined, [container, item]);
  }

  // ---- methods

  protected method(node: MethodExpression): FlowNode | undefined {
    const receiver = this.value(node.target);
    const args = node.args.map((arg) => this.value(arg));
    if (node.name === "call") return this.callValue(node, receiver, args);
    if (node.name === "curry") return this.curry(receiver, args);
    const results: (FlowNode | undefined)[] = [this.inMap(node, args)];
    const handle = this.options.host.methods.get(`${node.name}/${args.length}`);
    if (handle !== undefined) results.push(this.handleCall(node, handle, receiver, args));
    const own = this.scopes.functions.get(`${node.name}/${args.length}`);
    if (own !== undefined) results.push(this.direct(this.site(node), own, receiver, args));
    // A function of the host without a namespace may be called like a method.
    const host = this.options.host.functions.get(`${node.name}/${args.length + 1}`);
    if (own === undefined && host !== undefined) results.push(this.hostCall(node, host, [receiver, ...args]));
    results.push(this.library(node, receiver, args));
    return this.nodes.flow.join(results);
  }

  /** A function that the receiver, a map, has under the method's name. */
  private inMap(node: MethodExpression, args: Values): FlowNode {
    const result = new FlowNode();
    const site = this.site(node);
    if (this.isOpen && !isLibraryName(node.name)) site.isUnknown = true;
    const call = { self: undefined, args, result };
    this.nodes.flow.watch(this.nodes.read(node.name), new CalleeWatcher(this.nodes, site, call));
    return result;
  }

  private handleCall(
    node: MethodExpression,
    method: HostName,
    receiver: FlowNode | undefined,
    args: Values,
  ): FlowNode | undefined {
    const { flow, heap } = this.nodes;
    const result = new FlowNode();
    const site = this.site(node);
    const makesHandle = method.makesHandle ?? !method.suspends;
    flow.watch(receiver, new HandleWatcher(flow, site, { suspends: method.suspends, makesHandle }, result));
    if (this.isOpen && method.suspends) site.isHandle = true;
    for (const arg of args) flow.edge(arg, heap);
    return result;
  }

  /** `f.call(…)`, `object.call(f, …)`. */
  private callValue(node: SiteNode, fn: FlowNode | undefined, args: Values): FlowNode {
    const { flow } = this.nodes;
    const result = new FlowNode();
    const site = this.site(node);
    if (this.isOpen) site.isUnknown = true;
    const [first, ...rest] = args;
    // A function of the library may itself call what it is given.
    const onNative = (): void => this.callbacks(site, args, result);
    flow.watch(fn, new CalleeWatcher(this.nodes, site, { self: undefined, args, result }, onNative));
    flow.watch(first, new CalleeWatcher(this.nodes, site, { self: fn, args: rest, result }, onNative));
    flow.edge(this.nodes.heap, result);
    return result;
  }

  private library(node: SiteNode & { name: string }, receiver: FlowNode | undefined, args: Values): FlowNode {
    const { flow, heap, anyKey } = this.nodes;
    if (looking.has(node.name)) return this.nodes.text;
    if (callbackTakers.has(node.name)) {
      const site = this.site(node);
      const isLiteral = node.kind === "method" && node.args.every((arg) => arg.kind === "closure");
      if (this.isOpen && !isLiteral) site.isUnknown = true;
      this.callbacks(site, args, heap);
    }
    for (const [at, arg] of args.entries()) {
      // The callback itself is not kept.
      if (!callbackTakers.has(node.name) || at !== callbackAt(node.name)) flow.edge(arg, heap);
      if (node.name === "set") flow.edge(arg, anyKey);
    }
    // `take` and the like answer with the receiver.
    if (receiver === undefined) return heap;
    const result = new FlowNode();
    flow.edge(receiver, result);
    flow.edge(heap, result);
    return result;
  }

  /** A function of the library calls any of `args` with elements of containers; what they answer goes into one. */
  private callbacks(site: Site, args: Values, result: FlowNode): void {
    const { flow, heap, anyKey } = this.nodes;
    for (const arg of args) {
      const callable = this.nodes.callable(arg);
      if (callable === undefined) continue;
      const answer = new FlowNode();
      flow.edge(answer, heap);
      flow.edge(answer, anyKey);
      flow.edge(answer, result);
      const call = { self: heap, args: [heap, heap, heap], result: answer };
      flow.watch(callable, new CalleeWatcher(this.nodes, site, call));
    }
  }
}
