/** Ground of the parser: failing, nesting, and the variables in sight. */
import { type DiagnosticCode, type Finding, type LexCode } from "../diagnostics.ts";
import { Lexer } from "./lexer.ts";
import { type ParseLimits, type ParseOptions, defaultLimits } from "./parse-options.ts";
import * as t from "./token.ts";
import { type Name } from "./tree.ts";

/** Thrown inside the parser only; caught where statements begin. */
export class ParseFailure extends Error {
  /** Nothing more can be made of the text. */
  readonly isFinal: boolean;
  constructor(isFinal: boolean) {
    super("parse failure");
    this.isFinal = isFinal;
  }
}

/** Closures inside each other: each one starts a new count of nesting, so they have a bound of their own. */
const closureDepthMax = 24;

/** Nesting that the stack of JavaScript carries everywhere. */
const levelBound = 128;

/** 0 is no limit in native Rhai; here the stack sets one. */
function bounded(limit: number): number {
  return limit === 0 ? levelBound : Math.min(limit, levelBound);
}

/** What changes at the border of a function. */
export interface FunctionState {
  readonly scopeBase: number;
  readonly isFunction: boolean;
  readonly isClosure: boolean;
  readonly isBreakable: boolean;
  readonly isGlobal: boolean;
  readonly levelMax: number;
  readonly closureDepth: number;
  readonly external: Name[];
}

export class ParserBase extends Lexer {
  readonly limits: ParseLimits;
  readonly strict: boolean;
  readonly shadowing: boolean;
  readonly looping: boolean;
  protected readonly qualifiedWords: ReadonlySet<string>;
  readonly findings: Finding[] = [];
  readonly findingsMax: number;
  readonly tokensMax: number;
  protected readonly outside: ReadonlySet<string>;
  protected readonly modules: string[];
  /** Names of variables in sight, innermost last; those of the current function start at `scopeBase`. */
  protected readonly names: string[] = [];
  /** Where each name stands in `names`, innermost last. */
  private readonly places = new Map<string, number[]>();
  protected readonly constants: boolean[] = [];
  protected scopeBase = 0;
  protected isFunction = false;
  protected isClosure = false;
  protected isBreakable = false;
  protected isGlobal = true;
  protected levelMax: number;
  /** Variables of a closure that it does not define itself (strict mode). */
  protected external: Name[] = [];
  private closureDepth = 0;

  constructor(source: string, options: ParseOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    super(source, limits.str);
    this.limits = limits;
    this.strict = options.strict ?? false;
    this.shadowing = options.shadowing ?? true;
    this.looping = options.looping ?? true;
    this.qualifiedWords = new Set(options.qualifiedWords);
    this.findingsMax = options.diagnosticsMax ?? 20;
    this.tokensMax = options.tokensMax ?? 500_000;
    this.outside = new Set(options.scope);
    this.modules = [...(options.modules ?? [])];
    this.levelMax = bounded(limits.expr);
  }

  // ---- failing

  /** Reports and leaves the statement. */
  fail(code: DiagnosticCode, message: string, at: number, end = at + 1): never {
    this.report({ code, message, start: at, end });
    throw new ParseFailure(code === "ExprTooDeep" || code === "TooManyTokens");
  }

  failLex(lex: LexCode, message: string, at: number, end = at + 1): never {
    this.report({ code: "BadInput", lex, message, start: at, end });
    throw new ParseFailure(false);
  }

  /** Fails at the current token. */
  failHere(code: DiagnosticCode, message: string): never {
    this.fail(code, message, this.start, this.end);
  }

  /** The current token is an error of the lexer. */
  failToken(): never {
    this.failLex(this.lexCode, this.lexMessage, this.start, this.end);
  }

  private report(finding: Finding): void {
    if (this.findings.length < this.findingsMax) this.findings.push(finding);
  }

  /** The current token is not what has to be here. `isLexFirst`: an error of the lexer goes before it. */
  missing(token: string, purpose: string, isLexFirst: boolean): never {
    if (isLexFirst && this.kind === t.error) this.failToken();
    this.failHere("MissingToken", `Expecting '${token}' ${purpose}`);
  }

  // ---- tokens

  /** Steps over the current token if it is `kind`. */
  eat(kind: number): boolean {
    if (this.kind !== kind) return false;
    this.next();
    return true;
  }

  /** Name of a new variable: steps over it. */
  variableName(): Name {
    if (this.kind === t.identifier) {
      const name = { text: this.text, at: this.start };
      this.next();
      return name;
    }
    if (this.kind === t.reserved && t.isIdentifier(this.text)) this.failReserved();
    if (this.kind === t.error) this.failToken();
    return this.failHere("VariableExpected", "Expecting name of a variable");
  }

  failReserved(): never {
    const sort = t.isIdentifier(this.text) ? "keyword" : "symbol";
    this.failHere("Reserved", `'${this.text}' is a reserved ${sort}`);
  }

  failUnexpected(): never {
    this.failLex("UnexpectedInput", `Unexpected '${t.texts[this.kind] ?? ""}'`, this.start, this.end);
  }

  // ---- nesting

  /** One level deeper; `at`: where native Rhai says it is too deep. */
  deeper(level: number, at: number): number {
    if (this.tokens > this.tokensMax) {
      this.fail("TooManyTokens", `Script has more than ${this.tokensMax} tokens`, at);
    }
    if (level >= this.levelMax) {
      this.fail("ExprTooDeep", "Expression exceeds maximum complexity", at);
    }
    return level + 1;
  }

  /** State of the function that is parsed now. */
  protected snapshot(): FunctionState {
    const { scopeBase, isFunction, isClosure, isBreakable, isGlobal, levelMax, closureDepth, external } =
      this;
    return { scopeBase, isFunction, isClosure, isBreakable, isGlobal, levelMax, closureDepth, external };
  }

  /** Starts a function or closure; `leaveFunction` ends it. */
  protected enterFunction(isClosure: boolean, at: number): FunctionState {
    const state = this.snapshot();
    if (isClosure && this.closureDepth >= closureDepthMax) {
      this.fail("ExprTooDeep", "Expression exceeds maximum complexity", at);
    }
    this.closureDepth += 1;
    this.scopeBase = this.names.length;
    this.isFunction = true;
    this.isClosure = isClosure;
    this.isBreakable = false;
    this.isGlobal = false;
    this.levelMax = bounded(this.limits.fn_expr);
    this.external = [];
    return state;
  }

  protected leaveFunction(state: FunctionState): void {
    this.truncate(this.scopeBase);
    this.restore(state);
  }

  /** Also after a failure somewhere inside. */
  protected restore(state: FunctionState): void {
    this.scopeBase = state.scopeBase;
    this.isFunction = state.isFunction;
    this.isClosure = state.isClosure;
    this.isBreakable = state.isBreakable;
    this.isGlobal = state.isGlobal;
    this.levelMax = state.levelMax;
    this.closureDepth = state.closureDepth;
    this.external = state.external;
  }

  // ---- variables

  define(name: string, isConst: boolean): void {
    const places = this.places.get(name);
    if (places === undefined) this.places.set(name, [this.names.length]);
    else places.push(this.names.length);
    this.names.push(name);
    this.constants.push(isConst);
  }

  /** After an error there may be fewer: then nameless ones take the places. */
  truncate(length: number): void {
    while (this.names.length < length) this.define("", false);
    while (this.names.length > length) this.places.get(this.names.pop() ?? "")?.pop();
    this.constants.length = length;
  }

  /** Index of a variable of this function, or -1. */
  find(name: string): number {
    const place = this.places.get(name)?.at(-1) ?? -1;
    return place >= this.scopeBase ? place : -1;
  }
}
