/** What is known of a value when a script is compiled. A lattice: `never` (no value seen yet) at the bottom, `any` on top. */

export type Type =
  | { readonly tag: "never" | "any" | "float" | "bool" | "string" | "char" | "unit" | "map" | "fn" | "blob" }
  /** Bounds may be infinite: then the value may be a bigint. */
  | { readonly tag: "int"; readonly lo: number; readonly hi: number }
  /** A range of ints, by the bounds of what a loop over it sees. */
  | { readonly tag: "range"; readonly lo: number; readonly hi: number }
  | { readonly tag: "array"; readonly item: Type };

export const NEVER: Type = { tag: "never" };
export const ANY: Type = { tag: "any" };
export const FLOAT: Type = { tag: "float" };
export const BOOL: Type = { tag: "bool" };
export const STRING: Type = { tag: "string" };
export const CHAR: Type = { tag: "char" };
export const UNIT: Type = { tag: "unit" };
export const MAP: Type = { tag: "map" };
export const FN: Type = { tag: "fn" };
export const BLOB: Type = { tag: "blob" };
/** Any of the 64 bits. */
export const INT: Type = { tag: "int", lo: -Infinity, hi: Infinity };
/** A length or a position. */
export const COUNT: Type = { tag: "int", lo: 0, hi: Number.MAX_SAFE_INTEGER };

/** Arrays inside arrays that are told apart. */
const DEPTH_MAX = 3;

export function int(lo: number, hi: number): Type {
  return {
    tag: "int",
    lo: lo < Number.MIN_SAFE_INTEGER ? -Infinity : lo,
    hi: hi > Number.MAX_SAFE_INTEGER ? Infinity : hi,
  };
}

export function array(item: Type): Type {
  return { tag: "array", item: depthOf(item) >= DEPTH_MAX ? ANY : item };
}

function depthOf(type: Type): number {
  return type.tag === "array" ? 1 + depthOf(type.item) : 0;
}

/** Is the value a JavaScript number? */
export function isSafe(type: Type): boolean {
  return type.tag === "int" && Number.isFinite(type.lo) && Number.isFinite(type.hi);
}

/** What a value is that may be the one or the other. */
export function join(a: Type, b: Type): Type {
  if (a === b || b.tag === "never") return a;
  if (a.tag === "never") return b;
  if (a.tag === "int" && b.tag === "int") return int(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi));
  if (a.tag === "range" && b.tag === "range") {
    return { tag: "range", lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
  }
  if (a.tag === "array" && b.tag === "array") return array(join(a.item, b.item));
  return a.tag === b.tag ? a : ANY;
}

export function isSame(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.tag === "array" && b.tag === "array") return isSame(a.item, b.item);
  if ((a.tag === "int" || a.tag === "range") && a.tag === b.tag) return a.lo === b.lo && a.hi === b.hi;
  return a.tag === b.tag && a.tag !== "array";
}

/** `next` where it grew beyond `last`, with bounds that can't go on growing for long. */
export function widen(last: Type, next: Type): Type {
  if (last.tag === "array" && next.tag === "array") return array(widen(last.item, next.item));
  if ((next.tag !== "int" && next.tag !== "range") || last.tag !== next.tag) return next;
  const lo = next.lo < last.lo ? floorStep(next.lo) : next.lo;
  const hi = next.hi > last.hi ? ceilStep(next.hi) : next.hi;
  return { tag: next.tag, lo, hi };
}

const STEPS = [0, 1, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER];

function ceilStep(x: number): number {
  return STEPS.find((step) => x <= step) ?? Infinity;
}

function floorStep(x: number): number {
  const step = STEPS.find((bound) => x >= -bound);
  return step === undefined ? -Infinity : 0 - step;
}
