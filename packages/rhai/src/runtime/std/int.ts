/** Functions of integers, and of texts read as integers. */
import { type Int, INT_MAX, INT_MIN, intOf, isInt, negInt } from "../integer.ts";
import { define, defineGetter, NONE, type Result } from "../native.ts";
import { tick } from "../fuel.ts";
import { arithmetic } from "../raise.ts";
import { Float, type Value } from "../value.ts";
import { clamp } from "./arguments.ts";
import { trimText } from "./text.ts";

function isOdd(value: Int): boolean {
  return typeof value === "number" ? value % 2 !== 0 : value % 2n !== 0n;
}

function sign(value: Int): Int {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

function digits(value: Int, radix: number): string {
  if (value >= 0) return value.toString(radix);
  return BigInt.asUintN(64, BigInt(value)).toString(radix);
}

/** Value of a digit: 0-9, a-z, A-Z; 99 for others. */
function digitOf(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48;
  if (unit >= 97 && unit <= 122) return unit - 87;
  return unit >= 65 && unit <= 90 ? unit - 55 : 99;
}

/** Up to here another digit of any radix leaves a number that is exact. */
const smallMax = 2 ** 46;

/** Reads an integer as Rust's `from_str_radix`; a string is the reason why not. */
function readInt(text: string, radix: number): Int | string {
  if (text === "") return "cannot parse integer from empty string";
  const isNegative = text.startsWith("-");
  const start = isNegative || text.startsWith("+") ? 1 : 0;
  if (start === text.length) return "invalid digit found in string";
  let small = 0;
  for (let at = start; at < text.length; at++) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit >= radix) return "invalid digit found in string";
    if (small > smallMax) return readLarge(text, at, radix, isNegative ? -small : small);
    small = small * radix + digit;
  }
  return isNegative ? 0 - small : small;
}

/** Goes on beyond numbers. */
function readLarge(text: string, start: number, radix: number, soFar: number): Int | string {
  let value = BigInt(soFar);
  const unit = soFar < 0 ? -1n : 1n;
  for (let at = start; at < text.length; at++) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit >= radix) return "invalid digit found in string";
    value = value * BigInt(radix) + unit * BigInt(digit);
    if (value < INT_MIN) return "number too small to fit in target type";
    if (value > INT_MAX) return "number too large to fit in target type";
  }
  return intOf(value);
}

function parseIntRadix(text: string, radix: Value): Result {
  if (!isInt(radix)) return NONE;
  const base = clamp(radix);
  if (base < 2 || base > 36) return arithmetic(`Invalid radix: '${radix}'`);
  tick(text.length >> 2);
  const read = readInt(trimText(text), base);
  if (typeof read === "string") return arithmetic(`Error parsing integer number '${text}': ${read}`);
  return read;
}

function max(a: Int, b: Value): Result {
  if (isInt(b)) return a >= b ? a : b;
  if (b instanceof Float) return Number(a) >= b.v ? new Float(Number(a)) : b;
  return NONE;
}

function min(a: Int, b: Value): Result {
  if (isInt(b)) return a <= b ? a : b;
  if (b instanceof Float) return Number(a) <= b.v ? new Float(Number(a)) : b;
  return NONE;
}

export function defineInts(): void {
  define("int", "abs", (value) => (value < 0 ? negInt(value) : value));
  define("int", "sign", sign);
  defineGetter("int", "is_zero", (value) => value === 0);
  defineGetter("int", "is_odd", isOdd);
  defineGetter("int", "is_even", (value) => !isOdd(value));
  define("int", "to_int", (value) => value);
  define("int", "to_float", (value) => new Float(Number(value)));
  define("int", "to_hex", (value) => digits(value, 16));
  define("int", "to_octal", (value) => digits(value, 8));
  define("int", "to_binary", (value) => digits(value, 2));
  define("int", "max", max);
  define("int", "min", min);
  define("string", "parse_int", (text) => parseIntRadix(text, 10));
  define("string", "parse_int", parseIntRadix);
}
