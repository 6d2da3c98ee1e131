/** Functions of the library: registration and dispatch by the type of the first argument. */
import { S } from "./state.ts";
import { findHost } from "./host.ts";
import { functionNotFound } from "./raise.ts";
import {
  Arr,
  Blob,
  Char,
  Dict,
  Float,
  FnPtr,
  type Handle,
  Range,
  Sequence,
  Timestamp,
  type Value,
  copy,
} from "./value.ts";

/** What an implementation returns if its other arguments have the wrong types: no such overload. */
export const NONE: unique symbol = Symbol("no such overload");

/** The receiver of each type. */
export interface Receivers {
  readonly int: number | bigint;
  readonly float: Float;
  readonly bool: boolean;
  readonly string: string;
  readonly char: Char;
  readonly unit: undefined;
  readonly array: Arr;
  readonly map: Dict;
  readonly blob: Blob;
  readonly range: Range;
  readonly fn: FnPtr;
  readonly timestamp: Timestamp;
  readonly sequence: Sequence;
  readonly handle: Handle;
}
export type TypeName = keyof Receivers;

export type Result = Value | typeof NONE;
/** As compiled code calls it. */
export type NativeFn = (...args: Value[]) => Value;
/** Twin of a function with callbacks, for callbacks that suspend. */
export type NativeGenerator = (...args: Value[]) => Generator<unknown, Value, unknown>;
type AnyImpl = (...args: Value[]) => Result;
type AnyGenerator = (...args: Value[]) => Generator<unknown, Result, unknown>;

/** What a function does to its receiver. "pure": nothing; "mutates": changes it in place, so constants refuse it;
 *  "replaces": its receiver is a value without identity (string, char, int), the new one is left in `S.self`. */
export type Effect = "pure" | "mutates" | "replaces";

/** Ordered by how often scripts use them, as `typeIndex` has it. */
const typeIndexes: Readonly<Record<TypeName, number>> = {
  int: 0,
  string: 1,
  bool: 2,
  unit: 3,
  array: 4,
  map: 5,
  float: 6,
  char: 7,
  fn: 8,
  range: 9,
  blob: 10,
  sequence: 11,
  timestamp: 12,
  handle: 13,
};
const typeCount = 14;

/** Small number of the value's type: index into the tables. Ordered by how often scripts use it. */
export function typeIndex(value: Value): number {
  if (typeof value === "object") return objectIndex(value);
  if (typeof value === "number") return 0;
  if (typeof value === "string") return 1;
  if (typeof value === "boolean") return 2;
  return value === undefined ? 3 : 0;
}

function objectIndex(value: object): number {
  if (value instanceof Arr) return 4;
  if (value instanceof Dict) return 5;
  if (value instanceof Float) return 6;
  if (value instanceof Char) return 7;
  if (value instanceof FnPtr) return 8;
  if (value instanceof Range) return 9;
  if (value instanceof Blob) return 10;
  if (value instanceof Sequence) return 11;
  if (value instanceof Timestamp) return 12;
  return 13;
}

/** One name with one number of arguments. The arrays are indexed by `typeIndex` of the first argument. */
interface Entry {
  readonly name: string;
  readonly arity: number;
  readonly impls: AnyImpl[];
  /** Empty for most. */
  readonly generators: (AnyGenerator | undefined)[];
  readonly effects: Effect[];
  /** Bit set of the types for which it is a property too. */
  getters: number;
  replaces: boolean;
  known: boolean;
}

const entries = new Map<string, Entry>();
const none: AnyImpl = () => NONE;

// Copied for each entry: copies of such small arrays are what costs least at start.
const noImpls: readonly AnyImpl[] = Array.from({ length: typeCount }, () => none);
const noEffects: readonly Effect[] = Array.from({ length: typeCount }, () => "pure");

function entryOf(name: string, arity: number): Entry {
  if (arity === 0) throw new Error(`${name} takes no receiver`);
  const key = `${name}/${arity}`;
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = {
      name,
      arity,
      impls: noImpls.slice(),
      generators: [],
      effects: noEffects.slice(),
      getters: 0,
      replaces: false,
      known: false,
    };
    entries.set(key, entry);
  }
  return entry;
}

/** Registers `name` for receivers of one type; its number of arguments is the number of parameters of `impl`. */
export function define<T extends TypeName>(
  type: T,
  name: string,
  impl: (self: Receivers[T], ...args: Value[]) => Result,
  effect: Effect = "pure",
): void {
  const entry = entryOf(name, impl.length);
  const index = typeIndexes[type];
  // The table guarantees the type of the first argument.
  entry.impls[index] = impl as AnyImpl;
  entry.effects[index] = effect;
  if (effect === "replaces") entry.replaces = true;
  entry.known = true;
}

const getterEntries = new Map<string, Entry>();

/** Registers a function that is also read as a property (`text.len`). */
export function defineGetter<T extends TypeName>(
  type: T,
  name: string,
  impl: (self: Receivers[T]) => Result,
): void {
  define(type, name, impl);
  const entry = entryOf(name, 1);
  entry.getters |= 1 << typeIndexes[type];
  getterEntries.set(name, entry);
}

/** Registers `name` for receivers of every type that has no function of its own. */
export function defineAny(
  name: string,
  impl: (self: Value, ...args: Value[]) => Result,
  effect: Effect = "pure",
): void {
  const entry = entryOf(name, impl.length);
  for (let index = 0; index < typeCount; index++) {
    if (entry.impls[index] !== none) continue;
    entry.impls[index] = impl;
    entry.effects[index] = effect;
  }
  if (effect === "replaces") entry.replaces = true;
  entry.known = true;
}

const zeros = new Map<string, () => Value>();

/** Registers a function without arguments. */
export function defineNone(name: string, impl: () => Value): void {
  zeros.set(name, impl);
}

/** Registers the twin that can wait for callbacks that suspend. The plain one is registered before. */
export function defineGenerator<T extends TypeName>(
  type: T,
  name: string,
  impl: (self: Receivers[T], ...args: Value[]) => Generator<unknown, Result, unknown>,
): void {
  entryOf(name, impl.length).generators[typeIndexes[type]] = impl as AnyGenerator;
}

const dispatchers = new Map<string, NativeFn>();

/** The function that compiled code calls: finds the implementation for its first argument, or throws
 *  ErrorFunctionNotFound. The same one for the same name and number of arguments. */
export function native(name: string, arity: number): NativeFn {
  const key = `${name}/${arity}`;
  let made = dispatchers.get(key);
  if (made === undefined) dispatchers.set(key, (made = makeDispatcher(name, arity)));
  return made;
}

const typedDispatchers = new Map<string, NativeFn>();

/** `native` for calls whose first argument always has this type. */
export function nativeOf(type: TypeName, name: string, arity: number): NativeFn {
  const key = `${type} ${name}/${arity}`;
  let made = typedDispatchers.get(key);
  if (made === undefined) typedDispatchers.set(key, (made = makeTyped(type, name, arity)));
  return made;
}

function makeTyped(type: TypeName, name: string, arity: number): NativeFn {
  const plain = native(name, arity);
  const entry = entries.get(`${name}/${arity}`);
  const impl = entry?.impls[typeIndexes[type]];
  if (impl === undefined || entry?.replaces !== false || arity > 3) return plain;
  if (arity === 1) {
    return (a) => {
      const result = impl(a);
      return result === NONE ? plain(a) : result;
    };
  }
  if (arity === 2) {
    return (a, b) => {
      const result = impl(a, b);
      return result === NONE ? plain(a, b) : result;
    };
  }
  return (a, b, c) => {
    const result = impl(a, b, c);
    return result === NONE ? plain(a, b, c) : result;
  };
}

function makeDispatcher(name: string, arity: number): NativeFn {
  if (arity === 0) return () => (zeros.get(name) ?? (() => callHost(name, [])))();
  const entry = entryOf(name, arity);
  if (entry.replaces || !entry.known) return replacing(entry);
  const impls = entry.impls;
  if (arity === 1) {
    return (a) => {
      const impl = impls[typeIndex(a)];
      const result = impl === undefined ? NONE : impl(a);
      return result === NONE ? callHost(name, [a]) : result;
    };
  }
  if (arity === 2) {
    return (a, b) => {
      const impl = impls[typeIndex(a)];
      const result = impl === undefined ? NONE : impl(a, b);
      return result === NONE ? callHost(name, [a, b]) : result;
    };
  }
  if (arity === 3) {
    return (a, b, c) => {
      const impl = impls[typeIndex(a)];
      const result = impl === undefined ? NONE : impl(a, b, c);
      return result === NONE ? callHost(name, [a, b, c]) : result;
    };
  }
  return (...args) => {
    const impl = impls[typeIndex(args[0])];
    const result = impl === undefined ? NONE : impl(...args);
    return result === NONE ? callHost(name, args) : result;
  };
}

/** What is no function of the library may be one of the host. */
function callHost(name: string, args: readonly Value[]): Value {
  const fn = findHost(name, args.length);
  return fn === undefined ? functionNotFound(name, args) : fn(...args.map(copy));
}

/** Leaves the receiver in `S.self` first, so the caller may store it back whatever its type. */
function replacing({ name, impls, arity }: Entry): NativeFn {
  if (arity === 1) {
    return (a) => {
      S.self = a;
      const impl = impls[typeIndex(a)];
      const result = impl === undefined ? NONE : impl(a);
      return result === NONE ? callHost(name, [a]) : result;
    };
  }
  if (arity === 2) {
    return (a, b) => {
      S.self = a;
      const impl = impls[typeIndex(a)];
      const result = impl === undefined ? NONE : impl(a, b);
      return result === NONE ? callHost(name, [a, b]) : result;
    };
  }
  return (...args) => {
    S.self = args[0];
    const impl = impls[typeIndex(args[0])];
    const result = impl === undefined ? NONE : impl(...args);
    return result === NONE ? callHost(name, args) : result;
  };
}

const generatorDispatchers = new Map<string, NativeGenerator>();

/** Twin of `native` for call sites whose callbacks may suspend. */
export function nativeA(name: string, arity: number): NativeGenerator {
  const key = `${name}/${arity}`;
  let made = generatorDispatchers.get(key);
  if (made === undefined) generatorDispatchers.set(key, (made = makeGeneratorDispatcher(name, arity)));
  return made;
}

function makeGeneratorDispatcher(name: string, arity: number): NativeGenerator {
  const plain = native(name, arity);
  if (arity === 0) return noWait(plain);
  const { generators } = entryOf(name, arity);
  return function* (...args) {
    const impl = generators[typeIndex(args[0])];
    if (impl === undefined) return plain(...args);
    S.self = args[0];
    const result = yield* impl(...args);
    return result === NONE ? callHost(name, args) : result;
  };
}

function noWait(plain: NativeFn): NativeGenerator {
  // oxlint-disable-next-line require-yield
  return function* (...args) {
    return plain(...args);
  };
}

/** Is there a function of this name with this many arguments, of the library for any type, or of the host? */
export function hasNative(name: string, arity: number): boolean {
  const isKnown = arity === 0 ? zeros.has(name) : (entries.get(`${name}/${arity}`)?.known ?? false);
  return isKnown || findHost(name, arity) !== undefined;
}

/** May a function of this name leave a new receiver in `S.self`? `arity` counts the receiver. */
export function setsSelf(name: string, arity: number): boolean {
  return entries.get(`${name}/${arity}`)?.replaces ?? false;
}

/** Does this function change the receiver, so that constants refuse it? `arity` counts the receiver. */
export function isMutator(receiver: Value, name: string, arity: number): boolean {
  const effect = entries.get(`${name}/${arity}`)?.effects[typeIndex(receiver)];
  return effect !== undefined && effect !== "pure";
}

/** The getter behind a property of a value that is no map (`text.len`, `x.floor`), or undefined. */
export function getterOf(receiver: Value, name: string): NativeFn | undefined {
  const entry = getterEntries.get(name);
  if (entry === undefined) return undefined;
  const index = typeIndex(receiver);
  return (entry.getters & (1 << index)) !== 0 ? (entry.impls[index] as NativeFn | undefined) : undefined;
}

/** Names with their numbers of arguments, for editors and the suggestions of "did you mean". */
export function nativeNames(): string[] {
  return [...entries.keys(), ...[...zeros.keys()].map((name) => `${name}/0`)];
}
