/** Numbers: `12`, `0xff`, `1_000.5e-3`. */
import { type Lexer } from "./lexer.ts";
import * as t from "./token.ts";

const intMin = -(2n ** 63n);
const intMax = 2n ** 63n - 1n;

/** Reads the number at `pos`; `isNegative`: the minus before it belongs to it. */
export function readNumber(lexer: Lexer, isNegative: boolean): void {
  const { source } = lexer;
  const from = lexer.pos + (isNegative ? 1 : 0);
  if (source.charCodeAt(from) === 48) {
    const radix = radixOf(source.charCodeAt(from + 1));
    if (radix !== 0) return readRadix(lexer, from + 2, radix, isNegative);
  }
  let i = from;
  let code = source.charCodeAt(i);
  while ((code >= 48 && code <= 57) || code === 95) code = source.charCodeAt(++i);
  // A period with a digit or a symbol after it belongs to the number; `1.foo()` is a call, `1..2` a range.
  const isPoint = code === 46 && takesPoint(source, i + 1);
  if (!isPoint && (code | 32) !== 101) return finishInt(lexer, i, isNegative);
  readFloat(lexer, i, isNegative);
}

function takesPoint(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  if (code >= 48 && code <= 57) return true;
  // End of text, `_`, `..` and names.
  return !(Number.isNaN(code) || code === 95 || code === 46 || ((code | 32) >= 97 && (code | 32) <= 122));
}

function finishInt(lexer: Lexer, end: number, isNegative: boolean): void {
  const digits = plain(lexer.source.slice(lexer.pos, end));
  lexer.pos = end;
  const value = Number(digits);
  lexer.kind = t.int;
  if (Number.isSafeInteger(value)) {
    // Rhai's integer 0 has no sign.
    lexer.num = value + 0;
    return;
  }
  const exact = BigInt(digits);
  if (isNegative ? exact >= intMin : exact <= intMax) {
    lexer.num = exact;
    return;
  }
  // A decimal integer past 64 bits is a float.
  lexer.kind = t.float;
  lexer.num = value;
}

/** From `i` on there is a period or an exponent. */
function readFloat(lexer: Lexer, at: number, isNegative: boolean): void {
  const { source } = lexer;
  let i = at;
  const isPoint = source.charCodeAt(i) === 46;
  if (isPoint) i = digitsEnd(source, i + 1);
  let isFloat = isPoint;
  if ((source.charCodeAt(i) | 32) === 101) {
    const sign = source.charCodeAt(i + 1);
    const first = sign === 43 || sign === 45 ? i + 2 : i + 1;
    const code = source.charCodeAt(first);
    // `1e-` is malformed, while `1e` is the integer 1 before a name.
    if (first === i + 2 || (code >= 48 && code <= 57)) {
      isFloat = true;
      i = digitsEnd(source, first);
    }
  }
  if (!isFloat) return finishInt(lexer, i, isNegative);
  const text = plain(source.slice(lexer.pos, i));
  lexer.pos = i;
  const value = Number(text);
  if (Number.isNaN(value)) return lexer.bad("MalformedNumber", `Invalid number: '${text}'`, lexer.start);
  lexer.kind = t.float;
  lexer.num = value;
}

function digitsEnd(source: string, from: number): number {
  let i = from;
  let code = source.charCodeAt(i);
  while ((code >= 48 && code <= 57) || code === 95) code = source.charCodeAt(++i);
  return i;
}

function plain(text: string): string {
  return text.includes("_") ? text.replaceAll("_", "") : text;
}

function radixOf(code: number): number {
  switch (code | 32) {
    case 120:
      return 16;
    case 111:
      return 8;
    case 98:
      return 2;
    default:
      return 0;
  }
}

function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : 99;
}

/** Unsigned 64 bits, read as the signed integer with the same bits. */
function readRadix(lexer: Lexer, from: number, radix: number, isNegative: boolean): void {
  const { source } = lexer;
  let i = from;
  while (digitOf(source.charCodeAt(i)) < radix || source.charCodeAt(i) === 95) i += 1;
  const digits = plain(source.slice(from, i));
  lexer.pos = i;
  const bits = digits === "" ? -1n : BigInt(source.slice(from - 2, from).toLowerCase() + digits);
  if (bits < 0n || bits >= 2n ** 64n) {
    return lexer.bad("MalformedNumber", `Invalid number: '${digits}'`, lexer.start);
  }
  const value = BigInt.asIntN(64, isNegative ? -BigInt.asIntN(64, bits) : bits);
  lexer.kind = t.int;
  const small = Number(value);
  lexer.num = Number.isSafeInteger(small) ? small : value;
}
