/** Deployments: a whole app's scripts and routes changed at once, or not at all. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  pageOf,
  pageQuery,
  scriptNameSchema,
} from "@picloud/contract";
import { z } from "zod";
import { routeFields } from "../routes/routes.contract.ts";
import {
  invokeSchema,
  kindSchema,
  languageSchema,
  limitsSchema,
  messageSchema,
  sourceSchema,
} from "../scripts/scripts.contract.ts";

/** What is absent stays as it is on the server, or takes the default when the route is new. */
const manifestRouteSchema = z.strictObject({
  method: routeFields.method,
  path: routeFields.path,
  dispatch_mode: routeFields.dispatch_mode.optional(),
  auth: routeFields.auth.optional(),
  body_bytes_max: routeFields.body_bytes_max.optional(),
  enabled: routeFields.enabled.optional(),
});

const manifestScriptSchema = z.strictObject({
  name: scriptNameSchema,
  language: languageSchema.default("typescript"),
  kind: kindSchema.optional(),
  /** SHA-256 of the source's UTF-8, lower-case hex. */
  source_hash: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex"),
  /** Needed by apply where plan's `missing` names the script. */
  source: sourceSchema.optional(),
  enabled: z.boolean().optional(),
  invoke: invokeSchema.optional(),
  limits: limitsSchema.optional(),
  /** Absent: the script's routes stay as they are. Given: these exist after it; others go only with `prune`. */
  routes: z.array(manifestRouteSchema).max(1000).optional(),
});

const manifest = {
  app: appRefSchema,
  scripts: z.array(manifestScriptSchema).min(1).max(1000),
  /** Also delete the app's scripts that are not named, and the routes not listed by scripts that list routes. */
  prune: z.boolean().default(false),
  message: messageSchema.optional(),
};

const changeSchema = z.object({
  action: z.enum(["create", "update", "delete", "unchanged"]),
  kind: z.enum(["script", "route"]),
  /** Name of the script, or `METHOD /path` of the route. */
  name: z.string(),
  /** What changes, in words: `v13 → v14`, `auth public → member`. */
  detail: z.string(),
});

const deploymentFields = {
  id: idSchema,
  app_id: idSchema,
  /** Hash of the app's deployed state after it. */
  state_hash: z.string(),
  changes: z.array(changeSchema),
  message: z.string().nullable(),
  created_by: idSchema.nullable(),
  created_at: z.iso.datetime(),
};

export const deploymentsContract = defineContract({
  summary: "Deployments: scripts and routes of an app changed together, all or nothing.",
  noun: "deployments",
  endpoints: {
    plan: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/deployments/plan",
        summary: "What a manifest would change",
      })
      .meta({ capability: "AppWriteScript" })
      .input(z.strictObject(manifest))
      .output(
        z.object({
          /** Hash of the app's deployed state now; apply wants it back. */
          base: z.string(),
          changes: z.array(changeSchema),
          /** Names of the scripts whose source apply must bring. */
          missing: z.array(z.string()),
        }),
      ),
    apply: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/deployments",
        successStatus: 201,
        summary: "Apply a manifest, all or nothing",
      })
      .meta({ capability: "AppWriteScript" })
      .input(z.strictObject({ ...manifest, base: z.string().max(128) }))
      .output(
        z.object({
          ...deploymentFields,
          /** The manifest's scripts as they are live now. */
          scripts: z.array(z.object({ id: idSchema, name: z.string(), kind: kindSchema, version: z.int() })),
        }),
      ),
    list: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/deployments",
        summary: "Deployments of an app, newest first",
      })
      .meta({
        capability: "AppWriteScript",
        cli: { verb: "ls", columns: ["created_at", "message", "id"], summary: "List deployments" },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(z.object(deploymentFields))),
  },
  methods: {},
  events: [],
  limits: [],
});
