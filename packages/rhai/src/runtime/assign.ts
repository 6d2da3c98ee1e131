/** Assignment forms of the operators: the new value of the place. Containers are changed in place and returned.
 *  Unlike the plain operators their arithmetic errors carry a position. */
import {
  addSlow,
  bitAnd,
  bitOr,
  bitXor,
  divSlow,
  modSlow,
  mulSlow,
  powSlow,
  shl,
  shr,
  subSlow,
} from "./operators.ts";
import { appendBytes } from "./blob-bytes.ts";
import { tick } from "./fuel.ts";
import { checkArray, checkMap } from "./limits.ts";
import { isInt, SAFE_MAX, SAFE_MIN } from "./integer.ts";
import { encodeUtf8, pieceOf } from "./text-operators.ts";
import { Arr, Blob, copy, Dict, Float, ownEntries, ownItems, type Value } from "./value.ts";

export function addAssign(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const r = a + b;
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
  } else if (a instanceof Float && b instanceof Float) return new Float(a.v + b.v);
  return addAssignSlow(a, b);
}

function addAssignSlow(a: Value, b: Value): Value {
  if (typeof a !== "object") return addSlow(a, b, false);
  if (a instanceof Arr) return extend(a, b);
  if (a instanceof Dict && b instanceof Dict) return mixIn(a, b);
  if (a instanceof Blob) return extendBlob(a, b) ?? addSlow(a, b, false);
  return addSlow(a, b, false);
}

// Native does not look at the size after `+=`, so what was within the limit before may pass it once; no further.

/** An array is appended item by item, any other value as one item. `b` is a value of its own (a temporary or a copy). */
function extend(a: Arr, b: Value): Arr {
  checkArray(a.items.length);
  const items = ownItems(a);
  if (b instanceof Arr) tick(b.items.length);
  if (!(b instanceof Arr)) items.push(b);
  // The loop ends also where `b` is `a`.
  else for (let i = 0, n = b.items.length; i < n; i++) items.push(copy(b.items[i]));
  return a;
}

function mixIn(a: Dict, b: Dict): Dict {
  const entries = ownEntries(a);
  tick(b.entries.size);
  checkMap(entries.size);
  for (const [key, value] of b.entries) entries.set(key, copy(value));
  return a;
}

function extendBlob(a: Blob, b: Value): Blob | undefined {
  const more = bytesOf(b);
  if (more === undefined) return undefined;
  checkArray(a.bytes.length);
  appendBytes(a, more);
  return a;
}

function bytesOf(value: Value): Uint8Array | undefined {
  if (value instanceof Blob) return value.bytes;
  if (isInt(value)) return Uint8Array.of(Number(BigInt.asUintN(8, BigInt(value))));
  const text = pieceOf(value);
  return text === undefined ? undefined : encodeUtf8(text);
}

export function subAssign(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const r = a - b;
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
  } else if (a instanceof Float && b instanceof Float) return new Float(a.v - b.v);
  return subSlow(a, b, false);
}

export function mulAssign(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const r = a * b;
    if (r <= SAFE_MAX && r >= SAFE_MIN) return r + 0;
  } else if (a instanceof Float && b instanceof Float) return new Float(a.v * b.v);
  return mulSlow(a, b, false);
}

export function divAssign(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && b !== 0) return Math.trunc(a / b) + 0;
  if (a instanceof Float && b instanceof Float) return new Float(a.v / b.v);
  return divSlow(a, b, false);
}

export function modAssign(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && b !== 0) return (a % b) + 0;
  if (a instanceof Float && b instanceof Float) return new Float(a.v % b.v);
  return modSlow(a, b, false);
}

export function powAssign(a: Value, b: Value): Value {
  return powSlow(a, b, false);
}

export const shlAssign: (a: Value, b: Value) => Value = shl;
export const shrAssign: (a: Value, b: Value) => Value = shr;
export const bitAndAssign: (a: Value, b: Value) => Value = bitAnd;
export const bitOrAssign: (a: Value, b: Value) => Value = bitOr;
export const bitXorAssign: (a: Value, b: Value) => Value = bitXor;
