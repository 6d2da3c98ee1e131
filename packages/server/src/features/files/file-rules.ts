/** What names, content types and collections of files may be. They are stored as they are given, never in a path: bytes have
 *  names of our own. But a name goes into headers and onto the disks of those who download, so it is that of a file. */
import { isStorableText, PicloudError, utf8Bytes, uuidPattern } from "@picloud/contract";
import { filesLimits } from "./files.contract.ts";

/** `*` is refused because trigger patterns end with it. */
export function checkCollection(collection: string): void {
  checkText(collection, "collection", filesLimits.collectionBytes);
  if (collection.includes("*")) throw invalid("collection", "must not contain *");
  // As a segment of a path they would be gone (WHATWG URL §4.4).
  if (collection === "." || collection === "..") throw invalid("collection", 'must not be "." or ".."');
}

/** Throws `not_found` for what can't be the id of a file. */
export function checkId(id: string): void {
  if (!uuidPattern.test(id)) throw invalid("id", "must be the id of a file, a lower-case UUID");
}

/** Controls (of terminals, too), and those that turn the order of what is shown: `exe.gpj` would read `jpg.exe`. */
// oxlint-disable-next-line no-control-regex -- it is what is refused
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** One name of a file on any system: no folder in it, nothing that hides. Its Unicode form stays as it is. */
export function checkName(name: string): void {
  checkText(name, "name", filesLimits.nameBytes);
  if (/[/\\]/.test(name)) throw invalid("name", "must not contain / or \\: it is a name, not a path");
  if (name === "." || name === "..") throw invalid("name", 'must not be "." or ".."');
  if (HIDDEN.test(name)) throw invalid("name", "has a control or direction character");
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
// RFC 9110 §8.3.1, one header field value of visible ASCII.
const CONTENT_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"))*$`,
);

export function checkContentType(contentType: string): void {
  checkText(contentType, "content_type", filesLimits.contentTypeBytes);
  if (!CONTENT_TYPE.test(contentType))
    throw invalid("content_type", "must be a media type such as text/plain; charset=utf-8");
}

function checkText(text: string, field: string, bytesMax: number): void {
  if (text === "") throw invalid(field, "must not be empty");
  if (utf8Bytes(text) > bytesMax) {
    throw new PicloudError("too_large", `${field} has more than ${bytesMax} bytes`, {
      fields: [{ path: field, message: `at most ${bytesMax} bytes` }],
    });
  }
  if (!isStorableText(text)) throw invalid(field, "has U+0000 or half of a surrogate pair");
}

export function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
