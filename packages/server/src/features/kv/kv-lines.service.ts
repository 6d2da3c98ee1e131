/** Collections as JSON lines: exported page by page, imported batch by batch. */
import { jsonText } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { finishWrite, writeCause } from "../../platform/database/outbox.ts";
import {
  importInBatches,
  lineBatch,
  parsedLine,
  refusedLine,
  storeBatch,
  timeOfLine,
  type ImportTotal,
  type NumberedLines,
} from "../../platform/line-import.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone } from "../apps/apps.service.ts";
import { checkCollection, checkKey, storable } from "./kv-checks.ts";
import { importEntries, type ImportedEntry } from "./kv-import.repository.ts";
import { kvLimits } from "./kv.contract.ts";
import { listEntries, type KvAddress, type KvRow } from "./kv.repository.ts";

type KvCollectionAddress = Omit<KvAddress, "key">;

/** All entries in byte order of their keys; one that stays all the time comes exactly once. */
export async function* exportEntries(
  ctx: Context,
  platform: Platform,
  at: KvCollectionAddress,
): AsyncGenerator<string> {
  authorize(ctx, "AppKvRead", at.appId);
  checkCollection(at.collection);
  const { items: limit, bytes: bytesMax } = lineBatch;
  let after: string | undefined;
  for (;;) {
    const rows = await listEntries(platform.db.read, { ...at, prefix: "", after, limit, bytesMax });
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.key;
    yield rows.map((row) => `${lineOf(row)}\n`).join("");
  }
}

/** An entry as scripts list it; the value as it was written. */
export function lineOf(row: KvRow): string {
  const expires = row.expires_at === null ? "" : `,"expires_at":"${row.expires_at.toISOString()}"`;
  return `{"key":${JSON.stringify(row.key)},"value":${row.value}${expires}}`;
}

/** Lines like those of an export; a key that is there is replaced, with its expiry. Batches are committed one by one, with
 *  their events. A key that comes twice is written twice, in the order of the lines. */
export async function importLines(
  ctx: Context,
  platform: Platform,
  at: KvCollectionAddress,
  lines: NumberedLines,
): Promise<Required<ImportTotal>> {
  authorize(ctx, "AppKvWrite", at.appId);
  checkCollection(at.collection);
  const { expired = 0, ...total } = await importInBatches(lines, {
    parse: parseLine,
    keyOf: ({ key }) => key,
    bytesOf: ({ key, value }) => key.length + value.length,
    store: async (batch) => await importBatch(ctx, platform, at, batch),
  });
  return { ...total, expired };
}

/** The entries of a JSON array, as if they came as lines. */
export function arrayLines(entries: unknown): NumberedLines {
  if (!Array.isArray(entries)) throw refusedLine("entries", "must be an array");
  const lines = entries.map((entry) => jsonText(entry).text);
  return { lines, firstNumber: 0, placeOf: (number) => `entries[${number}]` };
}

async function importBatch(
  ctx: Context,
  platform: Platform,
  at: KvCollectionAddress,
  batch: readonly ImportedEntry[],
): Promise<ImportTotal> {
  const cause = writeCause(platform, ctx, at.appId);
  const audit = { action: "kv.import", ...at, counted: "entries" } as const;
  const { written, created, expired, matched } = await storeBatch(platform, ctx, audit, async (tx) => {
    const done = await importEntries(tx, cause, at, batch);
    if (done.written + done.expired < batch.length) throw appGone(at.appId);
    return done;
  });
  finishWrite(platform, ctx, cause, matched);
  return { imported: written, created, replaced: written - created, expired };
}

const shape = {
  bytesMax: 2 * kvLimits.valueBytes,
  needs: "key and value",
  members: new Set(["key", "value", "expires_at"]),
};

function parseLine(line: string, where: string): ImportedEntry {
  const entry = parsedLine(line, where, shape);
  const { key, value, expires_at: expiresAt } = entry;
  if (typeof key !== "string") throw refusedLine(`${where}: key`, "must be a string");
  checkKey(key, `${where}: key`);
  if (value === undefined) throw refusedLine(`${where}: value`, "is required");
  const stored = storable(jsonText(value), `${where}: value`).text;
  return { key, value: stored, expiresAt: timeOfLine(expiresAt, `${where}: expires_at`) };
}
