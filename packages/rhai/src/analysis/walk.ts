/** Children of a tree node, in the order of evaluation as far as scopes care. */
import { type Block, type Expression, type Statement, type SwitchArm } from "../syntax/tree.ts";

// oxlint-disable-next-line complexity -- one case per kind of node
/** Direct children of an expression that are evaluated in the same scope. Blocks and closures are not entered. */
export function operands(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "interpolation":
      return node.parts;
    case "array":
      return node.items;
    case "map":
      return node.entries.map((entry) => entry.value);
    case "call":
      return node.args;
    case "method":
      return [node.target, ...node.args];
    case "property":
      return [node.target];
    case "index":
      return [node.target, node.index];
    case "unary":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "if":
    case "while":
    case "do":
      return [node.condition];
    case "switch":
      return [node.value];
    case "for":
      return [node.iterable];
    case "literal":
    case "variable":
    case "this":
    case "closure":
    case "block-expression":
    case "loop":
      return [];
  }
}

// oxlint-disable-next-line complexity -- one case per kind of node
/** Blocks right inside an expression, closures' bodies not included. */
export function blocksOf(node: Expression): readonly Block[] {
  switch (node.kind) {
    case "if":
      return node.otherwise === undefined ? [node.then] : [node.then, node.otherwise];
    case "while":
    case "do":
    case "loop":
    case "for":
      return [node.body];
    case "block-expression":
      return [node.block];
    case "literal":
    case "interpolation":
    case "array":
    case "map":
    case "variable":
    case "this":
    case "call":
    case "method":
    case "property":
    case "index":
    case "unary":
    case "binary":
    case "closure":
    case "switch":
      return [];
  }
}

// oxlint-disable-next-line complexity -- one case per kind of node
/** Expressions right inside a statement. */
export function expressionsOf(node: Statement): readonly Expression[] {
  switch (node.kind) {
    case "let":
    case "return":
    case "throw":
    case "break":
      return node.value === undefined ? [] : [node.value];
    case "assign":
      return [node.value, node.target];
    case "expression":
      return [node.expression];
    case "import":
      return [node.path];
    case "continue":
    case "try":
    case "export":
    case "empty":
      return [];
  }
}

/** The body of a switch arm as a statement. */
export function armStatement(arm: SwitchArm): Statement {
  const body = arm.body;
  return isStatement(body)
    ? body
    : { kind: "expression", expression: body, at: body.at, start: body.start, end: body.end };
}

const statementKinds: ReadonlySet<string> = new Set<Statement["kind"]>([
  "let",
  "assign",
  "expression",
  "return",
  "throw",
  "break",
  "continue",
  "try",
  "import",
  "export",
  "empty",
]);

export function isStatement(node: { readonly kind: string }): node is Statement {
  return statementKinds.has(node.kind);
}
