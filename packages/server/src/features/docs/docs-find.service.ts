/** Finding documents: filter, order, pages. */
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { JsonText, Page } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { invalidCursor, pageOfRows, readCursor } from "../../platform/cursor.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { isQueryCanceled } from "../../platform/database/pg-errors.ts";
import { readerOf } from "../../platform/database/run-transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { checkCollection } from "./docs-checks.ts";
import { parseFilter, type DocsFilter } from "./docs-filter.ts";
import { chooseIndex } from "./docs-index-choice.ts";
import type { DeclaredIndexes } from "./docs-indexes.service.ts";
import * as query from "./docs-query.repository.ts";
import type { DocumentRow } from "./docs.repository.ts";
import { invalid } from "./docs-field.ts";
import type { DocsPlace } from "./docs-place.ts";
import { planOf, type DocsPlan } from "./docs-plan.ts";

/** What finding needs beside the platform: the declared indexes as this node knows them. */
export interface DocsReads {
  readonly platform: Platform;
  readonly indexes: DeclaredIndexes;
}

/** Documents of one answer may have this much JSON text. */
const ANSWER_BYTES_MAX = 4 * 1_048_576;
const FIND_DEFAULT = 100;

/** At most `$limit` documents (100 if absent). Throws `too_large` if they have more than 4 MiB. */
export async function findAll(
  ctx: Context,
  reads: DocsReads,
  at: DocsPlace,
  filterText: JsonText | undefined,
): Promise<readonly DocumentRow[]> {
  enter(ctx, at);
  const filter = parseFilter(filterText);
  const limit = filter.limit ?? FIND_DEFAULT;
  const rows = await find(ctx, reads, { at, filter, limit, withKeys: false });
  // The bytes may have ended the answer before some that it should have.
  if (rows.length < limit && isNearBytesMax(rows)) {
    const next = await find(ctx, reads, {
      at,
      filter,
      limit: rows.length + 1,
      withKeys: false,
      bytesMax: 2 * ANSWER_BYTES_MAX,
    });
    if (next.length > rows.length) {
      throw new PicloudError("too_large", `The documents found have more than ${ANSWER_BYTES_MAX} bytes.`, {
        fields: [{ path: "filter.$limit", message: "ask for fewer, or read them with page" }],
      });
    }
  }
  return rows;
}

/** The first document, or nothing. */
export async function findFirst(
  ctx: Context,
  reads: DocsReads,
  at: DocsPlace,
  filterText: JsonText | undefined,
): Promise<DocumentRow | undefined> {
  enter(ctx, at);
  const filter = parseFilter(filterText);
  return (await find(ctx, reads, { at, filter, limit: 1, withKeys: false }))[0];
}

export interface DocsPageOptions {
  readonly filter: JsonText | undefined;
  readonly cursor: string | undefined;
  readonly limit: number | undefined;
}

export async function findPage(
  ctx: Context,
  reads: DocsReads,
  at: DocsPlace,
  options: DocsPageOptions,
): Promise<Page<DocumentRow> & { items: DocumentRow[] }> {
  enter(ctx, at);
  const filter = parseFilter(options.filter);
  if (filter.limit !== undefined && options.limit !== undefined && options.limit !== filter.limit)
    throw invalid("filter.$limit", "is not the limit of the page: give one of them");
  const form = {
    list: `docs:${JSON.stringify([at.appId, at.collection, options.filter?.text ?? null])}`,
    parts: cursorParts(filter),
  };
  const after = readCursor(form, options.cursor)?.map(String);
  checkKeys(filter, after);
  const limit = filter.limit ?? options.limit ?? FIND_DEFAULT;
  const rows = await find(ctx, reads, { at, filter, after, limit: limit + 1, withKeys: true });
  // Fewer than asked for: the end, or the bytes of an answer.
  const isCut = rows.length <= limit && (await hasMore(ctx, reads, { at, filter }, rows));
  const shown = isCut ? [...rows, ...rows.slice(-1)] : rows;
  return pageOfRows(shown, isCut ? rows.length : limit, form, { key: query.keysOfRow, item: (row) => row });
}

export async function countFound(
  ctx: Context,
  reads: DocsReads,
  at: DocsPlace,
  filterText: JsonText | undefined,
): Promise<number> {
  enter(ctx, at);
  const filter = { ...parseFilter(filterText), sort: [] };
  const plan = await makePlan(reads, at, filter);
  return await timed(async () => await query.countDocuments(databaseOf(ctx, reads.platform, plan), plan));
}

interface Wanted {
  readonly at: DocsPlace;
  readonly filter: DocsFilter;
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
  readonly withKeys: boolean;
  readonly bytesMax?: number;
}

async function find(
  ctx: Context,
  reads: DocsReads,
  { at, filter, after, limit, withKeys, bytesMax = ANSWER_BYTES_MAX }: Wanted,
): Promise<readonly query.FoundRow[]> {
  const plan = await makePlan(reads, at, filter);
  const asked = { plan, after, limit, bytesMax, withKeys };
  return await timed(async () => await query.findDocuments(databaseOf(ctx, reads.platform, plan), asked));
}

async function makePlan({ indexes }: DocsReads, at: DocsPlace, filter: DocsFilter): Promise<DocsPlan> {
  const { where } = filter;
  // All documents in the order of ids: the primary key.
  const isAll = where.op === "and" && where.of.length === 0 && filter.sort.length === 0;
  return planOf(at, filter, isAll ? undefined : chooseIndex(await indexes.of(at), filter));
}

/** Whether there is a document after these; only where the bytes may have ended the answer. */
async function hasMore(
  ctx: Context,
  reads: DocsReads,
  { at, filter }: Pick<Wanted, "at" | "filter">,
  rows: readonly query.FoundRow[],
): Promise<boolean> {
  const last = rows.at(-1);
  if (last === undefined || !isNearBytesMax(rows)) return false;
  const after = query.keysOfRow(last);
  return (await find(ctx, reads, { at, filter, after, limit: 1, withKeys: false })).length > 0;
}

/** A UTF-16 unit is one to three bytes, and the next document may have 2 MiB as it is stored. */
function isNearBytesMax(rows: readonly DocumentRow[]): boolean {
  const units = rows.reduce((sum, row) => sum + row.data.length, 0);
  return units * 3 + 2 * 1_048_576 > ANSWER_BYTES_MAX;
}

/** Reads share few connections, one after another on each: what goes through a whole collection does not belong there. */
function databaseOf(ctx: Context, platform: Platform, { by, path, order }: DocsPlan): Queryable {
  const isInOrderOfIds = path === undefined && order[0]?.kind === "column" && order[0].name === "id";
  const { write, read } = platform.db;
  return readerOf(platform, ctx, by === "rows" && !isInOrderOfIds ? write : read);
}

async function timed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isQueryCanceled(error)) throw error;
    const message = "Finding took longer than 10 s: declare an index for it, or ask for less.";
    throw new PicloudError("timeout", message, {
      fields: [{ path: "filter", message: "reads too many documents" }],
      cause: error,
    });
  }
}

function enter(ctx: Context, at: DocsPlace): void {
  authorize(ctx, "AppDocsRead", at.appId);
  checkCollection(at.collection);
}

function cursorParts({ sort }: DocsFilter): readonly ("text" | "id")[] {
  const parts = sort.flatMap(({ field }): ("text" | "id")[] => {
    if (field.kind === "data") return ["text", "text"];
    return [field.name === "id" ? "id" : "text"];
  });
  return sort.some(({ field }) => field.kind === "column" && field.name === "id") ? parts : [...parts, "id"];
}

const numberKey = /^(?:-?\d{1,800}(?:\.\d{1,800})?|-?Infinity|NaN)$/;
const timeKey = /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?$/;

/** A cursor comes from the caller: what is no key would be an error of the database. */
function checkKeys({ sort }: DocsFilter, after: readonly string[] | undefined): void {
  if (after === undefined) return;
  let at = 0;
  for (const { field } of sort) {
    const key = after[at] ?? "";
    if (field.kind === "data") {
      if (!numberKey.test(key)) throw invalidCursor();
      at += 2;
      continue;
    }
    const isFit = field.name === "id" ? uuidPattern.test(key) : timeKey.test(key);
    if (!isFit) throw invalidCursor();
    at++;
  }
}
