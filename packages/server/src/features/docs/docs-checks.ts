/** What can be stored: names of collections and documents. */
import { isStorableText, PicloudError, utf8Bytes } from "@picloud/contract";
import type { JsonText } from "@picloud/contract";
import { docsLimits } from "./docs.contract.ts";
import { invalid } from "./docs-field.ts";
import { checkNumbersOf } from "./docs-numbers.ts";

/** `*` is refused because trigger patterns end with it. */
export function checkCollection(collection: string): void {
  if (collection === "") throw invalid("collection", "must not be empty");
  if (utf8Bytes(collection) > docsLimits.collectionBytes)
    throw tooLarge("collection", docsLimits.collectionBytes);
  if (!isStorableText(collection)) throw invalid("collection", "has U+0000 or half of a surrogate pair");
  if (collection.includes("*")) throw invalid("collection", "must not contain *");
}

/** An object within the limits. `data`: checked text (`checkedJson`). Throws `invalid` or `too_large` for `field`. */
export function storableDocument(data: JsonText, field: string): JsonText {
  const { text } = data;
  const { documentBytes } = docsLimits;
  // A UTF-16 unit is one to three bytes of UTF-8: most documents need no counting.
  if (text.length > documentBytes || (text.length * 3 > documentBytes && utf8Bytes(text) > documentBytes))
    throw tooLarge(field, documentBytes);
  if (!/^\s*\{/.test(text)) throw invalid(field, "must be an object");
  checkNumbersOf(text, field, documentBytes);
  return data;
}

function tooLarge(field: string, bytesMax: number): PicloudError {
  return new PicloudError("too_large", `${field} has more than ${bytesMax} bytes`, {
    fields: [{ path: field, message: `at most ${bytesMax} bytes` }],
  });
}
