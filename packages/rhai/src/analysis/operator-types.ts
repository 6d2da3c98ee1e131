/** Types of operators, by interval arithmetic on ints. An operator that would fail has any type: nobody sees its value. */
import { type BinaryOperator } from "../syntax/tree.ts";
import { ANY, array, BOOL, CHAR, FLOAT, INT, int, join, NEVER, STRING, type Type } from "./type.ts";

type Int = Type & { tag: "int" };

const toBool: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>([
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "&&",
  "||",
  "in",
  "!in",
]);
const arithmetic: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(["+", "-", "*", "/", "%", "**"]);

export function binaryType(operator: BinaryOperator, a: Type, b: Type): Type {
  if (toBool.has(operator)) return BOOL;
  if (operator === "??") return coalesced(a, b);
  if (a.tag === "never" || b.tag === "never") return NEVER;
  if (operator === ".." || operator === "..=") return rangeType(a, b, operator === "..=");
  if (a.tag === "int" && b.tag === "int") return intTypes.get(operator)?.(a, b) ?? INT;
  return otherType(operator, a, b);
}

function rangeType(a: Type, b: Type, isInclusive: boolean): Type {
  if (a.tag !== "int" || b.tag !== "int") return { tag: "range", lo: -Infinity, hi: Infinity };
  return { tag: "range", lo: a.lo, hi: isInclusive ? b.hi : b.hi - 1 };
}

function coalesced(a: Type, b: Type): Type {
  if (a.tag === "unit") return b;
  return a.tag === "any" ? ANY : a;
}

function isNumber(type: Type): boolean {
  return type.tag === "int" || type.tag === "float";
}

function isText(type: Type): boolean {
  return type.tag === "string" || type.tag === "char";
}

function otherType(operator: BinaryOperator, a: Type, b: Type): Type {
  if (isNumber(a) && isNumber(b) && arithmetic.has(operator)) return FLOAT;
  if (operator === "+") return sumType(a, b);
  if (operator === "-" && a.tag === "string") return STRING;
  if (a.tag === "bool" && b.tag === "bool") return BOOL;
  return ANY;
}

function sumType(a: Type, b: Type): Type {
  if (a.tag === "string" || b.tag === "string") return STRING;
  if (isText(a) && isText(b)) return STRING;
  if (a.tag === "array" && b.tag === "array") return array(join(a.item, b.item));
  return a.tag === "map" && b.tag === "map" ? a : ANY;
}

/** 0 · ∞ is 0 here: the bound is not reached. */
function times(x: number, y: number): number {
  return x === 0 || y === 0 ? 0 : x * y;
}

function productType(a: Int, b: Int): Type {
  const corners = [times(a.lo, b.lo), times(a.lo, b.hi), times(a.hi, b.lo), times(a.hi, b.hi)];
  return int(Math.min(...corners), Math.max(...corners));
}

/** A quotient is no larger than the dividend, and has its sign if the divisor is positive. */
function quotientType(a: Int, b: Int): Type {
  const size = Math.max(Math.abs(a.lo), Math.abs(a.hi));
  if (b.lo > 0) return int(Math.min(a.lo, 0), Math.max(a.hi, 0));
  return int(-size, size);
}

/** A remainder is smaller than the divisor and no larger than the dividend, whose sign it has. */
function remainderType(a: Int, b: Int): Type {
  const size = Math.max(Math.abs(b.lo), Math.abs(b.hi), 1) - 1;
  return int(a.lo < 0 ? Math.max(a.lo, -size) : 0, a.hi > 0 ? Math.min(a.hi, size) : 0);
}

/** Bits of both: no more than the wider operand has. */
function bitsType(a: Int, b: Int): Type {
  if (a.lo >= 0 && b.lo >= 0) return int(0, allBits(Math.max(a.hi, b.hi)));
  const size = Math.max(a.hi, b.hi, -1 - a.lo, -1 - b.lo);
  return int(-1 - allBits(size), allBits(size));
}

/** The smallest 2^k - 1 that is not below `x`. */
function allBits(x: number): number {
  return 2 ** Math.ceil(Math.log2(x + 1)) - 1;
}

function leftShiftType(a: Int, b: Int): Type {
  if (b.lo < 0 || b.hi > 62) return INT;
  const [lo, hi] = [Math.min(a.lo * 2 ** b.hi, a.lo), Math.max(a.hi * 2 ** b.hi, a.hi)];
  // What is shifted out of 64 bits can turn the sign.
  return lo < -(2 ** 62) || hi > 2 ** 62 ? INT : int(lo, hi);
}

function maskType(a: Int, b: Int): Type {
  const hi = Math.min(a.lo >= 0 ? a.hi : Infinity, b.lo >= 0 ? b.hi : Infinity);
  return a.lo >= 0 || b.lo >= 0 ? int(0, hi) : bitsType(a, b);
}

/** Operators whose result is smaller than 64 bits if their operands are. */
const intTypes: ReadonlyMap<BinaryOperator, (a: Int, b: Int) => Type> = new Map<
  BinaryOperator,
  (a: Int, b: Int) => Type
>([
  ["+", (a, b) => int(a.lo + b.lo, a.hi + b.hi)],
  ["-", (a, b) => int(a.lo - b.hi, a.hi - b.lo)],
  ["*", productType],
  ["/", quotientType],
  ["%", remainderType],
  ["&", maskType],
  ["|", bitsType],
  ["^", bitsType],
  ["<<", leftShiftType],
  [">>", (a, b) => (b.lo >= 0 ? int(Math.min(a.lo, 0), Math.max(a.hi, 0)) : INT)],
]);

export function unaryType(operator: "-" | "+" | "!", a: Type): Type {
  if (operator === "!") return BOOL;
  if (a.tag === "never" || a.tag === "float") return a;
  if (a.tag !== "int") return ANY;
  return operator === "+" ? a : int(0 - a.hi, 0 - a.lo);
}

/** `container[index]`. */
export function indexType(container: Type, index: Type): Type {
  if (container.tag === "never") return NEVER;
  if (container.tag === "array") return container.item;
  if (container.tag === "blob") return int(0, 255);
  if (index.tag === "int") return container.tag === "string" ? CHAR : container.tag === "int" ? BOOL : ANY;
  if (index.tag === "range") return container.tag === "string" ? STRING : container.tag === "int" ? INT : ANY;
  return ANY;
}

/** What the variable of a loop over it gets. A range is left by 2^53 steps before its number could end being exact. */
export function elementType(iterable: Type): Type {
  if (iterable.tag === "never") return NEVER;
  if (iterable.tag === "array") return iterable.item;
  if (iterable.tag === "string") return CHAR;
  if (iterable.tag === "blob") return int(0, 255);
  if (iterable.tag !== "range") return ANY;
  return Number.isFinite(iterable.lo)
    ? int(iterable.lo, Math.min(iterable.hi, Number.MAX_SAFE_INTEGER))
    : INT;
}
