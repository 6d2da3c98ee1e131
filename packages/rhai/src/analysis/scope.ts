/** Scopes: finds what each name in a program means. Rhai's variables are lexical; functions see nothing of outside. */
import {
  type AssignStatement,
  type Block,
  type CallExpression,
  type ClosureExpression,
  type ExportStatement,
  type Expression,
  type ForExpression,
  type FunctionDeclaration,
  type ImportStatement,
  type MethodExpression,
  type Name,
  type Program,
  type Statement,
  type SwitchExpression,
  type TryStatement,
  type VariableExpression,
} from "../syntax/tree.ts";
import {
  type Alias,
  type Binding,
  type BindingKind,
  type Declaring,
  type Scopes,
  type Unit,
  type Use,
} from "./binding.ts";
import { isMutating, mayChange } from "./mutators.ts";
import { armStatement, blocksOf, expressionsOf, operands } from "./walk.ts";

export interface ScopeOptions {
  /** Names of variables that the caller gives. */
  readonly given?: readonly string[];
  /** The program runs in a scope of its caller: `eval`. Its main is dynamic. */
  readonly isDynamic?: boolean;
}

/** Resolves every name of a program. The tables' keys are the nodes themselves. */
export function analyseScopes(program: Program, options: ScopeOptions = {}): Scopes {
  const resolver = new Resolver(program);
  return resolver.run(options);
}

interface Frame {
  readonly unit: Unit;
  /** Innermost last. */
  readonly variables: Binding[];
  /** The same by name. */
  readonly named: Map<string, Binding[]>;
  readonly aliases: Alias[];
  readonly parent: Frame | undefined;
  /** How many blocks are open; 0 is the unit's own level. */
  level: number;
}

class Resolver {
  readonly program: Program;
  readonly units: Unit[] = [];
  readonly functions = new Map<string, Unit[]>();
  readonly byName = new Map<string, Unit[]>();
  readonly unitOf = new Map<FunctionDeclaration | ClosureExpression, Unit>();
  readonly uses = new Map<VariableExpression, Use>();
  readonly declared = new Map<Declaring, Binding>();
  readonly counters = new Map<ForExpression, Binding>();
  readonly exported = new Map<ExportStatement, Binding>();
  readonly aliases = new Map<ImportStatement, Alias>();
  readonly modules = new Map<CallExpression, Alias>();
  readonly visible = new Map<CallExpression, readonly Binding[]>();
  readonly owner = new Map<CallExpression | MethodExpression, Unit>();
  bindingCount = 0;
  /** Imports at the top of main: functions see them too. */
  readonly topAliases: Alias[] = [];

  constructor(program: Program) {
    this.program = program;
  }

  run(options: ScopeOptions): Scopes {
    const main = this.unit("main", "", this.program, undefined);
    main.isDynamic = options.isDynamic ?? false;
    for (const node of this.program.functions) this.function(node);
    const frame: Frame = {
      unit: main,
      variables: [],
      named: new Map(),
      aliases: [],
      parent: undefined,
      level: 0,
    };
    const given = (options.given ?? []).map((name) => this.declare(frame, { text: name, at: 0 }, "given"));
    this.statements(this.program.body, frame);
    for (const node of this.program.functions) this.functionBody(node);
    return {
      units: this.units,
      main,
      functions: this.functions,
      unitOf: this.unitOf,
      uses: this.uses,
      declared: this.declared,
      counters: this.counters,
      exported: this.exported,
      aliases: this.aliases,
      modules: this.modules,
      visible: this.visible,
      owner: this.owner,
      given,
    };
  }

  unit(kind: Unit["kind"], name: string, node: Unit["node"], parent: Unit | undefined): Unit {
    const body = "functions" in node ? node.body : node.body.body;
    const unit: Unit = {
      id: this.units.length,
      kind,
      name,
      node,
      body,
      parent,
      params: [],
      captures: [],
      missing: [],
      bindings: [],
      isDynamic: false,
      changesThis: false,
    };
    this.units.push(unit);
    return unit;
  }

  function(node: FunctionDeclaration): void {
    const unit = this.unit("function", node.name, node, undefined);
    this.unitOf.set(node, unit);
    const key = `${node.name}/${node.params.length}`;
    this.functions.set(key, [...(this.functions.get(key) ?? []), unit]);
    this.byName.set(node.name, [...(this.byName.get(node.name) ?? []), unit]);
  }

  functionBody(node: FunctionDeclaration): void {
    const unit = this.unitOf.get(node);
    if (unit === undefined) return;
    const frame: Frame = {
      unit,
      variables: [],
      named: new Map(),
      aliases: [...this.topAliases],
      parent: undefined,
      level: 0,
    };
    for (const name of node.params) unit.params.push(this.declare(frame, name, "param"));
    this.statements(node.body.body, frame);
  }

  declare(frame: Frame, name: Name, kind: BindingKind, outer?: Binding): Binding {
    const { unit } = frame;
    const binding: Binding = {
      id: this.bindingCount++,
      name: name.text,
      kind,
      isConst: kind === "const",
      unit,
      at: name.at,
      outer,
      isGlobal: unit.kind === "main" && frame.level === 0,
      isShared: kind === "capture",
      isAssigned: false,
    };
    unit.bindings.push(binding);
    frame.variables.push(binding);
    const others = frame.named.get(name.text);
    if (others === undefined) frame.named.set(name.text, [binding]);
    else others.push(binding);
    return binding;
  }

  /** The innermost variables go out of scope. */
  forget(frame: Frame, length: number): void {
    while (frame.variables.length > length) {
      const binding = frame.variables.pop();
      if (binding !== undefined) frame.named.get(binding.name)?.pop();
    }
  }

  /** Statements of a block with its own scope. */
  block(node: Block, frame: Frame): void {
    this.scoped(frame, () => this.statements(node.body, frame));
  }

  scoped(frame: Frame, inside: () => void): void {
    const { length } = frame.variables;
    const aliasCount = frame.aliases.length;
    frame.level++;
    inside();
    frame.level--;
    this.forget(frame, length);
    frame.aliases.length = aliasCount;
  }

  statements(body: readonly Statement[], frame: Frame): void {
    for (const node of body) this.statement(node, frame);
  }

  // oxlint-disable-next-line complexity -- one case per kind of node
  statement(node: Statement, frame: Frame): void {
    for (const expression of expressionsOf(node)) this.expression(expression, frame);
    switch (node.kind) {
      case "let":
        this.declared.set(node, this.declare(frame, node.name, node.isConst ? "const" : "let"));
        return;
      case "assign":
        this.assign(node, frame);
        return;
      case "try":
        this.try(node, frame);
        return;
      case "import":
        this.import(node, frame);
        return;
      case "export": {
        const binding = this.find(node.name.text, frame);
        if (binding !== undefined) this.exported.set(node, binding);
        return;
      }
      case "expression":
      case "return":
      case "throw":
      case "break":
      case "continue":
      case "empty":
    }
  }

  assign(node: AssignStatement, frame: Frame): void {
    this.changes(node.target, frame);
  }

  /** The variable at the base of a place may be changed by what is done to the place. */
  changes(place: Expression, frame: Frame): void {
    const base = baseOf(place);
    if (base.kind === "this") frame.unit.changesThis = true;
    if (base.kind !== "variable") return;
    const use = this.uses.get(base);
    if (use?.kind !== "binding") return;
    for (let b: Binding | undefined = use.binding; b !== undefined; b = b.outer) b.isAssigned = true;
  }

  try(node: TryStatement, frame: Frame): void {
    this.block(node.body, frame);
    this.scoped(frame, () => {
      if (node.variable !== undefined) this.declared.set(node, this.declare(frame, node.variable, "catch"));
      this.block(node.handler, frame);
    });
  }

  import(node: ImportStatement, frame: Frame): void {
    if (node.alias === undefined) return;
    const isTop = frame.unit.kind === "main" && frame.level === 0;
    const alias: Alias = { id: this.aliases.size, name: node.alias.text, node, unit: frame.unit, isTop };
    this.aliases.set(node, alias);
    frame.aliases.push(alias);
    if (isTop) this.topAliases.push(alias);
  }

  // oxlint-disable-next-line complexity -- one case per kind of node
  expression(node: Expression, frame: Frame): void {
    for (const operand of operands(node)) this.expression(operand, frame);
    switch (node.kind) {
      case "variable":
        this.uses.set(node, this.use(node, frame));
        return;
      case "call":
        this.call(node, frame);
        return;
      case "method":
        this.owner.set(node, frame.unit);
        if (mayChange(node.name) || this.functions.has(`${node.name}/${node.args.length}`))
          this.changes(node.target, frame);
        return;
      case "closure":
        this.closure(node, frame);
        return;
      case "switch":
        this.switch(node, frame);
        return;
      case "for":
        this.for(node, frame);
        return;
      case "if":
      case "while":
      case "loop":
      case "do":
      case "block-expression":
        for (const block of blocksOf(node)) this.block(block, frame);
        return;
      case "literal":
      case "interpolation":
      case "array":
      case "map":
      case "this":
      case "property":
      case "index":
      case "unary":
      case "binary":
    }
  }

  call(node: CallExpression, frame: Frame): void {
    this.owner.set(node, frame.unit);
    const [first] = node.args;
    // Functions of the script get copies, a library function that changes its first argument gets the variable.
    if (first !== undefined && isMutating(node.name)) this.changes(first, frame);
    const [root] = node.namespace;
    if (root !== undefined) {
      const alias = frame.aliases.findLast((one) => one.name === root.text);
      if (alias !== undefined) this.modules.set(node, alias);
      return;
    }
    if (node.name === "eval" || node.isCapturing) frame.unit.isDynamic = true;
    if (node.name === "is_def_var" || node.isCapturing) this.visible.set(node, [...frame.variables]);
  }

  closure(node: ClosureExpression, frame: Frame): void {
    const unit = this.unit("closure", "", node, frame.unit);
    this.unitOf.set(node, unit);
    const inner: Frame = {
      unit,
      variables: [],
      named: new Map(),
      aliases: [...frame.aliases],
      parent: frame,
      level: 0,
    };
    for (const name of node.params) unit.params.push(this.declare(inner, name, "param"));
    this.statements(node.body.body, inner);
  }

  switch(node: SwitchExpression, frame: Frame): void {
    for (const arm of node.arms) {
      this.scoped(frame, () => {
        for (const pattern of arm.patterns)
          if (pattern.kind === "value") this.expression(pattern.value, frame);
        if (arm.guard !== undefined) this.expression(arm.guard, frame);
        this.statement(armStatement(arm), frame);
      });
    }
  }

  for(node: ForExpression, frame: Frame): void {
    this.scoped(frame, () => {
      if (node.counter !== undefined) this.counters.set(node, this.declare(frame, node.counter, "counter"));
      this.declared.set(node, this.declare(frame, node.variable, "loop"));
      this.block(node.body, frame);
    });
  }

  use(node: VariableExpression, frame: Frame): Use {
    const [root] = node.namespace;
    if (root !== undefined) {
      const alias = frame.aliases.findLast((one) => one.name === root.text);
      if (alias !== undefined) return { kind: "module", alias };
      if (root.text === "global") return { kind: "global", name: node.name };
      return { kind: "missing" };
    }
    const binding = this.find(node.name, frame);
    if (binding !== undefined) return { kind: "binding", binding };
    const units = this.byName.get(node.name);
    if (units !== undefined) return { kind: "function", units };
    const late = this.captureLate(node, frame);
    if (late !== undefined) return { kind: "binding", binding: late };
    this.miss(node, frame);
    return { kind: "missing" };
  }

  /** The variable of that name; a closure captures what it finds outside. */
  find(name: string, frame: Frame): Binding | undefined {
    const { unit } = frame;
    const own = frame.named.get(name)?.at(-1) ?? unit.captures.find((one) => one.name === name);
    if (own !== undefined || frame.parent === undefined) return own;
    const outer = this.find(name, frame.parent);
    if (outer === undefined) return undefined;
    const capture = this.declare(frame, { text: name, at: outer.at }, "capture", outer);
    // Under everything that the closure itself declares.
    this.forget(frame, frame.variables.length - 1);
    unit.captures.push(capture);
    // A const is copied into the closure, so it can stay where it is.
    if (!outer.isConst) outer.isShared = true;
    return capture;
  }

  /** A closure in code that finds its variables by name captures what may be there when it is made. */
  captureLate(node: VariableExpression, frame: Frame): Binding | undefined {
    const { parent, unit } = frame;
    if (parent === undefined) return undefined;
    const outer = this.captureLate(node, parent);
    if (outer === undefined && !parent.unit.isDynamic) return undefined;
    const capture = this.declare(frame, { text: node.name, at: node.at }, "capture", outer);
    this.forget(frame, frame.variables.length - 1);
    unit.captures.push(capture);
    return capture;
  }

  miss(node: VariableExpression, frame: Frame): void {
    for (let f: Frame | undefined = frame; f !== undefined && f.unit.kind === "closure"; f = f.parent) {
      if (!f.unit.missing.some((name) => name.text === node.name))
        f.unit.missing.push({ text: node.name, at: node.at });
    }
  }
}

/** The expression that a chain of properties and indices starts from. */
export function baseOf(place: Expression): Expression {
  let base = place;
  while (base.kind === "property" || base.kind === "index") base = base.target;
  return base;
}
