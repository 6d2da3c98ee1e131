/** Collections as JSON lines: exported page by page, imported batch by batch. */
import { jsonText, uuidPattern } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { finishWrite, writeCause } from "../../platform/database/outbox.ts";
import { newId } from "../../platform/ids.ts";
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
import { checkCollection, storableDocument } from "./docs-checks.ts";
import { docsLimits } from "./docs.contract.ts";
import { isObject } from "./docs-field.ts";
import { importDocuments, type ImportedDocument } from "./docs-many.repository.ts";
import { findDocuments, keysOfRow, type FoundRow } from "./docs-query.repository.ts";
import { storedText, type DocsPlace } from "./docs-place.ts";
import { planOf } from "./docs-plan.ts";
import type { DocumentRow } from "./docs.repository.ts";

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
      limit: lineBatch.items,
      bytesMax: lineBatch.bytes,
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

/** Lines like those of an export; a document whose id is there is replaced, one without an id gets one. Batches are
 *  committed one by one, with their events: importing the same lines with ids again changes nothing but the times of
 *  events. */
export async function importLines(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  lines: NumberedLines,
): Promise<ImportTotal> {
  authorize(ctx, "AppDocsWrite", at.appId);
  checkCollection(at.collection);
  return await importInBatches(lines, {
    parse: (line, where) => parseLine(at, line, where),
    keyOf: ({ id }) => id,
    bytesOf: ({ stored }) => stored.length,
    store: async (batch) => await importBatch(ctx, platform, at, batch),
  });
}

async function importBatch(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  batch: readonly ImportedDocument[],
): Promise<ImportTotal> {
  const cause = writeCause(platform, ctx, at.appId);
  const { appId, collection } = at;
  const audit = { action: "docs.import", appId, collection, counted: "documents" } as const;
  const { written, created, matched } = await storeBatch(platform, ctx, audit, async (tx) => {
    const done = await importDocuments(tx, cause, at, batch);
    if (done.written < batch.length) throw appGone(appId);
    return done;
  });
  finishWrite(platform, ctx, cause, matched);
  return { imported: written, created, replaced: written - created };
}

const shape = {
  bytesMax: 2 * docsLimits.documentBytes,
  needs: "id and data",
  members: new Set(["id", "data", "created_at", "updated_at", "collection", "written_by"]),
};

function parseLine(at: DocsPlace, line: string, where: string): ImportedDocument {
  const value = parsedLine(line, where, shape);
  const { id, data, created_at: createdAt, updated_at: updatedAt } = value;
  if (id !== undefined && (typeof id !== "string" || !uuidPattern.test(id)))
    throw refusedLine(`${where}: id`, "must be a lower-case UUID");
  if (!isObject(data)) throw refusedLine(`${where}: data`, "must be an object");
  const document = storableDocument(jsonText(data), `${where}: data`);
  return {
    id: id ?? newId(),
    stored: storedText(at, document),
    createdAt: timeOfLine(createdAt, `${where}: created_at`),
    updatedAt: timeOfLine(updatedAt, `${where}: updated_at`),
  };
}
