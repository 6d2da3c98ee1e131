/** Operands and what follows them: calls, members, indices. */
import { literalSort } from "./literal-sort.ts";
import { LiteralParser } from "./parser-literal.ts";
import * as t from "./token.ts";
import { type Expression, type Literal, type Name } from "./tree.ts";

/** Links of a chain of indices that cost no level of nesting. */
const freeIndices = 16;

export abstract class PrimaryParser extends LiteralParser {
  /** The control expression that starts at the current token, if it may stand here. */
  protected abstract control(level: number): Expression | undefined;

  protected primary(level: number): Expression {
    return this.postfix(level, this.operand(level));
  }

  // oxlint-disable-next-line complexity -- one flat table of tokens.
  private operand(level: number): Expression {
    switch (this.kind) {
      case t.identifier:
        return this.variableOrCall(level);
      case t.int:
        return this.literal({ type: "int", value: this.num });
      case t.float:
        return this.literal({ type: "float", value: Number(this.num) });
      case t.string:
        return this.literal({ type: "string", value: this.text });
      case t.char:
        return this.literal({ type: "char", value: this.text });
      case t.trueKeyword:
        return this.literal({ type: "bool", value: true });
      case t.falseKeyword:
        return this.literal({ type: "bool", value: false });
      case t.unit:
        return this.literal({ type: "unit" });
      case t.interpolated:
        return this.interpolation(level);
      case t.leftParen:
        return this.parenthesis(this.deeper(level, this.start));
      case t.leftBracket:
        return this.arrayLiteral(this.deeper(level, this.start));
      case t.mapStart:
        return this.mapLiteral(this.deeper(level, this.start));
      case t.pipe:
      case t.or:
        return this.closure();
      case t.reserved:
        return this.reservedOperand(level);
      case t.error:
        return this.failToken();
      case t.eof:
        return this.failHere("UnexpectedEOF", "Script is incomplete");
      default:
        return this.control(level) ?? this.failUnexpected();
    }
  }

  private literal(literal: Literal): Expression {
    const { start, end } = this;
    this.next();
    return { kind: "literal", start, end, at: start, literal };
  }

  private parenthesis(level: number): Expression {
    this.next();
    // `( )` is no unit.
    const inner = this.expression(level);
    if (!this.eat(t.rightParen)) this.missing(")", "for a matching ( in this expression", true);
    return inner;
  }

  private reservedOperand(level: number): Expression {
    const { text, start, end } = this;
    const isCalled = this.callFollows();
    if (isCalled && t.isCallable(text)) {
      this.next();
      return this.callOf({ text, at: start }, [], level);
    }
    if (text !== "this") this.failReserved();
    if (!this.isFunction) this.failLex("ImproperSymbol", "'this' can only be used in functions", start, end);
    this.next();
    return { kind: "this", start, end, at: start };
  }

  /** A `(`, `()` or `!` comes after the current word. */
  private callFollows(): boolean {
    const { source } = this;
    let i = this.end;
    while (source.charCodeAt(i) === 32) i += 1;
    const code = source.charCodeAt(i);
    if (code === 40) return source.charCodeAt(i + 1) !== 42;
    // Comments and line breaks between the word and its arguments are rare.
    return code === 33 || code < 32 || code === 47 ? this.slowCallFollows() : false;
  }

  private slowCallFollows(): boolean {
    const { pos, kind, start, end, text, num, lastEnd, tokens, docStart, docEnd } = this;
    this.next();
    const isCalled = this.kind === t.leftParen || this.kind === t.unit || this.kind === t.bang;
    Object.assign(this, { pos, kind, start, end, text, num, lastEnd, tokens, docStart, docEnd });
    return isCalled;
  }

  private variableOrCall(level: number): Expression {
    const { start, end, text } = this;
    this.next();
    switch (this.kind) {
      case t.leftParen:
      case t.unit:
      case t.bang:
        return this.callOf({ text, at: start }, [], level);
      case t.doubleColon:
        return this.qualified({ text, at: start }, level);
      default:
        if (this.strict) this.checkVariable(text, start);
        return { kind: "variable", start, end, at: start, name: text, namespace: [] };
    }
  }

  /** `a::b::name`, `a::b::name(…)`; the current token is the first `::`. */
  private qualified(first: Name, level: number): Expression {
    const namespace: Name[] = [];
    let name = first;
    while (this.eat(t.doubleColon)) {
      namespace.push(name);
      name = this.qualifiedName();
    }
    if (this.kind === t.leftParen || this.kind === t.unit || this.kind === t.bang) {
      return this.callOf(name, namespace, level);
    }
    this.checkModule(namespace);
    return {
      kind: "variable",
      start: first.at,
      end: this.lastEnd,
      at: first.at,
      name: name.text,
      namespace,
    };
  }

  private qualifiedName(): Name {
    if (this.kind !== t.reserved || !this.qualifiedWords.has(this.text)) return this.variableName();
    const name = { text: this.text, at: this.start };
    this.next();
    return name;
  }

  /** `name(…)`, `name!(…)`; the current token is after the name. */
  private callOf(name: Name, namespace: readonly Name[], level: number): Expression {
    let isCapturing = false;
    if (this.kind === t.bang) {
      const bang = this.start;
      this.next();
      const isCall = this.kind === t.leftParen || this.kind === t.unit;
      if (namespace.length > 0) {
        if (isCall) this.failLex("UnexpectedInput", "Unexpected '!'", bang);
        this.failLex("ImproperSymbol", "'!' cannot be used to call module functions", bang);
      }
      if (!isCall) this.missing("(", "to start arguments list of function call", false);
      isCapturing = true;
    }
    const args = this.arguments(name.text, level, name.at);
    this.checkModule(namespace);
    return {
      kind: "call",
      start: namespace[0]?.at ?? name.at,
      end: this.lastEnd,
      at: name.at,
      name: name.text,
      namespace,
      args,
      isCapturing,
    };
  }

  /** The current token is `(` or `()`. */
  private arguments(name: string, outer: number, at: number): Expression[] {
    const args: Expression[] = [];
    if (this.eat(t.unit)) return args;
    this.next();
    if (this.kind === t.eof)
      this.missing(")", `to close the arguments list of this function call '${name}'`, false);
    if (this.kind === t.error) this.failToken();
    if (this.eat(t.rightParen)) return args;
    const level = this.deeper(outer, at);
    for (;;) {
      if (this.kind !== t.rightParen) args.push(this.expression(level));
      if (this.eat(t.rightParen)) return args;
      if (this.eat(t.comma)) continue;
      if (this.kind === t.eof) {
        this.missing(")", `to close the arguments list of this function call '${name}'`, false);
      }
      this.missing(",", `to separate the arguments to function call '${name}'`, true);
    }
  }

  /** Everything that follows an operand. Every member costs a level, as in native Rhai. */
  private postfix(outer: number, operand: Expression): Expression {
    let level = outer;
    let expression = operand;
    let indices = 0;
    for (;;) {
      switch (this.kind) {
        case t.period:
        case t.elvis:
          level = this.deeper(level, this.start);
          expression = this.member(expression, level);
          break;
        case t.leftBracket:
        case t.questionBracket: {
          const inner = this.deeper(level, this.start);
          expression = this.index(expression, inner);
          if (++indices > freeIndices) level = inner;
          break;
        }
        // A variable in parentheses is still called.
        case t.leftParen:
        case t.unit:
          if (expression.kind !== "variable" || expression.namespace.length > 0) return expression;
          expression = this.callOf({ text: expression.name, at: expression.at }, [], level);
          break;
        default:
          return expression;
      }
    }
  }

  private member(target: Expression, level: number): Expression {
    const isElvis = this.kind === t.elvis;
    const dotAt = this.start;
    this.next();
    const { text, start: at, kind } = this;
    if (kind === t.reserved) {
      if (!t.isMethod(text) || !this.callFollows()) this.failReserved();
    } else if (kind !== t.identifier) this.failHere("PropertyExpected", "Expecting name of a property");
    this.next();
    if (this.kind === t.doubleColon) {
      this.failLex("ImproperSymbol", "Invalid symbol encountered: '::'", this.start, this.end);
    }
    const isCapturing = this.eat(t.bang);
    if (this.kind !== t.leftParen && this.kind !== t.unit) {
      if (isCapturing) this.missing("(", "to start arguments list of function call", false);
      const { start } = target;
      return { kind: "property", start, end: this.lastEnd, at, target, name: text, isElvis, dotAt };
    }
    const args = this.arguments(text, level, at);
    if (isCapturing) {
      const message = "method-call style does not support running within the caller's scope";
      this.fail("MalformedCapture", message, at, at + text.length);
    }
    return {
      kind: "method",
      start: target.start,
      end: this.lastEnd,
      at,
      target,
      name: text,
      args,
      isElvis,
      dotAt,
    };
  }

  private index(target: Expression, level: number): Expression {
    const at = this.start;
    const isElvis = this.kind === t.questionBracket;
    this.next();
    const index = this.expression(level);
    // A second index is about an item, whose type nobody knows.
    if (target.kind !== "index") this.checkIndex(target, index);
    if (!this.eat(t.rightBracket)) this.missing("]", "for a matching [ in this index expression", true);
    return { kind: "index", start: target.start, end: this.lastEnd, at, target, index, isElvis };
  }

  /** Literals that can't be an index of a literal. */
  private checkIndex(target: Expression, index: Expression): void {
    const found = indexSort(index);
    if (found === "") return;
    let message: string;
    if (target.kind === "map") {
      if (found === "a string") return;
      message = `Object map expects string index, not ${found}`;
    } else if (
      target.kind === "array" ||
      target.kind === "interpolation" ||
      (target.kind === "literal" && (target.literal.type === "int" || target.literal.type === "string"))
    ) {
      if (found === "a number") return;
      const wanted = found === "a string" ? "numeric" : "integer";
      message = `Array, string or bit-field expects ${wanted} index, not ${found}`;
    } else return;
    const at = startPosition(index);
    this.fail("MalformedIndexExpr", message, at, index.end);
  }

  // ---- strict mode

  private checkVariable(name: string, at: number): void {
    if (this.isClosure && this.find(name) === -1) {
      this.external.push({ text: name, at });
      return;
    }
    this.checkKnown(name, at);
  }

  protected checkKnown(name: string, at: number): void {
    if (this.find(name) !== -1 || this.isFunctionName(name) || this.outside.has(name)) return;
    if (this.isClosure) this.external.push({ text: name, at });
    else this.fail("VariableUndefined", `Undefined variable: ${name}`, at, at + name.length);
  }

  /** A script function of this name stands before. */
  protected abstract isFunctionName(name: string): boolean;

  private checkModule(namespace: readonly Name[]): void {
    const root = namespace[0];
    if (!this.strict || root === undefined || root.text === "global" || this.modules.includes(root.text))
      return;
    this.fail("ModuleUndefined", `Undefined module: ${root.text}`, root.at, root.at + root.text.length);
  }
}

/** How native Rhai names what can't be an index; "": anything that may be one at run time. */
function indexSort(index: Expression): string {
  if (index.kind === "array" || index.kind === "map") return "";
  if (index.kind === "binary") return index.operator === "&&" || index.operator === "||" ? "a boolean" : "";
  return literalSort(index);
}

/** Where native Rhai says an expression starts: operators are calls, and start at the operator. */
export function startPosition(expression: Expression): number {
  const { kind, at } = expression;
  if (kind === "binary") return isShortCircuit(expression.operator) ? startPosition(expression.left) : at;
  return kind === "index" || kind === "method" || kind === "property" ? startPosition(expression.target) : at;
}

function isShortCircuit(operator: string): boolean {
  return operator === "&&" || operator === "||" || operator === "??";
}
