/** Statements and functions. */
import { type FunctionState, ParseFailure } from "./parser-base.ts";
import { ControlParser } from "./parser-control.ts";
import { assignmentProblem } from "./assignment.ts";
import * as t from "./token.ts";
import {
  type AssignOperator,
  type Block,
  type ExportStatement,
  type Expression,
  type FunctionDeclaration,
  type LetStatement,
  type Name,
  type Statement,
} from "./tree.ts";

export class StatementParser extends ControlParser {
  readonly functions: FunctionDeclaration[] = [];
  private readonly functionKeys = new Set<string>();
  private readonly functionNames = new Set<string>();

  protected isFunctionName(name: string): boolean {
    return this.functionNames.has(name);
  }

  block(outer: number, isOpen = false): Block {
    const at = this.start;
    if (this.kind !== t.leftBrace) this.missing("{", "to start a statement block", true);
    this.next();
    const level = this.deeper(outer, at);
    const scope = this.names.length;
    const modules = this.modules.length;
    const wasGlobal = this.isGlobal;
    this.isGlobal = false;
    const body: Statement[] = [];
    while (this.kind !== t.rightBrace) {
      if (this.kind === t.eof) this.missing("}", "to terminate this block", false);
      this.statementInto(body, this.deeper(level, at));
    }
    const close = this.start;
    const end = this.end;
    this.isGlobal = wasGlobal;
    this.truncate(scope);
    this.modules.length = modules;
    if (!isOpen) this.next();
    return { kind: "block", start: at, end, at, body, close };
  }

  /** One statement and what separates it from the next. Goes on after errors, so that one script shows several. */
  protected statementInto(body: Statement[], level: number): void {
    const state = this.snapshot();
    const { allowsPipe, rightDepth } = this;
    const scope = this.names.length;
    try {
      const statement = this.statement(level);
      if (statement.kind === "empty") return;
      body.push(statement);
      if (this.eat(t.semicolon) || this.isSelfTerminated) return;
      if (this.kind === t.eof ? this.isGlobal : this.kind === t.rightBrace && !this.isGlobal) return;
      this.missing(";", "to terminate this statement", true);
    } catch (error) {
      const isEnough = this.findings.length >= this.findingsMax;
      if (!(error instanceof ParseFailure) || error.isFinal || isEnough) throw error;
      this.recover(state, scope);
      this.allowsPipe = allowsPipe;
      this.rightDepth = rightDepth;
    }
  }

  /** Skips to where a statement may start. */
  private recover(state: FunctionState, scope: number): void {
    this.restore(state);
    // Variables that the broken statement defined stay known.
    if (this.names.length < scope) this.truncate(scope);
    let depth = 0;
    for (; this.kind !== t.eof; this.next()) {
      switch (this.kind) {
        case t.leftBrace:
        case t.mapStart:
          depth += 1;
          break;
        case t.rightBrace:
          if (depth > 0) depth -= 1;
          else if (!this.isGlobal) return;
          break;
        case t.semicolon:
          if (depth > 0) break;
          this.next();
          return;
        case t.letKeyword:
        case t.constKeyword:
        case t.fnKeyword:
          if (depth === 0 && this.startsLine()) return;
      }
    }
  }

  private startsLine(): boolean {
    let i = this.start - 1;
    while (this.source.charCodeAt(i) === 32 || this.source.charCodeAt(i) === 9) i -= 1;
    return i < 0 || this.source.charCodeAt(i) === 10;
  }

  // oxlint-disable-next-line complexity -- one flat table of statements.
  statement(level: number): Statement {
    const at = this.start;
    switch (this.kind) {
      case t.semicolon:
        this.next();
        return this.plain({ kind: "empty", start: at, end: this.lastEnd, at });
      case t.eof:
        return this.plain({ kind: "empty", start: at, end: at, at });
      case t.fnKeyword:
      case t.privateKeyword:
        return this.functionStatement();
      case t.leftBrace:
      case t.ifKeyword:
      case t.switchKeyword:
      case t.whileKeyword:
      case t.loopKeyword:
      case t.doKeyword:
      case t.forKeyword:
        return this.controlStatement(level);
      case t.breakKeyword:
      case t.continueKeyword:
        return this.plain(this.breakStatement(level));
      case t.returnKeyword:
      case t.throwKeyword:
        return this.plain(this.returnStatement(level));
      case t.tryKeyword: {
        const made = this.tryStatement(this.deeper(level, at));
        this.isSelfTerminated = true;
        return made;
      }
      case t.letKeyword:
      case t.constKeyword:
        return this.plain(this.letStatement(this.deeper(level, at), at, false));
      case t.importKeyword:
        return this.plain(this.importStatement(this.deeper(level, at)));
      case t.exportKeyword:
        return this.plain(this.exportStatement(level));
      default:
        return this.plain(this.expressionStatement(level));
    }
  }

  private plain(statement: Statement): Statement {
    this.isSelfTerminated = false;
    return statement;
  }

  private controlStatement(level: number): Statement {
    const at = this.start;
    const isBlock = this.kind === t.leftBrace;
    const isDo = this.kind === t.doKeyword;
    // A block costs no level of its own here.
    const expression = isBlock ? this.blockExpression(level) : this.control(level);
    if (expression === undefined) return this.failUnexpected();
    this.isSelfTerminated = !isDo;
    return { kind: "expression", start: at, end: this.lastEnd, at, expression };
  }

  private blockExpression(level: number): Expression {
    const block = this.block(level);
    return { kind: "block-expression", start: block.start, end: block.end, at: block.at, block };
  }

  private expressionStatement(outer: number): Statement {
    const at = this.start;
    const level = this.deeper(outer, at);
    const target = this.expression(level);
    const isAssign = this.kind >= t.assign && this.kind <= t.caretAssign;
    if (!isAssign) {
      return { kind: "expression", start: at, end: this.lastEnd, at: target.at, expression: target };
    }
    const operatorAt = this.start;
    const operator =
      this.kind === t.assign ? "" : ((t.texts[this.kind] ?? "").slice(0, -1) as AssignOperator);
    this.next();
    const value = this.expression(level);
    this.checkTarget(target, operator, operatorAt);
    return {
      kind: "assign",
      start: at,
      end: this.lastEnd,
      at: operatorAt,
      target,
      operator,
      operatorAt,
      value,
    };
  }

  private checkTarget(target: Expression, operator: AssignOperator, operatorAt: number): void {
    if (target.kind === "variable" && target.namespace.length === 0) {
      const index = this.find(target.name);
      if (index === -1 || this.constants[index] !== true) return;
      const message = `Cannot assign to constant ${target.name}`;
      this.fail("AssignmentToConstant", message, target.at, target.end);
    }
    const problem = assignmentProblem(target, operator === "");
    if (problem === undefined) return;
    if (problem.lex === undefined) this.fail(problem.code, problem.message, problem.at);
    this.failLex(problem.lex, problem.message, operatorAt);
  }

  private breakStatement(level: number): Statement {
    const at = this.start;
    const isBreak = this.kind === t.breakKeyword;
    if (!this.looping) this.failUnexpected();
    if (!this.isBreakable) {
      this.failHere("LoopBreak", "Break statement should only be used inside a loop");
    }
    this.next();
    if (!isBreak) return { kind: "continue", start: at, end: this.lastEnd, at };
    const isBare = this.kind === t.eof || this.kind === t.rightBrace || this.endsValue();
    const value = isBare ? undefined : this.expression(this.deeper(level, at));
    return { kind: "break", start: at, end: this.lastEnd, at, value };
  }

  /** A comma ends a bare `break` or `return` in `switch`; a keyword can't start a value either. */
  private endsValue(): boolean {
    switch (this.kind) {
      case t.semicolon:
      case t.comma:
      case t.breakKeyword:
      case t.continueKeyword:
      case t.returnKeyword:
      case t.throwKeyword:
        return true;
      default:
        return false;
    }
  }

  private returnStatement(level: number): Statement {
    const at = this.start;
    const kind = this.kind === t.returnKeyword ? "return" : "throw";
    this.next();
    const isBare = this.kind === t.eof || (this.kind === t.rightBrace && !this.isGlobal) || this.endsValue();
    const value = isBare ? undefined : this.expression(this.deeper(level, at));
    return { kind, start: at, end: this.lastEnd, at, value };
  }

  private tryStatement(level: number): Statement {
    const at = this.start;
    this.next();
    const body = this.block(level);
    if (!this.eat(t.catchKeyword)) this.missing("catch", "for the 'try' statement", false);
    const scope = this.names.length;
    let variable: Name | undefined;
    if (this.eat(t.leftParen)) {
      variable = this.variableName();
      if (!this.eat(t.rightParen)) this.missing(")", "to enclose the catch variable", false);
      this.define(variable.text, false);
    }
    const handler = this.block(level);
    this.truncate(scope);
    return { kind: "try", start: at, end: this.lastEnd, at, body, variable, handler };
  }

  private letStatement(level: number, at: number, isExported: boolean): LetStatement {
    const place = this.start;
    const isConst = this.kind === t.constKeyword;
    this.next();
    const name = this.variableName();
    if (!this.shadowing && this.find(name.text) !== -1) {
      const message = `Variable already defined: ${name.text}`;
      this.fail("VariableExists", message, name.at, this.lastEnd);
    }
    const value = this.eat(t.assign) ? this.expression(level) : undefined;
    this.define(name.text, isConst);
    return { kind: "let", start: at, end: this.lastEnd, at: place, name, isConst, isExported, value };
  }

  private importStatement(level: number): Statement {
    const at = this.start;
    this.next();
    const path = this.expression(level);
    const alias = this.eat(t.asKeyword) ? this.variableName() : undefined;
    if (alias !== undefined) this.modules.push(alias.text);
    return { kind: "import", start: at, end: this.lastEnd, at, path, alias };
  }

  private exportStatement(outer: number): LetStatement | ExportStatement {
    const at = this.start;
    if (!this.isGlobal) {
      this.failHere("WrongExport", "Export statement can only appear at global level");
    }
    const level = this.deeper(outer, at);
    this.next();
    if (this.kind === t.letKeyword || this.kind === t.constKeyword) {
      return this.letStatement(this.deeper(level, this.start), at, true);
    }
    const name = this.variableName();
    const alias = this.eat(t.asKeyword) ? this.variableName() : undefined;
    return { kind: "export", start: at, end: this.lastEnd, at, name, alias };
  }

  // ---- functions

  private functionStatement(): Statement {
    const first = this.start;
    const { docStart, docEnd } = this;
    const isPrivate = this.kind === t.privateKeyword;
    if (!isPrivate && !this.isGlobal) this.wrongFunction();
    if (isPrivate) {
      if (!this.isGlobal) this.failUnexpected();
      this.next();
    }
    const at = this.start;
    if (this.kind !== t.fnKeyword) this.missing("fn", "following 'private'", false);
    if (this.limits.fns > 0 && this.functions.length >= this.limits.fns) {
      this.failHere("TooManyFunctions", "Number of functions defined exceeds maximum limit");
    }
    const doc = docStart === -1 ? "" : this.source.slice(docStart, docEnd);
    const made = this.functionDeclaration(first, at, isPrivate, doc);
    const key = `${made.thisType ?? ""}.${made.name}/${made.params.length}`;
    if (this.functionKeys.has(key)) this.duplicatedFunction(made);
    this.functionKeys.add(key);
    this.functionNames.add(made.name);
    this.functions.push(made);
    return this.plain({ kind: "empty", start: first, end: this.lastEnd, at });
  }

  private wrongFunction(): never {
    this.failHere(
      "WrongFnDefinition",
      "Function definitions must be at global level and cannot be inside a block or another function",
    );
  }

  private duplicatedFunction(made: FunctionDeclaration): never {
    const count = made.params.length;
    const params = count === 0 ? "no parameters" : count === 1 ? "1 parameter" : `${count} parameters`;
    const message = `Function ${made.name} with ${params} already exists`;
    this.fail("FnDuplicatedDefinition", message, made.at, made.at + 2);
  }

  private functionDeclaration(
    start: number,
    at: number,
    isPrivate: boolean,
    doc: string,
  ): FunctionDeclaration {
    this.next();
    const state = this.enterFunction(false, at);
    const thisType = this.thisType();
    const { text: name, start: nameAt } = this;
    if (this.kind === t.reserved) this.failReserved();
    if (this.kind !== t.identifier) {
      this.failHere("FnMissingName", "Expecting function name in function declaration");
    }
    this.next();
    const params = this.functionParams(name);
    if (this.kind !== t.leftBrace) {
      this.failHere("FnMissingBody", `Expecting body statement block for function ${name}`);
    }
    const body = this.block(0);
    this.leaveFunction(state);
    const end = this.lastEnd;
    return { kind: "function", start, end, at, name, nameAt, params, thisType, isPrivate, body, doc };
  }

  /** `int.` or `"Type Name".` before the name. */
  private thisType(): string | undefined {
    const { text, kind } = this;
    if (kind === t.string) {
      this.next();
      if (!this.eat(t.period)) this.missing(".", "after the type name for 'this'", false);
      return typeNamed(text);
    }
    // A word right before a period is a type.
    if (kind !== t.identifier || !this.periodFollows()) return undefined;
    this.next();
    this.next();
    return typeNamed(text);
  }

  private periodFollows(): boolean {
    let i = this.end;
    while (this.source.charCodeAt(i) <= 32) i += 1;
    return this.source.charCodeAt(i) === 46;
  }

  private functionParams(name: string): Name[] {
    const params: Name[] = [];
    if (this.eat(t.unit)) return params;
    if (this.kind !== t.leftParen) {
      this.failHere("FnMissingParams", `Expecting parameters for function ${name}`);
    }
    this.next();
    for (;;) {
      if (this.eat(t.rightParen)) return params;
      if (this.kind === t.reserved && t.isIdentifier(this.text)) this.failReserved();
      if (this.kind >= t.firstKeyword || this.kind === t.inKeyword) {
        this.failHere("VariableExpected", "Expecting name of a variable");
      }
      if (this.kind !== t.identifier) {
        this.missing(")", `to close the parameters list of function '${name}'`, true);
      }
      this.addParam(params, name);
      if (this.eat(t.rightParen)) return params;
      if (!this.eat(t.comma)) this.missing(",", `to separate the parameters of function '${name}'`, true);
    }
  }
}

/** `int` and `float` are other names of what `type_of` says. */
function typeNamed(name: string): string {
  if (name === "int") return "i64";
  return name === "float" ? "f64" : name;
}
