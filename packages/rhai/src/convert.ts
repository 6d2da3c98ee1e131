/** Values of Rhai as plain JavaScript, and back. */
import {
  Arr,
  Blob,
  Char,
  Dict,
  Float,
  FnPtr,
  Handle,
  Range,
  Sequence,
  Timestamp,
  copy,
} from "./runtime/value.ts";
import { type Value } from "./runtime/value.ts";

/** Arrays and objects inside each other; a cycle among them has no end. */
const NESTING_MAX = 128;
/** Values in all that become JavaScript at once: shared content makes a small value of Rhai a large one of JavaScript. */
const VALUES_MAX = 2_000_000;
const I64_MAX = 9_223_372_036_854_775_807n;
const I64_MIN = -9_223_372_036_854_775_808n;

/** Plain JavaScript of a value: `()` undefined; int number, beyond 2^53 bigint; float number; char and string string; array
 *  Array; map an object without prototype; blob Uint8Array. Everything else (functions, ranges, timestamps, handles) stays
 *  what it is. Nothing is shared with the script. The difference of `4` and `4.0` and of char and string is lost: who needs
 *  it works with the values themselves. Throws RangeError for what is too deep or too large. */
export function toJs(value: Value): unknown {
  return plain(value, { left: VALUES_MAX, nesting: 0 });
}

interface Budget {
  left: number;
  nesting: number;
}

function plain(value: Value, budget: Budget): unknown {
  if (--budget.left < 0) throw new RangeError(`a value of Rhai has more than ${VALUES_MAX} values inside`);
  if (typeof value !== "object") return value;
  if (value instanceof Float) return value.v;
  if (value instanceof Char) return value.text;
  if (value instanceof Blob) return value.bytes.slice();
  if (!(value instanceof Arr) && !(value instanceof Dict)) return value;
  if (++budget.nesting > NESTING_MAX)
    throw new RangeError(`a value of Rhai is nested deeper than ${NESTING_MAX}`);
  const made =
    value instanceof Arr ? value.items.map((item) => plain(item, budget)) : objectOf(value, budget);
  budget.nesting -= 1;
  return made;
}

function objectOf(dict: Dict, budget: Budget): Record<string, unknown> {
  // Without prototype: `__proto__` is a key like others.
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of dict.entries) object[key] = plain(entry, budget);
  return object;
}

/** The value of plain JavaScript: undefined and null `()`; a whole number within ±(2^53-1) int, any other number float;
 *  bigint int; Array array; Uint8Array blob; Map with texts as keys and plain objects map. Values of Rhai pass: return
 *  `new Float(4)` for `4.0`, `charOf("x")` for a char. Throws TypeError, naming the path, on anything else. */
export function fromJs(value: unknown, name = "value"): Value {
  return convert(value, [name]);
}

/** The name of the root, then keys. */
type Path = readonly (string | number)[];

function convert(value: unknown, path: Path): Value {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "bigint") return fromBigint(value, path);
  if (typeof value === "object") return fromObject(value, path);
  if (typeof value !== "number") return refuse(`is a ${typeof value}`, path);
  // Only a float has a negative zero.
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : new Float(value);
}

function fromBigint(value: bigint, path: Path): number | bigint {
  if (value > I64_MAX || value < I64_MIN) refuse("is an integer beyond 64 bits", path);
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function fromObject(value: object, path: Path): Value {
  if (isValue(value)) return copy(value);
  if (path.length > NESTING_MAX) refuse(`is nested deeper than ${NESTING_MAX}`, path);
  if (Array.isArray(value)) return new Arr(Array.from(value, (item, at) => convert(item, [...path, at])));
  if (value instanceof Uint8Array) return new Blob(value.slice());
  const prototype: unknown = Object.getPrototypeOf(value);
  if (value instanceof Map) return dictOf(value.entries(), path);
  if (prototype === null || prototype === Object.prototype) return dictOf(Object.entries(value), path);
  return refuse(`is a ${value.constructor.name}`, path);
}

function dictOf(entries: Iterable<[unknown, unknown]>, path: Path): Dict {
  const made = new Map<string, Value>();
  for (const [key, value] of entries) {
    if (typeof key !== "string") return refuse("has a key that is no text", path);
    made.set(key.toWellFormed(), convert(value, [...path, key]));
  }
  return new Dict(made);
}

const classes = [Float, Char, Arr, Dict, Blob, Range, FnPtr, Timestamp, Sequence, Handle] as const;

function isValue(value: object): value is Value & object {
  return classes.some((valueClass) => value instanceof valueClass);
}

function refuse(what: string, path: Path): never {
  const [root, ...keys] = path;
  const steps = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  throw new TypeError(`${root}${steps} ${what}, which has no value in Rhai`);
}
