/** What scripts and the admin API do with single documents: may they, is it storable, and then one statement. */
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { JsonText, Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { finishWrite, writeCause } from "../../platform/database/outbox.ts";
import { isDataError } from "../../platform/database/pg-errors.ts";
import { readerOf, writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone } from "../apps/apps.service.ts";
import { docsLimits } from "./docs.contract.ts";
import { checkCollection, storableDocument } from "./docs-checks.ts";
import { invalid } from "./docs-field.ts";
import * as repository from "./docs.repository.ts";
import { storedText, type DocsPlace, type DocumentPlace } from "./docs-place.ts";
import type { DocumentRow, DocumentWritten } from "./docs.repository.ts";

export { docsContent } from "./docs.repository.ts";
export type { DocumentRow } from "./docs.repository.ts";

export async function findDocument(
  ctx: Context,
  platform: Platform,
  at: DocumentPlace,
): Promise<DocumentRow | undefined> {
  enter(ctx, "AppDocsRead", at);
  checkId(at.id);
  return await repository.findDocument(readerOf(platform, ctx), at);
}

/** Throws `not_found`. */
export async function getDocument(ctx: Context, platform: Platform, at: DocumentPlace): Promise<DocumentRow> {
  return (await findDocument(ctx, platform, at)) ?? absent(at);
}

export async function createDocument(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  data: JsonText,
): Promise<DocumentRow> {
  enter(ctx, "AppDocsWrite", at);
  const stored = storableDocument(data, "data");
  const address = { ...at, id: newId() };
  const row = await write(
    ctx,
    platform,
    { action: "docs.create", at: address },
    async (db, cause) => await repository.insertDocument(db, cause, address, storedText(at, stored)),
  );
  if (row === undefined) throw appGone(ctx.execution?.app.slug ?? at.appId);
  return row;
}

/** Replaces the document. Throws `not_found`. */
export async function updateDocument(
  ctx: Context,
  platform: Platform,
  at: DocumentPlace,
  data: JsonText,
): Promise<DocumentRow> {
  enter(ctx, "AppDocsWrite", at);
  checkId(at.id);
  const stored = storableDocument(data, "data");
  const row = await write(
    ctx,
    platform,
    { action: "docs.update", at },
    async (db, cause) => await repository.replaceDocument(db, cause, at, storedText(at, stored)),
  );
  return row ?? absent(at);
}

/** Merges into the document (RFC 7396). Throws `not_found`, and `too_large` for what would become of it. */
export async function patchDocument(
  ctx: Context,
  platform: Platform,
  at: DocumentPlace,
  patch: JsonText,
): Promise<DocumentRow> {
  enter(ctx, "AppDocsWrite", at);
  checkId(at.id);
  const data = storableDocument(patch, "patch");
  const row = await write(ctx, platform, { action: "docs.patch", at }, async (db, cause) => {
    const bytesMax = docsLimits.documentBytes;
    const written = await repository.mergeDocument(db, cause, at, { text: data.text, bytesMax });
    if (written !== undefined && !("id" in written)) {
      throw new PicloudError(
        "too_large",
        `The document would have ${written.bytes} bytes, more than ${bytesMax}.`,
        {
          fields: [{ path: "patch", message: `makes a document of more than ${bytesMax} bytes` }],
        },
      );
    }
    return written;
  });
  return row ?? absent(at);
}

/** Says whether the document was there. */
export async function deleteDocument(ctx: Context, platform: Platform, at: DocumentPlace): Promise<boolean> {
  enter(ctx, "AppDocsWrite", at);
  checkId(at.id);
  const row = await write(
    ctx,
    platform,
    { action: "docs.delete", at },
    async (db, cause) => await repository.removeDocument(db, cause, at),
  );
  return row !== undefined;
}

export interface DocsCollection {
  readonly collection: string;
  readonly count: number;
}

/** Names with the number of their documents. */
export async function listCollections(
  ctx: Context,
  platform: Platform,
  appId: string,
  page: PageQuery,
): Promise<Page<DocsCollection> & { items: DocsCollection[] }> {
  authorize(ctx, "AppDocsRead", appId);
  const form = { list: `docs-collections:${appId}`, parts: ["text"] } as const;
  const after = String(readCursor(form, page.cursor)?.[0] ?? "");
  const rows = await repository.listCollections(platform.db.read, { appId, after, limit: page.limit + 1 });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.collection], item: (row) => row });
}

/** Throws `not_found`. */
export function absent(at: DocumentPlace): never {
  throw new PicloudError(
    "not_found",
    `There is no document ${at.id} in the collection ${JSON.stringify(at.collection)}.`,
  );
}

function enter(ctx: Context, capability: "AppDocsRead" | "AppDocsWrite", at: DocsPlace): void {
  authorize(ctx, capability, at.appId);
  checkCollection(at.collection);
}

function checkId(id: string): void {
  if (!uuidPattern.test(id)) throw invalid("id", "must be a lower-case UUID");
}

interface Change {
  readonly action: "docs.create" | "docs.update" | "docs.patch" | "docs.delete";
  readonly at: DocumentPlace;
}

/** A script's write is one statement, and its execution says whose it is. A person's is a transaction with an entry in
 *  the audit log: which document, never its data. */
async function write(
  ctx: Context,
  platform: Platform,
  { action, at }: Change,
  work: (db: Queryable, cause: ReturnType<typeof writeCause>) => Promise<DocumentWritten | undefined>,
): Promise<DocumentRow | undefined> {
  const cause = writeCause(platform, ctx, at.appId);
  try {
    const written =
      ctx.kind === "api"
        ? await transaction(platform.db, async (tx) => {
            const row = await work(tx, cause);
            const resource = { kind: "document", id: at.id, name: at.collection };
            if (row !== undefined) await writeAudit(tx, ctx, { action, resource, appId: at.appId });
            return row;
          })
        : await work(writerOf(platform, ctx), cause);
    finishWrite(platform, ctx, cause, written?.matched ?? 0);
    return written;
  } catch (error) {
    // What the checks let through and PostgreSQL can't hold.
    if (isDataError(error)) throw new PicloudError("invalid", "data can't be stored", { cause: error });
    throw error;
  }
}
