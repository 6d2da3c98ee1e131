/** JSON in and out, exactly: `4` is an int and `4.0` a float, ints keep all 64 bits, keys come out in the order of code
 *  points. */
import { tick } from "./fuel.ts";
import { sortedKeys } from "./format.ts";
import { Arr, Blob, Char, Dict, Float, FnPtr, Range, Sequence, Timestamp } from "./value.ts";
import { type Value } from "./value.ts";

/** Arrays and objects inside each other. Deeper JSON is refused, so that neither direction can exhaust the stack. */
const NESTING_MAX = 128;
const I64_MAX = 9_223_372_036_854_775_807n;
const I64_MIN = -9_223_372_036_854_775_808n;

/** The text is not JSON, or a value has no JSON. */
export class JsonError extends Error {
  override readonly name: string = "JsonError";
  /** Offset in the text that was parsed; -1 when a value was written. */
  readonly at: number;
  constructor(message: string, at = -1, options: ErrorOptions = {}) {
    super(message, options);
    this.at = at;
  }
}

/** The text would be longer than the caller wants. */
export class JsonTooLong extends Error {
  override readonly name: string = "JsonTooLong";
  constructor(what: string, charsMax: number) {
    super(`${what} is longer than ${charsMax} characters of JSON`);
  }
}

const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const [QUOTE, BACKSLASH, SPACE] = [0x22, 0x5c, 0x20];

/** Throws JsonError. Objects become maps (the last of equal keys counts), `null` is `()`. Numbers without fraction and
 *  exponent are ints; beyond 64 bits they are floats, as in the language. Lone surrogates become U+FFFD. */
export function fromJson(text: string): Value {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Value {
    this.#blanks();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", undefined);
      case undefined:
        return this.#refuse();
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#text.length) this.#refuse();
  }

  #object(depth: number): Dict {
    const entries = new Map<string, Value>();
    this.#open(depth);
    if (this.#take("}")) return new Dict(entries);
    do {
      this.#blanks();
      const key = this.#string();
      this.#blanks();
      if (!this.#take(":")) this.#refuse();
      entries.set(key, this.value(depth));
      this.#blanks();
    } while (this.#take(","));
    if (!this.#take("}")) this.#refuse();
    return new Dict(entries);
  }

  #array(depth: number): Arr {
    const items: Value[] = [];
    this.#open(depth);
    if (this.#take("]")) return new Arr(items);
    do {
      items.push(this.value(depth));
      this.#blanks();
    } while (this.#take(","));
    if (!this.#take("]")) this.#refuse();
    return new Arr(items);
  }

  #open(depth: number): void {
    if (depth > NESTING_MAX) throw new JsonError(`JSON is nested deeper than ${NESTING_MAX}`, this.#at);
    this.#at += 1;
    this.#blanks();
  }

  #string(): string {
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== QUOTE) return this.#refuse();
    let isPlain = true;
    for (this.#at += 1; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      // Also NaN, at the end of the text.
      if (!(code >= SPACE)) return this.#refuse();
      if (code !== BACKSLASH) continue;
      isPlain = false;
      this.#at += 1;
    }
    this.#at += 1;
    const quoted = this.#text.slice(start, this.#at);
    return (isPlain ? quoted.slice(1, -1) : this.#unescape(quoted, start)).toWellFormed();
  }

  #unescape(quoted: string, start: number): string {
    try {
      return JSON.parse(quoted) as string;
    } catch (error) {
      throw new JsonError(`JSON has a string with a wrong escape at offset ${start}`, start, {
        cause: error,
      });
    }
  }

  #number(): Value {
    const match = this.#match(NUMBER);
    if (match === undefined) return this.#refuse();
    if (match[1] !== undefined || match[2] !== undefined) return new Float(Number(match[0]));
    return intOf(match[0]);
  }

  #word(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#refuse();
    this.#at += word.length;
    return value;
  }

  #blanks(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code <= SPACE) this.#match(BLANKS);
  }

  #take(symbol: string): boolean {
    if (this.#text[this.#at] !== symbol) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #refuse(): never {
    if (this.#at >= this.#text.length) throw new JsonError("JSON ends too early", this.#at);
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    throw new JsonError(`JSON has an unexpected ${JSON.stringify(char)} at offset ${this.#at}`, this.#at);
  }
}

/** Of decimal digits with an optional minus. */
function intOf(text: string): Value {
  const value = Number(text);
  // `-0` is the int 0.
  if (Number.isSafeInteger(value)) return value + 0;
  const exact = BigInt(text);
  return exact > I64_MAX || exact < I64_MIN ? new Float(value) : exact;
}

/** Throws JsonError that names the path of what has no JSON: infinite floats, NaN, blobs, functions, ranges, timestamps,
 *  handles of the host. Chars are strings of one char. `rootName` begins the path. Throws JsonTooLong before it writes more
 *  than about `charsMax` characters: shared content makes a small value long. `blobText`: blobs become the text that
 *  it gives. */
export function toJson(
  value: Value,
  rootName = "value",
  charsMax = CHARS_MAX,
  blobText?: (bytes: Uint8Array) => string,
): string {
  const place: Place = { path: [rootName], charsLeft: charsMax, blobText };
  try {
    return write(value, place);
  } catch (error) {
    if (error === tooLong) throw new JsonTooLong(rootName, charsMax);
    throw error;
  }
}

/** Below the longest string of JavaScript engines. */
const CHARS_MAX = 256 * 1024 * 1024;
const tooLong = new Error("too long");

interface Place {
  /** The root's name, then keys and indices. */
  readonly path: (string | number)[];
  charsLeft: number;
  readonly blobText: ((bytes: Uint8Array) => string) | undefined;
}

function write(value: Value, place: Place): string {
  if (typeof value === "string") return writeString(value, place);
  if (typeof value === "object") return writeObject(value, place);
  return counted(value === undefined ? "null" : String(value), place);
}

function writeString(value: string, place: Place): string {
  counted(value, place);
  return JSON.stringify(value);
}

/** With a comma behind it, and for containers the brackets. */
function counted(text: string, place: Place, more = 1): string {
  place.charsLeft -= text.length + more;
  if (place.charsLeft < 0) throw tooLong;
  return text;
}

function writeObject(value: Value & object, place: Place): string {
  if (value instanceof Float) return writeFloat(value.v, place);
  if (value instanceof Char) return writeString(value.text, place);
  if (value instanceof Blob && place.blobText !== undefined)
    return writeString(place.blobText(value.bytes), place);
  counted("", place, 3);
  if (value instanceof Arr) {
    tick(value.items.length);
    const parts = value.items.map((item, at) => inside(place, at, item));
    return `[${parts.join(",")}]`;
  }
  if (value instanceof Dict) {
    const parts = sortedKeys(value).map(
      (key) => `${writeString(key, place)}:${inside(place, key, value.entries.get(key))}`,
    );
    return `{${parts.join(",")}}`;
  }
  return refuse(`is ${nounOf(value)}, which has no JSON`, place);
}

function inside(place: Place, key: string | number, value: Value): string {
  if (place.path.length > NESTING_MAX) refuse(`is nested deeper than ${NESTING_MAX}`, place);
  place.path.push(key);
  const text = write(value, place);
  place.path.pop();
  return text;
}

function writeFloat(value: number, place: Place): string {
  if (!Number.isFinite(value)) return refuse(`is ${value}, which has no JSON`, place);
  if (Object.is(value, -0)) return counted("-0.0", place);
  const text = String(value);
  return counted(/[.e]/.test(text) ? text : `${text}.0`, place);
}

function nounOf(
  value: Exclude<Value & object, Float | Char | Arr | Dict>,
): "a blob" | "a range" | "a function" | "a timestamp" | "a sequence" | `a ${string}` {
  if (value instanceof Blob) return "a blob";
  if (value instanceof Range) return "a range";
  if (value instanceof FnPtr) return "a function";
  if (value instanceof Timestamp) return "a timestamp";
  if (value instanceof Sequence) return "a sequence";
  return `a ${value.type}`;
}

function refuse(what: string, { path }: Place): never {
  const [root, ...keys] = path;
  const steps = keys.map((key) =>
    typeof key === "number"
      ? `[${key}]`
      : /^[A-Za-z_]\w*$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`,
  );
  throw new JsonError(`${root}${steps.join("")} ${what}`);
}
