/** Imports of JSON lines: each is parsed as it comes and stored in a batch, so that memory holds one batch however long
 *  they are. What a line is, and how a batch is stored, is the service's. */
import { checkedJson, exactJson, PicloudError } from "@picloud/contract";
import type { Context } from "./context.ts";
import { writeAudit } from "./database/audit.ts";
import type { Transaction } from "./database/database.ts";
import { isDataError, isSerializationFailure } from "./database/pg-errors.ts";
import { transaction } from "./database/transaction.ts";
import type { LinesInput } from "./feature.ts";
import type { Platform } from "./platform.ts";

/** What is held at a time: items, and about the bytes of their JSON text. Pages of exports have the same size. */
export const lineBatch = { items: 500, bytes: 2 * 1_048_576 } as const;

export interface ImportTotal {
  /** Items that are stored. */
  readonly imported: number;
  readonly created: number;
  readonly replaced: number;
  /** Items whose time had passed; absent where there is no such time. */
  readonly expired?: number;
}

export interface LineImport<Item> {
  /** Throws `invalid` or `too_large` that names `where`. */
  readonly parse: (line: string, where: string) => Item;
  /** No two items of a batch have the same: one statement can't write a row twice. */
  readonly keyOf: (item: Item) => string;
  readonly bytesOf: (item: Item) => number;
  /** Commits. */
  readonly store: (batch: readonly Item[]) => Promise<ImportTotal>;
}

export interface NumberedLines {
  readonly lines: AsyncIterable<string> | Iterable<string>;
  /** What place an error names for a number. */
  readonly placeOf: (number: number) => string;
  readonly firstNumber: number;
}

/** Batches are committed one by one: when a line is refused, `details` of the error say how much before it is stored. */
export async function importInBatches<Item>(
  { lines, placeOf, firstNumber }: NumberedLines,
  { parse, keyOf, bytesOf, store }: LineImport<Item>,
): Promise<ImportTotal> {
  let total: ImportTotal = { imported: 0, created: 0, replaced: 0 };
  const batch = new Map<string, Item>();
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.size > 0) total = sumOf(total, await store([...batch.values()]));
    batch.clear();
    bytes = 0;
  };
  let number = firstNumber - 1;
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() === "") continue;
      const item = parse(line, placeOf(number));
      if (batch.has(keyOf(item))) await flush();
      batch.set(keyOf(item), item);
      bytes += bytesOf(item);
      if (batch.size >= lineBatch.items || bytes >= lineBatch.bytes) await flush();
    }
    await flush();
  } catch (error) {
    if (!(error instanceof PicloudError)) throw error;
    const { code, message, fields = [], retryable, cause } = error;
    throw new PicloudError(code, message, { fields, retryable, cause, details: { ...total } });
  }
  return total;
}

function sumOf(a: ImportTotal, b: ImportTotal): ImportTotal {
  const sum = {
    imported: a.imported + b.imported,
    created: a.created + b.created,
    replaced: a.replaced + b.replaced,
  };
  if (a.expired === undefined && b.expired === undefined) return sum;
  return { ...sum, expired: (a.expired ?? 0) + (b.expired ?? 0) };
}

/** Lines of a request, from the number that its `first_line` says. */
export function numberedLines(input: LinesInput, lines: AsyncIterable<string>): NumberedLines {
  const { first_line: first = "1" } = input;
  const firstNumber = /^[1-9]\d{0,14}$/.test(first) ? Number(first) : 1;
  return { lines, firstNumber, placeOf: (number) => `line ${number}` };
}

const TRIES = 3;

export interface BatchAudit {
  readonly action: "docs.import" | "kv.import";
  readonly appId: string;
  readonly collection: string;
  /** Name of what is counted in the entry. */
  readonly counted: "documents" | "entries";
}

/** One transaction with its entry in the audit log: how many, never what. Runs again what met another writer. */
export async function storeBatch<T extends { readonly written: number }>(
  platform: Platform,
  ctx: Context,
  { action, appId, collection, counted }: BatchAudit,
  write: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction(platform.db, async (tx) => {
        const done = await write(tx);
        const resource = { kind: "collection", name: collection };
        await writeAudit(tx, ctx, { action, resource, appId, after: { [counted]: done.written } });
        return done;
      });
    } catch (error) {
      if (isSerializationFailure(error) && tries < TRIES) continue;
      if (isDataError(error))
        throw new PicloudError("invalid", "A line of the import can't be stored.", { cause: error });
      throw error;
    }
  }
}

/** A value in a line may be nested as deep as one that comes alone. */
const LINE_NESTING_MAX = 65;

/** The line's object, with its numbers as they are written. Throws `invalid` for what is no object or has a member that is
 *  none of `members`. */
export function parsedLine(
  line: string,
  where: string,
  shape: { readonly bytesMax: number; readonly needs: string; readonly members: ReadonlySet<string> },
): Readonly<Record<string, unknown>> {
  const { text } = checkedJson(line, where, shape.bytesMax, LINE_NESTING_MAX);
  if (!/^\s*\{/.test(text)) throw refusedLine(where, `must be an object with ${shape.needs}`);
  const value = exactJson(text) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(value).find((name) => !shape.members.has(name));
  if (unknown !== undefined) throw refusedLine(where, `has an unknown member ${JSON.stringify(unknown)}`);
  return value;
}

const dateTime = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 text that is a time, or null if there is none. */
export function timeOfLine(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && isTime(value)) return value;
  throw refusedLine(where, "must be a time like 2026-01-31T12:00:00Z");
}

/** `Date` takes the 30th of February for one in March. */
function isTime(text: string): boolean {
  const [, year = "", month = "", day = ""] = dateTime.exec(text) ?? [];
  if (year === "" || year === "0000" || Number.isNaN(Date.parse(text))) return false;
  return new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
}

/** What a line may not have. */
export function refusedLine(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
