/** Types of variables and expressions. Flow-insensitive: one type a variable, the join of all that it is ever given; the
 *  types of parameters come from all the calls if every call can be seen. Rhai's containers are values, so what is pushed
 *  into an array variable says what is in it. */
import {
  type AssignStatement,
  type Block,
  type CallExpression,
  type ClosureExpression,
  type Expression,
  type ForExpression,
  type MethodExpression,
  type Statement,
  type SwitchExpression,
} from "../syntax/tree.ts";
import { type Binding, type Scopes, type Unit } from "./binding.ts";
import { callbackParams, callbackResult } from "./callback-types.ts";
import { changedType, methodType, propertyType } from "./library-types.ts";
import { namedUnits, openUnits, opensAll } from "./open-functions.ts";
import { binaryType, elementType, indexType, unaryType } from "./operator-types.ts";
import { baseOf } from "./scope.ts";
import {
  ANY,
  array,
  BOOL,
  CHAR,
  COUNT,
  FLOAT,
  FN,
  INT,
  int,
  isSame,
  join,
  MAP,
  NEVER,
  STRING,
  type Type,
  UNIT,
  widen,
} from "./type.ts";
import { armStatement } from "./walk.ts";

export interface TypeOptions {
  /** Functions can be called from outside of the program: by other modules, or by name from the host. */
  readonly hasCallers: boolean;
  /** Is it a function of the host, by `name/arity`? Whatever the library has under that name is not meant then. */
  readonly isHost?: (key: string) => boolean;
}

export interface Types {
  /** `any` where nothing is known. Never `never`: code that is not reached has any type. */
  of(node: Expression): Type;
  ofBinding(binding: Binding): Type;
}

/** Everything has any type: what is used without optimisation. */
export const untyped: Types = { of: () => ANY, ofBinding: () => ANY };

export function inferTypes(scopes: Scopes, options: TypeOptions): Types {
  const inference = new Inference(scopes, options);
  inference.run();
  return {
    of: (node) => known(inference.expressions.get(node)),
    ofBinding: (binding) => known(inference.bindings.get(binding)),
  };
}

function known(type: Type | undefined): Type {
  return type === undefined || type.tag === "never" ? ANY : type;
}

/** Passes before bounds of ints are widened, and the limit that no program should reach. */
const PASSES_EXACT = 3;
const PASSES_MAX = 40;

class Inference {
  readonly scopes: Scopes;
  readonly bindings = new Map<Binding, Type>();
  readonly results = new Map<Unit, Type>();
  readonly expressions = new Map<Expression, Type>();
  readonly hasCallers: boolean;
  readonly isHost: (key: string) => boolean;
  unit: Unit;
  /** Types that `break` gives, of the loops around. */
  readonly breaks: Type[] = [];
  pass = 0;
  hasChanged = false;

  constructor(scopes: Scopes, options: TypeOptions) {
    this.scopes = scopes;
    this.unit = scopes.main;
    this.hasCallers = options.hasCallers;
    this.isHost = options.isHost ?? (() => false);
  }

  run(): void {
    for (const unit of this.scopes.units) this.start(unit);
    const open = this.hasCallers ? "all" : openUnits(this.scopes);
    this.openAll(open === "all" ? this.scopes.units : open);
    do {
      this.hasChanged = false;
      this.pass++;
      for (const unit of this.scopes.units) {
        this.unit = unit;
        this.result(unit, this.body(unit.body));
      }
    } while (this.hasChanged && this.pass < PASSES_MAX);
    // Not at rest: nothing that was found may be relied on.
    if (!this.hasChanged) return;
    this.bindings.clear();
    this.expressions.clear();
  }

  /** What is not for us to see. */
  start(unit: Unit): void {
    for (const binding of unit.bindings) {
      const isHidden =
        unit.isDynamic ||
        binding.isShared ||
        binding.kind === "given" ||
        binding.kind === "capture" ||
        binding.kind === "catch";
      if (isHidden) this.bindings.set(binding, ANY);
    }
  }

  /** Anything may be given to these functions. */
  openAll(units: readonly Unit[]): void {
    for (const unit of units) for (const param of unit.params) this.give(param, ANY);
  }

  give(binding: Binding, type: Type): void {
    const last = this.bindings.get(binding) ?? NEVER;
    const next = this.grown(last, type);
    if (next !== last) this.bindings.set(binding, next);
  }

  result(unit: Unit, type: Type): void {
    const last = this.results.get(unit) ?? NEVER;
    const next = this.grown(last, type);
    if (next !== last) this.results.set(unit, next);
  }

  grown(last: Type, type: Type): Type {
    const joined = join(last, type);
    if (isSame(joined, last)) return last;
    this.hasChanged = true;
    return this.pass > PASSES_EXACT ? widen(last, joined) : joined;
  }

  /** Type of the value of a block: that of its last statement. */
  body(body: readonly Statement[]): Type {
    let type: Type = UNIT;
    // A lone `;` is no statement of its own.
    for (const statement of body) if (statement.kind !== "empty") type = this.statement(statement);
    return type;
  }

  block(node: Block | undefined): Type {
    return node === undefined ? UNIT : this.body(node.body);
  }

  // oxlint-disable-next-line complexity -- one case per kind of node
  statement(node: Statement): Type {
    switch (node.kind) {
      case "let": {
        const type = node.value === undefined ? UNIT : this.expression(node.value);
        const binding = this.scopes.declared.get(node);
        if (binding !== undefined) this.give(binding, type);
        return UNIT;
      }
      case "assign":
        this.assign(node);
        return UNIT;
      case "expression":
        return this.expression(node.expression);
      case "return":
        this.result(this.unit, node.value === undefined ? UNIT : this.expression(node.value));
        return NEVER;
      case "throw":
        if (node.value !== undefined) this.expression(node.value);
        return NEVER;
      case "break":
        this.break(node.value === undefined ? UNIT : this.expression(node.value));
        return NEVER;
      case "continue":
        return NEVER;
      case "try":
        this.block(node.body);
        this.block(node.handler);
        return UNIT;
      case "import":
        this.expression(node.path);
        return UNIT;
      case "export":
        return UNIT;
      case "empty":
        return UNIT;
      default:
        return node satisfies never;
    }
  }

  break(type: Type): void {
    const last = this.breaks.pop();
    if (last !== undefined) this.breaks.push(join(last, type));
  }

  assign(node: AssignStatement): void {
    const value = this.expression(node.value);
    const target = this.expression(node.target);
    const type = node.operator === "" ? value : this.operated(node, target, value);
    this.store(node.target, () => type);
  }

  operated(node: AssignStatement, target: Type, value: Type): Type {
    if (node.operator === "") return value;
    if (node.operator === "+" && target.tag === "array") {
      return array(join(target.item, value.tag === "array" ? value.item : value));
    }
    return binaryType(node.operator, target, value);
  }

  /** A place gets a new value, made from its old one. */
  store(place: Expression, change: (old: Type) => Type): void {
    const base = baseOf(place);
    if (base.kind !== "variable") return;
    const use = this.scopes.uses.get(base);
    if (use?.kind !== "binding") return;
    const type = this.bindings.get(use.binding) ?? NEVER;
    this.give(use.binding, this.stored(place, type, change));
  }

  /** The base of a place after a change of the place. */
  stored(place: Expression, base: Type, change: (old: Type) => Type): Type {
    if (place.kind === "property" || place.kind === "index") {
      return this.stored(place.target, base, (old) => inside(place, old, change));
    }
    return change(base);
  }

  expression(node: Expression): Type {
    const type = this.evaluate(node);
    this.expressions.set(node, type);
    return type;
  }

  // oxlint-disable-next-line complexity -- one case per kind of node
  evaluate(node: Expression): Type {
    switch (node.kind) {
      case "literal":
        this.openAll(namedUnits(this.scopes, node));
        return literalType(node);
      case "interpolation":
        for (const part of node.parts) this.expression(part);
        return STRING;
      case "array":
        return array(node.items.reduce<Type>((type, item) => join(type, this.expression(item)), NEVER));
      case "map":
        for (const { value } of node.entries) this.expression(value);
        return MAP;
      case "variable":
        return this.variable(node);
      case "this":
        return ANY;
      case "call":
        return this.call(node);
      case "method":
        return this.method(node);
      case "property":
        return this.elvis(node, propertyType(this.expression(node.target), node.name));
      case "index":
        return this.elvis(node, indexType(this.expression(node.target), this.expression(node.index)));
      case "unary":
        return unaryType(node.operator, this.expression(node.operand));
      case "binary":
        return binaryType(node.operator, this.expression(node.left), this.expression(node.right));
      case "closure":
        this.openAll(this.closure(node));
        return FN;
      case "block-expression":
        return this.block(node.block);
      case "if":
        this.expression(node.condition);
        return join(this.block(node.then), this.block(node.otherwise));
      case "switch":
        return this.switch(node);
      case "while":
      case "do":
        this.expression(node.condition);
        return this.loop(node.body);
      case "loop":
        return this.loop(node.body);
      case "for":
        return this.for(node);
      default:
        return node satisfies never;
    }
  }

  elvis(node: { readonly isElvis: boolean }, type: Type): Type {
    return node.isElvis ? ANY : type;
  }

  variable(node: Expression & { kind: "variable" }): Type {
    const use = this.scopes.uses.get(node);
    this.openAll(namedUnits(this.scopes, node));
    if (this.unit.isDynamic || use?.kind !== "binding") return use?.kind === "function" ? FN : ANY;
    return this.bindings.get(use.binding) ?? NEVER;
  }

  loop(body: Block): Type {
    this.breaks.push(UNIT);
    this.block(body);
    return this.breaks.pop() ?? ANY;
  }

  for(node: ForExpression): Type {
    const iterable = this.expression(node.iterable);
    const variable = this.scopes.declared.get(node);
    if (variable !== undefined) this.give(variable, elementType(iterable));
    const counter = this.scopes.counters.get(node);
    if (counter !== undefined) this.give(counter, COUNT);
    return this.loop(node.body);
  }

  switch(node: SwitchExpression): Type {
    this.expression(node.value);
    let type: Type = node.arms.some((arm) => arm.patterns.length === 0) ? NEVER : UNIT;
    for (const arm of node.arms) {
      for (const pattern of arm.patterns) if (pattern.kind === "value") this.expression(pattern.value);
      if (arm.guard !== undefined) this.expression(arm.guard);
      type = join(type, this.statement(armStatement(arm)));
    }
    return type;
  }

  call(node: CallExpression): Type {
    const args = node.args.map((arg) => this.expression(arg));
    if (opensAll(this.scopes, node)) this.openAll(this.scopes.units);
    if (node.namespace.length > 0 || node.isCapturing) return ANY;
    const own = this.scopes.functions.get(`${node.name}/${node.args.length}`);
    if (own !== undefined) return this.callOwn(own, args);
    const [first] = node.args;
    const [type, ...others] = args;
    if (first === undefined || type === undefined) return ANY;
    // In call style a method changes its first argument all the same.
    if (changes(node.name)) this.store(first, (old) => changedType(old, node.name, others));
    if (this.isHost(`${node.name}/${args.length}`)) return ANY;
    return node.name === "range" ? libraryRange(args) : methodType(type, node.name, others);
  }

  callOwn(units: readonly Unit[], args: readonly Type[]): Type {
    let type: Type = NEVER;
    for (const unit of units) {
      unit.params.forEach((param, index) => this.give(param, args[index] ?? ANY));
      type = join(type, this.results.get(unit) ?? NEVER);
    }
    return type;
  }

  method(node: MethodExpression): Type {
    const target = this.expression(node.target);
    const own = this.scopes.functions.get(`${node.name}/${node.args.length}`);
    const [callback, initial] = node.args;
    if (own === undefined && callback?.kind === "closure")
      return this.higher(node, target, callback, initial);
    const args = node.args.map((arg) => this.expression(arg));
    if (opensAll(this.scopes, node)) this.openAll(this.scopes.units);
    if (own !== undefined) {
      this.callOwn(own, args);
      if (own.some((unit) => unit.changesThis)) this.store(node.target, () => ANY);
      return ANY;
    }
    return this.library(node, target, args);
  }

  library(node: MethodExpression, target: Type, args: readonly Type[]): Type {
    if (changes(node.name)) this.store(node.target, (old) => changedType(old, node.name, args));
    if (this.isHost(`${node.name}/${args.length + 1}`)) return ANY;
    return this.elvis(node, methodType(target, node.name, args));
  }

  /** A library method with a closure that is written out. */
  higher(
    node: MethodExpression,
    target: Type,
    callback: ClosureExpression,
    initial: Expression | undefined,
  ): Type {
    const rest = node.args.slice(1).map((arg) => this.expression(arg));
    const units = this.closure(callback);
    this.expressions.set(callback, FN);
    const start = initial === undefined ? UNIT : (rest[0] ?? UNIT);
    const result = units.reduce((type, unit) => join(type, this.results.get(unit) ?? NEVER), NEVER);
    if (target.tag === "never") return NEVER;
    const isHost = this.isHost(`${node.name}/${node.args.length + 1}`);
    const item = target.tag === "array" && !isHost ? target.item : undefined;
    for (const unit of units) {
      const count = unit.params.length;
      const folded = join(start, result);
      const types = item === undefined ? undefined : callbackParams(node.name, count, item, folded);
      if (types === undefined) this.openAll([unit]);
      else unit.params.forEach((param, index) => this.give(param, types[index] ?? ANY));
    }
    const type = this.library(node, target, [FN, ...rest]);
    return item === undefined || node.isElvis ? type : (callbackResult(node.name, result, start) ?? type);
  }

  closure(node: ClosureExpression): readonly Unit[] {
    const unit = this.scopes.unitOf.get(node);
    return unit === undefined ? [] : [unit];
  }
}

/** The container of a place after a change inside of it. */
function inside(place: Expression, container: Type, change: (old: Type) => Type): Type {
  if (place.kind === "property" || container.tag !== "array")
    return container.tag === "int" ? INT : container;
  return array(join(container.item, change(container.item)));
}

function literalType(node: Expression & { kind: "literal" }): Type {
  const { literal } = node;
  switch (literal.type) {
    case "unit":
      return UNIT;
    case "bool":
      return BOOL;
    case "int":
      return typeof literal.value === "number" ? int(literal.value, literal.value) : INT;
    case "float":
      return FLOAT;
    case "char":
      return CHAR;
    case "string":
      return STRING;
    default:
      return literal satisfies never;
  }
}

/** `range(a, b)` is a range; with a step it is a sequence. */
function libraryRange(args: readonly Type[]): Type {
  const [a, b] = args;
  return args.length === 2 && a?.tag === "int" && b?.tag === "int" ? binaryType("..", a, b) : ANY;
}

/** Methods that every use of a typed value may call without changing it. */
const harmless = new Set(
  (
    "len bytes is_empty contains get keys values map filter reduce reduce_rev some all find find_map index_of extract " +
    "zip order order_by order_desc chars to_chars to_blob to_string to_debug to_json starts_with ends_with sub_string " +
    "to_upper to_lower min max to_int to_float abs sign floor ceiling round int fraction sqrt exp ln log sin cos tan " +
    "type_of is_shared bits get_bit get_bits"
  ).split(" "),
);

function changes(name: string): boolean {
  return !harmless.has(name);
}
