import { PicloudError } from "@picloud/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOfRows, readCursor } from "./cursor.ts";
import type { CursorForm } from "./cursor.ts";
import { newId } from "./ids.ts";

const form: CursorForm = { list: "things:1", parts: ["text", "int", "id"] };

interface Row {
  readonly name: string;
  readonly n: number;
  readonly id: string;
}

function page(rows: readonly Row[], limit: number, of: CursorForm = form) {
  return pageOfRows(rows, limit, of, { key: (row) => [row.name, row.n, row.id], item: (row) => row.name });
}

test("a cursor gives back the key of the page's last item, for every text, number and id", () => {
  const row = fc.record({
    name: fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !text.includes("\u0000")),
    n: fc.maxSafeInteger(),
    id: fc.constant(newId()),
  });
  const property = fc.property(row, row, (first, second) => {
    const { items, next_cursor: cursor } = page([first, second], 1);
    expect(items).toEqual([first.name]);
    expect(readCursor(form, cursor ?? undefined)).toEqual([first.name, first.n, first.id]);
  });
  expect(() => fc.assert(property)).not.toThrow();
});

test("the last page has no cursor", () => {
  expect(page([{ name: "a", n: 1, id: newId() }], 1).next_cursor).toBeNull();
  expect(page([], 1)).toEqual({ items: [], next_cursor: null });
});

test("a cursor of another list or filter, and any other text, is invalid_cursor", () => {
  const rows = [1, 2].map((n) => ({ name: "a", n, id: newId() }));
  const other = page(rows, 1, { ...form, list: "things:2" }).next_cursor;
  const shorter = pageOfRows(rows, 1, form, { key: (row) => [row.n], item: (row) => row.n }).next_cursor;
  const swapped = pageOfRows(rows, 1, form, {
    key: (row) => [row.n, row.name, row.id],
    item: (row) => row.n,
  });
  for (const cursor of [other, shorter, swapped.next_cursor, "", "x", "bnVsbA", "W10"]) {
    expect(refusalOf(cursor ?? "")).toBe("invalid_cursor");
  }
  const property = fc.property(fc.string(), (text) => refusalOf(text) === "invalid_cursor");
  expect(() => fc.assert(property)).not.toThrow();
});

function refusalOf(cursor: string): string | undefined {
  try {
    readCursor(form, cursor);
    return undefined;
  } catch (error) {
    return error instanceof PicloudError ? error.code : String(error);
  }
}
