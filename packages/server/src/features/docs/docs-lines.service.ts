/** Collections as JSON lines: exported page by page, imported batch by batch. */
import { checkedJson, exactJson, jsonText, PicloudError, uuidPattern } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import { finishWrite, writeCause } from "../../platform/database/outbox.ts";
import { isDataError, isSerializationFailure } from "../../platform/database/pg-errors.ts";
import { transaction } from "../../platform/database/transaction.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone } from "../apps/apps.service.ts";
import { checkCollection, storableDocument } from "./docs-checks.ts";
import { docsLimits } from "./docs.contract.ts";
import { isObject } from "./docs-field.ts";
import { importDocuments, type ImportedDocument } from "./docs-many.repository.ts";
import { findDocuments, keysOfRow, type FoundRow } from "./docs-query.repository.ts";
import { storedText, type DocsPlace } from "./docs-place.ts";
import { planOf } from "./docs-plan.ts";
import type { DocumentRow } from "./docs.repository.ts";

/** Documents that are held at a time, and about the bytes of their JSON text. */
const BATCH_ITEMS = 500;
const BATCH_BYTES = 2 * 1_048_576;

/** All documents, oldest first; one that stays all the time comes exactly once. */
export async function* exportDocuments(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
): AsyncGenerator<string> {
  authorize(ctx, "AppDocsRead", at.appId);
  checkCollection(at.collection);
  const sort = [{ field: { kind: "column", name: "id" }, isDescending: false }] as const;
  const plan = planOf(at, { where: { op: "and", of: [] }, sort, limit: undefined }, undefined);
  let after: readonly string[] | undefined;
  for (;;) {
    const rows: readonly FoundRow[] = await findDocuments(platform.db.read, {
      plan,
      after,
      limit: BATCH_ITEMS,
      bytesMax: BATCH_BYTES,
      withKeys: true,
    });
    const last = rows.at(-1);
    if (last === undefined) return;
    after = keysOfRow(last);
    yield rows.map((row) => `${lineOf(row)}\n`).join("");
  }
}

/** A document with its envelope, as scripts see it; numbers as they are stored. */
export function lineOf(row: DocumentRow): string {
  return `{"id":"${row.id}","data":${row.data},"created_at":"${row.created_at.toISOString()}","updated_at":"${row.updated_at.toISOString()}"}`;
}

export interface DocsImport {
  readonly imported: number;
  readonly created: number;
  readonly replaced: number;
}

/** Lines like those of an export; a document whose id is there is replaced, one without an id gets one. Batches are
 *  committed one by one, with their events: when a line is refused, `details.imported` says how many lines before it are
 *  stored, and importing the same lines with ids again changes nothing but the times of events. */
export async function importLines(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  { lines, firstLine }: { readonly lines: AsyncIterable<string>; readonly firstLine: number },
): Promise<DocsImport> {
  authorize(ctx, "AppDocsWrite", at.appId);
  checkCollection(at.collection);
  const total = { imported: 0, created: 0, replaced: 0 };
  let batch: ImportedDocument[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const { written, created } = await importBatch(ctx, platform, at, batch);
    total.imported += batch.length;
    total.created += created;
    total.replaced += written - created;
    batch = [];
    bytes = 0;
  };
  let number = firstLine - 1;
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() === "") continue;
      const document = parseLine(at, line, `line ${number}`);
      // One statement can't write a row twice.
      if (batch.some(({ id }) => id === document.id)) await flush();
      batch.push(document);
      bytes += document.stored.length;
      if (batch.length >= BATCH_ITEMS || bytes >= BATCH_BYTES) await flush();
    }
    if (batch.length > 0) await flush();
  } catch (error) {
    if (!(error instanceof PicloudError)) throw error;
    const { code, message, fields = [], retryable, cause } = error;
    throw new PicloudError(code, message, { fields, retryable, cause, details: { ...total } });
  }
  return total;
}

const TRIES = 3;

async function importBatch(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  batch: readonly ImportedDocument[],
): Promise<{ readonly written: number; readonly created: number }> {
  const cause = writeCause(platform, ctx, at.appId);
  for (let tries = 1; ; tries++) {
    try {
      const written = await transaction(platform.db, async (tx) => {
        const done = await importDocuments(tx, cause, at, batch);
        if (done.written < batch.length) throw appGone(at.appId);
        await writeAudit(tx, ctx, {
          action: "docs.import",
          resource: { kind: "collection", name: at.collection },
          appId: at.appId,
          after: { documents: done.written },
        });
        return done;
      });
      finishWrite(platform, ctx, cause, written.matched);
      return written;
    } catch (error) {
      if (isSerializationFailure(error) && tries < TRIES) continue;
      if (isDataError(error))
        throw new PicloudError("invalid", "A line of the import can't be stored.", { cause: error });
      throw error;
    }
  }
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const members = new Set(["id", "data", "created_at", "updated_at", "collection", "written_by"]);

function parseLine(at: DocsPlace, line: string, where: string): ImportedDocument {
  const checked = checkedJson(line, where, 2 * docsLimits.documentBytes);
  const value = exactJson(checked.text);
  if (!isObject(value)) throw refused(where, "must be an object with id and data");
  const unknown = Object.keys(value).find((name) => !members.has(name));
  if (unknown !== undefined) throw refused(where, `has an unknown member ${JSON.stringify(unknown)}`);
  const { id, data, created_at: createdAt, updated_at: updatedAt } = value;
  if (id !== undefined && (typeof id !== "string" || !uuidPattern.test(id)))
    throw refused(`${where}: id`, "must be a lower-case UUID");
  if (!isObject(data)) throw refused(`${where}: data`, "must be an object");
  const document = storableDocument(jsonText(data), `${where}: data`);
  return {
    id: id ?? newId(),
    stored: storedText(at, document),
    createdAt: timeOf(createdAt, `${where}: created_at`),
    updatedAt: timeOf(updatedAt, `${where}: updated_at`),
  };
}

function timeOf(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && dateTime.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw refused(where, "must be a time like 2026-01-31T12:00:00Z");
}

function refused(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
