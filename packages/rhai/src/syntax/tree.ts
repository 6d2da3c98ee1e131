/** The syntax tree of a script: plain data. Every `at` is an offset in UTF-16 units into the source: the place that errors
 *  about the node name. `start` and `end` span the node's text. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

interface NodeBase extends Span {
  /** Where native Rhai places an error about this node. */
  readonly at: number;
}

/** A name and its place. */
export interface Name {
  readonly text: string;
  readonly at: number;
}

export interface Program {
  readonly body: readonly Statement[];
  /** In the order of the text; hoisted. */
  readonly functions: readonly FunctionDeclaration[];
}

export interface FunctionDeclaration extends NodeBase {
  readonly kind: "function";
  readonly name: string;
  /** Offset of the name; `at` is `fn`. */
  readonly nameAt: number;
  readonly params: readonly Name[];
  /** Type of `this` in `fn int.name()`, `fn "Type Name".name()`; as `type_of` writes it ("i64", "string", "map"). */
  readonly thisType: string | undefined;
  readonly isPrivate: boolean;
  readonly body: Block;
  /** Doc comments before it, as written. */
  readonly doc: string;
}

export interface Block extends NodeBase {
  readonly kind: "block";
  readonly body: readonly Statement[];
  /** Offset of the closing brace. */
  readonly close: number;
}

export type Statement =
  | LetStatement
  | AssignStatement
  | ExpressionStatement
  | ReturnStatement
  | ThrowStatement
  | BreakStatement
  | ContinueStatement
  | TryStatement
  | ImportStatement
  | ExportStatement
  | EmptyStatement;

export interface LetStatement extends NodeBase {
  readonly kind: "let";
  readonly name: Name;
  readonly isConst: boolean;
  readonly isExported: boolean;
  readonly value: Expression | undefined;
}

/** `+` for `+=`; "" for `=`. */
export type AssignOperator = "" | BinaryOperator;

export interface AssignStatement extends NodeBase {
  readonly kind: "assign";
  readonly target: Expression;
  readonly operator: AssignOperator;
  /** Offset of the operator. */
  readonly operatorAt: number;
  readonly value: Expression;
}

export interface ExpressionStatement extends NodeBase {
  readonly kind: "expression";
  readonly expression: Expression;
}

export interface ReturnStatement extends NodeBase {
  readonly kind: "return";
  readonly value: Expression | undefined;
}

export interface ThrowStatement extends NodeBase {
  readonly kind: "throw";
  readonly value: Expression | undefined;
}

export interface BreakStatement extends NodeBase {
  readonly kind: "break";
  readonly value: Expression | undefined;
}

export interface ContinueStatement extends NodeBase {
  readonly kind: "continue";
}

export interface TryStatement extends NodeBase {
  readonly kind: "try";
  readonly body: Block;
  readonly variable: Name | undefined;
  readonly handler: Block;
}

export interface ImportStatement extends NodeBase {
  readonly kind: "import";
  readonly path: Expression;
  readonly alias: Name | undefined;
}

export interface ExportStatement extends NodeBase {
  readonly kind: "export";
  readonly name: Name;
  readonly alias: Name | undefined;
}

/** A lone `;`. */
export interface EmptyStatement extends NodeBase {
  readonly kind: "empty";
}

export type Expression =
  | LiteralExpression
  | InterpolationExpression
  | ArrayExpression
  | MapExpression
  | VariableExpression
  | ThisExpression
  | CallExpression
  | MethodExpression
  | PropertyExpression
  | IndexExpression
  | UnaryExpression
  | BinaryExpression
  | ClosureExpression
  | BlockExpression
  | IfExpression
  | SwitchExpression
  | WhileExpression
  | LoopExpression
  | DoExpression
  | ForExpression;

/** A literal's value: `unit` has none. An int beyond 2^53 is a bigint. */
export type Literal =
  | { readonly type: "unit" }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int"; readonly value: number | bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "char"; readonly value: string }
  | { readonly type: "string"; readonly value: string };

export interface LiteralExpression extends NodeBase {
  readonly kind: "literal";
  readonly literal: Literal;
}

/** Text parts are string literals; the others are blocks. */
export interface InterpolationExpression extends NodeBase {
  readonly kind: "interpolation";
  readonly parts: readonly Expression[];
}

export interface ArrayExpression extends NodeBase {
  readonly kind: "array";
  readonly items: readonly Expression[];
}

export interface MapExpression extends NodeBase {
  readonly kind: "map";
  readonly entries: readonly { readonly key: Name; readonly value: Expression }[];
}

export interface VariableExpression extends NodeBase {
  readonly kind: "variable";
  readonly name: string;
  /** `a::b::name` has the namespace a, b. */
  readonly namespace: readonly Name[];
}

export interface ThisExpression extends NodeBase {
  readonly kind: "this";
}

/** `name(…)`, `a::name(…)`, `name!(…)`. Keyword functions (`Fn`, `eval`, `print`, `is_def_var`, …) are calls too. */
export interface CallExpression extends NodeBase {
  readonly kind: "call";
  readonly name: string;
  readonly namespace: readonly Name[];
  readonly args: readonly Expression[];
  /** `name!(…)`: runs in the scope of the caller. */
  readonly isCapturing: boolean;
}

/** `target.name(…)`, `target?.name(…)`. `at` is the name. */
export interface MethodExpression extends NodeBase {
  readonly kind: "method";
  readonly target: Expression;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly isElvis: boolean;
  /** Offset of `.` or `?.`. */
  readonly dotAt: number;
}

/** `target.name`, `target?.name`. `at` is the name. */
export interface PropertyExpression extends NodeBase {
  readonly kind: "property";
  readonly target: Expression;
  readonly name: string;
  readonly isElvis: boolean;
  readonly dotAt: number;
}

/** `target[index]`, `target?[index]`. `at` is the bracket. */
export interface IndexExpression extends NodeBase {
  readonly kind: "index";
  readonly target: Expression;
  readonly index: Expression;
  readonly isElvis: boolean;
}

export interface UnaryExpression extends NodeBase {
  readonly kind: "unary";
  readonly operator: "-" | "+" | "!";
  readonly operand: Expression;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "**"
  | "<<"
  | ">>"
  | "&"
  | "|"
  | "^"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in"
  | "!in"
  | "&&"
  | "||"
  | "??"
  | ".."
  | "..=";

/** `at` is the operator. */
export interface BinaryExpression extends NodeBase {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `|a, b| body`. A body that is no block is a block with one statement. */
export interface ClosureExpression extends NodeBase {
  readonly kind: "closure";
  readonly params: readonly Name[];
  readonly body: Block;
}

export interface BlockExpression extends NodeBase {
  readonly kind: "block-expression";
  readonly block: Block;
}

export interface IfExpression extends NodeBase {
  readonly kind: "if";
  readonly condition: Expression;
  readonly then: Block;
  /** `else if` is a block with one statement. */
  readonly otherwise: Block | undefined;
}

export type SwitchPattern =
  | { readonly kind: "value"; readonly value: Expression }
  | {
      readonly kind: "range";
      readonly from: number | bigint;
      readonly to: number | bigint;
      readonly isInclusive: boolean;
    };

export interface SwitchArm extends Span {
  /** None: `_`. */
  readonly patterns: readonly SwitchPattern[];
  readonly guard: Expression | undefined;
  readonly body: Expression | Statement;
}

export interface SwitchExpression extends NodeBase {
  readonly kind: "switch";
  readonly value: Expression;
  readonly arms: readonly SwitchArm[];
}

export interface WhileExpression extends NodeBase {
  readonly kind: "while";
  readonly condition: Expression;
  readonly body: Block;
}

export interface LoopExpression extends NodeBase {
  readonly kind: "loop";
  readonly body: Block;
}

export interface DoExpression extends NodeBase {
  readonly kind: "do";
  readonly body: Block;
  readonly condition: Expression;
  /** `do … until`. */
  readonly isUntil: boolean;
}

export interface ForExpression extends NodeBase {
  readonly kind: "for";
  readonly variable: Name;
  readonly counter: Name | undefined;
  readonly iterable: Expression;
  readonly body: Block;
}
