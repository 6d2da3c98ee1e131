/** Cursors of lists: opaque text that names the last item and belongs to one list with one filter. */
import { createHash } from "node:crypto";
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { Page } from "@picloud/contract";

/** Form of each part of a list's sort key. */
export type CursorPart = "text" | "int" | "id";
type Key = readonly (string | number)[];

export interface CursorForm {
  /** Name of the list with everything that filters it, e.g. `scripts:<app id>:<name>`. */
  readonly list: string;
  readonly parts: readonly CursorPart[];
}

/** The key of the last item before the page, or `undefined` for the first page. Throws `invalid_cursor`. */
export function readCursor(form: CursorForm, cursor: string | undefined): Key | undefined {
  if (cursor === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (error) {
    throw invalidCursor(error);
  }
  if (!Array.isArray(parsed) || parsed[0] !== mark(form.list) || parsed.length !== form.parts.length + 1)
    throw invalidCursor();
  const key: unknown[] = parsed.slice(1);
  if (!key.every((value, i) => fits(form.parts[i], value))) throw invalidCursor();
  return key as Key;
}

/** Makes the page from up to `limit + 1` rows in order. */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  form: CursorForm,
  map: { readonly key: (row: Row) => Key; readonly item: (row: Row) => Item },
): Page<Item> & { items: Item[] } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: shown.map(map.item),
    next_cursor: hasMore ? writeCursor(form, map.key(last)) : null,
  };
}

/** The cursor of a place in the list: what {@link readCursor} reads. */
export function writeCursor({ list }: CursorForm, key: Key): string {
  return Buffer.from(JSON.stringify([mark(list), ...key]), "utf8").toString("base64url");
}

/** Enough to tell lists apart; a cursor grants nothing, so it needs no secret. */
function mark(list: string): string {
  return createHash("sha256").update(list).digest("base64url").slice(0, 8);
}

function fits(part: CursorPart | undefined, value: unknown): boolean {
  if (part === "int") return Number.isSafeInteger(value);
  if (typeof value !== "string" || value.includes("\u0000") || !value.isWellFormed()) return false;
  return part === "id" ? uuidPattern.test(value) : true;
}

/** The one error of all that is wrong with a cursor. */
export function invalidCursor(cause?: unknown): PicloudError {
  return new PicloudError("invalid_cursor", "The cursor is not one of this list with this filter.", {
    fields: [{ path: "cursor", message: "take it from `next_cursor` of the page before" }],
    cause,
  });
}
