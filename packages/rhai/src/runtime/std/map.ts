/** Functions of object maps without callbacks. */
import { bounded, sortedKeys, spend, toDebug } from "../format.ts";
import { tick } from "../fuel.ts";
import { checkMap } from "../limits.ts";
import { define, NONE, type Result } from "../native.ts";
import { Arr, Char, copy, Dict, ownEntries, type Value } from "../value.ts";

function contains(map: Dict, key: Value): Result {
  return typeof key === "string" ? map.entries.has(key) : NONE;
}

function get(map: Dict, key: Value): Result {
  return typeof key === "string" ? copy(map.entries.get(key)) : NONE;
}

function set(map: Dict, key: Value, value: Value): Result {
  if (typeof key !== "string") return NONE;
  ownEntries(map).set(key, value);
  checkMap(map.entries.size);
  return undefined;
}

function remove(map: Dict, key: Value): Result {
  if (typeof key !== "string") return NONE;
  const entries = ownEntries(map);
  const value = entries.get(key);
  entries.delete(key);
  return value;
}

function clear(map: Dict): undefined {
  map.entries = new Map();
  map.shared = false;
}

/** Takes over all entries of `more`. */
export function mixinEntries(map: Dict, more: Dict): void {
  tick(more.entries.size);
  const entries = ownEntries(map);
  for (const [key, value] of more.entries) entries.set(key, copy(value));
  checkMap(map.entries.size);
}

function mixin(map: Dict, more: Value): Result {
  if (!(more instanceof Dict)) return NONE;
  mixinEntries(map, more);
  return undefined;
}

function fillWith(map: Dict, more: Value): Result {
  if (!(more instanceof Dict)) return NONE;
  tick(more.entries.size);
  const entries = ownEntries(map);
  for (const [key, value] of more.entries) if (!entries.has(key)) entries.set(key, copy(value));
  checkMap(map.entries.size);
  return undefined;
}

function keys(map: Dict): Result {
  tick(map.entries.size);
  return new Arr(sortedKeys(map));
}

function values(map: Dict): Result {
  tick(map.entries.size);
  return new Arr(sortedKeys(map).map((key) => copy(map.entries.get(key))));
}

/** A char in Rust's debug form, which formatting inside arrays does not use. */
function charDebug(char: Char): string {
  if (char.text === "'") return "'\\''";
  if (char.text === '"') return `'"'`;
  return `'${toDebug(char.text).slice(1, -1)}'`;
}

/** JSON as native writes it: sorted keys, floats keep ".0", chars as `'x'`. */
export function toJson(value: Value): string {
  return bounded(() => jsonText(value));
}

function jsonText(value: Value): string {
  tick(4);
  if (value === undefined) return spent("null");
  if (value instanceof Dict) {
    const parts = sortedKeys(value).map(
      (key) => `${spent(toDebug(key))}:${jsonText(value.entries.get(key))}`,
    );
    return `{${parts.join(",")}}`;
  }
  if (value instanceof Arr) return `[${value.items.map((item) => jsonText(item)).join(",")}]`;
  return spent(value instanceof Char ? charDebug(value) : toDebug(value));
}

function spent(text: string): string {
  spend(text.length + 1);
  return text;
}

export function defineMaps(): void {
  define("map", "len", (map) => map.entries.size);
  define("map", "is_empty", (map) => map.entries.size === 0);
  define("map", "contains", contains);
  define("map", "get", get);
  define("map", "set", set, "mutates");
  define("map", "remove", remove, "mutates");
  define("map", "clear", clear, "mutates");
  define("map", "mixin", mixin, "mutates");
  define("map", "fill_with", fillWith, "mutates");
  define("map", "keys", keys);
  define("map", "values", values);
  define("map", "to_json", (map) => toJson(map));
}
