/** The audit log: who changed what, when, from where. */
import { appRefSchema, defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

const summarySchema = z.record(z.string(), z.unknown()).nullable();

const entrySchema = z.object({
  id: idSchema,
  at: z.iso.datetime(),
  /** Of the app that was changed, which may be gone; null: a change of the instance. */
  app_id: idSchema.nullable(),
  /** `server`: what PiCloud did by itself; `nobody`: a caller who is not known yet. */
  principal_kind: z.enum(["user", "api_key", "end_user", "nobody", "server"]),
  principal_id: idSchema.nullable(),
  principal_name: z.string().nullable(),
  /** The user in whose right it was done: of an API key its owner. */
  user_id: idSchema.nullable(),
  remote_addr: z.string().nullable(),
  request_id: idSchema.nullable(),
  execution_id: idSchema.nullable(),
  /** Feature and endpoint: `scripts.update`. */
  action: z.string(),
  resource_kind: z.string(),
  resource_id: z.string().nullable(),
  resource_name: z.string().nullable(),
  /** What changed, in a few members: never a secret, a source or a value of data. */
  before: summarySchema,
  after: summarySchema,
});

const columns = [
  "at",
  "principal_name",
  "principal_kind",
  "action",
  "resource_kind",
  "resource_name",
  "remote_addr",
  "id",
] as const;

export const auditContract = defineContract({
  summary: "The audit log: who changed what, when, from where.",
  noun: "audit",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/audit", summary: "Changes of an app, newest first" })
      .meta({
        capability: "AppReadAudit",
        cli: { verb: "ls", columns, summary: "List the changes of an app, newest first" },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(entrySchema)),
    listAll: endpoint
      .route({ method: "GET", path: "/audit", summary: "Changes of the instance and all apps, newest first" })
      .meta({
        capability: "InstanceReadAudit",
        cli: {
          verb: "all",
          columns: [...columns, "app_id"],
          summary: "List the changes of the instance and all its apps, also of deleted ones",
        },
      })
      .input(z.strictObject(pageQuery))
      .output(pageOf(entrySchema)),
  },
  methods: {},
  events: [],
  limits: [],
});
