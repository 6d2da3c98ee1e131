/** Registration of the functions with callbacks, in both forms. */
import * as co from "../callback-functions.co.ts";
import * as sync from "../callback-functions.sync.ts";
import { define, defineGenerator, type Effect } from "../native.ts";

type Name = keyof typeof sync;

/** Our names in the order of native's: key, name, effect. `this` may change elements even where native says "pure". */
const ofArrays: readonly (readonly [Exclude<Name, `${string}Entries`>, string, Effect])[] = [
  ["map", "map", "pure"],
  ["filter", "filter", "pure"],
  ["some", "some", "pure"],
  ["all", "all", "pure"],
  ["forEach", "for_each", "mutates"],
  ["find", "find", "pure"],
  ["findFrom", "find", "pure"],
  ["findMap", "find_map", "pure"],
  ["findMapFrom", "find_map", "pure"],
  ["indexOf", "index_of", "pure"],
  ["indexOfFrom", "index_of", "pure"],
  ["reduce", "reduce", "pure"],
  ["reduceWith", "reduce", "pure"],
  ["reduceReverse", "reduce_rev", "pure"],
  ["reduceReverseWith", "reduce_rev", "pure"],
  ["zip", "zip", "pure"],
  ["dedup", "dedup", "mutates"],
  ["sort", "sort", "mutates"],
  ["sortBy", "sort_by", "mutates"],
  ["order", "order", "mutates"],
  ["order", "order_by", "mutates"],
  ["drain", "drain", "mutates"],
  ["retain", "retain", "mutates"],
];

const ofMaps: readonly (readonly [Extract<Name, `${string}Entries`>, string, Effect])[] = [
  ["mapEntries", "map", "pure"],
  ["filterEntries", "filter", "pure"],
  ["drainEntries", "drain", "mutates"],
  ["retainEntries", "retain", "mutates"],
];

export function defineCallbacks(): void {
  for (const [key, name, effect] of ofArrays) {
    define("array", name, sync[key], effect);
    defineGenerator("array", name, co[key]);
  }
  for (const [key, name, effect] of ofMaps) {
    define("map", name, sync[key], effect);
    defineGenerator("map", name, co[key]);
  }
}
