/** One walk over all programs: makes the flow's edges and lists the calls that matter. */
import {
  type AssignStatement,
  type Block,
  type Expression,
  type ForExpression,
  type Statement,
} from "../syntax/tree.ts";
import { type Unit } from "./binding.ts";
import { ColourCalls } from "./colour-calls.ts";
import { type FlowNode } from "./flow.ts";
import { armStatement } from "./walk.ts";

export class ColourWalk extends ColourCalls {
  /** Values of `break` of the loops around, innermost last. */
  private breaks: (FlowNode | undefined)[][] = [];

  /** Walks all programs and solves the flow. */
  run(): void {
    for (const scopes of this.programs) {
      this.scopes = scopes;
      for (const unit of scopes.units) if (unit.kind !== "closure") this.unitBody(unit);
    }
    this.nodes.flow.solve();
  }

  /** The result of a unit: its last statement, and what it returns. */
  protected unitBody(unit: Unit): void {
    const { unit: outer, breaks } = this;
    this.unit = unit;
    this.breaks = [];
    const value = this.body(unit.body);
    this.nodes.flow.edge(value, this.nodes.result(unit));
    this.unit = outer;
    this.breaks = breaks;
  }

  /** The value of the last statement. */
  private body(statements: readonly Statement[]): FlowNode | undefined {
    let value: FlowNode | undefined;
    for (const statement of statements) value = this.statement(statement);
    return value;
  }

  private block(block: Block): FlowNode | undefined {
    return this.body(block.body);
  }

  private statement(node: Statement): FlowNode | undefined {
    const { flow, heap } = this.nodes;
    switch (node.kind) {
      case "expression":
        return this.value(node.expression);
      case "let": {
        const value = node.value === undefined ? undefined : this.value(node.value);
        const binding = this.scopes.declared.get(node);
        if (binding !== undefined) flow.edge(value, this.nodes.binding(binding));
        if (node.isExported) flow.edge(value, heap);
        return undefined;
      }
      case "assign":
        this.assign(node);
        return undefined;
      case "return":
        if (node.value !== undefined) flow.edge(this.value(node.value), this.nodes.result(this.unit));
        return undefined;
      case "throw":
        if (node.value !== undefined) flow.edge(this.value(node.value), heap);
        return undefined;
      case "break":
        if (node.value !== undefined) this.breaks.at(-1)?.push(this.value(node.value));
        return undefined;
      case "try": {
        this.block(node.body);
        const binding = this.scopes.declared.get(node);
        if (binding !== undefined) flow.edge(heap, this.nodes.binding(binding));
        this.block(node.handler);
        return undefined;
      }
      case "import":
        this.value(node.path);
        this.importModule(node);
        return undefined;
      case "export": {
        const binding = this.scopes.exported.get(node);
        if (binding !== undefined) flow.edge(this.nodes.binding(binding), heap);
        return undefined;
      }
      case "continue":
      case "empty":
        return undefined;
      default:
        return node satisfies never;
    }
  }

  private assign(node: AssignStatement): void {
    const { flow, heap, text } = this.nodes;
    const value = this.value(node.value);
    const { target } = node;
    // `+=` adds to a text or to an array.
    if (node.operator !== "") flow.edge(value, heap);
    const stored = node.operator === "" ? value : text;
    const place = this.value(target);
    if (target.kind === "property") flow.edge(stored, this.nodes.key(target.name));
    else if (target.kind === "index") {
      const key = textOf(target.index);
      flow.edge(stored, key === undefined ? this.nodes.anyKey : this.nodes.key(key));
    } else flow.edge(stored, place ?? heap);
  }

  /** Where functions and handles in the value of an expression come from; undefined: it has none. */
  // oxlint-disable-next-line complexity, max-lines-per-function -- one flat table of kinds.
  protected value(node: Expression): FlowNode | undefined {
    const { flow, heap, text } = this.nodes;
    switch (node.kind) {
      case "literal":
        return node.literal.type === "string" ? this.named(node.literal.value) : undefined;
      case "interpolation":
        for (const part of node.parts) this.value(part);
        return text;
      case "array":
        // What is read from a container comes from the heap; the container itself is nothing.
        for (const item of node.items) flow.edge(this.value(item), heap);
        return undefined;
      case "map":
        for (const { key, value } of node.entries) flow.edge(this.value(value), this.nodes.key(key.text));
        return undefined;
      case "variable":
        return this.variable(node);
      case "this":
        return this.nodes.self(this.unit);
      case "call":
        return this.call(node);
      case "method":
        return this.method(node);
      case "property":
        this.value(node.target);
        return this.nodes.read(node.name);
      case "index": {
        this.value(node.target);
        this.value(node.index);
        const key = textOf(node.index);
        return key === undefined ? heap : this.nodes.read(key);
      }
      case "unary":
        this.value(node.operand);
        return undefined;
      case "binary": {
        const left = this.value(node.left);
        const right = this.value(node.right);
        if (node.operator === "??") return flow.join([left, right]);
        if (node.operator === "in" || node.operator === "!in") this.contains(node, right, left);
        return node.operator === "+" ? text : undefined;
      }
      case "closure": {
        const unit = this.scopes.unitOf.get(node);
        if (unit === undefined) return undefined;
        this.unitBody(unit);
        return this.nodes.functionsNode([unit]);
      }
      case "block-expression":
        return this.block(node.block);
      case "if": {
        this.value(node.condition);
        const then = this.block(node.then);
        return flow.join([then, node.otherwise === undefined ? undefined : this.block(node.otherwise)]);
      }
      case "switch": {
        this.value(node.value);
        const values = node.arms.map((arm) => {
          if (arm.guard !== undefined) this.value(arm.guard);
          return this.statement(armStatement(arm));
        });
        return flow.join(values);
      }
      case "while":
      case "do":
        this.value(node.condition);
        return this.loop(node.body);
      case "loop":
        return this.loop(node.body);
      case "for":
        return this.for(node);
      default:
        return node satisfies never;
    }
  }

  private loop(body: Block): FlowNode | undefined {
    const values: (FlowNode | undefined)[] = [];
    this.breaks.push(values);
    this.block(body);
    this.breaks.pop();
    return this.nodes.flow.join(values);
  }

  private for(node: ForExpression): FlowNode | undefined {
    this.value(node.iterable);
    const isRange =
      node.iterable.kind === "binary" &&
      (node.iterable.operator === ".." || node.iterable.operator === "..=");
    const binding = this.scopes.declared.get(node);
    if (binding !== undefined && !isRange) this.nodes.flow.edge(this.nodes.heap, this.nodes.binding(binding));
    return this.loop(node.body);
  }

  private variable(node: Extract<Expression, { kind: "variable" }>): FlowNode | undefined {
    const use = this.scopes.uses.get(node);
    if (use?.kind === "binding") return this.nodes.binding(use.binding);
    if (use?.kind === "function") return this.nodes.functionsNode(use.units);
    if (use?.kind === "module") return this.nodes.heap;
    if (use?.kind === "global") {
      const globals = this.scopes.main.bindings.filter((one) => one.isGlobal && one.name === use.name);
      return this.nodes.flow.join(globals.map((binding) => this.nodes.binding(binding)));
    }
    // Only `eval` and calls in the scope of the caller can make it there.
    return this.isOpen ? this.nodes.heap : undefined;
  }
}

/** A text that is known. */
function textOf(node: Expression): string | undefined {
  return node.kind === "literal" && node.literal.type === "string" ? node.literal.value : undefined;
}
