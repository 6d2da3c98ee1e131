/** Where documents are: an app's collection, with the number that stands for both in indexes. */
import { createHash } from "node:crypto";
import type { JsonText } from "@picloud/contract";

export interface DocsAddress {
  readonly appId: string;
  readonly collection: string;
}

export interface DocsPlace extends DocsAddress {
  /** A number of 62 bits as text: the same on every node, different between collections for all practical purposes. Two
   *  that share it would only meet each other's rows in an index, and drop them there. */
  readonly scope: string;
}

export interface DocumentPlace extends DocsPlace {
  readonly id: string;
}

export function placeOf({ appId, collection }: DocsAddress): DocsPlace {
  const hash = createHash("sha256").update(`${appId}\n${collection}`).digest();
  return { appId, collection, scope: (hash.readBigUInt64BE(0) >> 2n).toString() };
}

/** The stored object of a document: see the column `doc`. */
export function storedText({ scope }: DocsPlace, data: JsonText): string {
  return `{"${scope}":${data.text}}`;
}
