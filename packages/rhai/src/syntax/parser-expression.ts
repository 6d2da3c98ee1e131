/** Operators. */
import { literalSort } from "./literal-sort.ts";
import { PrimaryParser, startPosition } from "./parser-primary.ts";
import * as t from "./token.ts";
import { type BinaryOperator, type Expression, type UnaryExpression } from "./tree.ts";

const lowest = 1;

/** `**` in a row, and operators of growing strength, all expressions around included. */
const rightDepthMax = 200;

export abstract class ExpressionParser extends PrimaryParser {
  /** False while a case of `switch` is parsed: there `|` separates. */
  protected allowsPipe = true;

  protected rightDepth = 0;

  expression(outer: number): Expression {
    const level = this.deeper(outer, this.start);
    return this.binary(level, lowest, this.unary(level));
  }

  private unary(level: number): Expression {
    const at = this.start;
    switch (this.kind) {
      case t.minus: {
        this.next();
        const operand = this.unary(this.deeper(level, at));
        return negated(operand, at) ?? this.unaryOf("-", at, operand);
      }
      case t.plus: {
        this.next();
        const operand = this.unary(this.deeper(level, at));
        const isNumber =
          operand.kind === "literal" && (operand.literal.type === "int" || operand.literal.type === "float");
        return isNumber ? operand : this.unaryOf("+", at, operand);
      }
      case t.bang:
        this.next();
        return this.unaryOf("!", at, this.unary(this.deeper(level, at)));
      default:
        return this.primary(level);
    }
  }

  private unaryOf(operator: UnaryExpression["operator"], at: number, operand: Expression): Expression {
    return { kind: "unary", start: at, end: this.lastEnd, at, operator, operand };
  }

  /** Operators of at least strength `parent` after `left`. Every operator of a chain is one level deeper. */
  private binary(outer: number, parent: number, left: Expression): Expression {
    let level = outer;
    let root = left;
    // Native Rhai says that a chain is too long at the operator before.
    let place = left.at;
    for (;;) {
      const { kind, start: at } = this;
      const strength = this.strength();
      if (strength < parent || (strength === parent && kind !== t.power) || strength === 0) return root;
      this.next();
      let right = this.openEnd(kind, at) ?? this.unary(level);
      const next = this.strength();
      if (next > strength || (next === strength && kind === t.power)) {
        right = this.rightSide(level, strength, right);
      }
      level = this.deeper(level, place);
      place = at;
      const operator = t.texts[kind] as BinaryOperator;
      if (operator === "&&" || operator === "||") {
        this.checkBoolean(right);
        this.checkBoolean(root);
      }
      root = { kind: "binary", start: root.start, end: this.lastEnd, at, operator, left: root, right };
    }
  }

  /** Operators that bind tighter on the right: costs no level, but the stack carries only so many. */
  private rightSide(level: number, strength: number, left: Expression): Expression {
    if (this.rightDepth >= rightDepthMax) {
      this.fail("ExprTooDeep", "Expression exceeds maximum complexity", left.at);
    }
    this.rightDepth += 1;
    const right = this.binary(level, strength, left);
    this.rightDepth -= 1;
    return right;
  }

  /** `from..` before a closing bracket or a comma goes on to the largest integer. */
  private openEnd(operator: number, at: number): Expression | undefined {
    if (operator !== t.range) return undefined;
    if (this.kind !== t.rightBracket && this.kind !== t.rightParen && this.kind !== t.comma) return undefined;
    return { kind: "literal", start: at, end: at, at, literal: { type: "int", value: 2n ** 63n - 1n } };
  }

  /** Binding strength of the current token. */
  private strength(): number {
    const { kind } = this;
    if (kind === t.reserved && !t.isIdentifier(this.text)) {
      this.failHere("UnknownOperator", `Unknown operator: '${this.text}'`);
    }
    if (kind === t.pipe && !this.allowsPipe) return 0;
    return t.precedence[kind] ?? 0;
  }

  // ---- types of literals

  /** `expression` may be a bool at run time. */
  protected checkBoolean(expression: Expression): void {
    const found = literalSort(expression);
    if (found === "" || found === "a boolean") return;
    this.mismatched("a boolean expression", found, expression);
  }

  protected checkIterable(expression: Expression): void {
    const found = literalSort(expression);
    // Strings and arrays can be looped over.
    if (found === "" || found === "a string" || found === "an array") return;
    this.mismatched("an iterable value", found, expression);
  }

  private mismatched(wanted: string, found: string, expression: Expression): never {
    const at = startPosition(expression);
    this.fail("MismatchedType", `Expecting ${wanted}, not ${found}`, at, expression.end);
  }
}

/** `-5`: the literal. */
function negated(operand: Expression, at: number): Expression | undefined {
  if (operand.kind !== "literal") return undefined;
  const { literal, end } = operand;
  if (literal.type === "float") {
    return { kind: "literal", start: at, end, at, literal: { type: "float", value: -literal.value } };
  }
  if (literal.type !== "int") return undefined;
  if (literal.value === -(2n ** 63n)) {
    // One more than the largest integer.
    return { kind: "literal", start: at, end, at, literal: { type: "float", value: 2 ** 63 } };
  }
  const value = typeof literal.value === "bigint" ? -literal.value : 0 - literal.value;
  return { kind: "literal", start: at, end, at, literal: { type: "int", value } };
}
