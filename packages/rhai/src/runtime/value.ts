/** How Rhai values stand in JavaScript.
 *
 *  | Rhai | JavaScript |
 *  |---|---|
 *  | `()` | `undefined` |
 *  | bool, string | boolean, string (well-formed) |
 *  | int | number within ±(2^53-1), never -0; bigint beyond |
 *  | float | `Float`, boxed |
 *  | char | `Char`, one object per code point |
 *  | array, map, blob | `Arr`, `Dict`, `Blob`: one object per place that holds the value |
 *
 *  Containers are values: who stores one into a second place stores `copy(value)`, which shares the content until one of
 *  the two is changed. Who changes a container calls `own…` first. */
import { tick } from "./fuel.ts";

export class Float {
  readonly v: number;
  constructor(v: number) {
    this.v = v;
  }
}

export class Char {
  /** One code point. */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const lowChars: Char[] = [];
const highChars = new Map<string, Char>();

/** The one object of a char, so `===` compares chars. `text` is one code point. */
export function charOf(text: string): Char {
  if (text.length === 1) {
    const code = text.charCodeAt(0);
    return (lowChars[code] ??= new Char(text));
  }
  let char = highChars.get(text);
  if (char === undefined) highChars.set(text, (char = new Char(text)));
  return char;
}

/** The char of one UTF-16 unit that is no surrogate. */
export function charOfUnit(unit: number): Char {
  return (lowChars[unit] ??= new Char(String.fromCharCode(unit)));
}

export class Arr {
  items: Value[];
  /** Another place has the same `items`. */
  shared: boolean;
  constructor(items: Value[], shared = false) {
    this.items = items;
    this.shared = shared;
  }
}

/** Rhai's object map. Listed in the order of code points. */
export class Dict {
  entries: Map<string, Value>;
  shared: boolean;
  constructor(entries: Map<string, Value>, shared = false) {
    this.entries = entries;
    this.shared = shared;
  }
}

export class Blob {
  /** Exactly the bytes; a change of the length makes a new array. Its buffer may be longer: don't use that. */
  bytes: Uint8Array;
  shared: boolean;
  constructor(bytes: Uint8Array, shared = false) {
    this.bytes = bytes;
    this.shared = shared;
  }
}

export class Range {
  readonly start: number | bigint;
  readonly end: number | bigint;
  readonly isInclusive: boolean;
  constructor(start: number | bigint, end: number | bigint, isInclusive: boolean) {
    this.start = start;
    this.end = end;
    this.isInclusive = isInclusive;
  }
}

/** A variable that a closure has captured. Lives in one run. */
export class Cell {
  v: Value;
  /** Borrowed by a call that has it as `this`. */
  isLocked = false;
  /** A closure has captured it: `is_shared`. */
  isShared = false;
  constructor(v: Value) {
    this.v = v;
  }
}

/** `this` of a call on `()`: plain `undefined` means that there is no `this`. */
export const UNIT: unique symbol = Symbol("()");
export type Self = Value | typeof UNIT;

/** Body of a compiled function: `this` first, then captured cells, then parameters. A generator function if it is coloured. */
export type Code = (self: Self, ...args: unknown[]) => unknown;

/** A compiled function as values and calls see it: one object per function of a unit. */
export interface Compiled {
  /** `anon$<16 hex>` for closures. */
  readonly name: string;
  readonly code: Code;
  /** Parameters, without cells. */
  readonly arity: number;
  /** `code` is a generator function. */
  readonly isColoured: boolean;
  /** It assigns `this`: on every way out it leaves in `S.self` what `this` has become. */
  readonly setsThis?: boolean;
  /** Names of the parameters, if the script asks for them (`get_fn_metadata_list`). */
  readonly params?: readonly string[];
  /** Importers of its module can't call it. */
  readonly isPrivate?: boolean;
}

export class FnPtr {
  readonly name: string;
  /** undefined: looked up by name and arity at the call. */
  readonly compiled: Compiled | undefined;
  /** Cells of captured variables, in front of everything. */
  readonly cells: readonly Cell[];
  /** Values curried in front of the arguments. */
  readonly curry: readonly Value[];
  constructor(
    name: string,
    compiled: Compiled | undefined,
    cells: readonly Cell[] = [],
    curry: readonly Value[] = [],
  ) {
    this.name = name;
    this.compiled = compiled;
    this.cells = cells;
    this.curry = curry;
  }
}

export class Timestamp {
  /** Milliseconds of a monotonic clock, with fraction. */
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A lazy sequence: `range(0, 10, 2)`, `"text".chars()`, `5.bits()`. `type_of` is "range". */
export class Sequence {
  /** As native prints it. */
  readonly display: string;
  /** From the start: all at once if they are few. */
  readonly values: () => readonly Value[] | Iterator<Value>;
  constructor(display: string, values: () => readonly Value[] | Iterator<Value>) {
    this.display = display;
    this.values = values;
  }
}

/** A value of the host that scripts hold but can't look into, as a kv collection. */
export class Handle {
  /** `type_of`. */
  readonly type: string;
  readonly data: unknown;
  constructor(type: string, data: unknown) {
    this.type = type;
    this.data = data;
  }
}

export type Value =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Float
  | Char
  | Arr
  | Dict
  | Blob
  | Range
  | FnPtr
  | Timestamp
  | Sequence
  | Handle;

/** Tags of containers (`x.tag = 3`). undefined until a script sets one, so that `copy` pays one comparison for them. */
let tags: WeakMap<object, number> | undefined;

/** 0 unless it was set. */
export function tagOf(container: Arr | Dict | Blob): number {
  return tags?.get(container) ?? 0;
}

export function tagValue(container: Arr | Dict | Blob, tag: number): void {
  (tags ??= new WeakMap()).set(container, tag);
}

function withTagOf<T extends Arr | Dict | Blob>(source: T, made: T): T {
  const tag = tags?.get(source);
  if (tag !== undefined) tags?.set(made, tag);
  return made;
}

/** The value for a second place. O(1): content is shared until one of the places changes it. */
export function copy(value: Value): Value {
  if (typeof value !== "object") return value;
  if (value instanceof Arr) {
    value.shared = true;
    const made = new Arr(value.items, true);
    return tags === undefined ? made : withTagOf(value, made);
  }
  if (value instanceof Dict) {
    value.shared = true;
    const made = new Dict(value.entries, true);
    return tags === undefined ? made : withTagOf(value, made);
  }
  if (value instanceof Blob) {
    value.shared = true;
    const made = new Blob(value.bytes, true);
    return tags === undefined ? made : withTagOf(value, made);
  }
  return value;
}

/** The items, for a change in place. O(n) if they were shared. */
export function ownItems(array: Arr): Value[] {
  if (array.shared) {
    tick(array.items.length);
    array.items = array.items.map((item) => copy(item));
    array.shared = false;
  }
  return array.items;
}

/** The entries, for a change in place. O(n) if they were shared. */
export function ownEntries(dict: Dict): Map<string, Value> {
  if (dict.shared) {
    tick(dict.entries.size);
    const made = new Map<string, Value>();
    for (const [key, value] of dict.entries) made.set(key, copy(value));
    dict.entries = made;
    dict.shared = false;
  }
  return dict.entries;
}

/** The bytes, for a change in place. O(n) if they were shared. */
export function ownBytes(blob: Blob): Uint8Array {
  if (blob.shared) {
    tick(blob.bytes.length >> 4);
    blob.bytes = blob.bytes.slice();
    blob.shared = false;
  }
  return blob.bytes;
}
