/** The number that a script may pin to a value (`x.tag = 3`).
 *
 *  Arrays, maps and blobs keep theirs beside them, and `copy` hands it on. Values without identity (numbers, strings, bools
 *  …) can't have one here: the compiler keeps the tags of such variables in variables of its own. */
import { type Int } from "./integer.ts";
import { arithmetic } from "./raise.ts";
import { Arr, Blob, Dict, tagOf, tagValue, type Value } from "./value.ts";

/** 0 unless it was set. */
export function getTag(value: Value): Int {
  return value instanceof Arr || value instanceof Blob || value instanceof Dict ? tagOf(value) : 0;
}

/** The tag as it will be kept. Tags have 16 bits. */
export function checkTag(tag: Int): number {
  if (tag > 32_767)
    return arithmetic(`${tag} is too large to fit into a tag (must be between -32768 and 32767)`);
  if (tag < -32_768)
    return arithmetic(`${tag} is too small to fit into a tag (must be between -32768 and 32767)`);
  return Number(tag);
}

/** Gives the object back, as `setProp` does. The tag of a value without identity is lost. */
export function setTag(object: Value, tag: Int): Value {
  const checked = checkTag(tag);
  if (object instanceof Arr || object instanceof Blob || object instanceof Dict) tagValue(object, checked);
  return object;
}
