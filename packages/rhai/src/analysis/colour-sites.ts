/** Calls that may reach the host, as the walk over the program finds them. */
import {
  type BinaryExpression,
  type CallExpression,
  type ImportStatement,
  type MethodExpression,
} from "../syntax/tree.ts";
import { type Unit } from "./binding.ts";
import { type Flow, type FlowNode, type Token, type Watcher } from "./flow.ts";

/** A place in the program that calls something. */
export type SiteNode = CallExpression | MethodExpression | BinaryExpression | ImportStatement;

export interface Site {
  readonly node: SiteNode;
  /** The unit that it stands in. */
  readonly unit: Unit;
  /** A host function that suspends. */
  isHost: boolean;
  /** The receiver may be a handle, and its method suspends. */
  isHandle: boolean;
  /** Nobody knows what is called: `eval`, unknown modules, calls of values in programs with `eval`. */
  isUnknown: boolean;
  /** Functions of the script that are called by name. */
  readonly direct: Set<Unit>;
  /** Functions that are called as values. */
  readonly dynamic: Set<Unit>;
}

/** Links between a call and what it calls. */
export interface Linker {
  readonly flow: Flow;
  /** Nodes of a unit's parameters, `this` and result. */
  parameters(unit: Unit): readonly FlowNode[];
  self(unit: Unit): FlowNode;
  result(unit: Unit): FlowNode;
  /** Curried values move the arguments, so any argument may be any parameter. */
  readonly mixesArguments: boolean;
}

export interface Arguments {
  readonly self: FlowNode | undefined;
  readonly args: readonly (FlowNode | undefined)[];
  readonly result: FlowNode;
}

/** A call of `unit`: arguments in, result out. `this` goes both ways, for it is a reference. */
export function link(linker: Linker, unit: Unit, call: Arguments): void {
  const { flow } = linker;
  const params = linker.parameters(unit);
  for (const [at, param] of params.entries()) {
    flow.edge(call.args[at], param);
    if (linker.mixesArguments) for (const arg of call.args) flow.edge(arg, param);
  }
  const self = linker.self(unit);
  if (call.self !== undefined) {
    flow.edge(call.self, self);
    flow.edge(self, call.self);
  }
  flow.edge(linker.result(unit), call.result);
}

/** Links a call with every function that reaches its callee. */
export class CalleeWatcher implements Watcher {
  private readonly linker: Linker;
  private readonly site: Site;
  private readonly call: Arguments;
  /** What a function of the library would do with the arguments. */
  private readonly onNative: (() => void) | undefined;

  constructor(linker: Linker, site: Site, call: Arguments, onNative?: () => void) {
    this.linker = linker;
    this.site = site;
    this.call = call;
    this.onNative = onNative;
  }

  arrives(token: Token): void {
    if (token === "native") this.onNative?.();
    if (typeof token === "string" || this.site.dynamic.has(token)) return;
    this.site.dynamic.add(token);
    link(this.linker, token, this.call);
  }
}

/** `curry`: the values may be any of the function's parameters. */
export class ParameterWatcher implements Watcher {
  private readonly linker: Linker;
  private readonly args: readonly (FlowNode | undefined)[];

  constructor(linker: Linker, args: readonly (FlowNode | undefined)[]) {
    this.linker = linker;
    this.args = args;
  }

  arrives(token: Token): void {
    if (typeof token === "string") return;
    for (const param of this.linker.parameters(token)) {
      for (const arg of this.args) this.linker.flow.edge(arg, param);
    }
  }
}

/** Passes on functions; an unknown text becomes every function that has a name. */
export class NameWatcher implements Watcher {
  private readonly flow: Flow;
  private readonly functions: readonly Unit[];
  private readonly to: FlowNode;

  constructor(flow: Flow, functions: readonly Unit[], to: FlowNode) {
    this.flow = flow;
    this.functions = functions;
    this.to = to;
  }

  arrives(token: Token): void {
    if (token !== "text") {
      this.flow.add(this.to, token);
      return;
    }
    for (const unit of this.functions) this.flow.add(this.to, unit);
    this.flow.add(this.to, "native");
  }
}

/** Marks a site when a handle reaches its receiver. */
export class HandleWatcher implements Watcher {
  private readonly flow: Flow;
  private readonly site: Site;
  private readonly method: { readonly suspends: boolean; readonly makesHandle: boolean };
  private readonly result: FlowNode;

  constructor(flow: Flow, site: Site, method: HandleWatcher["method"], result: FlowNode) {
    this.flow = flow;
    this.site = site;
    this.method = method;
    this.result = result;
  }

  arrives(token: Token): void {
    if (token !== "handle") return;
    if (this.method.suspends) this.site.isHandle = true;
    if (this.method.makesHandle) this.flow.add(this.result, "handle");
  }
}
