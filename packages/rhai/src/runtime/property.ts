/** `object.name`, read and written. */
import { charCount } from "./chars.ts";
import { isInt } from "./integer.ts";
import { checkMap } from "./limits.ts";
import { mismatchAssigned, propertyNotFound, unknownProperty, unwritableProperty } from "./raise.ts";
import { S } from "./state.ts";
import { getTag, setTag } from "./tag.ts";
import { Arr, Dict, ownEntries, type Value } from "./value.ts";

/** What a property of a value that is no map reads. */
export type Getter = (self: Value) => Value;
type GetterLookup = (receiver: Value, name: string) => Getter | undefined;

let getterOf: GetterLookup = () => undefined;

/** Called once by the library when it registers its functions. */
export function setGetters(lookup: GetterLookup): void {
  getterOf = lookup;
}

/** The value as it lies in the map: who stores it elsewhere copies it. */
export function getProp(object: Value, name: string): Value {
  if (object instanceof Dict) {
    const value = object.entries.get(name);
    if (value !== undefined) return value;
  }
  return getPropSlow(object, name);
}

function getPropSlow(object: Value, name: string): Value {
  if (object instanceof Dict) {
    return S.failsOnMissing && !object.entries.has(name) ? propertyNotFound(name) : undefined;
  }
  if (name === "len") {
    if (typeof object === "string") return charCount(object);
    if (object instanceof Arr) return object.items.length;
  }
  if (name === "tag") return getTag(object);
  const getter = getterOf(object, name);
  return getter === undefined ? unknownProperty(object, name) : getter(object);
}

/** `object?.name`. */
export function getPropElvis(object: Value, name: string): Value {
  return object === undefined ? undefined : getProp(object, name);
}

/** Stores a value that is the place's own (a temporary or a copy). Gives the object for writing it back to its place. */
export function setProp(object: Value, name: string, value: Value): Value {
  if (object instanceof Dict) {
    const entries = object.shared ? ownEntries(object) : object.entries;
    entries.set(name, value);
    checkMap(entries.size);
    return object;
  }
  if (name === "tag") return setTag(object, isInt(value) ? value : mismatchAssigned(value, "i64"));
  return unwritableProperty(object, name, value);
}
