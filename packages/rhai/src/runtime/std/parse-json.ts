/** `parse_json`: JSON as native reads it, with the words of its parser. The text is an object; `null` is `()`, numbers
 *  without fraction and exponent are ints, beyond 64 bits floats. */
import { charCount } from "../chars.ts";
import { RhaiError } from "../error.ts";
import { INT_MAX, INT_MIN, intOf } from "../integer.ts";
import { tick } from "../fuel.ts";
import { checkSize } from "../limits.ts";
import { define } from "../native.ts";
import { Arr, Dict, Float, type Value } from "../value.ts";
import { trimText } from "./text.ts";

/** Native's limit of nesting, for the same reason: the stack. */
const nestingMax = 64;

const blanks = /[ \t\n\r]*/y;
const number = /-?\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?/y;
const string = /"(?:[^"\\\n]|\\.)*"/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  "'": "'",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads one text. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    this.#skip();
    if (this.#text[this.#at] !== "{") {
      const place = { line: 1, column: this.#text.length - this.#text.trimStart().length + 1 };
      return this.#fail("MissingToken", "Expecting '{' to start a JSON object hash", { place });
    }
    const value = this.#object(1);
    this.#skip();
    if (this.#at < this.#text.length) this.#unexpected();
    return value;
  }

  #value(depth: number): Value {
    this.#skip();
    tick(1);
    if (depth > nestingMax) this.#fail("ExprTooDeep", "Expression exceeds maximum complexity");
    const char = this.#text[this.#at] ?? "";
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') return this.#string();
    if (/[-\d]/.test(char)) return this.#number();
    if (this.#take("true")) return true;
    if (this.#take("false")) return false;
    if (this.#take("null")) return undefined;
    if (char === "") return this.#fail("UnexpectedEOF", "Script is incomplete");
    return this.#unexpected();
  }

  #object(depth: number): Dict {
    const entries = new Map<string, Value>();
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#take("}")) return new Dict(entries);
      if (this.#at >= this.#text.length) this.#endOfObject();
      if (this.#text[this.#at] !== '"') this.#fail("PropertyExpected", "Expecting name of a property");
      const start = this.#at;
      const key = this.#string();
      if (entries.has(key)) {
        this.#at = start;
        this.#fail("DuplicatedProperty", `Duplicated property for object map literal: ${key}`);
      }
      this.#skip();
      if (!this.#take(":")) {
        this.#fail(
          "MissingToken",
          `Expecting ':' to follow the property '${key}' in this object map literal`,
        );
      }
      entries.set(key, this.#value(depth + 1));
      this.#skip();
      if (this.#take("}")) return new Dict(entries);
      if (!this.#take(",")) {
        if (this.#at >= this.#text.length) this.#endOfObject();
        this.#fail("MissingToken", "Expecting ',' to separate the items of this object map literal");
      }
    }
  }

  #endOfObject(): never {
    this.#fail("MissingToken", "Expecting '}' to end this object map literal");
  }

  #array(depth: number): Arr {
    const items: Value[] = [];
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#take("]")) return new Arr(items);
      if (this.#at >= this.#text.length) this.#endOfArray();
      items.push(this.#value(depth + 1));
      this.#skip();
      if (this.#take("]")) return new Arr(items);
      if (!this.#take(",")) {
        if (this.#at >= this.#text.length) this.#endOfArray();
        this.#fail("MissingToken", "Expecting ',' to separate the items of this array literal");
      }
    }
  }

  #endOfArray(): never {
    this.#fail("MissingToken", "Expecting ']' to end this array literal");
  }

  #string(): string {
    const text = this.#match(string)?.[0];
    if (text === undefined) {
      return this.#fail("BadInput", "Open string is not terminated", { lex: "UnterminatedString" });
    }
    tick(text.length >> 3);
    const inner = text.slice(1, -1);
    if (!inner.includes("\\")) return inner;
    const plain = inner.replaceAll(
      /\\(?:u([\da-fA-F]{4})|(.))/gs,
      (all: string, hex?: string, short?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        return escapes[short ?? ""] ?? this.#badEscape(all);
      },
    );
    return plain.toWellFormed();
  }

  #badEscape(sequence: string): never {
    this.#fail("BadInput", `Invalid escape sequence: '${sequence}'`, { lex: "MalformedEscapeSequence" });
  }

  #number(): Value {
    const match = this.#match(number);
    if (match === undefined) return this.#unexpected();
    const digits = match[0].replaceAll("_", "");
    // No integer of 64 bits has more than 19 digits.
    if (match[1] !== undefined || match[2] !== undefined || digits.length > 20)
      return new Float(Number(digits));
    const value = BigInt(digits);
    return value > INT_MAX || value < INT_MIN ? new Float(Number(digits)) : intOf(value);
  }

  #skip(): void {
    this.#match(blanks);
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #unexpected(): never {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#fail("BadInput", `Unexpected '${char}'`, { lex: "UnexpectedInput" });
  }

  #fail(
    code: string,
    message: string,
    { lex, place = this.#place() }: { lex?: string; place?: { line: number; column: number } } = {},
  ): never {
    throw new RhaiError("ErrorParsing", `Syntax error: ${message}`, {
      parse: { code, message, place, ...(lex === undefined ? {} : { lex }) },
    });
  }

  #place(): { line: number; column: number } {
    const before = this.#text.slice(0, this.#at).split("\n");
    return { line: before.length, column: charCount(before.at(-1) ?? "") + 1 };
  }
}

/** Reads JSON whose text is an object. */
export function parseJson(text: string): Value {
  tick(text.length >> 4);
  const value = new Reader(trimText(text) === "" ? "" : text).document();
  checkSize(value);
  return value;
}

export function defineJson(): void {
  define("string", "parse_json", (text) => parseJson(text));
}
