/** Key-value: small JSON values under (collection, key), with expiry, counters, compare-and-set and events. */
import { appRefSchema, defineContract, endpoint, pageOf, pageQuery, rawJson } from "@picloud/contract";
import { z } from "zod";

/** Sizes in bytes of UTF-8 (`api.md` §7). */
export const kvLimits = { collectionBytes: 128, keyBytes: 512, valueBytes: 1_048_576 } as const;

const ttlSchema = z
  .union([z.string(), z.number()])
  .describe("Time until the entry expires: 250ms, 30s, 5m, 12h, 3d, or milliseconds.");

const entrySchema = z.object({
  collection: z.string(),
  key: z.string(),
  value: z.unknown(),
  version: z.number().int(),
  expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  written_by: z.string().nullable(),
});

const address = { app: appRefSchema, collection: z.string(), key: z.string() };

const handle = { on: "collection" } as const;
const read = { ...handle, effect: "read", capability: "AppKvRead" } as const;
const write = { ...handle, effect: "write", capability: "AppKvWrite" } as const;
const keyArgument = { name: "key", schema: z.string(), type: "string" } as const;
const ttlArgument = {
  name: "options",
  schema: z.strictObject({ ttl: ttlSchema.nullish() }).nullish(),
  type: "{ ttl?: string | number }",
  optional: true,
} as const;

export const kvContract = defineContract({
  summary: "Small JSON values by collection and key, with expiry, counters and compare-and-set.",
  noun: "kv",
  endpoints: {
    collections: endpoint
      .route({ method: "GET", path: "/apps/{app}/kv", summary: "List the collections of an app" })
      .meta({
        capability: "AppKvRead",
        cli: { verb: "collections", columns: ["collection", "count"], summary: "List collections" },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(z.object({ collection: z.string(), count: z.number().int() }))),
    list: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/kv/{collection}",
        summary: "List entries by key; with `Accept: application/x-ndjson` all of them",
      })
      .meta({
        capability: "AppKvRead",
        lines: "export",
        cli: {
          verb: "ls",
          positionals: ["collection"],
          columns: ["key", "value", "version", "expires_at", "updated_at", "written_by"],
          summary: "List the entries of a collection in byte order of their keys",
        },
      })
      .input(
        z.strictObject({
          app: appRefSchema,
          collection: z.string(),
          prefix: z.string().optional(),
          ...pageQuery,
        }),
      )
      .output(pageOf(entrySchema)),
    import: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/kv/{collection}",
        summary: "Write many entries, of an array or as lines of `application/x-ndjson`",
      })
      .meta({ capability: "AppKvWrite", exactMember: "entries", lines: "import" })
      .input(
        z.strictObject({
          app: appRefSchema,
          collection: z.string(),
          entries: z
            .unknown()
            .refine((value) => value !== undefined, "is required")
            .describe('Array of `{"key", "value", "expires_at"?}`.'),
        }),
      )
      .output(
        z.object({
          imported: z.number().int(),
          created: z.number().int(),
          replaced: z.number().int(),
          expired: z.number().int(),
        }),
      ),
    get: endpoint
      .route({ method: "GET", path: "/apps/{app}/kv/{collection}/{key}", summary: "Read an entry" })
      .meta({
        capability: "AppKvRead",
        cli: {
          verb: "get",
          positionals: ["collection", "key"],
          columns: ["key", "value", "version", "expires_at", "updated_at", "written_by"],
          summary: "Show an entry",
        },
      })
      .input(z.strictObject(address))
      .output(entrySchema),
    set: endpoint
      .route({ method: "PUT", path: "/apps/{app}/kv/{collection}/{key}", summary: "Write an entry" })
      .meta({
        capability: "AppKvWrite",
        exactMember: "value",
        cli: {
          verb: "set",
          positionals: ["collection", "key", "value"],
          columns: ["collection", "key", "version"],
          summary: "Write an entry; without --ttl it does not expire",
        },
      })
      .input(
        z.strictObject({
          ...address,
          value: z.unknown().refine((value) => value !== undefined, "is required"),
          ttl: ttlSchema.nullish(),
        }),
      )
      .output(z.object({ collection: z.string(), key: z.string(), version: z.number().int() })),
    delete: endpoint
      .route({
        method: "DELETE",
        path: "/apps/{app}/kv/{collection}/{key}",
        successStatus: 204,
        summary: "Delete an entry",
      })
      .meta({
        capability: "AppKvWrite",
        cli: { verb: "rm", positionals: ["collection", "key"], summary: "Delete an entry" },
      })
      .input(z.strictObject(address))
      .output(z.void()),
  },
  methods: {
    get: {
      ...read,
      summary: "The value of a key, or undefined if it is absent.",
      args: [keyArgument],
      returns: "Json | undefined",
      example: {
        typescript: `await kv.collection("inbox").get("last")`,
        rhai: `kv::collection("inbox").get("last")`,
      },
    },
    set: {
      ...write,
      summary: "Writes a value. Without a ttl the entry does not expire, whatever it had before.",
      args: [keyArgument, { name: "value", schema: rawJson, type: "Json" }, ttlArgument],
      returns: "void",
      example: {
        typescript: `await kv.collection("sessions").set("a", { user: 1 }, { ttl: "30m" })`,
        rhai: `kv::collection("sessions").set("a", #{ user: 1 }, #{ ttl: "30m" })`,
      },
    },
    has: {
      ...read,
      summary: "Whether a key is present.",
      args: [keyArgument],
      returns: "boolean",
      example: {
        typescript: `await kv.collection("sessions").has("a")`,
        rhai: `kv::collection("sessions").has("a")`,
      },
    },
    delete: {
      ...write,
      summary: "Removes a key; says whether it was present.",
      args: [keyArgument],
      returns: "boolean",
      example: {
        typescript: `await kv.collection("sessions").delete("a")`,
        rhai: `kv::collection("sessions").delete("a")`,
      },
    },
    list: {
      ...read,
      summary: "A page of entries in byte order of their keys; pass next_cursor on as cursor.",
      args: [
        {
          name: "options",
          schema: z
            .strictObject({
              prefix: z.string().nullish(),
              cursor: z.string().nullish(),
              limit: z.number().int().min(1).max(1000).nullish(),
            })
            .nullish(),
          type: "{ prefix?: string; cursor?: string; limit?: number }",
          optional: true,
        },
      ],
      returns: "Page<{ key: string; value: Json; expiresAt?: string }>",
      example: {
        typescript: `await kv.collection("counts").list({ prefix: "push/" })`,
        rhai: `kv::collection("counts").list(#{ prefix: "push/" })`,
      },
    },
    increment: {
      ...write,
      summary:
        "Adds a whole number and gives the sum; an absent key counts as 0. Keeps the ttl. Throws if the value is not a whole number or the sum leaves 64 bits.",
      args: [keyArgument, { name: "by", schema: rawJson, type: "number | bigint", optional: true }],
      returns: "number | bigint",
      example: {
        typescript: `await kv.collection("counts").increment("visits")`,
        rhai: `kv::collection("counts").increment("visits")`,
      },
    },
    compare_and_set: {
      ...write,
      summary:
        "Writes the new value if the present one equals the old one as JSON; undefined or null as the old one means absent. Says whether it did.",
      args: [
        keyArgument,
        { name: "old", schema: rawJson, type: "Json | undefined" },
        { name: "new", schema: rawJson, type: "Json" },
        ttlArgument,
      ],
      returns: "boolean",
      example: {
        typescript: `await kv.collection("locks").compareAndSet("job", undefined, "me", { ttl: "1m" })`,
        rhai: `kv::collection("locks").compare_and_set("job", (), "me", #{ ttl: "1m" })`,
      },
    },
  },
  events: [
    {
      source: "kv",
      ops: ["insert", "update", "delete"],
      fields: { collection: "string", key: "string", value: "Json | undefined" },
    },
  ],
  limits: [
    { name: "collection", most: kvLimits.collectionBytes, unit: "bytes", code: "too_large" },
    { name: "key", most: kvLimits.keyBytes, unit: "bytes", code: "too_large" },
    { name: "value", most: kvLimits.valueBytes, unit: "bytes of JSON", code: "too_large" },
  ],
});
