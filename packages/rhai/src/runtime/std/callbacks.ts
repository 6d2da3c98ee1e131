/** Registration of the functions with callbacks, in both forms. */
import * as co from "../callback-functions.co.ts";
import * as sync from "../callback-functions.sync.ts";
import { define, defineGenerator, type Effect, type Receivers, type Result } from "../native.ts";
import { type Value } from "../value.ts";

type Row<T extends "array" | "map"> = readonly [
  name: string,
  effect: Effect,
  plain: (self: Receivers[T], ...args: Value[]) => Result,
  waiting: (self: Receivers[T], ...args: Value[]) => Generator<unknown, Result, unknown>,
];

function defineRows<T extends "array" | "map">(type: T, rows: readonly Row<T>[]): void {
  for (const [name, effect, plain, waiting] of rows) {
    define(type, name, plain, effect);
    defineGenerator(type, name, waiting);
  }
}

/** "pure" is native's word: constants allow it, though a callback may change the element that it has as `this`. */
export function defineCallbacks(): void {
  defineRows("array", [
    ["map", "pure", sync.map, co.map],
    ["filter", "pure", sync.filter, co.filter],
    ["some", "pure", sync.some, co.some],
    ["all", "pure", sync.all, co.all],
    ["for_each", "mutates", sync.forEach, co.forEach],
    ["find", "pure", sync.find, co.find],
    ["find", "pure", sync.findFrom, co.findFrom],
    ["find_map", "pure", sync.findMap, co.findMap],
    ["find_map", "pure", sync.findMapFrom, co.findMapFrom],
    ["index_of", "pure", sync.indexOf, co.indexOf],
    ["index_of", "pure", sync.indexOfFrom, co.indexOfFrom],
    ["reduce", "pure", sync.reduce, co.reduce],
    ["reduce", "pure", sync.reduceWith, co.reduceWith],
    ["reduce_rev", "pure", sync.reduceReverse, co.reduceReverse],
    ["reduce_rev", "pure", sync.reduceReverseWith, co.reduceReverseWith],
    ["zip", "pure", sync.zip, co.zip],
    ["dedup", "mutates", sync.dedup, co.dedup],
    ["sort", "mutates", sync.sort, co.sort],
    ["sort_by", "mutates", sync.sortBy, co.sortBy],
    ["order", "mutates", sync.order, co.order],
    ["order_by", "mutates", sync.order, co.order],
    ["drain", "mutates", sync.drain, co.drain],
    ["retain", "mutates", sync.retain, co.retain],
  ]);
  defineRows("map", [
    ["map", "pure", sync.mapEntries, co.mapEntries],
    ["filter", "pure", sync.filterEntries, co.filterEntries],
    ["drain", "mutates", sync.drainEntries, co.drainEntries],
    ["retain", "mutates", sync.retainEntries, co.retainEntries],
  ]);
}
