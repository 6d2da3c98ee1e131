/** Scripts: source that runs, in immutable versions. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
  queryInteger,
  scriptNameSchema,
} from "@picloud/contract";
import { z } from "zod";

/** Most bytes of a script's source. */
export const sourceBytesMax = 1_048_576;

/** Names of the limits of a script (`api.md` §7), in the order of the docs. */
export const limitNames = [
  "timeout_seconds",
  "cpu_ms",
  "memory_mb",
  "operations",
  "call_depth",
  "string_bytes",
  "array_items",
  "map_entries",
  "host_calls",
  "response_bytes",
  "log_bytes",
] as const;
export type LimitName = (typeof limitNames)[number];

const limit = z.int("must be a whole number").min(1, "must be at least 1").optional();

/** A script's own limits; what is absent follows the instance default. Ceilings are the server's settings. */
export const limitsSchema = z.strictObject({
  timeout_seconds: limit,
  cpu_ms: limit,
  memory_mb: limit,
  operations: limit,
  call_depth: limit,
  string_bytes: limit,
  array_items: limit,
  map_entries: limit,
  host_calls: limit,
  response_bytes: limit,
  log_bytes: limit,
} satisfies Record<LimitName, typeof limit>);

/** `typescript` accepts plain JavaScript. */
export const languageSchema = z.enum(["rhai", "typescript"], 'must be "rhai" or "typescript"');
export type Language = z.infer<typeof languageSchema>;
export const kindSchema = z.enum(["endpoint", "module"]);
export const invokeSchema = z.enum(["public", "members"]);

/** Its size is checked by the service, so that too much is 413 and not 422. */
export const sourceSchema = z.string().refine(isStorableText, "has U+0000 or half of a surrogate pair");

/** Why a version was made; shown in lists. */
export const messageSchema = z
  .string()
  .max(1024, "must have at most 1024 characters")
  .refine(isStorableText, "has U+0000 or half of a surrogate pair");

const scriptFields = {
  id: idSchema,
  app_id: idSchema,
  app_slug: z.string(),
  name: z.string(),
  language: languageSchema,
  kind: kindSchema,
  version: z.int(),
  enabled: z.boolean(),
  invoke: invokeSchema,
  limits: limitsSchema,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
};
/** In lists: without `source`, which can be 1 MiB each. */
const scriptItemSchema = z.object(scriptFields);
const scriptSchema = z.object({ ...scriptFields, source: z.string() });
const savedScriptSchema = z.object({
  ...scriptFields,
  source: z.string(),
  /** Of a module: the endpoints that import it, directly or through others, and now run with it. */
  affected: z.array(z.object({ id: idSchema, name: z.string(), version: z.int() })).optional(),
});

/** A script that imports tie to another one. */
const linkedScriptSchema = z.object({
  id: idSchema,
  name: z.string(),
  language: scriptFields.language,
  kind: kindSchema,
  version: z.int(),
  /** There is an import between the two; else there are modules between them. */
  is_direct: z.boolean(),
});
const linkedColumns = ["name", "language", "kind", "version", "is_direct", "id"] as const;

const versionFields = {
  version: z.int(),
  source_hash: z.string(),
  message: z.string().nullable(),
  created_by: idSchema.nullable(),
  created_at: z.iso.datetime(),
};

const versionNumber = queryInteger(z.number().int().min(1).max(2_147_483_647));
const columns = ["name", "language", "kind", "version", "enabled", "id", "updated_at"] as const;

export const scriptsContract = defineContract({
  summary: "Scripts: source that answers requests and reacts to data, in immutable versions.",
  noun: "scripts",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/scripts", summary: "Scripts of an app, by name" })
      .meta({ capability: "AppReadScript", cli: { verb: "ls", columns, summary: "List scripts" } })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery, name: scriptNameSchema.optional() }))
      .output(pageOf(scriptItemSchema)),
    listAll: endpoint
      .route({ method: "GET", path: "/scripts", summary: "Scripts of all apps that you may see" })
      .meta({ capability: "session" })
      .input(z.strictObject(pageQuery))
      .output(pageOf(scriptItemSchema)),
    create: endpoint
      .route({ method: "POST", path: "/apps/{app}/scripts", successStatus: 201, summary: "Create a script" })
      .meta({ capability: "AppWriteScript" })
      .input(
        z.strictObject({
          app: appRefSchema,
          name: scriptNameSchema,
          language: languageSchema.default("typescript"),
          kind: kindSchema.default("endpoint"),
          source: sourceSchema,
          enabled: z.boolean().default(true),
          invoke: invokeSchema.default("public"),
          limits: limitsSchema.default({}),
          message: messageSchema.optional(),
        }),
      )
      .output(savedScriptSchema),
    get: endpoint
      .route({ method: "GET", path: "/scripts/{id}", summary: "One script with its live source" })
      .meta({
        capability: "AppReadScript",
        cli: { verb: "show", positionals: ["id"], columns: [...columns, "source"], summary: "Show a script" },
      })
      .input(z.strictObject({ id: idSchema }))
      .output(scriptSchema),
    update: endpoint
      .route({
        method: "PATCH",
        path: "/scripts/{id}",
        summary: 'Save a script; `If-Match: "<version>"` refuses to overwrite another version',
      })
      .meta({ capability: "AppWriteScript" })
      .input(
        z.strictObject({
          id: idSchema,
          name: scriptNameSchema.optional(),
          /** Of `source`, which has to come with it. */
          language: languageSchema.optional(),
          kind: kindSchema.optional(),
          source: sourceSchema.optional(),
          enabled: z.boolean().optional(),
          invoke: invokeSchema.optional(),
          limits: limitsSchema.optional(),
          message: messageSchema.optional(),
        }),
      )
      .output(savedScriptSchema),
    delete: endpoint
      .route({
        method: "DELETE",
        path: "/scripts/{id}",
        summary: "Delete a script with its routes and triggers",
      })
      .meta({
        capability: "AppDeleteScript",
        cli: { verb: "delete", positionals: ["id"], summary: "Delete a script" },
      })
      .input(z.strictObject({ id: idSchema }))
      .output(
        z.object({
          id: idSchema,
          routes_deleted: z.int(),
          triggers_deleted: z.int(),
          deliveries_dropped: z.int(),
        }),
      ),
    versions: endpoint
      .route({ method: "GET", path: "/scripts/{id}/versions", summary: "Versions of a script, newest first" })
      .meta({
        capability: "AppReadScript",
        cli: {
          verb: "versions",
          positionals: ["id"],
          columns: ["version", "created_at", "message", "source_hash"],
          summary: "List the versions of a script",
        },
      })
      .input(z.strictObject({ id: idSchema, ...pageQuery }))
      .output(pageOf(z.object(versionFields))),
    version: endpoint
      .route({
        method: "GET",
        path: "/scripts/{id}/versions/{version}",
        summary: "One version with its source",
      })
      .meta({ capability: "AppReadScript" })
      .input(z.strictObject({ id: idSchema, version: versionNumber }))
      .output(z.object({ ...versionFields, source: z.string() })),
    diff: endpoint
      .route({ method: "GET", path: "/scripts/{id}/diff", summary: "Unified diff of two versions" })
      .meta({
        capability: "AppReadScript",
        cli: {
          verb: "diff",
          positionals: ["id", "from", "to"],
          columns: ["diff"],
          summary: "Compare two versions of a script",
        },
      })
      .input(z.strictObject({ id: idSchema, from: versionNumber, to: versionNumber }))
      .output(z.object({ from: z.int(), to: z.int(), diff: z.string() })),
    imports: endpoint
      .route({
        method: "GET",
        path: "/scripts/{id}/imports",
        summary: "Modules that a script needs, directly or through others, by name",
      })
      .meta({
        capability: "AppReadScript",
        cli: {
          verb: "imports",
          positionals: ["id"],
          columns: linkedColumns,
          summary: "List the modules that a script needs",
        },
      })
      .input(z.strictObject({ id: idSchema, ...pageQuery }))
      .output(pageOf(linkedScriptSchema)),
    importers: endpoint
      .route({
        method: "GET",
        path: "/scripts/{id}/importers",
        summary: "Scripts that need a module, directly or through others, by name",
      })
      .meta({
        capability: "AppReadScript",
        cli: {
          verb: "importers",
          positionals: ["id"],
          columns: linkedColumns,
          summary: "List the scripts that a change of a module affects",
        },
      })
      .input(z.strictObject({ id: idSchema, ...pageQuery }))
      .output(pageOf(linkedScriptSchema)),
    rollback: endpoint
      .route({
        method: "POST",
        path: "/scripts/{id}/rollback",
        summary: "Make an old version's source live again, as a new version",
      })
      .meta({
        capability: "AppWriteScript",
        cli: {
          verb: "rollback",
          positionals: ["id", "version"],
          columns,
          summary: "Go back to an old version; data is not rolled back",
        },
      })
      .input(z.strictObject({ id: idSchema, version: versionNumber }))
      .output(savedScriptSchema),
  },
  methods: {},
  events: [],
  limits: [{ name: "script source", most: sourceBytesMax, unit: "bytes", code: "too_large" }],
});
