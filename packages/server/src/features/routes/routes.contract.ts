/** Routes: which requests a script answers. */
import { appRefSchema, defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

export const routeMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
export type RouteMethod = (typeof routeMethods)[number];

/** Largest body of a request to an async route: it waits in the database. */
export const asyncBodyBytesMax = 1_048_576;

const routeSchema = z.object({
  id: idSchema,
  app_id: idSchema,
  script_id: idSchema,
  method: z.enum(routeMethods),
  path: z.string(),
  dispatch_mode: z.enum(["sync", "async"]),
  auth: z.enum(["public", "user", "member", "key"]),
  cors: z.null(),
  body_bytes_max: z.int().nullable(),
  rate_limit: z.null(),
  enabled: z.boolean(),
});

const notYet = (issue: { readonly input?: unknown }, accepted: string): string =>
  issue.input === "user" || issue.input === "key"
    ? `${issue.input} is not available yet: use ${accepted}`
    : `must be ${accepted}`;

/** What a route has beside its script; also the routes of a deployment's manifest. */
export const routeFields = {
  method: z.enum(routeMethods),
  /** The pattern is checked by the service. */
  path: z.string().min(1).max(512, "must have at most 512 characters"),
  dispatch_mode: z.enum(["sync", "async"]),
  auth: z.enum(["public", "member"], { error: (issue) => notYet(issue, '"public" or "member"') }),
  cors: z.null("is not available yet"),
  rate_limit: z.null("is not available yet"),
  body_bytes_max: z.int().min(0).nullable(),
  enabled: z.boolean(),
};

const newRoute = {
  method: routeFields.method,
  path: routeFields.path,
  dispatch_mode: routeFields.dispatch_mode.default("sync"),
  auth: routeFields.auth.default("public"),
  cors: routeFields.cors.default(null),
  body_bytes_max: routeFields.body_bytes_max.default(null),
  rate_limit: routeFields.rate_limit.default(null),
  enabled: routeFields.enabled.default(true),
};

const columns = ["method", "path", "dispatch_mode", "auth", "enabled", "script_id", "id"] as const;

export const routesContract = defineContract({
  summary: "Routes: the methods and paths that scripts answer.",
  noun: "routes",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/routes", summary: "Routes of an app, by path and method" })
      .meta({ capability: "AppReadScript", cli: { verb: "ls", columns, summary: "List routes" } })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(routeSchema)),
    listOfScript: endpoint
      .route({
        method: "GET",
        path: "/scripts/{id}/routes",
        summary: "Routes of a script, by path and method",
      })
      .meta({ capability: "AppReadScript" })
      .input(z.strictObject({ id: idSchema, ...pageQuery }))
      .output(pageOf(routeSchema)),
    create: endpoint
      .route({
        method: "POST",
        path: "/scripts/{id}/routes",
        successStatus: 201,
        summary: "Let a script answer a method and path",
      })
      .meta({
        capability: "AppManageRoutes",
        cli: {
          verb: "add",
          positionals: ["id", "method", "path"],
          columns,
          summary: "Add a route to a script",
        },
      })
      .input(z.strictObject({ id: idSchema, ...newRoute }))
      .output(routeSchema),
    update: endpoint
      .route({ method: "PATCH", path: "/apps/{app}/routes/{id}", summary: "Change a route" })
      .meta({
        capability: "AppManageRoutes",
        cli: { verb: "set", positionals: ["id"], columns, summary: "Change a route" },
      })
      .input(
        z.strictObject({
          app: appRefSchema,
          id: idSchema,
          script_id: idSchema.optional(),
          method: routeFields.method.optional(),
          path: routeFields.path.optional(),
          dispatch_mode: routeFields.dispatch_mode.optional(),
          auth: routeFields.auth.optional(),
          cors: routeFields.cors.optional(),
          body_bytes_max: routeFields.body_bytes_max.optional(),
          rate_limit: routeFields.rate_limit.optional(),
          enabled: routeFields.enabled.optional(),
        }),
      )
      .output(routeSchema),
    delete: endpoint
      .route({ method: "DELETE", path: "/apps/{app}/routes/{id}", summary: "Delete a route" })
      .meta({
        capability: "AppManageRoutes",
        cli: { verb: "rm", positionals: ["id"], summary: "Delete a route" },
      })
      .input(z.strictObject({ app: appRefSchema, id: idSchema }))
      .output(z.object({ id: idSchema })),
  },
  methods: {},
  events: [
    {
      source: "http",
      ops: ["request"],
      comment: "A request to an async route, as its dead letter has it: no trigger is of this kind.",
      fields: {
        method: "string",
        url: "string",
        route: "string | undefined",
        route_id: "string | undefined",
        headers: "readonly (readonly [name: string, value: string])[]",
        body: "string | undefined",
        body_base64: "string | undefined",
        remote_addr: "string",
        principal: `{ readonly kind: "user" | "api_key" | "end_user"; readonly id: string; readonly name: string } | undefined`,
      },
    },
  ],
  limits: [
    { name: "route path", most: 512, unit: "characters", code: "invalid" },
    { name: "body of an async route", most: asyncBodyBytesMax, unit: "bytes", code: "too_large" },
  ],
});
