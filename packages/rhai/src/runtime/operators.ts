/** Binary and unary operators. The fast halves are tiny so that V8 inlines them where they are used. */
import { powFloats } from "./float.ts";
import {
  addInts,
  andInts,
  divInts,
  type Int,
  isInt,
  modInts,
  mulInts,
  negInt,
  orInts,
  powInts,
  SAFE_MAX,
  SAFE_MIN,
  shlInts,
  shrInts,
  subInts,
  xorInts,
} from "./integer.ts";
import { checkedSum } from "./limits.ts";
import { functionNotFound, mismatchValue } from "./raise.ts";
import { addOther, subOther } from "./text-operators.ts";
import { Char, Float, Range, type Value } from "./value.ts";

export function add(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const r = a + b;
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
  } else if (a instanceof Float && b instanceof Float) return new Float(a.v + b.v);
  return addSlow(a, b, true);
}

export function sub(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const r = a - b;
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
  } else if (a instanceof Float && b instanceof Float) return new Float(a.v - b.v);
  return subSlow(a, b, true);
}

export function mul(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const r = a * b;
    // A product can be -0.
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r + 0;
  } else if (a instanceof Float && b instanceof Float) return new Float(a.v * b.v);
  return mulSlow(a, b, true);
}

export function div(a: Value, b: Value): Value {
  // The rounded quotient of two safe integers never reaches the next integer, so cutting it is exact.
  if (typeof a === "number" && typeof b === "number" && b !== 0) return Math.trunc(a / b) + 0;
  if (a instanceof Float && b instanceof Float) return new Float(a.v / b.v);
  return divSlow(a, b, true);
}

export function mod(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && b !== 0) return (a % b) + 0;
  if (a instanceof Float && b instanceof Float) return new Float(a.v % b.v);
  return modSlow(a, b, true);
}

export function pow(a: Value, b: Value): Value {
  return powSlow(a, b, true);
}

/** The value of a number operand as a float, or undefined. */
function floatOf(value: Value): number | undefined {
  if (value instanceof Float) return value.v;
  return isInt(value) ? Number(value) : undefined;
}

/** Both operands as floats, if they are a float and a number. */
function floats(a: Value, b: Value, f: (x: number, y: number) => number): Float | undefined {
  const x = floatOf(a);
  const y = floatOf(b);
  return x === undefined || y === undefined ? undefined : new Float(f(x, y));
}

/** Everything that `add` leaves. `isPlaceless`: false for `+=`, whose errors carry a position. */
export function addSlow(a: Value, b: Value, isPlaceless: boolean): Value {
  if (typeof a === "string") {
    if (typeof b === "string") return checkedSum(a, b, isPlaceless);
    if (b instanceof Char) return checkedSum(a, b.text, isPlaceless);
    return addOther(a, b, isPlaceless);
  }
  if (typeof b === "string" && a instanceof Char) return checkedSum(a.text, b, isPlaceless);
  if (isInt(a) && isInt(b)) return addInts(a, b, isPlaceless);
  return floats(a, b, (x, y) => x + y) ?? addOther(a, b, isPlaceless);
}

export function subSlow(a: Value, b: Value, isPlaceless: boolean): Value {
  if (isInt(a) && isInt(b)) return subInts(a, b, isPlaceless);
  return floats(a, b, (x, y) => x - y) ?? subOther(a, b);
}

export function mulSlow(a: Value, b: Value, isPlaceless: boolean): Value {
  if (isInt(a) && isInt(b)) return mulInts(a, b, isPlaceless);
  return floats(a, b, (x, y) => x * y) ?? functionNotFound("*", [a, b]);
}

export function divSlow(a: Value, b: Value, isPlaceless: boolean): Value {
  if (isInt(a) && isInt(b)) return divInts(a, b, isPlaceless);
  return floats(a, b, (x, y) => x / y) ?? functionNotFound("/", [a, b]);
}

export function modSlow(a: Value, b: Value, isPlaceless: boolean): Value {
  if (isInt(a) && isInt(b)) return modInts(a, b, isPlaceless);
  return floats(a, b, (x, y) => x % y) ?? functionNotFound("%", [a, b]);
}

export function powSlow(a: Value, b: Value, isPlaceless: boolean): Value {
  if (isInt(a) && isInt(b)) return powInts(a, b, isPlaceless);
  return floats(a, b, powFloats) ?? functionNotFound("**", [a, b]);
}

export function shl(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && b >= 0 && b < 32) {
    const r = a * 2 ** b;
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
  }
  return isInt(a) && isInt(b) ? shlInts(a, b) : functionNotFound("<<", [a, b]);
}

export function shr(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && b >= 0 && b < 64) return Math.floor(a / 2 ** b);
  return isInt(a) && isInt(b) ? shrInts(a, b) : functionNotFound(">>", [a, b]);
}

/** Both are integers of 32 bits, on which JavaScript's bit operators are exact. */
function areSmall(a: Value, b: Value): boolean {
  return typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b;
}

export function bitAnd(a: Value, b: Value): Value {
  if (areSmall(a, b)) return (a as number) & (b as number);
  return bits("&", a, b, andInts);
}

export function bitOr(a: Value, b: Value): Value {
  if (areSmall(a, b)) return (a as number) | (b as number);
  return bits("|", a, b, orInts);
}

export function bitXor(a: Value, b: Value): Value {
  if (areSmall(a, b)) return (a as number) ^ (b as number);
  return bits("^", a, b, xorInts);
}

function bits(name: "&" | "|" | "^", a: Value, b: Value, f: (x: Int, y: Int) => Int): Value {
  if (isInt(a) && isInt(b)) return f(a, b);
  if (typeof a !== "boolean" || typeof b !== "boolean") return functionNotFound(name, [a, b]);
  return name === "&" ? a && b : name === "|" ? a || b : a !== b;
}

/** `-a`. */
export function neg(a: Value): Value {
  if (typeof a === "number") return 0 - a;
  if (a instanceof Float) return new Float(-a.v);
  return typeof a === "bigint" ? negInt(a) : functionNotFound("-", [a]);
}

/** `+a`. */
export function plus(a: Value): Value {
  return isInt(a) || a instanceof Float ? a : functionNotFound("+", [a]);
}

/** `!a`. */
export function not(a: Value): boolean {
  return typeof a === "boolean" ? !a : functionNotFound("!", [a]);
}

/** A condition, or an operand of `&&` and `||`. */
export function bool(value: Value): boolean {
  return typeof value === "boolean" ? value : mismatchValue(value, "bool");
}

/** `a..b` and `a..=b`. */
export function range(a: Value, b: Value, isInclusive: boolean): Value {
  if (isInt(a) && isInt(b)) return new Range(a, b, isInclusive);
  return functionNotFound(isInclusive ? "..=" : "..", [a, b]);
}
