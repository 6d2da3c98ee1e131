/** Indexes that apps declare: rows say what is wanted, and each node makes the table's indexes what the rows say. */
import { setTimeout as sleep } from "node:timers/promises";
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import { transaction } from "../../platform/database/transaction.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { checkCollection } from "./docs-checks.ts";
import { docsLimits } from "./docs.contract.ts";
import { fieldPath, invalid } from "./docs-field.ts";
import { isSame, type IndexField } from "./docs-index-choice.ts";
import * as repository from "./docs-indexes.repository.ts";
import type { IndexRow } from "./docs-indexes.repository.ts";
import { placeOf, type DocsAddress, type DocsPlace } from "./docs-place.ts";

export type { IndexRow } from "./docs-indexes.repository.ts";

/** The indexes of collections as a node knows them, up to five seconds late: a new one is used a little later, and a
 *  statement that was made for one that is gone is only slower. */
export interface DeclaredIndexes {
  of(at: DocsPlace): Promise<readonly (readonly IndexField[])[]>;
  /** Forgets what it knows of a collection. */
  forget(at: DocsPlace): void;
}

const KNOWN_MS = 5_000;
const KNOWN_MAX = 1_000;

export function createDeclaredIndexes(platform: Platform): DeclaredIndexes {
  const known = new Map<
    string,
    { readonly untilMs: number; readonly indexes: Promise<readonly (readonly IndexField[])[]> }
  >();
  return {
    of(at) {
      const key = at.scope;
      const entry = known.get(key);
      if (entry !== undefined && entry.untilMs > performance.now()) return entry.indexes;
      const indexes = repository
        .listIndexes(platform.db.read, at)
        .then((rows) => rows.filter((row) => row.is_ready).map((row) => row.fields.map(parseField)));
      // The oldest goes: entries live for seconds anyway.
      const [oldest] = known.keys();
      if (known.size >= KNOWN_MAX && oldest !== undefined) known.delete(oldest);
      known.set(key, { untilMs: performance.now() + KNOWN_MS, indexes });
      indexes.catch(() => known.delete(key));
      return indexes;
    },
    forget(at) {
      known.delete(at.scope);
    },
  };
}

export async function listIndexes(
  ctx: Context,
  platform: Platform,
  at: DocsAddress,
  page: PageQuery,
): Promise<Page<IndexRow>> {
  authorize(ctx, "AppDocsRead", at.appId);
  checkCollection(at.collection);
  const form = { list: `docs-indexes:${at.appId}:${at.collection}`, parts: ["text"] } as const;
  const after = String(readCursor(form, page.cursor)?.[0] ?? "");
  // A few at most: `indexesOfCollection`.
  const rows = (await repository.listIndexes(platform.db.read, at)).filter(({ name }) => name > after);
  return pageOfRows(rows.slice(0, page.limit + 1), page.limit, form, {
    key: (row) => [row.name],
    item: (row) => row,
  });
}

export interface NewIndex {
  /** `status` or `-at`, in order. */
  readonly fields: readonly string[];
  /** Absent: made of the fields. */
  readonly name: string | undefined;
}

/** Declares an index. It is made in the background: `makeIndexes`. Throws `invalid` over a limit, `already_exists`. */
export async function createIndex(
  ctx: Context,
  platform: Platform,
  at: DocsAddress,
  input: NewIndex,
): Promise<IndexRow> {
  authorize(ctx, "AppDocsWrite", at.appId);
  checkCollection(at.collection);
  const fields = input.fields.map((field, i) => checkedField(field, `fields[${i}]`));
  if (fields.some((one, i) => fields.slice(0, i).some((other) => isSame(one.path, other.path))))
    throw invalid("fields", "names a field twice");
  const name = input.name ?? defaultName(input.fields);
  await transaction(platform.db, async (tx) => {
    checkCounts(await repository.countIndexes(tx, at));
    const isNew = await repository.insertIndex(tx, { ...at, name, id: newId(), fields: input.fields });
    if (!isNew) {
      throw new PicloudError("already_exists", `The collection has an index ${name} already.`, {
        fields: [{ path: "name", message: "is taken" }],
      });
    }
    await writeAudit(tx, ctx, {
      action: "docs.create_index",
      resource: { kind: "docs_index", name: `${at.collection}/${name}` },
      appId: at.appId,
      after: { fields: input.fields },
    });
  });
  return await getIndex(platform, at, name);
}

/** Removes a declaration; the index goes in the background. Throws `not_found`. */
export async function deleteIndex(
  ctx: Context,
  platform: Platform,
  at: DocsAddress & { readonly name: string },
): Promise<void> {
  authorize(ctx, "AppDocsWrite", at.appId);
  checkCollection(at.collection);
  await transaction(platform.db, async (tx) => {
    const row = await repository.deleteIndex(tx, at);
    if (row === undefined) throw absentIndex(at);
    await writeAudit(tx, ctx, {
      action: "docs.delete_index",
      resource: { kind: "docs_index", name: `${at.collection}/${at.name}` },
      appId: at.appId,
      before: { fields: row.fields },
    });
  });
}

/** How long a node waits for another one that changes indexes; what is left then is done by the next sweep. */
const LOCK_TRIES = 20;
const LOCK_WAIT_MS = 250;

/** Makes what is declared and missing, removes what is no longer declared or half-made, on a connection of its own that
 *  may take its time. Writes go on meanwhile. Gives the number of changes. */
export async function makeIndexes(platform: Platform): Promise<number> {
  const differences = await repository.listDifferences(platform.db.read);
  if (differences.length === 0) return 0;
  const session = await platform.db.write.reserve();
  try {
    await repository.beginIndexSession(session);
    let isLocked = await repository.tryIndexLock(session);
    for (let tries = 1; !isLocked && tries < LOCK_TRIES; tries++) {
      await sleep(LOCK_WAIT_MS);
      isLocked = await repository.tryIndexLock(session);
    }
    return isLocked ? await changeIndexes(platform, session) : 0;
  } finally {
    await repository.endIndexSession(session);
    session.release();
  }
}

type Session = Parameters<typeof repository.tryIndexLock>[0];

/** Bound of the loop below; a pass finds what was declared during the one before. */
const PASSES_MAX = 100;

async function changeIndexes(platform: Platform, session: Session): Promise<number> {
  const tried = new Set<string>();
  for (let passes = 0; passes < PASSES_MAX; passes++) {
    // Looked at again: another node may have made them while this one waited.
    const differences = await repository.listDifferences(session);
    const rest = differences.filter(({ relname }) => !tried.has(relname));
    if (rest.length === 0) break;
    for (const difference of rest) {
      tried.add(difference.relname);
      await changeIndex(platform, session, difference);
    }
  }
  return tried.size;
}

async function changeIndex(
  platform: Platform,
  session: Session,
  { relname, row, exists }: repository.IndexDifference,
): Promise<void> {
  if (exists) await repository.dropIndex(session, relname);
  if (row === null) return;
  try {
    const at = placeOf({ appId: row.app_id, collection: row.collection });
    await repository.buildIndex(session, at, { id: row.id, fields: row.fields.map(parseField) });
    if (row.problem !== null) await repository.setProblem(session, row, null);
  } catch (error) {
    platform.log.warn("docs_index_failed", { appId: row.app_id, index: row.name, error });
    await repository.setProblem(session, row, "PostgreSQL could not make it; it is tried again");
  }
}

export function stateOf(row: IndexRow): "building" | "ready" | "failed" {
  if (row.is_ready) return "ready";
  return row.problem === null ? "building" : "failed";
}

async function getIndex(platform: Platform, at: DocsAddress, name: string): Promise<IndexRow> {
  const row = (await repository.listIndexes(platform.db.write, at)).find((one) => one.name === name);
  if (row === undefined) throw absentIndex({ ...at, name });
  return row;
}

function absentIndex({ collection, name }: DocsAddress & { readonly name: string }): PicloudError {
  return new PicloudError(
    "not_found",
    `There is no index ${JSON.stringify(name)} of the collection ${JSON.stringify(collection)}.`,
  );
}

function checkCounts(counts: {
  readonly collection: number;
  readonly app: number;
  readonly instance: number;
}): void {
  const { indexesOfCollection, indexesOfApp, indexesOfInstance } = docsLimits;
  if (counts.collection >= indexesOfCollection)
    throw invalid(
      "fields",
      `would be one index more than the ${indexesOfCollection} of a collection: remove one`,
    );
  if (counts.app >= indexesOfApp)
    throw invalid("fields", `would be one index more than the ${indexesOfApp} of an app: remove one`);
  if (counts.instance >= indexesOfInstance)
    throw invalid(
      "fields",
      `would be one index more than the ${indexesOfInstance} of this server: remove one`,
    );
}

function checkedField(field: string, at: string): IndexField {
  const parsed = parseField(field);
  fieldPath(parsed.path.join("."), at);
  if (!parsed.path.every((name) => /^[A-Za-z0-9_-]{1,63}$/.test(name)))
    throw invalid(at, "must be a field, as in status, -at or address.city: names of A–Z, a–z, 0–9, _ and -");
  return parsed;
}

/** A field as it is declared: `-` is for descending, so no declared name begins with it. */
function parseField(field: string): IndexField {
  const isDescending = field.startsWith("-");
  return { path: (isDescending ? field.slice(1) : field).split("."), isDescending };
}

/** `status`, `-at` → `status_at_desc`. */
function defaultName(fields: readonly string[]): string {
  const name = fields
    .map((field) => (field.startsWith("-") ? `${field.slice(1)}_desc` : field))
    .join("_")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "_")
    .slice(0, 62);
  return /^[a-z]/.test(name) ? name : `i${name}`;
}
