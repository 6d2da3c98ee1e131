/** Made from hof.co.ts by `npm run generate`: change that one. */
import { apply0, apply1, apply2, apply3, callByName, callFn } from "./call.sync.ts";
import { type Plan, planEntry, planFold, planItem, planPair, planThis } from "./callback.ts";
import { RhaiError, uncatchable } from "./error.ts";
import { NONE } from "./native.ts";
import { tick } from "./fuel.ts";
import { type Co } from "./settle.sync.ts";
import { S } from "./state.ts";
import { Arr, copy, Dict, type FnPtr, ownEntries, ownItems, UNIT, type Value } from "./value.ts";
import { sortedKeys } from "./format.ts";

/** Calls a callback of (element) or (element, index) for `items[at]`. */
function callItem(plan: Plan, items: Value[], at: number): Co<Value> {
  tick(1);
  switch (plan.form) {
    case "item":
      return apply1(plan, undefined, copy(items[at]));
    case "itemIndex":
      return apply2(plan, copy(items[at]), at);
    case "this":
    case "thisIndex":
      return callThis(plan, items, at);
    case "name":
      break;
  }
  const item = items[at];
  const result = callByName(plan, item, true, [[], [copy(item)], [copy(item), at]]);
  items[at] = S.self as Value;
  return result;
}

/** Calls a callback with the element as `this` and stores what it has become. */
function callThis(plan: Plan, items: Value[], at: number): Co<Value> {
  const self = items[at] ?? UNIT;
  const result = plan.form === "this" ? apply0(plan, self) : apply1(plan, self, at);
  if (plan.compiled.setsThis === true) items[at] = S.self as Value;
  return result;
}

/** The items for a loop of callbacks: its own if a callback may change them. */
function itemsFor(array: Arr, plan: Plan): Value[] {
  return plan.form === "item" || plan.form === "itemIndex" ? array.items : ownItems(array);
}

export function map(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planItem(fn, "map");
  const items = itemsFor(array, plan);
  const results: Value[] = [];
  const count = items.length;
  for (let at = 0; at < count; at++) results.push(callItem(plan, items, at));
  return new Arr(results);
}

export function filter(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planItem(fn, "filter");
  const items = itemsFor(array, plan);
  const kept: Value[] = [];
  const count = items.length;
  for (let at = 0; at < count; at++) {
    if (callItem(plan, items, at) === true) kept.push(copy(items[at]));
  }
  return new Arr(kept);
}

export function forEach(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planThis(fn, "for_each");
  const items = ownItems(array);
  const count = items.length;
  for (let at = 0; at < count; at++) {
    tick(1);
    if (plan.form === "name") {
      callByName(plan, items[at], true, [[], [at]]);
      items[at] = S.self as Value;
    } else {
      callThis(plan, items, at);
    }
  }
  return undefined;
}

/** First position from `start` on for which the callback says true; -1. */
export function findIndex(array: Arr, fn: FnPtr, start: number): Co<number> {
  const plan = planItem(fn, "index_of");
  const items = itemsFor(array, plan);
  const count = items.length;
  for (let at = start; at < count; at++) if (callItem(plan, items, at) === true) return at;
  return -1;
}

export function find(array: Arr, fn: FnPtr, start: number): Co<Value> {
  const at = findIndex(array, fn, start);
  return at < 0 ? undefined : copy(array.items[at]);
}

export function findMap(array: Arr, fn: FnPtr, start: number): Co<Value> {
  const plan = planItem(fn, "find_map");
  const items = itemsFor(array, plan);
  const count = items.length;
  for (let at = start; at < count; at++) {
    const result = callItem(plan, items, at);
    if (result !== undefined) return result;
  }
  return undefined;
}

export function some(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planItem(fn, "some");
  const items = itemsFor(array, plan);
  const count = items.length;
  for (let at = 0; at < count; at++) if (callItem(plan, items, at) === true) return true;
  return false;
}

export function all(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planItem(fn, "all");
  const items = itemsFor(array, plan);
  const count = items.length;
  for (let at = 0; at < count; at++) if (callItem(plan, items, at) !== true) return false;
  return true;
}

/** One step of `reduce`. */
function callFold(plan: Plan, result: Value, items: Value[], at: number): Co<Value> {
  tick(1);
  switch (plan.form) {
    case "item":
      return apply2(plan, result, copy(items[at]));
    case "itemIndex":
      return apply3(plan, result, copy(items[at]), at);
    case "this":
    case "thisIndex":
      return foldThis(plan, result, items, at);
    case "name":
      break;
  }
  const item = items[at];
  const forms = [[result], [copy(result), copy(item)], [copy(result), copy(item), at]];
  const next = callByName(plan, item, true, forms);
  items[at] = S.self as Value;
  return next;
}

function foldThis(plan: Plan, result: Value, items: Value[], at: number): Co<Value> {
  const next = apply1(plan, items[at] ?? UNIT, result);
  if (plan.compiled.setsThis === true) items[at] = S.self as Value;
  return next;
}

export function reduce(array: Arr, fn: FnPtr, initial: Value): Co<Value> {
  const plan = planFold(fn, "reduce");
  const items = itemsFor(array, plan);
  let result = initial;
  const count = items.length;
  for (let at = 0; at < count; at++) result = callFold(plan, result, items, at);
  return result;
}

export function reduceReverse(array: Arr, fn: FnPtr, initial: Value): Co<Value> {
  const plan = planFold(fn, "reduce_rev");
  const items = itemsFor(array, plan);
  let result = initial;
  for (let at = items.length - 1; at >= 0; at--) result = callFold(plan, result, items, at);
  return result;
}

export function zip(array: Arr, other: Arr, fn: FnPtr): Co<Value> {
  const plan = planPair(fn, "zip");
  const results: Value[] = [];
  const count = Math.min(array.items.length, other.items.length);
  for (let at = 0; at < count; at++) {
    tick(1);
    const x = copy(array.items[at]);
    const y = copy(other.items[at]);
    if (plan.form === "item") results.push(apply2(plan, x, y));
    else if (plan.form === "itemIndex") results.push(apply3(plan, x, y, at));
    else
      results.push(
        callByName(plan, undefined, false, [
          [x, y],
          [copy(x), copy(y), at],
        ]),
      );
  }
  return new Arr(results);
}

/** Takes out the elements for which the callback's answer is `wanted`, and gives them. */
export function separate(array: Arr, fn: FnPtr, wanted: boolean): Co<Value> {
  const plan = planItem(fn, wanted ? "drain" : "retain");
  const items = ownItems(array);
  const count = items.length;
  const kept: Value[] = [];
  const taken: Value[] = [];
  let at = 0;
  try {
    while (at < count) {
      const isTrue = callItem(plan, items, at) === true;
      (isTrue === wanted ? taken : kept).push(items[at]);
      at++;
    }
  } finally {
    // An error in the middle leaves what was taken out so far taken out.
    array.items = [...kept, ...items.slice(at, count)];
    array.shared = false;
  }
  return new Arr(taken);
}

/** Removes elements for which the callback says that they equal the one before. Errors of the callback count as no. */
export function dedup(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planPair(fn, "dedup");
  const items = ownItems(array);
  const kept: Value[] = [];
  for (const item of items) {
    const isSame = kept.length > 0 && compare(plan, kept.at(-1), item) === true;
    if (!isSame) kept.push(item);
  }
  array.items = kept;
  return undefined;
}

/** What a comparer says of two elements; NONE if it fails. */
function compare(plan: Plan, a: Value, b: Value): Co<Value | typeof NONE> {
  const depth = S.depth;
  tick(1);
  try {
    if (plan.form === "item") return apply2(plan, copy(a), copy(b));
    return callFn(plan.fn, undefined, [copy(a), copy(b)]);
  } catch (error) {
    if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
    S.depth = depth;
    return NONE;
  }
}

/** Does `b` belong before `a`? Comparers answer an int or, for "first is less", a bool; all else counts as equal. */
function isBefore(plan: Plan, b: Value, a: Value): Co<boolean> {
  const result = compare(plan, b, a);
  if (typeof result === "number") return result < 0;
  return result === true || (typeof result === "bigint" && result < 0n);
}

/** Stable merge sort, bottom up: the order of comparisons is the same whether callbacks suspend or not. */
export function sort(array: Arr, fn: FnPtr): Co<Value> {
  const plan = planPair(fn, "sort");
  let from = ownItems(array).slice();
  let to = from.slice();
  const count = from.length;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      merge(plan, from, to, { start, middle, end });
    }
    [from, to] = [to, from];
  }
  array.items = from;
  array.shared = false;
  return undefined;
}

/** Merges two sorted neighbours of `from` into `to`. */
function merge(
  plan: Plan,
  from: readonly Value[],
  to: Value[],
  { start, middle, end }: { readonly start: number; readonly middle: number; readonly end: number },
): Co<void> {
  let left = start;
  let right = middle;
  let at = start;
  while (left < middle && right < end) {
    const takesRight = isBefore(plan, from[right], from[left]);
    to[at++] = takesRight ? from[right++] : from[left++];
  }
  while (left < middle) to[at++] = from[left++];
  while (right < end) to[at++] = from[right++];
}

/** Calls a callback of (key) or (key, value) for an entry. */
function callEntry(plan: Plan, entries: Map<string, Value>, key: string): Co<Value> {
  tick(1);
  const value = entries.get(key);
  if (plan.form === "item") return apply2(plan, key, copy(value));
  if (plan.form === "name") {
    const forms = [[key], [key, copy(value)], [key, copy(value)]];
    const result = callByName(plan, value, true, forms);
    entries.set(key, S.self as Value);
    return result;
  }
  const result = apply1(plan, value ?? UNIT, key);
  if (plan.compiled.setsThis === true) entries.set(key, S.self as Value);
  return result;
}

function entriesFor(dict: Dict, plan: Plan): Map<string, Value> {
  return plan.form === "item" ? dict.entries : ownEntries(dict);
}

export function mapEntries(dict: Dict, fn: FnPtr): Co<Value> {
  const plan = planEntry(fn, "map");
  const entries = entriesFor(dict, plan);
  const results = new Map<string, Value>();
  for (const key of sortedKeys(dict)) results.set(key, callEntry(plan, entries, key));
  return new Dict(results);
}

export function filterEntries(dict: Dict, fn: FnPtr): Co<Value> {
  const plan = planEntry(fn, "filter");
  const entries = entriesFor(dict, plan);
  const kept = new Map<string, Value>();
  for (const key of sortedKeys(dict)) {
    if (callEntry(plan, entries, key) === true) kept.set(key, copy(entries.get(key)));
  }
  return new Dict(kept);
}

/** Takes out the entries for which the callback's answer is `wanted`, and gives them. */
export function separateEntries(dict: Dict, fn: FnPtr, wanted: boolean): Co<Value> {
  const plan = planEntry(fn, wanted ? "drain" : "retain");
  const entries = ownEntries(dict);
  const taken = new Map<string, Value>();
  try {
    for (const key of sortedKeys(dict)) {
      const isTrue = callEntry(plan, entries, key) === true;
      if (isTrue === wanted) taken.set(key, entries.get(key));
    }
  } finally {
    for (const key of taken.keys()) entries.delete(key);
  }
  return new Dict(taken);
}
