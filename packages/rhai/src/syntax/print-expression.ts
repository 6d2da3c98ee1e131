/** An expression as source text, with parentheses only where the tree needs them. */
import { isIdentifier, keywords, precedence, texts } from "./token.ts";
import {
  type BinaryExpression,
  type Block,
  type ClosureExpression,
  type Expression,
  type IfExpression,
  type InterpolationExpression,
  type Literal,
  type Name,
  type Statement,
  type SwitchArm,
  type SwitchExpression,
  type SwitchPattern,
  type UnaryExpression,
} from "./tree.ts";

export interface PrintContext {
  readonly indent: string;
  readonly nested: {
    readonly block: (block: Block, indent: string) => string;
    readonly statement: (statement: Statement, indent: string) => string;
  };
}

// oxlint-disable-next-line complexity -- one flat table of kinds.
export function printExpression(expression: Expression, context: PrintContext): string {
  const show = (inner: Expression): string => printExpression(inner, context);
  const block = (inner: Block): string => context.nested.block(inner, context.indent);
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression.literal);
    case "interpolation":
      return printInterpolation(expression, context);
    case "array":
      return `[${expression.items.map(show).join(", ")}]`;
    case "map":
      return `#{${expression.entries.map(({ key, value }) => `${printKey(key.text)}: ${show(value)}`).join(", ")}}`;
    case "variable":
      return `${path(expression.namespace)}${expression.name}`;
    case "this":
      return "this";
    case "call": {
      const bang = expression.isCapturing ? "!" : "";
      return `${path(expression.namespace)}${expression.name}${bang}(${expression.args.map(show).join(", ")})`;
    }
    case "method":
      return `${member(expression, context)}(${expression.args.map(show).join(", ")})`;
    case "property":
      return member(expression, context);
    case "index":
      return `${operand(expression.target, context)}${expression.isElvis ? "?[" : "["}${show(expression.index)}]`;
    case "unary":
      return printUnary(expression, context);
    case "binary":
      return printBinary(expression, context);
    case "closure":
      return printClosure(expression, context);
    case "block-expression":
      return block(expression.block);
    case "if":
      return printIf(expression, context);
    case "switch":
      return printSwitch(expression, context);
    case "while":
      return `while ${condition(expression.condition, context)} ${block(expression.body)}`;
    case "loop":
      return `loop ${block(expression.body)}`;
    case "do": {
      const word = expression.isUntil ? "until" : "while";
      return `do ${block(expression.body)} ${word} ${condition(expression.condition, context)}`;
    }
    case "for": {
      const { variable, counter } = expression;
      const names = counter === undefined ? variable.text : `(${variable.text}, ${counter.text})`;
      return `for ${names} in ${condition(expression.iterable, context)} ${block(expression.body)}`;
    }
    default:
      return expression satisfies never;
  }
}

function path(namespace: readonly Name[]): string {
  return namespace.map((name) => `${name.text}::`).join("");
}

function printKey(key: string): string {
  return isIdentifier(key) && !keywords.has(key) ? key : quoted(key, '"');
}

/** Text between quotes, with the escapes of Rhai. */
export function quoted(text: string, quote: '"' | "'"): string {
  let out = quote as string;
  for (const char of text) {
    if (char === quote || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\t") out += "\\t";
    else out += char;
  }
  return out + quote;
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "unit":
      return "()";
    case "bool":
    case "int":
      return String(literal.value);
    case "float":
      return printFloat(literal.value);
    case "char":
      return quoted(literal.value, "'");
    case "string":
      return quoted(literal.value, '"');
    default:
      return literal satisfies never;
  }
}

function printFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (!Number.isFinite(value)) return value < 0 ? "-1e999" : "1e999";
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function printInterpolation(expression: InterpolationExpression, context: PrintContext): string {
  let out = "`";
  for (const part of expression.parts) {
    if (part.kind === "literal" && part.literal.type === "string") {
      const text = part.literal.value.replaceAll("`", "``");
      // The first line break after the back-tick does not count.
      out += out === "`" && /^[\r\n]/.test(text) ? `\n${text}` : text;
    } else out += `$${printExpression(part, context)}`;
  }
  return `${out}\``;
}

function member(
  { target, name, isElvis }: { target: Expression; name: string; isElvis: boolean },
  context: PrintContext,
): string {
  return `${operand(target, context)}${isElvis ? "?." : "."}${name}`;
}

function isNegative(expression: Expression): boolean {
  if (expression.kind !== "literal") return false;
  const { literal } = expression;
  if (literal.type !== "int" && literal.type !== "float") return false;
  return literal.value < 0 || Object.is(literal.value, -0);
}

/** Something that members, indices and operators can follow. */
function operand(expression: Expression, context: PrintContext): string {
  const text = printExpression(expression, context);
  switch (expression.kind) {
    case "literal":
      return isNegative(expression) ? `(${text})` : text;
    case "interpolation":
    case "array":
    case "map":
    case "variable":
    case "this":
    case "call":
    case "method":
    case "property":
    case "index":
      return text;
    case "unary":
    case "binary":
    case "closure":
    case "block-expression":
    case "if":
    case "switch":
    case "while":
    case "loop":
    case "do":
    case "for":
      return `(${text})`;
    default:
      return expression satisfies never;
  }
}

/** A minus right before digits would belong to the number: `-5.abs()` is `(-5).abs()`. */
function printUnary(expression: UnaryExpression, context: PrintContext): string {
  const text = operand(expression.operand, context);
  return /^\d/.test(text) ? `${expression.operator}(${text})` : `${expression.operator}${text}`;
}

function strength(expression: BinaryExpression): number {
  return precedence[texts.indexOf(expression.operator)] ?? 0;
}

function printBinary(expression: BinaryExpression, context: PrintContext): string {
  const own = strength(expression);
  const isRight = expression.operator === "**";
  const side = (inner: Expression, isLeft: boolean): string => {
    if (inner.kind === "binary") {
      const other = strength(inner);
      const isSafe = other > own || (other === own && isLeft !== isRight);
      const text = printExpression(inner, context);
      return isSafe ? text : `(${text})`;
    }
    // Signs bind tighter than all operators between two values.
    if (inner.kind === "unary" || inner.kind === "literal") return printExpression(inner, context);
    return operand(inner, context);
  };
  return `${side(expression.left, true)} ${expression.operator} ${side(expression.right, false)}`;
}

function printClosure({ params, body }: ClosureExpression, context: PrintContext): string {
  const head = `|${params.map((param) => param.text).join(", ")}|`;
  const [only] = body.body;
  const isBlock = only?.kind === "expression" && only.expression.kind === "block-expression";
  if (only === undefined || body.body.length > 1 || isBlock) {
    return `${head} ${context.nested.block(body, context.indent)}`;
  }
  return `${head} ${context.nested.statement(only, context.indent)}`;
}

/** A condition must not start with a brace. */
function condition(expression: Expression, context: PrintContext): string {
  const text = printExpression(expression, context);
  return expression.kind === "block-expression" ? `(${text})` : text;
}

function printIf(expression: IfExpression, context: PrintContext): string {
  let out = "";
  let branch = expression;
  for (;;) {
    const body = context.nested.block(branch.then, context.indent);
    out += `if ${condition(branch.condition, context)} ${body}`;
    const { otherwise } = branch;
    if (otherwise === undefined) return out;
    const [only] = otherwise.body;
    if (otherwise.body.length !== 1 || only?.kind !== "expression" || only.expression.kind !== "if") {
      return `${out} else ${context.nested.block(otherwise, context.indent)}`;
    }
    out += " else ";
    branch = only.expression;
  }
}

function printSwitch(expression: SwitchExpression, context: PrintContext): string {
  const inner = { ...context, indent: `${context.indent}  ` };
  const arms = expression.arms.map((arm) => `${inner.indent}${printArm(arm, inner)},\n`);
  return `switch ${printExpression(expression.value, context)} {\n${arms.join("")}${context.indent}}`;
}

function printArm({ patterns, guard, body }: SwitchArm, context: PrintContext): string {
  const cases = patterns.length === 0 ? "_" : patterns.map((one) => printPattern(one, context)).join(" | ");
  const when = guard === undefined ? "" : ` if ${condition(guard, context)}`;
  return `${cases}${when} => ${printArmBody(body, context)}`;
}

function printPattern(pattern: SwitchPattern, context: PrintContext): string {
  if (pattern.kind === "value") return printExpression(pattern.value, context);
  return `${pattern.from}${pattern.isInclusive ? "..=" : ".."}${pattern.to}`;
}

const statements: ReadonlySet<string> = new Set([
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

function isStatement(body: SwitchArm["body"]): body is Statement {
  return statements.has(body.kind);
}

function printArmBody(body: SwitchArm["body"], context: PrintContext): string {
  return isStatement(body) ? context.nested.statement(body, context.indent) : printExpression(body, context);
}
