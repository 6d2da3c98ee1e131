/** 64-bit checked integers: a number within ±(2^53-1), a bigint beyond. Here is the slow half of the operators. */
import { arithmetic } from "./raise.ts";
import { type Value } from "./value.ts";

export type Int = number | bigint;

export const SAFE_MAX: number = Number.MAX_SAFE_INTEGER;
export const SAFE_MIN: number = Number.MIN_SAFE_INTEGER;
export const INT_MAX: bigint = 2n ** 63n - 1n;
export const INT_MIN: bigint = -(2n ** 63n);

export function isInt(value: Value): value is Int {
  return typeof value === "number" || typeof value === "bigint";
}

/** The one form of an integer that is known to fit into 64 bits. */
export function intOf(value: bigint): Int {
  const n = Number(value);
  return n <= SAFE_MAX && n >= SAFE_MIN ? n : value;
}

/** The low 64 bits, signed. */
export function wrapInt(value: bigint): Int {
  return intOf(BigInt.asIntN(64, value));
}

/** The integer a float is cut to, as Rust's `as i64`: NaN gives 0, beyond the ends gives the end. */
export function saturate(float: number): Int {
  if (Number.isNaN(float)) return 0;
  const cut = Math.trunc(float);
  if (cut <= SAFE_MAX && cut >= SAFE_MIN) return cut + 0;
  if (cut >= 2 ** 63) return INT_MAX;
  if (cut < -(2 ** 63)) return INT_MIN;
  return intOf(BigInt(cut));
}

/** `error` says what overflows: called if the result does not fit. */
function checked(result: bigint, error: () => never): Int {
  return result > INT_MAX || result < INT_MIN ? error() : intOf(result);
}

// Between these sizes a sum or product, known only as a float, surely is beyond 2^53 and surely fits into 64 bits.
const SURELY_LARGE = 9.0072e15;
const SURELY_FITS = 9.2e18;

/** Is the exact result, which `approximate` is near to, a bigint that fits? Spares the comparisons of bigints. */
function isSurelyLarge(approximate: number): boolean {
  const size = Math.abs(approximate);
  return size > SURELY_LARGE && size < SURELY_FITS;
}

export function addInts(a: Int, b: Int, isPlaceless: boolean): Int {
  const result = BigInt(a) + BigInt(b);
  if (isSurelyLarge(Number(a) + Number(b))) return result;
  return checked(result, () => arithmetic(`Addition overflow: ${a} + ${b}`, isPlaceless));
}

export function subInts(a: Int, b: Int, isPlaceless: boolean): Int {
  const result = BigInt(a) - BigInt(b);
  if (isSurelyLarge(Number(a) - Number(b))) return result;
  return checked(result, () => arithmetic(`Subtraction overflow: ${a} - ${b}`, isPlaceless));
}

export function mulInts(a: Int, b: Int, isPlaceless: boolean): Int {
  const result = BigInt(a) * BigInt(b);
  if (isSurelyLarge(Number(a) * Number(b))) return result;
  return checked(result, () => arithmetic(`Multiplication overflow: ${a} * ${b}`, isPlaceless));
}

export function divInts(a: Int, b: Int, isPlaceless: boolean): Int {
  if (b === 0) return arithmetic(`Division by zero: ${a} / ${b}`, isPlaceless);
  return checked(BigInt(a) / BigInt(b), () => arithmetic(`Division overflow: ${a} / ${b}`, isPlaceless));
}

export function modInts(a: Int, b: Int, isPlaceless: boolean): Int {
  if (b === 0 || (b === -1 && a === INT_MIN)) {
    return arithmetic(`Modulo division by zero or overflow: ${a} % ${b}`, isPlaceless);
  }
  const rest = BigInt(a) % BigInt(b);
  // It is smaller than `b`.
  return typeof b === "number" ? Number(rest) : intOf(rest);
}

export function powInts(a: Int, b: Int, isPlaceless: boolean): Int {
  if (b < 0) return arithmetic(`Integer raised to a negative power: ${a} ** ${b}`, isPlaceless);
  if (b > 0xffff_ffff) return arithmetic(`Exponential overflow: ${a} ** ${b}`, isPlaceless);
  if (a === 0 || a === 1) return b === 0 ? 1 : a;
  if (a === -1) return Number(b) % 2 === 0 ? 1 : -1;
  // |a| is at least 2, so 64 bits end at the latest at the 64th power.
  if (b > 63) return arithmetic(`Exponential overflow: ${a} ** ${b}`, isPlaceless);
  return checked(BigInt(a) ** BigInt(b), () => arithmetic(`Exponential overflow: ${a} ** ${b}`, isPlaceless));
}

export function negInt(a: Int): Int {
  if (a === INT_MIN) return arithmetic(`Negation overflow: -${a}`);
  return typeof a === "number" ? 0 - a : intOf(-a);
}

export function shlInts(a: Int, b: Int): Int {
  if (b < 0) return shiftRight(a, -BigInt(b));
  return b >= 64 ? 0 : wrapInt(BigInt(a) << BigInt(b));
}

export function shrInts(a: Int, b: Int): Int {
  if (b >= 0) return shiftRight(a, BigInt(b));
  return b <= -64 ? 0 : wrapInt(BigInt(a) << -BigInt(b));
}

function shiftRight(a: Int, count: bigint): Int {
  if (count >= 64n) return a < 0 ? -1 : 0;
  return intOf(BigInt(a) >> count);
}

const LIMB = 0x1_0000_0000;

/** The number of two 32-bit halves. -(2^53) is the one sum that is not safe. */
function joined(high: number, low: number): Int {
  const n = high * LIMB + (low >>> 0);
  return n < SAFE_MIN ? BigInt(n) : n;
}

export function andInts(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    return joined(Math.floor(a / LIMB) & Math.floor(b / LIMB), a & b);
  }
  return intOf(BigInt(a) & BigInt(b));
}

export function orInts(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    return joined(Math.floor(a / LIMB) | Math.floor(b / LIMB), a | b);
  }
  return intOf(BigInt(a) | BigInt(b));
}

export function xorInts(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    return joined(Math.floor(a / LIMB) ^ Math.floor(b / LIMB), a ^ b);
  }
  return intOf(BigInt(a) ^ BigInt(b));
}
