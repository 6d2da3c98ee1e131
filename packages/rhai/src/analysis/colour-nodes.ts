/** Nodes of the flow: what stands for which variable, function, property. */
import { type Binding, rootOf, type Scopes, type Unit } from "./binding.ts";
import { Flow, FlowNode, type Watcher } from "./flow.ts";
import { type Linker, NameWatcher } from "./colour-sites.ts";
import { isCalling, isMutating, mayChange } from "./mutators.ts";

export class ColourNodes implements Linker {
  readonly flow = new Flow();
  readonly mixesArguments: boolean;
  /** All that is in containers, thrown, given to the library or to the host. Texts are everywhere. */
  readonly heap = new FlowNode();
  /** An unknown text and nothing else. */
  readonly text = new FlowNode();
  /** Values of maps under keys that nobody knows. */
  readonly anyKey = new FlowNode();
  /** Functions that have a name, in all programs. */
  private readonly named: Unit[] = [];
  private readonly byName = new Map<string, Unit[]>();
  private readonly bindings = new Map<Binding, FlowNode>();
  private readonly selfs = new Map<Unit, FlowNode>();
  private readonly results = new Map<Unit, FlowNode>();
  private readonly params = new Map<Unit, readonly FlowNode[]>();
  private readonly keys = new Map<string, FlowNode>();
  private readonly reads = new Map<string, FlowNode>();

  constructor(programs: readonly Scopes[], mixesArguments: boolean) {
    this.mixesArguments = mixesArguments;
    this.flow.add(this.text, "text");
    this.flow.add(this.heap, "text");
    this.flow.edge(this.anyKey, this.heap);
    for (const scopes of programs) {
      for (const unit of scopes.units) {
        if (unit.kind !== "function") continue;
        this.named.push(unit);
        const list = this.byName.get(unit.name);
        if (list === undefined) this.byName.set(unit.name, [unit]);
        else list.push(unit);
      }
      for (const given of scopes.given) this.flow.edge(this.text, this.binding(given));
    }
  }

  binding(binding: Binding): FlowNode {
    return lookUp(this.bindings, rootOf(binding));
  }

  self(unit: Unit): FlowNode {
    return lookUp(this.selfs, unit);
  }

  result(unit: Unit): FlowNode {
    return lookUp(this.results, unit);
  }

  parameters(unit: Unit): readonly FlowNode[] {
    let nodes = this.params.get(unit);
    if (nodes === undefined) {
      nodes = unit.params.map((binding) => this.binding(binding));
      this.params.set(unit, nodes);
    }
    return nodes;
  }

  /** Where a value under `key` of any map goes. */
  key(key: string): FlowNode {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    const node = lookUp(this.keys, key);
    this.flow.edge(node, this.heap);
    return node;
  }

  /** What a map may have under `key`. */
  read(key: string): FlowNode {
    const known = this.reads.get(key);
    if (known !== undefined) return known;
    const node = lookUp(this.reads, key);
    this.flow.edge(this.key(key), node);
    // A name of the library means the library, unless a function is put under that very name.
    if (!isLibraryName(key)) this.flow.edge(this.anyKey, node);
    this.flow.edge(this.text, node);
    return node;
  }

  /** Functions of that name, of any arity. */
  functionsNamed(name: string): readonly Unit[] {
    return this.byName.get(name) ?? [];
  }

  /** A node with these functions. */
  functionsNode(units: readonly Unit[]): FlowNode | undefined {
    if (units.length === 0) return undefined;
    const node = new FlowNode();
    for (const unit of units) this.flow.add(node, unit);
    return node;
  }

  /** The functions that a value stands for if it is used as a callback: texts name functions. */
  callable(value: FlowNode | undefined): FlowNode | undefined {
    if (value === undefined) return undefined;
    const node = new FlowNode();
    this.flow.watch(value, new NameWatcher(this.flow, this.named, node) satisfies Watcher);
    return node;
  }
}

/** A name that values of the library have as a method. */
export function isLibraryName(name: string): boolean {
  return isMutating(name) || isCalling(name) || !mayChange(name);
}

function lookUp<K>(nodes: Map<K, FlowNode>, key: K): FlowNode {
  let node = nodes.get(key);
  if (node === undefined) nodes.set(key, (node = new FlowNode()));
  return node;
}
