/** Control expressions: blocks, `if`, `switch`, loops. */
import { ExpressionParser } from "./parser-expression.ts";
import { startPosition } from "./parser-primary.ts";
import { SwitchCases } from "./switch-cases.ts";
import * as t from "./token.ts";
import {
  type Block,
  type DoExpression,
  type Expression,
  type ForExpression,
  type IfExpression,
  type SwitchArm,
  type SwitchExpression,
  type SwitchPattern,
  type LoopExpression,
  type Name,
  type WhileExpression,
} from "./tree.ts";

/** `else if` in a row; native Rhai has no bound. */
const elseIfMax = 500;

interface Branch {
  readonly at: number;
  readonly condition: Expression;
  readonly body: Block;
}

export abstract class ControlParser extends ExpressionParser {
  /** The statement just parsed ends with its brace: nothing has to separate it from the next. */
  protected isSelfTerminated = false;

  protected control(level: number): Expression | undefined {
    switch (this.kind) {
      case t.leftBrace: {
        const block = this.block(this.deeper(level, this.start));
        return { kind: "block-expression", start: block.start, end: block.end, at: block.at, block };
      }
      case t.ifKeyword:
        return this.ifExpression(this.deeper(level, this.start));
      case t.switchKeyword:
        return this.switchExpression(this.deeper(level, this.start));
      case t.whileKeyword:
      case t.loopKeyword:
      case t.doKeyword:
      case t.forKeyword:
        return this.looping ? this.loop(this.deeper(level, this.start)) : undefined;
      default:
        return undefined;
    }
  }

  private loop(level: number): Expression {
    switch (this.kind) {
      case t.whileKeyword:
        return this.whileLoop(level);
      case t.loopKeyword:
        return this.plainLoop(level);
      case t.doKeyword:
        return this.doLoop(level);
      default:
        return this.forLoop(level);
    }
  }

  /** A condition: no block, no literal of another type, no assignment. */
  private condition(level: number): Expression {
    this.refuseBlock();
    const condition = this.expression(level);
    this.checkBoolean(condition);
    if (this.kind === t.assign) {
      this.failLex("ImproperSymbol", "Possibly a typo of '=='?", this.start, this.end);
    }
    if (this.kind >= t.plusAssign && this.kind <= t.caretAssign) {
      this.failLex(
        "ImproperSymbol",
        "Expecting a boolean expression, not an assignment",
        this.start,
        this.end,
      );
    }
    return condition;
  }

  private refuseBlock(): void {
    if (this.kind === t.leftBrace) this.failHere("ExprExpected", "Expecting a boolean expression");
  }

  private ifExpression(level: number): IfExpression {
    const branches: Branch[] = [];
    let otherwise: Block | undefined;
    for (;;) {
      const at = this.start;
      this.next();
      const condition = this.condition(level);
      branches.push({ at, condition, body: this.block(level) });
      if (!this.eat(t.elseKeyword)) break;
      if (this.kind !== t.ifKeyword) {
        otherwise = this.block(level);
        break;
      }
      if (branches.length > elseIfMax) {
        this.fail("ExprTooDeep", "Expression exceeds maximum complexity", this.start);
      }
    }
    const end = this.lastEnd;
    let made: IfExpression | undefined;
    for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
      const { at, condition, body } = branch;
      if (made !== undefined) otherwise = blockAround(made);
      // oxlint-disable-next-line unicorn/no-thenable -- a plain node of the tree, never awaited.
      made = { kind: "if", start: at, end, at, condition, then: body, otherwise };
    }
    // There is at least one branch.
    return made as IfExpression;
  }

  /** The body of a loop. */
  private loopBody(level: number): Block {
    const wasBreakable = this.isBreakable;
    this.isBreakable = true;
    const body = this.block(level);
    this.isBreakable = wasBreakable;
    return body;
  }

  private whileLoop(level: number): WhileExpression {
    const at = this.start;
    this.next();
    const condition = this.condition(level);
    const body = this.loopBody(level);
    return { kind: "while", start: at, end: this.lastEnd, at, condition, body };
  }

  private plainLoop(level: number): LoopExpression {
    const at = this.start;
    this.next();
    const body = this.loopBody(level);
    return { kind: "loop", start: at, end: this.lastEnd, at, body };
  }

  private doLoop(level: number): DoExpression {
    const at = this.start;
    this.next();
    const body = this.loopBody(level);
    const isUntil = this.kind === t.untilKeyword;
    if (!isUntil && this.kind !== t.whileKeyword) this.missing("while", "for the do statement", false);
    this.next();
    const condition = this.condition(level);
    return { kind: "do", start: at, end: this.lastEnd, at, body, condition, isUntil };
  }

  private forLoop(level: number): ForExpression {
    const at = this.start;
    this.next();
    let variable: Name;
    let counter: Name | undefined;
    if (this.eat(t.leftParen)) {
      variable = this.variableName();
      if (!this.eat(t.comma)) this.missing(",", "after the iteration variable name", false);
      counter = this.variableName();
      if (counter.text === variable.text) {
        const message = `Duplicated variable name: ${counter.text}`;
        this.fail("DuplicatedVariable", message, counter.at, this.lastEnd);
      }
      if (!this.eat(t.rightParen)) this.missing(")", "to close the iteration variable", false);
    } else variable = this.variableName();
    if (!this.eat(t.inKeyword)) this.missing("in", "after the iteration variable", true);
    this.refuseBlock();
    const iterable = this.expression(level);
    this.checkIterable(iterable);
    const scope = this.names.length;
    if (counter !== undefined) this.define(counter.text, false);
    this.define(variable.text, false);
    const body = this.loopBody(level);
    this.truncate(scope);
    return { kind: "for", start: at, end: this.lastEnd, at, variable, counter, iterable, body };
  }

  // ---- switch

  private switchExpression(level: number): SwitchExpression {
    const at = this.start;
    this.next();
    const value = this.expression(level);
    if (!this.eat(t.leftBrace)) this.missing("{", "to start a switch block", true);
    const arms: SwitchArm[] = [];
    const cases = new SwitchCases();
    let defaultAt = -1;
    while (!this.eat(t.rightBrace)) {
      if (this.kind === t.eof) this.missing("}", "to end this switch block", false);
      if (defaultAt !== -1) {
        this.fail("WrongSwitchDefaultCase", "Default switch case must be the last", defaultAt, defaultAt + 1);
      }
      if (this.kind === t.underscore) defaultAt = this.start;
      const arm = this.arm(level, cases);
      arms.push(arm);
      if (this.eat(t.comma) || this.kind === t.rightBrace) continue;
      if (this.kind === t.eof) this.missing("}", "to end this switch block", false);
      if (this.kind === t.error) this.failToken();
      if (!this.isSelfTerminated) this.missing(",", "to separate the items in this switch block", false);
    }
    return { kind: "switch", start: at, end: this.lastEnd, at, value, arms };
  }

  private arm(level: number, cases: SwitchCases): SwitchArm {
    const { start } = this;
    let values: readonly Expression[] = [];
    let guard: Expression | undefined;
    if (this.eat(t.underscore)) {
      if (this.kind === t.ifKeyword) {
        this.failHere("WrongSwitchCaseCondition", "This switch case cannot have a condition");
      }
    } else {
      values = this.caseValues(level);
      if (this.eat(t.ifKeyword)) guard = this.condition(level);
    }
    if (!this.eat(t.doubleArrow)) this.missing("=>", "in this switch case", true);
    const statement = this.statement(this.deeper(level, this.start));
    const body = statement.kind === "expression" ? statement.expression : statement;
    const patterns: SwitchPattern[] = [];
    for (const value of values) {
      const pattern = cases.add(value);
      if (typeof pattern === "object") {
        patterns.push(pattern);
        continue;
      }
      const at = startPosition(value);
      if (pattern === "literal") this.fail("ExprExpected", "Expecting a literal expression", at, value.end);
      this.fail("WrongSwitchIntegerCase", "Numeric switch case cannot follow a range case", at, value.end);
    }
    return { start, end: this.lastEnd, patterns, guard, body };
  }

  private caseValues(level: number): Expression[] {
    const values: Expression[] = [];
    do {
      values.push(this.caseValue(level));
    } while (this.eat(t.pipe));
    return values;
  }

  private caseValue(level: number): Expression {
    const { allowsPipe } = this;
    const known = this.findings.length;
    this.allowsPipe = false;
    try {
      return this.expression(level);
    } catch (error) {
      // Whatever is wrong inside a case, native Rhai says this, at that place.
      const finding = this.findings[known];
      if (finding !== undefined && finding.code !== "ExprTooDeep") {
        this.findings.length = known;
        this.findings.push({
          code: "ExprExpected",
          message: "Expecting literal expression",
          start: finding.start,
          end: finding.end,
        });
      }
      throw error;
    } finally {
      this.allowsPipe = allowsPipe;
    }
  }
}

function blockAround(inner: IfExpression): Block {
  const { start, end, at } = inner;
  return {
    kind: "block",
    start,
    end,
    at,
    close: end,
    body: [{ kind: "expression", start, end, at, expression: inner }],
  };
}
