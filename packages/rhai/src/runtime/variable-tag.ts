/** Tags of variables: of the value if it has an identity, else kept beside the variable. */
import { type Int, isInt } from "./integer.ts";
import { getProp, setProp } from "./property.ts";
import { mismatchValue } from "./raise.ts";
import { checkTag } from "./tag.ts";
import { Arr, Blob, Dict, type Value } from "./value.ts";

/** The tag of a variable's value; `own` is kept beside the variable, for values without identity. */
export function readTag(value: Value, own: Int): Value {
  return hasIdentity(value) ? getProp(value, "tag") : own;
}

/** Tags a variable's value. Gives what is kept beside the variable. */
export function writeTag(value: Value, own: Int, tag: Value): Int {
  if (hasIdentity(value)) {
    setProp(value, "tag", tag);
    return own;
  }
  return isInt(tag) ? checkTag(tag) : mismatchValue(tag, "i64");
}

function hasIdentity(value: Value): boolean {
  return value instanceof Arr || value instanceof Blob || value instanceof Dict;
}
