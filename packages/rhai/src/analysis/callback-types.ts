/** Types of closures that are written out as callbacks of array methods: such a closure has no other callers. */
import { array, BOOL, COUNT, join, type Type } from "./type.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Called with (element) or (element, index). */
const perItem = words("map filter find find_map some all index_of");
/** Called with (element, element). */
const perPair = words("sort sort_by order order_by");
/** Called with (result, element) or (result, element, index). */
const folds = words("reduce reduce_rev");

/** Parameters of a callback with `count` of them, in the method `name` of an array of these items; undefined if it may be
 *  given anything. `folded`: what a fold has so far. */
export function callbackParams(
  name: string,
  count: number,
  item: Type,
  folded: Type,
): readonly Type[] | undefined {
  if (perItem.has(name) && (count === 1 || count === 2)) return [item, COUNT].slice(0, count);
  if (perPair.has(name) && count === 2) return [item, item];
  if (folds.has(name) && (count === 2 || count === 3)) return [folded, item, COUNT].slice(0, count);
  return undefined;
}

/** What the method gives if its callback gives `result`; undefined if that says nothing. */
export function callbackResult(name: string, result: Type, initial: Type): Type | undefined {
  if (name === "map") return array(result);
  if (folds.has(name)) return join(initial, result);
  return name === "some" || name === "all" ? BOOL : undefined;
}
