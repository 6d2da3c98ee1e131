/** Documents: JSON objects in collections, found by filters. */
import { appRefSchema, defineContract, endpoint, pageOf, pageQuery, rawJson } from "@picloud/contract";
import { z } from "zod";
import { docsTypes } from "./docs-types.contract.ts";

/** Sizes in bytes of UTF-8, counts of items (`api.md` §7). */
export const docsLimits = {
  collectionBytes: 128,
  documentBytes: 1_048_576,
  filterConditions: 32,
  filterNesting: 8,
  filterInValues: 1_000,
  sortFields: 4,
  /** Of a find or a page. */
  findItems: 1_000,
  /** Of one update_many or delete_many. */
  manyItems: 1_000,
  indexFields: 4,
  indexesOfCollection: 4,
  indexesOfApp: 16,
  /** Every write of a document opens them all. */
  indexesOfInstance: 64,
} as const;

const documentSchema = z.object({
  id: z.string(),
  collection: z.string(),
  data: z.unknown(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  written_by: z.string().nullable(),
});

const indexSchema = z.object({
  name: z.string(),
  collection: z.string(),
  fields: z.array(z.string()),
  /** `building` until it is there; `failed`: the last try did, and it is tried again. */
  state: z.enum(["building", "ready", "failed"]),
  problem: z.string().optional(),
  created_at: z.iso.datetime(),
});

const collection = { app: appRefSchema, collection: z.string() };
const document = { ...collection, id: z.string() };
const dataSchema = z.unknown().refine((value) => value !== undefined, "is required");
const columns = ["id", "data", "created_at", "updated_at", "written_by"];

const handle = { on: "collection" } as const;
const read = { ...handle, effect: "read", capability: "AppDocsRead" } as const;
const write = { ...handle, effect: "write", capability: "AppDocsWrite" } as const;
const idArgument = { name: "id", schema: z.string(), type: "string" } as const;
const dataArgument = { name: "data", schema: rawJson, type: "Json" } as const;
const patchArgument = { name: "patch", schema: rawJson, type: "DocsPatch<Json>" } as const;
const filterArgument = { name: "filter", schema: rawJson, type: "DocsFilter<Json>" } as const;
const pageArgument = {
  name: "options",
  schema: z
    .strictObject({ cursor: z.string().nullish(), limit: z.number().int().min(1).max(1000).nullish() })
    .nullish(),
  type: "{ cursor?: string; limit?: number }",
  optional: true,
} as const;

export const docsContract = defineContract({
  summary: "JSON documents in collections, found by filters, sorted and paged.",
  noun: "docs",
  types: docsTypes,
  endpoints: {
    collections: endpoint
      .route({ method: "GET", path: "/apps/{app}/docs", summary: "List the collections of an app" })
      .meta({
        capability: "AppDocsRead",
        cli: { verb: "collections", columns: ["collection", "count"], summary: "List collections" },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(z.object({ collection: z.string(), count: z.number().int() }))),
    list: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/docs/{collection}",
        summary:
          "List documents, newest first; with `Accept: application/x-ndjson` all of them, oldest first",
      })
      .meta({ capability: "AppDocsRead", lines: "export" })
      .input(z.strictObject({ ...collection, ...pageQuery }))
      .output(pageOf(documentSchema)),
    create: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/docs/{collection}",
        successStatus: 201,
        summary: "Add a document; lines of `application/x-ndjson` are imported",
      })
      .meta({
        capability: "AppDocsWrite",
        exactMember: "data",
        lines: "import",
        cli: {
          verb: "create",
          positionals: ["collection", "data"],
          columns: ["id", "created_at"],
          summary: "Add a document",
        },
      })
      .input(z.strictObject({ ...collection, data: dataSchema }))
      .output(documentSchema),
    find: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/docs/{collection}/find",
        summary: "Find documents by a filter",
      })
      .meta({
        capability: "AppDocsRead",
        exactMember: "filter",
        cli: {
          verb: "find",
          positionals: ["collection", "filter"],
          columns,
          summary: `Find documents: pic docs find orders '{"status": "open", "$sort": "-at"}'`,
        },
      })
      .input(
        z.strictObject({
          ...collection,
          filter: z.unknown().optional(),
          limit: z.number().int().min(1).max(1000).default(100),
          cursor: z.string().max(16_384).optional(),
        }),
      )
      .output(pageOf(documentSchema)),
    count: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/docs/{collection}/count",
        summary: "Count the documents that a filter finds",
      })
      .meta({
        capability: "AppDocsRead",
        exactMember: "filter",
        cli: {
          verb: "count",
          positionals: ["collection", "filter"],
          columns: ["count"],
          summary: "Count documents",
        },
      })
      .input(z.strictObject({ ...collection, filter: z.unknown().optional() }))
      .output(z.object({ count: z.number().int() })),
    indexes: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/docs/{collection}/indexes",
        summary: "List the indexes that the app declared",
      })
      .meta({
        capability: "AppDocsRead",
        cli: {
          verb: "indexes",
          positionals: ["collection"],
          columns: ["name", "fields", "state", "problem"],
          summary: "List the declared indexes of a collection",
        },
      })
      .input(z.strictObject({ ...collection, ...pageQuery }))
      .output(pageOf(indexSchema)),
    create_index: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/docs/{collection}/indexes",
        successStatus: 201,
        summary: "Declare an index; it is made in the background, without blocking writes",
      })
      .meta({
        capability: "AppDocsWrite",
        cli: {
          verb: "add-index",
          positionals: ["collection", "fields"],
          columns: ["name", "fields", "state"],
          summary: "Declare an index: pic docs add-index orders status,-at",
        },
      })
      .input(
        z.strictObject({
          ...collection,
          fields: z.array(z.string()).min(1).max(docsLimits.indexFields),
          name: z
            .string()
            .regex(/^[a-z][a-z0-9_-]{0,62}$/, "must start with a–z and have at most 63 of a–z, 0–9, _ and -")
            .optional(),
        }),
      )
      .output(indexSchema),
    delete_index: endpoint
      .route({
        method: "DELETE",
        path: "/apps/{app}/docs/{collection}/indexes/{name}",
        successStatus: 204,
        summary: "Remove a declared index",
      })
      .meta({
        capability: "AppDocsWrite",
        cli: { verb: "rm-index", positionals: ["collection", "name"], summary: "Remove a declared index" },
      })
      .input(z.strictObject({ ...collection, name: z.string() }))
      .output(z.void()),
    get: endpoint
      .route({ method: "GET", path: "/apps/{app}/docs/{collection}/{id}", summary: "Read a document" })
      .meta({
        capability: "AppDocsRead",
        cli: { verb: "get", positionals: ["collection", "id"], columns, summary: "Show a document" },
      })
      .input(z.strictObject(document))
      .output(documentSchema),
    update: endpoint
      .route({ method: "PUT", path: "/apps/{app}/docs/{collection}/{id}", summary: "Replace a document" })
      .meta({
        capability: "AppDocsWrite",
        exactMember: "data",
        cli: {
          verb: "update",
          positionals: ["collection", "id", "data"],
          columns: ["id", "updated_at"],
          summary: "Replace a document",
        },
      })
      .input(z.strictObject({ ...document, data: dataSchema }))
      .output(documentSchema),
    patch: endpoint
      .route({
        method: "PATCH",
        path: "/apps/{app}/docs/{collection}/{id}",
        summary: "Merge into a document (RFC 7396)",
      })
      .meta({
        capability: "AppDocsWrite",
        exactMember: "data",
        cli: {
          verb: "patch",
          positionals: ["collection", "id", "data"],
          columns: ["id", "data", "updated_at"],
          summary: "Merge into a document; null removes a member",
        },
      })
      .input(z.strictObject({ ...document, data: dataSchema }))
      .output(documentSchema),
    delete: endpoint
      .route({
        method: "DELETE",
        path: "/apps/{app}/docs/{collection}/{id}",
        successStatus: 204,
        summary: "Delete a document",
      })
      .meta({
        capability: "AppDocsWrite",
        cli: { verb: "rm", positionals: ["collection", "id"], summary: "Delete a document" },
      })
      .input(z.strictObject(document))
      .output(z.void()),
  },
  methods: {
    create: {
      ...write,
      summary: "Adds a document and gives its id.",
      args: [dataArgument],
      returns: "string",
      example: {
        typescript: `await docs.collection("orders").create({ sku: "tea", qty: 2 })`,
        rhai: `docs::collection("orders").create(#{ sku: "tea", qty: 2 })`,
      },
    },
    get: {
      ...read,
      reply: "record",
      summary: "A document by its id, or undefined if there is none.",
      args: [idArgument],
      returns: "Document<Json> | undefined",
      example: {
        typescript: `await docs.collection("orders").get("0190a0a0-0000-7000-8000-000000000001")`,
        rhai: `docs::collection("orders").get("0190a0a0-0000-7000-8000-000000000001")`,
      },
    },
    update: {
      ...write,
      reply: "record",
      summary: "Replaces a document. Throws not_found if there is none.",
      args: [idArgument, dataArgument],
      returns: "Document<Json>",
      example: {
        typescript: `await docs.collection("orders").update(await docs.collection("orders").create({ qty: 1 }), { qty: 2 })`,
        rhai: `docs::collection("orders").update(docs::collection("orders").create(#{ qty: 1 }), #{ qty: 2 })`,
      },
    },
    patch: {
      ...write,
      reply: "record",
      summary:
        "Merges into a document (RFC 7396): members replace those of the document, null removes one, objects are merged. Throws not_found if there is none.",
      args: [idArgument, patchArgument],
      returns: "Document<Json>",
      example: {
        typescript: `await docs.collection("orders").patch(await docs.collection("orders").create({ qty: 1 }), { qty: 3 })`,
        rhai: `docs::collection("orders").patch(docs::collection("orders").create(#{ qty: 1 }), #{ qty: 3 })`,
      },
    },
    delete: {
      ...write,
      summary: "Removes a document; says whether it was there.",
      args: [idArgument],
      returns: "boolean",
      example: {
        typescript: `await docs.collection("orders").delete("0190a0a0-0000-7000-8000-000000000001")`,
        rhai: `docs::collection("orders").delete("0190a0a0-0000-7000-8000-000000000001")`,
      },
    },
    find: {
      ...read,
      reply: "records",
      summary:
        "The documents that the filter finds: 100, or $limit, at most 1,000. Without $sort newest first.",
      args: [filterArgument],
      returns: "Document<Json>[]",
      example: {
        typescript: `await docs.collection("orders").find({ status: "open", $sort: "-at", $limit: 50 })`,
        rhai: `docs::collection("orders").find(#{ status: "open", "$sort": "-at", "$limit": 50 })`,
      },
    },
    find_one: {
      ...read,
      reply: "record",
      summary: "The first document that the filter finds, or undefined.",
      args: [filterArgument],
      returns: "Document<Json> | undefined",
      example: {
        typescript: `await docs.collection("orders").findOne({ sku: "tea" })`,
        rhai: `docs::collection("orders").find_one(#{ sku: "tea" })`,
      },
    },
    page: {
      ...read,
      reply: "page",
      summary:
        "A page of what the filter finds; pass next_cursor on as cursor, with the same filter. Documents that stay and whose sorted fields do not change come exactly once.",
      args: [filterArgument, pageArgument],
      returns: "Page<Document<Json>>",
      example: {
        typescript: `await docs.collection("orders").page({ qty: { $gte: 2 }, $sort: "sku" }, { limit: 10 })`,
        rhai: `docs::collection("orders").page(#{ qty: #{ "$gte": 2 }, "$sort": "sku" }, #{ limit: 10 })`,
      },
    },
    list: {
      ...read,
      reply: "page",
      summary: "A page of all documents, newest first.",
      args: [pageArgument],
      returns: "Page<Document<Json>>",
      example: {
        typescript: `await docs.collection("orders").list({ limit: 10 })`,
        rhai: `docs::collection("orders").list(#{ limit: 10 })`,
      },
    },
    count: {
      ...read,
      summary: "How many documents the filter finds.",
      args: [filterArgument],
      returns: "number",
      example: {
        typescript: `await docs.collection("orders").count({ status: { $ne: "done" } })`,
        rhai: `docs::collection("orders").count(#{ status: #{ "$ne": "done" } })`,
      },
    },
    update_many: {
      ...write,
      summary:
        "Merges the patch into every document that the filter finds and gives their number, all or nothing. More than 1,000 are refused; with $limit so many are changed.",
      args: [filterArgument, patchArgument],
      returns: "number",
      example: {
        typescript: `await docs.collection("orders").updateMany({ status: "new" }, { status: "open" })`,
        rhai: `docs::collection("orders").update_many(#{ status: "new" }, #{ status: "open" })`,
      },
    },
    delete_many: {
      ...write,
      summary:
        "Removes every document that the filter finds and gives their number, all or nothing. More than 1,000 are refused; with $limit so many are removed.",
      args: [filterArgument],
      returns: "number",
      example: {
        typescript: `await docs.collection("orders").deleteMany({ status: "done" })`,
        rhai: `docs::collection("orders").delete_many(#{ status: "done" })`,
      },
    },
  },
  events: [
    {
      source: "docs",
      ops: ["create", "update", "delete"],
      fields: {
        collection: "string",
        id: "string",
        data: "Json | undefined",
        prev_data: "Json | undefined",
      },
    },
  ],
  limits: [
    { name: "collection", most: docsLimits.collectionBytes, unit: "bytes", code: "too_large" },
    { name: "document", most: docsLimits.documentBytes, unit: "bytes of JSON", code: "too_large" },
    { name: "filter conditions", most: docsLimits.filterConditions, unit: "conditions", code: "invalid" },
    { name: "filter nesting", most: docsLimits.filterNesting, unit: "levels", code: "invalid" },
    { name: "`$in` and `$nin`", most: docsLimits.filterInValues, unit: "values", code: "invalid" },
    { name: "`$sort`", most: docsLimits.sortFields, unit: "fields", code: "invalid" },
    { name: "update_many, delete_many", most: docsLimits.manyItems, unit: "documents", code: "too_large" },
    { name: "index fields", most: docsLimits.indexFields, unit: "fields", code: "invalid" },
    {
      name: "indexes of a collection",
      most: docsLimits.indexesOfCollection,
      unit: "indexes",
      code: "invalid",
    },
    { name: "indexes of an app", most: docsLimits.indexesOfApp, unit: "indexes", code: "invalid" },
    { name: "indexes of the server", most: docsLimits.indexesOfInstance, unit: "indexes", code: "invalid" },
  ],
});
