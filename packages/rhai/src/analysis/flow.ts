/** Where function values and handles of the host may get to: sets that only grow, along edges. Flow-insensitive: one node
 *  for each variable, one heap for all that is in containers. */
import { type Unit } from "./binding.ts";

/** What a value may be, as far as colour cares: a function of the script; a handle of the host; a text that is not known,
 *  which may name any function; a function of the library, by name. */
export type Token = Unit | "handle" | "text" | "native";

/** Told of every token that reaches a node. */
export interface Watcher {
  arrives(token: Token): void;
}

export class FlowNode {
  readonly tokens = new Set<Token>();
  readonly to = new Set<FlowNode>();
  readonly watchers: Watcher[] = [];
}

export class Flow {
  /** Pairs of node and token that wait to be passed on. */
  private readonly nodes: FlowNode[] = [];
  private readonly waiting: Token[] = [];

  add(node: FlowNode, token: Token): void {
    if (node.tokens.has(token)) return;
    node.tokens.add(token);
    this.nodes.push(node);
    this.waiting.push(token);
  }

  /** What is in `from` is in `to`; without a `from` there is nothing. */
  edge(from: FlowNode | undefined, to: FlowNode): void {
    if (from === undefined || from === to || from.to.has(to)) return;
    from.to.add(to);
    for (const token of from.tokens) this.add(to, token);
  }

  watch(node: FlowNode | undefined, watcher: Watcher): void {
    if (node === undefined) return;
    node.watchers.push(watcher);
    for (const token of node.tokens) watcher.arrives(token);
  }

  /** A node of all of them, or the only one. */
  join(parts: readonly (FlowNode | undefined)[]): FlowNode | undefined {
    const some = parts.filter((part) => part !== undefined);
    if (some.length < 2) return some[0];
    const joined = new FlowNode();
    for (const part of some) this.edge(part, joined);
    return joined;
  }

  /** Passes on until nothing moves. Each token passes each edge once. */
  solve(): void {
    for (;;) {
      const node = this.nodes.pop();
      const token = this.waiting.pop();
      if (node === undefined || token === undefined) return;
      for (const next of node.to) this.add(next, token);
      // A watcher may be told twice of a token that came while it was added: they are idempotent.
      for (const watcher of node.watchers) watcher.arrives(token);
    }
  }
}
