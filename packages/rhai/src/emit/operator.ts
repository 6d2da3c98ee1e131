/** Operators. */
import {
  type AssignStatement,
  type BinaryExpression,
  type BinaryOperator,
  type Expression,
  type UnaryExpression,
} from "../syntax/tree.ts";
import { boxed, type Code, constant, effect } from "./code.ts";
import { type Frame } from "./frame.ts";
import { emitLowBits } from "./modulo.ts";
import { emitOperands } from "./operands.ts";
import { atom, refined, typedNegation, typedOperation } from "./typed.ts";
import { binaryType } from "../analysis/operator-types.ts";
import { isSafe } from "../analysis/type.ts";

type PlainOperator = Exclude<BinaryOperator, "&&" | "||" | "??" | "in" | "!in" | ".." | "..=">;

const helpers: Record<PlainOperator, string> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "**": "pow",
  "<<": "shl",
  ">>": "shr",
  "&": "bitAnd",
  "|": "bitOr",
  "^": "bitXor",
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};

const comparisons: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(["==", "!=", "<", "<=", ">", ">="]);

export function emitUnary(frame: Frame, node: UnaryExpression): Code {
  const operand = frame.expression(node.operand);
  const typed = typedNegation(node.operator, operand, frame.type(node));
  if (typed !== undefined) return typed;
  if (node.operator === "!") {
    if (operand.form === "bool") return { ...operand, text: `!${operand.text}` };
    return effect(frame.call(node.at, "not", boxed(operand)), "bool");
  }
  return effect(frame.call(node.at, node.operator === "-" ? "neg" : "plus", boxed(operand)));
}

export function emitBinary(frame: Frame, node: BinaryExpression): Code {
  const { operator } = node;
  switch (operator) {
    case "&&":
    case "||":
      return emitLogic(frame, node, operator);
    case "??":
      return emitCoalesce(frame, node);
    case "in":
    case "!in":
      return emitIn(frame, node);
    case "..":
    case "..=": {
      const [from, to] = pair(frame, node.left, node.right);
      return effect(frame.call(node.at, "range", boxed(from), boxed(to), String(operator === "..=")));
    }
    default: {
      const fused = emitLowBits(frame, node) ?? emitModular(frame, node);
      if (fused !== undefined) return fused;
      const [left, right] = pair(frame, node.left, node.right);
      const a = { code: left, type: frame.type(node.left) };
      const b = { code: right, type: frame.type(node.right) };
      const operation = { operator, at: node.at, isAssignment: false, result: frame.type(node) };
      const typed = typedOperation(frame, operation, a, b);
      if (typed !== undefined) return typed;
      const text = frame.call(node.at, helpers[operator], boxed(left), boxed(right));
      return effect(text, comparisons.has(operator) ? "bool" : "value");
    }
  }
}

/** `(a * b + c) % m` of ints whose product may be large. */
function emitModular(frame: Frame, { operator, left, right, at }: BinaryExpression): Code | undefined {
  if (operator !== "%" || left.kind !== "binary") return undefined;
  const product = left.operator === "+" ? left.left : left;
  if (product.kind !== "binary" || product.operator !== "*" || isSafe(frame.type(product))) return undefined;
  const nodes = [product.left, product.right, ...(product === left ? [] : [left.right]), right];
  if (!nodes.every((node) => frame.type(node).tag === "int")) return undefined;
  const [a = "", b = "", ...rest] = emitOperands(frame, nodes).map(boxed);
  const [c, m = ""] = product === left ? ["0", rest[0]] : rest;
  return effect(frame.call(at, "mulAddMod", a, b, c ?? "", m));
}

/** The new value of a place after `place op= value`. */
export function emitOperation(frame: Frame, node: AssignStatement, place: Code, value: Code): Code {
  // Only for assignments with an operator.
  const operator = node.operator as PlainOperator;
  const a = { code: place, type: frame.type(node.target) };
  const b = { code: value, type: frame.type(node.value) };
  const result = binaryType(operator, a.type, b.type);
  const operation = { operator, at: node.operatorAt, isAssignment: true, result };
  const typed = typedOperation(frame, operation, a, b);
  if (typed !== undefined) return typed;
  const text = frame.call(node.operatorAt, `${helpers[operator]}Assign`, boxed(place), boxed(value));
  return refined(effect(text), result);
}

function pair(frame: Frame, first: Expression, second: Expression): [Code, Code] {
  const [a, b] = emitOperands(frame, [first, second]);
  if (a === undefined || b === undefined) throw new Error("an operator without operands");
  return [a, b];
}

/** A JavaScript boolean; throws for other values. */
export function emitCondition(frame: Frame, node: Expression): Code {
  const code = frame.expression(node);
  return code.form === "bool" ? code : effect(frame.call(node.at, "bool", boxed(code)), "bool");
}

function emitLogic(frame: Frame, node: BinaryExpression, operator: "&&" | "||"): Code {
  const left = frame.chapters.condition(frame, node.left);
  const right = frame.collect(() => frame.chapters.condition(frame, node.right));
  if (right.lines.length === 0) return effect(`(${left.text} ${operator} ${right.result.text})`, "bool");
  const name = frame.temp();
  frame.line(`let ${name} = ${left.text};`);
  frame.line(`if (${operator === "&&" ? "" : "!"}${name}) {`);
  frame.append(right.lines);
  frame.line(`${name} = ${right.result.text};`);
  frame.line("}");
  return constant(name, "bool");
}

function emitCoalesce(frame: Frame, node: BinaryExpression): Code {
  const left = frame.expression(node.left);
  if (left.form !== "value") return left;
  const right = frame.collect(() => frame.expression(node.right));
  const isPlace = left.isPlace || right.result.isPlace;
  if (right.lines.length === 0) return effect(`(${left.text} ?? ${boxed(right.result)})`, "value", isPlace);
  const name = frame.temp();
  frame.line(`let ${name} = ${left.text};`);
  frame.line(`if (${name} === undefined) {`);
  frame.append(right.lines);
  frame.line(`${name} = ${boxed(right.result)};`);
  frame.line("}");
  return { ...constant(name), isPlace };
}

/** `item in container` is the call `contains(container, item)`: a function of the script may take its place. */
function emitIn(frame: Frame, node: BinaryExpression): Code {
  const [container, item] = pair(frame, node.right, node.left);
  const own = frame.output.scopes.functions.get("contains/2")?.[0];
  let text: string;
  if (own === undefined) {
    const isKey = frame.type(node.right).tag === "map" && frame.type(node.left).tag === "string";
    text = isKey
      ? `${atom(boxed(container))}.entries.has(${boxed(item)})`
      : frame.call(node.at, "contains", boxed(container), boxed(item));
    return effect(node.operator === "in" ? text : `!${text}`, "bool");
  }
  const args = ["undefined", frame.copied(container), frame.copied(item)];
  text = frame.callFunction(node.at, own, args);
  return node.operator === "in" ? effect(text) : effect(frame.call(node.at, "not", text), "bool");
}
