/** Literals with expressions inside: arrays, maps, interpolated strings; closures. */
import { ParserBase } from "./parser-base.ts";
import * as t from "./token.ts";
import {
  type Block,
  type ClosureExpression,
  type Expression,
  type InterpolationExpression,
  type LiteralExpression,
  type Name,
  type Statement,
} from "./tree.ts";

export abstract class LiteralParser extends ParserBase {
  abstract expression(level: number): Expression;
  abstract statement(level: number): Statement;
  /** `isOpen`: the closing brace stays the current token. */
  abstract block(level: number, isOpen?: boolean): Block;
  /** Strict mode: `name` has to be known here. */
  protected abstract checkKnown(name: string, at: number): void;

  protected arrayLiteral(level: number): Expression {
    const at = this.start;
    const items: Expression[] = [];
    const max = this.limits.arr;
    this.next();
    for (;;) {
      if (max > 0 && items.length >= max) {
        this.failHere("LiteralTooLarge", `Size of array literal exceeds the maximum limit (${max})`);
      }
      if (this.eat(t.rightBracket)) break;
      if (this.kind === t.eof) this.missing("]", "to end this array literal", false);
      items.push(this.expression(this.deeper(level, at)));
      if (this.eat(t.comma) || this.kind === t.rightBracket) continue;
      if (this.kind === t.eof) this.missing("]", "to end this array literal", false);
      this.missing(",", "to separate the items of this array literal", true);
    }
    return { kind: "array", start: at, end: this.lastEnd, at, items };
  }

  protected mapLiteral(level: number): Expression {
    const at = this.start;
    const entries: { key: Name; value: Expression }[] = [];
    const keys = new Set<string>();
    const max = this.limits.map;
    this.next();
    while (!this.eat(t.rightBrace)) {
      const key = this.mapKey(entries.length === 0);
      if (keys.has(key.text)) {
        this.fail(
          "DuplicatedProperty",
          `Duplicated property for object map literal: ${key.text}`,
          key.at,
          this.lastEnd,
        );
      }
      keys.add(key.text);
      if (!this.eat(t.colon)) {
        this.missing(":", `to follow the property '${key.text}' in this object map literal`, true);
      }
      if (max > 0 && entries.length >= max) {
        const message = `Number of properties in object map literal exceeds the maximum limit (${max})`;
        this.failHere("LiteralTooLarge", message);
      }
      entries.push({ key, value: this.expression(this.deeper(level, at)) });
      if (this.eat(t.comma) || this.kind === t.rightBrace) continue;
      if (this.kind === t.identifier)
        this.missing(",", "to separate the items of this object map literal", false);
      this.missing("}", "to end this object map literal", true);
    }
    return { kind: "map", start: at, end: this.lastEnd, at, entries };
  }

  private mapKey(isFirst: boolean): Name {
    if (this.kind === t.identifier || this.kind === t.string) {
      const key = { text: this.text, at: this.start };
      this.next();
      return key;
    }
    if (this.kind === t.reserved && t.isIdentifier(this.text)) this.failReserved();
    if (this.kind === t.error) this.failToken();
    if (this.kind === t.eof || (isFirst && this.kind !== t.interpolated)) {
      this.missing("}", "to end this object map literal", false);
    }
    return this.failHere("PropertyExpected", "Expecting name of a property");
  }

  protected interpolation(outer: number): InterpolationExpression | LiteralExpression {
    const at = this.start;
    const level = this.deeper(outer, at);
    const parts: Expression[] = [];
    this.textPart(parts);
    while (this.kind === t.interpolated) {
      this.next();
      const block = this.block(level, true);
      parts.push({
        kind: "block-expression",
        start: block.start,
        end: block.end,
        at: block.at,
        block,
      });
      // The brace is the current token: what follows it is text.
      this.resumeText();
      if (this.kind === t.error) this.failToken();
      this.textPart(parts);
    }
    const end = this.end;
    this.next();
    return { kind: "interpolation", start: at, end, at, parts };
  }

  /** The text of the current token. */
  private textPart(parts: Expression[]): void {
    const { text, start, end } = this;
    if (text !== "")
      parts.push({ kind: "literal", start, end, at: start, literal: { type: "string", value: text } });
  }

  protected closure(): ClosureExpression {
    const at = this.start;
    const state = this.enterFunction(true, at);
    // The first level is the closure itself.
    const level = this.deeper(0, at);
    const params: Name[] = [];
    if (this.kind === t.or) this.next();
    else {
      this.next();
      if (!this.eat(t.pipe)) this.closureParams(params);
    }
    const body = this.closureBody(level);
    const { external } = this;
    this.leaveFunction(state);
    if (this.strict) for (const { text, at: place } of external) this.checkKnown(text, place);
    return { kind: "closure", start: at, end: this.lastEnd, at, params, body };
  }

  private closureParams(params: Name[]): void {
    for (;;) {
      if (this.kind === t.pipe) {
        this.next();
        return;
      }
      if (this.kind !== t.identifier) {
        this.missing("|", "to close the parameters list of anonymous function or closure", true);
      }
      this.addParam(params, "");
      if (this.eat(t.pipe)) return;
      if (!this.eat(t.comma)) this.missing(",", "to separate the parameters of anonymous function", true);
    }
  }

  /** The current token is the name of a parameter. */
  protected addParam(params: Name[], functionName: string): void {
    const { text, start } = this;
    if (this.isParam(params, text)) {
      this.failHere("FnDuplicatedParam", `Duplicated parameter ${text} for function ${functionName}`);
    }
    params.push({ text, at: start });
    this.define(text, false);
    this.next();
  }

  /** Names of the list that is being read, once it is long. */
  private longParams: { readonly list: Name[]; readonly names: Set<string> } | undefined;

  private isParam(params: Name[], text: string): boolean {
    if (params.length < 16) return params.some((param) => param.text === text);
    const names =
      this.longParams?.list === params
        ? this.longParams.names.add(params.at(-1)?.text ?? "")
        : new Set(params.map((param) => param.text));
    this.longParams = { list: params, names };
    return names.has(text);
  }

  private closureBody(level: number): Block {
    const statement = this.statement(level);
    if (statement.kind === "expression" && statement.expression.kind === "block-expression") {
      return statement.expression.block;
    }
    const { start, end, at } = statement;
    return { kind: "block", start, end, at, close: end, body: statement.kind === "empty" ? [] : [statement] };
  }
}
