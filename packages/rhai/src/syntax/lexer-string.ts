/** Strings and chars. */
import { type Lexer } from "./lexer.ts";
import * as t from "./token.ts";

const newline = 10;
const carriageReturn = 13;
const quoteChar = 39;
const backslash = 92;
const backTick = 96;

/** Reads `"…"`, `'…'` or a back-tick string up to its first `${`; `pos` is at the opening quote. */
export function readString(lexer: Lexer, quote: number): void {
  const { source } = lexer;
  const from = lexer.pos + 1;
  if (quote === backTick) {
    // A newline right after the back-tick does not count.
    let first = from;
    if (source.charCodeAt(first) === carriageReturn) first += 1;
    if (source.charCodeAt(first) === newline) first += 1;
    readText(lexer, first);
    return;
  }
  if (quote === quoteChar && source.charCodeAt(from) === quoteChar) {
    lexer.pos = from + 1;
    lexer.bad("MalformedChar", "Invalid character: ''", lexer.start);
    return;
  }
  let i = from;
  while (isPlain(source.charCodeAt(i), quote)) i += 1;
  if (source.charCodeAt(i) === quote && source.charCodeAt(i + 1) !== quote) {
    lexer.kind = t.string;
    lexer.text = source.slice(from, i);
    lexer.pos = i + 1;
    // Escapes, doubled quotes, line ends and the end of the text are rare: the slow way knows them.
  } else if (!new Quoted(lexer, quote).read(from, i)) return;
  if (quote === quoteChar) finishChar(lexer);
  else finishString(lexer);
}

/** A unit that stands for itself; NaN is the end of the text. */
function isPlain(code: number, quote: number): boolean {
  return (
    code !== quote && code !== backslash && code !== newline && code !== carriageReturn && !Number.isNaN(code)
  );
}

function finishChar(lexer: Lexer): void {
  const { text } = lexer;
  if (text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)) lexer.kind = t.char;
  else lexer.bad("MalformedChar", `Invalid character: '${text}'`, lexer.start);
}

function finishString(lexer: Lexer): void {
  const max = lexer.stringBytesMax;
  if (max > 0 && bytesOf(lexer.text) > max) {
    lexer.bad("StringTooLong", `Length of string literal exceeds the maximum limit (${max})`, lexer.start);
  }
}

/** Bytes of UTF-8. */
export function bytesOf(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A surrogate pair has four bytes: two for each half.
    if (code > 0x7ff) bytes += code >= 0xd800 && code <= 0xdfff ? 1 : 2;
    else if (code > 0x7f) bytes += 1;
  }
  return bytes;
}

/** Text of a back-tick string from `from` to the closing back-tick (`string`) or the next `${` (`interpolated`). */
export function readText(lexer: Lexer, from: number): void {
  const { source } = lexer;
  let done = "";
  let piece = from;
  for (let i = from; i < source.length; i++) {
    const code = source.charCodeAt(i);
    if (code === 36 && source.charCodeAt(i + 1) === 123) {
      lexer.kind = t.interpolated;
      lexer.text = done + source.slice(piece, i);
      // The parser reads the brace as the start of a block.
      lexer.pos = i + 1;
      return finishString(lexer);
    }
    if (code === backTick) {
      if (source.charCodeAt(i + 1) !== backTick) {
        lexer.kind = t.string;
        lexer.text = done + source.slice(piece, i);
        lexer.pos = i + 1;
        return finishString(lexer);
      }
      done += source.slice(piece, i + 1);
      piece = i + 2;
      i += 1;
    } else if (code === carriageReturn && source.charCodeAt(i + 1) === newline) {
      done += source.slice(piece, i);
      piece = i + 1;
    }
  }
  unterminated(lexer, source.length);
}

function unterminated(lexer: Lexer, end: number): void {
  lexer.pos = end;
  lexer.bad("UnterminatedString", "Open string is not terminated", lexer.start);
}

/** `#"…"#` with any number of `#`. */
export function readRawString(lexer: Lexer): void {
  const { source } = lexer;
  let i = lexer.pos;
  while (source.charCodeAt(i) === 35) i += 1;
  const hashes = i - lexer.pos;
  if (i >= source.length) return unterminated(lexer, i);
  if (source.charCodeAt(i) !== 34) {
    const text = String.fromCodePoint(source.codePointAt(i) ?? 0);
    lexer.pos = i;
    return lexer.bad("UnexpectedInput", `Unexpected '${text}'`, i);
  }
  const close = source.indexOf(`"${"#".repeat(hashes)}`, i + 1);
  if (close === -1) return unterminated(lexer, source.length);
  lexer.kind = t.string;
  lexer.text = source.slice(i + 1, close);
  lexer.pos = close + 1 + hashes;
  finishString(lexer);
}

/** A string with escapes, doubled quotes or continued lines. */
class Quoted {
  private readonly lexer: Lexer;
  private readonly quote: number;
  private text = "";

  constructor(lexer: Lexer, quote: number) {
    this.lexer = lexer;
    this.quote = quote;
  }

  /** The text begins at `from`; up to `plain` it has nothing special. False: an error. */
  read(from: number, plain: number): boolean {
    const { source } = this.lexer;
    this.text = source.slice(from, plain);
    let i = plain;
    while (i < source.length) {
      const code = source.charCodeAt(i);
      if (code === this.quote) {
        if (source.charCodeAt(i + 1) !== this.quote) return this.finish(i + 1);
        this.text += source.charAt(i);
        i += 2;
      } else if (code === backslash) {
        i = this.escape(i);
        if (i < 0) return false;
      } else if (code === newline) {
        unterminated(this.lexer, i);
        return false;
      } else {
        if (code !== carriageReturn || source.charCodeAt(i + 1) !== newline) this.text += source.charAt(i);
        i += 1;
      }
    }
    unterminated(this.lexer, source.length);
    return false;
  }

  private finish(end: number): boolean {
    this.lexer.kind = t.string;
    this.lexer.text = this.text;
    this.lexer.pos = end;
    return true;
  }

  /** The escape at `at`; the offset after it, or -1. */
  private escape(at: number): number {
    const { source } = this.lexer;
    const code = source.charCodeAt(at + 1);
    if (code === this.quote) return this.put(source.charAt(at + 1), at + 2);
    switch (code) {
      case backslash:
        return this.put("\\", at + 2);
      case 116:
        return this.put("\t", at + 2);
      case 110:
        return this.put("\n", at + 2);
      case 114:
        return this.put("\r", at + 2);
      case 120:
        return this.code(at, 2);
      case 117:
        return this.code(at, 4);
      case 85:
        return this.code(at, 8);
      default:
        return this.continued(at);
    }
  }

  private put(text: string, end: number): number {
    this.text += text;
    return end;
  }

  private malformed(at: number, end: number): number {
    const text = this.lexer.source.slice(at, end);
    this.lexer.pos = end;
    // The place is that of the last char read.
    const last = this.lexer.source.codePointAt(end - 2) ?? 0;
    const place = last > 0xffff ? end - 2 : end - 1;
    this.lexer.bad("MalformedEscapeSequence", `Invalid escape sequence: '${text}'`, place);
    return -1;
  }

  /** `\xHH`, `\uHHHH`, `\UHHHHHHHH`. */
  private code(at: number, length: number): number {
    const { source } = this.lexer;
    let value = 0;
    for (let i = at + 2; i < at + 2 + length; i++) {
      if (i >= source.length) return this.malformed(at, i);
      const digit = hexDigit(source.charCodeAt(i));
      if (digit < 0) return this.malformed(at, i + ((source.codePointAt(i) ?? 0) > 0xffff ? 2 : 1));
      value = value * 16 + digit;
    }
    const end = at + 2 + length;
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return this.malformed(at, end);
    return this.put(String.fromCodePoint(value), end);
  }

  /** A backslash before a line end: the string goes on; blanks up to the column of the opening quote don't count. */
  private continued(at: number): number {
    const { source, start } = this.lexer;
    if (at + 1 >= source.length) {
      unterminated(this.lexer, source.length);
      return -1;
    }
    const end = source.charCodeAt(at + 1) === carriageReturn ? at + 2 : at + 1;
    if (source.charCodeAt(end) !== newline || this.quote === quoteChar) {
      return this.malformed(at, at + 1 + ((source.codePointAt(at + 1) ?? 0) > 0xffff ? 2 : 1));
    }
    const column = start - source.lastIndexOf("\n", start - 1);
    let i = end + 1;
    while (i <= end + column && (source.charCodeAt(i) === 32 || source.charCodeAt(i) === 9)) i += 1;
    return i;
  }
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
