/** Wiring of docs. */
import { checkedJson, jsonText, JsonText } from "@picloud/contract";
import { assert } from "../../platform/assert.ts";
import type { Context } from "../../platform/context.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { Feature, LinesHandler } from "../../platform/feature.ts";
import { numberedLines } from "../../platform/line-import.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { countFound, findAll, findFirst, findPage, type DocsReads } from "./docs-find.service.ts";
import * as indexes from "./docs-indexes.service.ts";
import { exportDocuments, importLines, lineOf } from "./docs-lines.service.ts";
import { deleteMany, updateMany } from "./docs-many.service.ts";
import { docsContract, docsLimits } from "./docs.contract.ts";
import { placeOf, type DocsPlace, type DocumentPlace } from "./docs-place.ts";
import * as service from "./docs.service.ts";

export function docsFeature(platform: Platform): Feature<typeof docsContract> {
  const reads = { platform, indexes: indexes.createDeclaredIndexes(platform) };
  return defineFeature(docsContract, {
    endpoints: { ...documentEndpoints(reads), ...indexEndpoints(reads) },
    methods: methodsOf(reads),
    lines: linesOf(platform),
  });
}

type Endpoints = Feature<typeof docsContract>["endpoints"];
type IndexEndpoint = "indexes" | "create_index" | "delete_index";

function documentEndpoints(reads: DocsReads): Omit<Endpoints, IndexEndpoint> {
  const { platform } = reads;
  const { read } = platform.db;
  return {
    collections: async (ctx, input) => {
      const { id } = await getApp(ctx, read, input.app, "AppDocsRead");
      return await service.listCollections(ctx, platform, id, input);
    },
    list: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsRead");
      const { cursor, limit } = input;
      return pageFor(at, await findPage(ctx, reads, at, { filter: undefined, cursor, limit }));
    },
    create: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsWrite");
      return viewOf(at, await service.createDocument(ctx, platform, at, dataOf(input.data)));
    },
    find: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsRead");
      const { filter, cursor, limit } = input;
      return pageFor(at, await findPage(ctx, reads, at, { filter: filterOf(filter), cursor, limit }));
    },
    count: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsRead");
      return { count: await countFound(ctx, reads, at, filterOf(input.filter)) };
    },
    get: async (ctx, input) => {
      const at = { ...(await appPlace(ctx, platform, input, "AppDocsRead")), id: input.id };
      return viewOf(at, await service.getDocument(ctx, platform, at));
    },
    update: async (ctx, input) => {
      const at = { ...(await appPlace(ctx, platform, input, "AppDocsWrite")), id: input.id };
      return viewOf(at, await service.updateDocument(ctx, platform, at, dataOf(input.data)));
    },
    patch: async (ctx, input) => {
      const at = { ...(await appPlace(ctx, platform, input, "AppDocsWrite")), id: input.id };
      return viewOf(at, await service.patchDocument(ctx, platform, at, dataOf(input.data)));
    },
    delete: async (ctx, input) => {
      const at = { ...(await appPlace(ctx, platform, input, "AppDocsWrite")), id: input.id };
      if (!(await service.deleteDocument(ctx, platform, at))) service.absent(at);
    },
  };
}

function indexEndpoints(reads: DocsReads): Pick<Endpoints, IndexEndpoint> {
  const { platform } = reads;
  /** In the background; what fails here is done by the next sweep. */
  const make = (at: DocsPlace): void => {
    indexes.makeIndexes(platform).then(
      () => reads.indexes.forget(at),
      (error: unknown) => platform.log.warn("docs_indexes_failed", { error }),
    );
  };
  return {
    indexes: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsRead");
      const page = await indexes.listIndexes(ctx, platform, at, input);
      return { ...page, items: page.items.map(indexView) };
    },
    create_index: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsWrite");
      const row = await indexes.createIndex(ctx, platform, at, { fields: input.fields, name: input.name });
      make(at);
      return indexView(row);
    },
    delete_index: async (ctx, input) => {
      const at = await appPlace(ctx, platform, input, "AppDocsWrite");
      await indexes.deleteIndex(ctx, platform, { ...at, name: input.name });
      reads.indexes.forget(at);
      make(at);
    },
  };
}

// The contract's schemas have given the arguments these types.
type PageOptions = { readonly cursor?: string | null; readonly limit?: number | null } | null | undefined;

function methodsOf(reads: DocsReads): Feature<typeof docsContract>["methods"] {
  const { platform } = reads;
  return {
    create: async (ctx, args) => {
      const [, data] = args as [string, JsonText];
      return (await service.createDocument(ctx, platform, address(ctx, args), data)).id;
    },
    get: async (ctx, args) => envelope(await service.findDocument(ctx, platform, documentAddress(ctx, args))),
    update: async (ctx, args) => {
      const [, , data] = args as [string, string, JsonText];
      return envelope(await service.updateDocument(ctx, platform, documentAddress(ctx, args), data));
    },
    patch: async (ctx, args) => {
      const [, , patch] = args as [string, string, JsonText];
      return envelope(await service.patchDocument(ctx, platform, documentAddress(ctx, args), patch));
    },
    delete: async (ctx, args) => await service.deleteDocument(ctx, platform, documentAddress(ctx, args)),
    find: async (ctx, args) => {
      const [, filter] = args as [string, JsonText];
      const rows = await findAll(ctx, reads, address(ctx, args), filter);
      return new JsonText(`[${rows.map(lineOf).join(",")}]`);
    },
    find_one: async (ctx, args) => {
      const [, filter] = args as [string, JsonText];
      return envelope(await findFirst(ctx, reads, address(ctx, args), filter));
    },
    page: async (ctx, args) => {
      const [, filter, options] = args as [string, JsonText, PageOptions];
      return await pageForScript(ctx, reads, address(ctx, args), { filter, options });
    },
    list: async (ctx, args) => {
      const [, options] = args as [string, PageOptions];
      return await pageForScript(ctx, reads, address(ctx, args), { filter: undefined, options });
    },
    count: async (ctx, args) => {
      const [, filter] = args as [string, JsonText];
      return await countFound(ctx, reads, address(ctx, args), filter);
    },
    update_many: async (ctx, args) => {
      const [, filter, patch] = args as [string, JsonText, JsonText];
      return await updateMany(ctx, platform, address(ctx, args), { filter, patch });
    },
    delete_many: async (ctx, args) => {
      const [, filter] = args as [string, JsonText];
      return await deleteMany(ctx, platform, address(ctx, args), filter);
    },
  };
}

function linesOf(platform: Platform): Readonly<Record<string, LinesHandler>> {
  return {
    list: {
      export: async function* (ctx, { app = "", collection = "" }) {
        const at = await appPlace(ctx, platform, { app, collection }, "AppDocsRead");
        yield* exportDocuments(ctx, platform, at);
      },
    },
    create: {
      import: async (ctx, input, { lines }) => {
        const { app = "", collection = "" } = input;
        const at = await appPlace(ctx, platform, { app, collection }, "AppDocsWrite");
        return await importLines(ctx, platform, at, numberedLines(input, lines));
      },
    },
  };
}

async function appPlace(
  ctx: Context,
  platform: Platform,
  input: { readonly app: string; readonly collection: string },
  capability: "AppDocsRead" | "AppDocsWrite",
): Promise<DocsPlace> {
  const { id } = await getApp(ctx, platform.db.read, input.app, capability);
  return placeOf({ appId: id, collection: input.collection });
}

/** No argument can name another app: it is the run's own. */
function address(ctx: Context, args: readonly unknown[]): DocsPlace {
  assert(ctx.execution !== undefined, "methods are called by runs");
  const [collection] = args as [string];
  return placeOf({ appId: ctx.execution.app.id, collection });
}

function documentAddress(ctx: Context, args: readonly unknown[]): DocumentPlace {
  const [, id] = args as [string, string];
  return { ...address(ctx, args), id };
}

async function pageForScript(
  ctx: Context,
  reads: DocsReads,
  at: DocsPlace,
  { filter, options }: { readonly filter: JsonText | undefined; readonly options: PageOptions },
): Promise<JsonText> {
  const page = await findPage(ctx, reads, at, {
    filter,
    cursor: options?.cursor ?? undefined,
    limit: options?.limit ?? undefined,
  });
  const items = page.items.map(lineOf).join(",");
  return new JsonText(`{"items":[${items}],"next_cursor":${JSON.stringify(page.next_cursor)}}`);
}

function envelope(row: service.DocumentRow | undefined): JsonText | undefined {
  return row === undefined ? undefined : new JsonText(lineOf(row));
}

function dataOf(value: unknown): JsonText {
  return checkedJson(jsonText(value).text, "data", docsLimits.documentBytes);
}

/** Filters have a limit of their own: of what is in them. */
const FILTER_BYTES_MAX = 1_048_576;

function filterOf(value: unknown): JsonText | undefined {
  if (value === undefined || value === null) return undefined;
  return checkedJson(jsonText(value).text, "filter", FILTER_BYTES_MAX);
}

function pageFor(
  at: DocsPlace,
  page: { readonly items: readonly service.DocumentRow[]; readonly next_cursor: string | null },
) {
  return { items: page.items.map((row) => viewOf(at, row)), next_cursor: page.next_cursor };
}

/** The API's view; the document goes out with its numbers as they are stored. */
function viewOf({ collection }: DocsPlace, row: service.DocumentRow) {
  return {
    id: row.id,
    collection,
    data: new JsonText(row.data),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    written_by: row.written_by,
  };
}

function indexView(row: indexes.IndexRow) {
  return {
    name: row.name,
    collection: row.collection,
    fields: [...row.fields],
    state: indexes.stateOf(row),
    ...(row.problem === null ? {} : { problem: row.problem }),
    created_at: row.created_at.toISOString(),
  };
}
