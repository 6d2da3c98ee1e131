/** Apps: what owns scripts, routes, triggers and data. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
  shownNameSchema,
  slugSchema,
} from "@picloud/contract";
import { z } from "zod";

const nameSchema = shownNameSchema(128);

const appSchema = z.object({
  id: idSchema,
  slug: z.string(),
  name: z.string(),
  state: z.enum(["active", "deleting"]),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

/** While an app is being deleted: how far that is. */
const deletionSchema = z.object({
  phase: z.enum(["stopping", "clearing"]),
  started_at: z.iso.datetime(),
  rows_deleted: z.number(),
  left: z.record(z.string(), z.number()),
});

const reservedSchema = z.object({
  name: z.string(),
  app_id: idSchema,
  reserved_at: z.iso.datetime(),
  reserved_until: z.iso.datetime(),
});

const columns = ["slug", "name", "state", "id", "created_at"] as const;
const reservedColumns = ["name", "reserved_until", "app_id"] as const;

export const appsContract = defineContract({
  summary: "Apps: what owns scripts, routes, triggers, data and members.",
  noun: "apps",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps", summary: "Apps that you may see, by slug" })
      .meta({ capability: "session", cli: { verb: "ls", columns, summary: "List apps" } })
      .input(z.strictObject(pageQuery))
      .output(pageOf(appSchema)),
    create: endpoint
      .route({ method: "POST", path: "/apps", successStatus: 201, summary: "Create an app" })
      .meta({
        capability: "InstanceManageApps",
        cli: { verb: "create", positionals: ["slug"], columns, summary: "Create an app" },
      })
      .input(z.strictObject({ slug: slugSchema, name: nameSchema.optional() }))
      .output(appSchema),
    get: endpoint
      .route({ method: "GET", path: "/apps/{app}", summary: "One app" })
      .meta({
        capability: "AppRead",
        cli: {
          verb: "show",
          positionals: ["app"],
          columns: [...columns, "deletion"],
          summary: "Show an app; one that is being deleted with what is left of it",
        },
      })
      .input(z.strictObject({ app: appRefSchema }))
      .output(appSchema.extend({ deletion: deletionSchema.optional() })),
    update: endpoint
      .route({ method: "PATCH", path: "/apps/{app}", summary: "Rename an app" })
      .meta({
        capability: "AppManage",
        cli: { verb: "update", positionals: ["app"], columns, summary: "Change name or slug of an app" },
      })
      .input(z.strictObject({ app: appRefSchema, name: nameSchema.optional(), slug: slugSchema.optional() }))
      .output(appSchema),
    delete: endpoint
      .route({
        method: "DELETE",
        path: "/apps/{app}",
        summary: "Begin to delete an app: it is off at once, its rows go in the background",
      })
      .meta({
        capability: "AppManage",
        cli: { verb: "delete", positionals: ["app"], columns, summary: "Delete an app" },
      })
      .input(
        z.strictObject({
          app: appRefSchema,
          force: z
            .union([z.boolean(), z.stringbool()])
            .describe("also an app that still holds something")
            .optional(),
        }),
      )
      .output(appSchema),
    reserved: endpoint
      .route({
        method: "GET",
        path: "/reserved_slugs",
        summary: "Slugs of deleted apps that nobody gets yet",
      })
      .meta({
        capability: "InstanceManageApps",
        cli: {
          verb: "reserved",
          columns: reservedColumns,
          summary: "List the slugs of deleted apps that nobody gets yet",
        },
      })
      .input(z.strictObject(pageQuery))
      .output(pageOf(reservedSchema)),
    free: endpoint
      .route({ method: "DELETE", path: "/reserved_slugs/{slug}", summary: "Give a reserved slug free" })
      .meta({
        capability: "InstanceManageApps",
        cli: {
          verb: "free",
          positionals: ["slug"],
          columns: reservedColumns,
          summary: "Let new apps have the slug of a deleted one before its 30 days are over",
        },
      })
      .input(
        z.strictObject({
          slug: z.string().min(1).max(64).refine(isStorableText, "has U+0000 or half of a surrogate pair"),
        }),
      )
      .output(reservedSchema),
  },
  methods: {},
  events: [],
  limits: [],
});
