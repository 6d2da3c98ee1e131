/** Functions of floats, and mathematics. */
import { isInt, saturate } from "../integer.ts";
import { define, defineGetter, defineNone, NONE, type Result } from "../native.ts";
import { tick } from "../fuel.ts";
import { arithmetic } from "../raise.ts";
import { Float, type Value } from "../value.ts";
import { trimText } from "./text.ts";

function round(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

function sign(x: number): Result {
  if (Number.isNaN(x)) return arithmetic("Sign of NaN is undefined");
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

/** Rust's `{}` of a large float: all digits, no exponent. */
function plainDigits(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const [mantissa = "", exponent = "0"] = x.toExponential().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return whole + fraction.padEnd(Number(exponent), "0");
}

function toInt(x: number): Result {
  if (x > 2 ** 63 || x < -(2 ** 63)) return arithmetic(`Integer overflow: to_int(${plainDigits(x)})`);
  return saturate(x);
}

const floatForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const specialForm = /^[+-]?(?:inf|infinity|nan)$/i;

function parseFloatText(text: string): Result {
  const trimmed = trimText(text);
  tick(text.length >> 2);
  if (floatForm.test(trimmed)) return new Float(Number(trimmed));
  const reason = trimmed === "" ? "cannot parse float from empty string" : "invalid float literal";
  if (!specialForm.test(trimmed)) {
    return arithmetic(`Error parsing floating-point number '${text}': ${reason}`);
  }
  if (/nan$/i.test(trimmed)) return new Float(NaN);
  return new Float(trimmed.startsWith("-") ? -Infinity : Infinity);
}

// The inverse hyperbolic functions as Rust computes them: V8's differ in the last digit.
function asinh(x: number): number {
  const size = Math.abs(x);
  const inverse = 1 / size;
  const result = Math.log1p(size + size / (Math.hypot(1, inverse) + inverse));
  return x < 0 || Object.is(x, -0) ? -result : result;
}

function acosh(x: number): number {
  return x < 1 ? NaN : Math.log(x + Math.sqrt(x - 1) * Math.sqrt(x + 1));
}

function atanh(x: number): number {
  return 0.5 * Math.log1p((2 * x) / (1 - x));
}

const degreesPerRadian = 57.29577951308232;

const unary: Readonly<Record<string, (x: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  asinh,
  acosh,
  atanh,
  sqrt: Math.sqrt,
  exp: Math.exp,
  ln: Math.log,
  log: Math.log10,
  abs: Math.abs,
  to_degrees: (x) => x * degreesPerRadian,
  to_radians: (x) => x * (Math.PI / 180),
};

const unaryGetters: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceiling: Math.ceil,
  round,
  int: Math.trunc,
  fraction: (x) => x - Math.trunc(x),
};

const tests: Readonly<Record<string, (x: number) => boolean>> = {
  is_nan: Number.isNaN,
  is_finite: Number.isFinite,
  is_infinite: (x) => Math.abs(x) === Infinity,
  is_zero: (x) => x === 0,
};

function binary(compute: (x: number, y: number) => number): (x: Float, y: Value) => Result {
  return (x, y) => (y instanceof Float ? new Float(compute(x.v, y.v)) : NONE);
}

function numberOf(value: Value): number | undefined {
  if (value instanceof Float) return value.v;
  return isInt(value) ? Number(value) : undefined;
}

function max(x: Float, other: Value): Result {
  const y = numberOf(other);
  if (y === undefined) return NONE;
  return x.v >= y ? x : new Float(y);
}

function min(x: Float, other: Value): Result {
  const y = numberOf(other);
  if (y === undefined) return NONE;
  return x.v <= y ? x : new Float(y);
}

export function defineFloats(): void {
  for (const [name, compute] of Object.entries(unary)) define("float", name, (x) => new Float(compute(x.v)));
  for (const [name, compute] of Object.entries(unaryGetters)) {
    defineGetter("float", name, (x) => new Float(compute(x.v)));
  }
  for (const [name, test] of Object.entries(tests)) defineGetter("float", name, (x) => test(x.v));
  define("float", "atan", binary(Math.atan2));
  define("float", "hypot", binary(Math.hypot));
  define(
    "float",
    "log",
    binary((x, base) => Math.log(x) / Math.log(base)),
  );
  define("float", "max", max);
  define("float", "min", min);
  define("float", "sign", (x) => sign(x.v));
  define("float", "to_int", (x) => toInt(x.v));
  define("float", "to_float", (x) => x);
  define("string", "parse_float", parseFloatText);
  defineNone("PI", () => new Float(Math.PI));
  defineNone("E", () => new Float(Math.E));
}
