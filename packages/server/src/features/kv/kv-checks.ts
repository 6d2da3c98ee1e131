/** What can be stored: names of collections, keys and values. */
import { isStorableText, PicloudError, utf8Bytes } from "@picloud/contract";
import type { JsonText } from "@picloud/contract";
import { kvLimits } from "./kv.contract.ts";

/** `*` is refused because trigger patterns end with it. */
export function checkCollection(collection: string): void {
  if (collection === "") throw invalid("collection", "must not be empty");
  checkText(collection, "collection", kvLimits.collectionBytes);
  if (collection.includes("*")) throw invalid("collection", "must not contain *");
}

/** `field`: where it stands, for the error. */
export function checkKey(key: string, field: string): void {
  if (key === "") throw invalid(field, "must not be empty");
  checkText(key, field, kvLimits.keyBytes);
}

export function checkText(text: string, field: string, bytesMax: number): void {
  if (utf8Bytes(text) > bytesMax) throw tooLarge(field, bytesMax);
  if (!isStorableText(text)) throw invalid(field, "has U+0000 or half of a surrogate pair");
}

/** Checked text (`checkedJson`) within the limit. */
export function storable(value: JsonText, field: string): JsonText {
  const { text } = value;
  const { valueBytes } = kvLimits;
  // A UTF-16 unit is one to three bytes of UTF-8: most values need no counting.
  if (text.length > valueBytes || (text.length * 3 > valueBytes && utf8Bytes(text) > valueBytes))
    throw tooLarge(field, valueBytes);
  return value;
}

export function invalid(path: string, message: string, cause?: unknown): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }], cause });
}

function tooLarge(field: string, bytesMax: number): PicloudError {
  return new PicloudError("too_large", `${field} has more than ${bytesMax} bytes`, {
    fields: [{ path: field, message: `at most ${bytesMax} bytes` }],
  });
}
