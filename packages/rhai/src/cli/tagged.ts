/** Values with their types, as `rhai eval --jsonl` prints and reads them. */
import { Buffer } from "node:buffer";
import { floatDebug } from "../runtime/float.ts";
import { sortedKeys, toDebug, typeName } from "../runtime/format.ts";
import { Arr, Blob, Char, Dict, Float, FnPtr, Range, Sequence, charOf } from "../runtime/value.ts";
import { type Value } from "../runtime/value.ts";
import { type Tagged } from "./row.ts";

/** Values inside each other, and in all: an answer is one line that someone must read. */
const NESTING_MAX = 256;
const VALUES_MAX = 2_000_000;
const CHARS_MAX = 64 * 1024 * 1024;

/** Throws RangeError beyond the bounds: shared content makes a small value long when it is written. */
export function toTagged(value: Value): Tagged {
  return tag(value, { left: VALUES_MAX, chars: CHARS_MAX, nesting: 0 });
}

interface Budget {
  left: number;
  chars: number;
  nesting: number;
}

function tag(value: Value, budget: Budget): Tagged {
  if (--budget.left < 0) throw new RangeError(`the result has more than ${VALUES_MAX} values`);
  if (value === undefined) return { u: 1 };
  if (typeof value === "boolean") return { b: value };
  if (typeof value === "string") return { s: tagText(value, budget) };
  return typeof value === "object" ? tagObject(value, budget) : { i: String(value) };
}

function tagText(text: string, budget: Budget): string {
  budget.chars -= text.length;
  if (budget.chars < 0) throw new RangeError(`the result has more than ${CHARS_MAX} characters`);
  return anonymous(text);
}

function tagObject(value: Value & object, budget: Budget): Tagged {
  if (value instanceof Float) return { f: floatDebug(value.v) };
  if (value instanceof Char) return { c: value.text };
  if (value instanceof Blob) return { blob: Buffer.from(value.bytes).toString("hex") };
  if (value instanceof Range) {
    const ends: [string, string] = [String(value.start), String(value.end)];
    return value.isInclusive ? { rangei: ends } : { range: ends };
  }
  if (++budget.nesting > NESTING_MAX) throw new RangeError(`the result is nested deeper than ${NESTING_MAX}`);
  const tagged = tagContainer(value, budget);
  budget.nesting -= 1;
  return tagged;
}

function tagContainer(value: Value & object, budget: Budget): Tagged {
  if (value instanceof Arr) return { a: value.items.map((item) => tag(item, budget)) };
  if (value instanceof Dict) {
    const entries = sortedKeys(value).map((key) => [key, tag(value.entries.get(key), budget)] as const);
    return { m: Object.fromEntries(entries) };
  }
  if (value instanceof FnPtr) {
    // Native keeps captured variables in front of the curried values.
    const curry = [...value.cells.map(({ v }) => v), ...value.curry];
    return { fn: anonymous(value.name), curry: curry.map((item) => tag(item, budget)) };
  }
  return { other: typeName(value), display: value instanceof Sequence ? value.display : toDebug(value) };
}

/** Names of closures are made of hash values that mean nothing to a reader: all are written alike. */
export function anonymous(text: string): string {
  return text.includes("anon$") ? text.replaceAll(/anon\$[0-9a-f]{16}/g, "anon$*") : text;
}

const INT = /^-?\d{1,19}$/;

/** The value of a tagged one. Functions and values of the host have none. Throws TypeError on anything else. */
export function fromTagged(tagged: unknown): Value {
  if (typeof tagged !== "object" || tagged === null) return refuse(tagged);
  const [entry, ...more] = Object.entries(tagged);
  if (entry === undefined || more.length > 0) return refuse(tagged);
  const [kind, content] = entry as [string, unknown];
  if (kind === "u") return undefined;
  if (kind === "b" && typeof content === "boolean") return content;
  if (typeof content === "string") return scalarOf(kind, content, tagged);
  return containerOf(kind, content) ?? refuse(tagged);
}

function containerOf(kind: string, content: unknown): Value {
  if (typeof content !== "object" || content === null) return undefined;
  if (kind === "m") {
    const entries = Object.entries(content).map(
      ([key, value]) => [key.toWellFormed(), fromTagged(value)] as const,
    );
    return new Dict(new Map(entries));
  }
  if (!Array.isArray(content)) return undefined;
  if (kind === "a") return new Arr(content.map(fromTagged));
  const isInclusive = kind === "rangei";
  if ((kind !== "range" && !isInclusive) || content.length !== 2) return undefined;
  const [start, end] = content.map((end_) => intOf(String(end_), content)) as [
    number | bigint,
    number | bigint,
  ];
  return new Range(start, end, isInclusive);
}

function scalarOf(kind: string, text: string, tagged: object): Value {
  switch (kind) {
    case "i":
      return intOf(text, tagged);
    case "f":
      return new Float(floatOf(text, tagged));
    case "s":
      return text.toWellFormed();
    case "c":
      return Array.from(text).length === 1 ? charOf(text.toWellFormed()) : refuse(tagged);
    case "blob":
      return /^([0-9a-f]{2})*$/.test(text)
        ? new Blob(new Uint8Array(Buffer.from(text, "hex")))
        : refuse(tagged);
    default:
      return refuse(tagged);
  }
}

function intOf(text: string, tagged: object): number | bigint {
  if (!INT.test(text)) return refuse(tagged);
  const exact = BigInt(text);
  if (BigInt.asIntN(64, exact) !== exact) return refuse(tagged);
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

const NOT_FINITE: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, NaN };

function floatOf(text: string, tagged: object): number {
  const special = NOT_FINITE[text];
  if (special !== undefined) return special;
  return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? Number(text) : refuse(tagged);
}

function refuse(tagged: unknown): never {
  throw new TypeError(`not a tagged value: ${JSON.stringify(tagged)?.slice(0, 100)}`);
}
