/** The lexer: one token at a time, on demand, because only the parser knows where the text of a back-tick string goes on
 *  after an interpolated block. The current token is in the fields. Never throws. */
import { type LexCode } from "../diagnostics.ts";
import { readNumber } from "./lexer-number.ts";
import { readRawString, readString, readText } from "./lexer-string.ts";
import * as t from "./token.ts";

export class Lexer {
  readonly source: string;
  /** Longest string literal in bytes of UTF-8; 0: any. */
  readonly stringBytesMax: number;
  /** Where the next token is looked for. */
  pos = 0;
  /** The current token. */
  kind: number = t.eof;
  start = 0;
  end = 0;
  /** Name, reserved text, or the value of a string or char. */
  text = "";
  /** Value of an int or float. */
  num: number | bigint = 0;
  /** End of the token before. */
  lastEnd = 0;
  /** Of an `error` token. Its `start` is the place of the error. */
  lexCode: LexCode = "UnexpectedInput";
  lexMessage = "";
  /** Doc comments right before the current token: their span; -1: none. */
  docStart = -1;
  docEnd = -1;
  tokens = 0;

  constructor(source: string, stringBytesMax: number) {
    this.source = source;
    this.stringBytesMax = stringBytesMax;
  }

  /** Makes the current token an `error` at `at`. */
  bad(code: LexCode, message: string, at: number): void {
    this.kind = t.error;
    this.lexCode = code;
    this.lexMessage = message;
    this.start = at;
  }

  /** Goes on with the text of a back-tick string after the block that ends before `pos`: a `string` or `interpolated`. */
  resumeText(): void {
    this.start = this.pos;
    readText(this, this.pos);
    this.end = this.pos;
    this.tokens += 1;
  }

  /** Reads the next token. */
  next(): void {
    const afterOperand = t.endsOperand(this.kind);
    this.lastEnd = this.end;
    this.tokens += 1;
    this.skipBlanks();
    const at = this.pos;
    this.start = at;
    if (at >= this.source.length) {
      this.kind = t.eof;
      this.end = at;
      return;
    }
    const code = this.source.charCodeAt(at);
    if (((code | 32) >= 97 && (code | 32) <= 122) || code === 95) this.word(at);
    else if (code >= 48 && code <= 57) readNumber(this, false);
    else this.symbol(code, afterOperand);
    this.end = this.pos;
  }

  private skipBlanks(): void {
    const source = this.source;
    this.docStart = -1;
    for (;;) {
      const code = source.charCodeAt(this.pos);
      if (code === 32 || (code >= 9 && code <= 13)) this.pos += 1;
      else if (code === 47 && source.charCodeAt(this.pos + 1) === 47) this.lineComment();
      else if (code === 47 && source.charCodeAt(this.pos + 1) === 42) this.blockComment();
      else if (code > 127 && isBlank(code)) this.pos += 1;
      else return;
    }
  }

  private lineComment(): void {
    const { source } = this;
    const from = this.pos;
    const newline = source.indexOf("\n", from);
    this.pos = newline === -1 ? source.length : newline;
    // `///` but not `////`.
    if (source.charCodeAt(from + 2) === 47 && source.charCodeAt(from + 3) !== 47) this.noteDoc(from);
  }

  private blockComment(): void {
    const { source } = this;
    const from = this.pos;
    let depth = 1;
    let i = from + 2;
    while (depth > 0 && i < source.length) {
      const code = source.charCodeAt(i);
      const pair = code === 42 || code === 47 ? source.charCodeAt(i + 1) : 0;
      if (code === 42 && pair === 47) depth -= 1;
      else if (code === 47 && pair === 42) depth += 1;
      else {
        i += 1;
        continue;
      }
      i += 2;
    }
    // An unterminated comment ends with the text, as in native Rhai.
    this.pos = depth > 0 ? source.length : i;
    const isDoc = source.charCodeAt(from + 2) === 42 && source.charCodeAt(from + 3) !== 42;
    if (isDoc && this.pos > from + 4) this.noteDoc(from);
  }

  private noteDoc(from: number): void {
    if (this.docStart === -1) this.docStart = from;
    this.docEnd = this.pos;
  }

  private word(at: number): void {
    const { source } = this;
    let i = at + 1;
    for (;;) {
      const code = source.charCodeAt(i);
      const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
      if (!isLetter && !(code >= 48 && code <= 57) && code !== 95) break;
      i += 1;
    }
    this.pos = i;
    const text = source.slice(at, i);
    this.text = text;
    const keyword = t.keywords.get(text);
    if (keyword !== undefined) this.kind = keyword;
    else if (source.charCodeAt(at) !== 95 || t.isIdentifier(text)) this.kind = t.identifier;
    else if (text === "_") this.kind = t.underscore;
    else this.bad("MalformedIdentifier", `Variable name is not proper: '${text}'`, at);
  }

  private take(kind: number, length: number): void {
    this.kind = kind;
    this.pos += length;
  }

  /** A symbol of native Rhai's that means nothing. */
  private reserve(length: number): void {
    this.text = this.source.slice(this.pos, this.pos + length);
    this.pos += length;
    this.kind = t.reserved;
    const message = improper(this.text);
    if (message !== undefined) this.bad("ImproperSymbol", message, this.start);
  }

  /** `op`, `op=`. */
  private operator(kind: number, next: number): void {
    if (next === 61) this.take(kind + 30, 2);
    else this.take(kind, 1);
  }

  // oxlint-disable-next-line complexity, max-lines-per-function -- one flat table of symbols.
  private symbol(code: number, afterOperand: boolean): void {
    const next = this.source.charCodeAt(this.pos + 1);
    switch (code) {
      case 34:
        return readString(this, 34);
      case 39:
        return readString(this, 39);
      case 96:
        return readString(this, 96);
      case 123:
        return this.take(t.leftBrace, 1);
      case 125:
        return this.take(t.rightBrace, 1);
      case 40:
        if (next === 41) return this.take(t.unit, 2);
        return next === 42 ? this.reserve(2) : this.take(t.leftParen, 1);
      case 41:
        return this.take(t.rightParen, 1);
      case 91:
        return this.take(t.leftBracket, 1);
      case 93:
        return this.take(t.rightBracket, 1);
      case 59:
        return this.take(t.semicolon, 1);
      case 44:
        return this.take(t.comma, 1);
      case 46:
        return this.dot(next);
      case 58:
        return this.colon(next);
      case 61:
        if (next === 61) return this.third(61) ? this.reserve(3) : this.take(t.equal, 2);
        return next === 62 ? this.take(t.doubleArrow, 2) : this.take(t.assign, 1);
      case 43:
        return next === 43 ? this.reserve(2) : this.operator(t.plus, next);
      case 45:
        if (next >= 48 && next <= 57 && !afterOperand) return readNumber(this, true);
        return next === 45 || next === 62 ? this.reserve(2) : this.operator(t.minus, next);
      case 42:
        if (next === 41) return this.reserve(2);
        if (next !== 42) return this.operator(t.multiply, next);
        return this.third(61) ? this.take(t.powerAssign, 3) : this.take(t.power, 2);
      case 47:
        return this.operator(t.divide, next);
      case 37:
        return this.operator(t.modulo, next);
      case 94:
        return this.operator(t.caret, next);
      case 60:
        if (next === 60) return this.third(61) ? this.take(t.leftShiftAssign, 3) : this.take(t.leftShift, 2);
        if (next === 45 || next === 124) return this.reserve(2);
        return next === 61 ? this.take(t.lessEqual, 2) : this.take(t.less, 1);
      case 62:
        if (next === 62)
          return this.third(61) ? this.take(t.rightShiftAssign, 3) : this.take(t.rightShift, 2);
        return next === 61 ? this.take(t.greaterEqual, 2) : this.take(t.greater, 1);
      case 33:
        return this.exclamation(next);
      case 124:
        if (next === 124) return this.take(t.or, 2);
        return next === 62 ? this.reserve(2) : this.operator(t.pipe, next);
      case 38:
        return next === 38 ? this.take(t.and, 2) : this.operator(t.ampersand, next);
      case 35:
        return this.hash(next);
      case 63:
        if (next === 63) return this.take(t.coalesce, 2);
        if (next === 46) return this.take(t.elvis, 2);
        return next === 91 ? this.take(t.questionBracket, 2) : this.reserve(1);
      case 126:
      case 64:
      case 36:
        return this.reserve(1);
      default:
        return this.unexpected();
    }
  }

  private third(code: number): boolean {
    return this.source.charCodeAt(this.pos + 2) === code;
  }

  private dot(next: number): void {
    if (next !== 46) return this.take(t.period, 1);
    if (this.third(46)) return this.reserve(3);
    return this.third(61) ? this.take(t.rangeInclusive, 3) : this.take(t.range, 2);
  }

  private colon(next: number): void {
    if (next === 58) return this.third(60) ? this.reserve(3) : this.take(t.doubleColon, 2);
    return next === 61 || next === 59 ? this.reserve(2) : this.take(t.colon, 1);
  }

  private exclamation(next: number): void {
    if (next === 61) return this.third(61) ? this.reserve(3) : this.take(t.notEqual, 2);
    if (next === 46) return this.reserve(2);
    if (next === 105 && this.third(110) && !isWordCode(this.source.charCodeAt(this.pos + 3))) {
      return this.take(t.notIn, 3);
    }
    return this.take(t.bang, 1);
  }

  private hash(next: number): void {
    if (next === 123) return this.take(t.mapStart, 2);
    if (next === 33) return this.reserve(2);
    return next === 34 || next === 35 ? readRawString(this) : this.reserve(1);
  }

  private unexpected(): void {
    const text = String.fromCodePoint(this.source.codePointAt(this.pos) ?? 0);
    this.pos += text.length;
    this.bad("UnexpectedInput", `Unexpected '${text}'`, this.start);
  }
}

function isWordCode(code: number): boolean {
  return ((code | 32) >= 97 && (code | 32) <= 122) || (code >= 48 && code <= 57) || code === 95;
}

/** White space beyond ASCII, as Unicode has it. */
function isBlank(code: number): boolean {
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** What native Rhai says about symbols of other languages. */
function improper(symbol: string): string | undefined {
  switch (symbol) {
    case "===":
      return "'===' is not a valid operator. This is not JavaScript! Should it be '=='?";
    case "!==":
      return "'!==' is not a valid operator. This is not JavaScript! Should it be '!='?";
    case "->":
      return "'->' is not a valid symbol. This is not C or C++!";
    case "<-":
      return "'<-' is not a valid symbol. This is not Go! Should it be '<='?";
    case ":=":
      return "':=' is not a valid assignment operator. This is not Go or Pascal! Should it be simply '='?";
    case ":;":
      return "':;' is not a valid symbol. Should it be '::'?";
    case "::<":
      return "'::<>' is not a valid symbol. This is not Rust! Should it be '::'?";
    case "(*":
    case "*)":
      return "'(* .. *)' is not a valid comment format. This is not Pascal! Should it be '/* .. */'?";
    default:
      return undefined;
  }
}
