/** Apps: what owns scripts, routes, triggers and data. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
  slugSchema,
} from "@picloud/contract";
import { z } from "zod";

const nameSchema = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(128, "must have at most 128 characters")
  .refine(isStorableText, "has U+0000 or half of a surrogate pair");

const appSchema = z.object({
  id: idSchema,
  slug: z.string(),
  name: z.string(),
  state: z.enum(["active", "deleting"]),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const columns = ["slug", "name", "id", "created_at"] as const;

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
        cli: { verb: "show", positionals: ["app"], columns, summary: "Show an app" },
      })
      .input(z.strictObject({ app: appRefSchema }))
      .output(appSchema),
    update: endpoint
      .route({ method: "PATCH", path: "/apps/{app}", summary: "Rename an app" })
      .meta({
        capability: "AppManage",
        cli: { verb: "update", positionals: ["app"], columns, summary: "Change name or slug of an app" },
      })
      .input(z.strictObject({ app: appRefSchema, name: nameSchema.optional(), slug: slugSchema.optional() }))
      .output(appSchema),
    delete: endpoint
      .route({ method: "DELETE", path: "/apps/{app}", summary: "Delete an empty app" })
      .meta({
        capability: "AppManage",
        cli: { verb: "delete", positionals: ["app"], summary: "Delete an empty app" },
      })
      .input(
        z.strictObject({
          app: appRefSchema,
          force: z
            .union([z.boolean(), z.stringbool()])
            .refine((force) => !force, "is not available yet: empty the app first")
            .optional(),
        }),
      )
      .output(z.object({ id: idSchema })),
  },
  methods: {},
  events: [],
  limits: [],
});
