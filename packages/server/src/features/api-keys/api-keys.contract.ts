/** API keys: credentials for programs, with less than their owner may do. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  pageOf,
  pageQuery,
  parseDuration,
  scopes,
  shownNameSchema,
} from "@picloud/contract";
import { z } from "zod";

const keySchema = {
  id: idSchema,
  name: z.string(),
  /** Of the token: `pic_<prefix>_…`. */
  prefix: z.string(),
  scopes: z.array(z.enum(scopes)),
  app_id: idSchema.nullable(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  /** Exact to a minute. */
  last_used_at: z.iso.datetime().nullable(),
};

const nameSchema = shownNameSchema(64);

const minuteMs = 60_000;
const yearsMax = 10;

const expirySchema = z
  .string()
  .max(32)
  .refine((text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= minuteMs && ms <= yearsMax * 366 * 24 * 60 * minuteMs;
  }, `must be a duration from 1 minute to ${yearsMax} years, such as "12h" or "90d"`)
  .describe('how long it is good: "12h", "90d"; absent: until it is deleted');

const columns = ["name", "prefix", "scopes", "app_id", "expires_at", "last_used_at", "id"] as const;

export const apiKeysContract = defineContract({
  summary: "API keys: credentials for programs, with less than their owner may do.",
  noun: "api-keys",
  endpoints: {
    list: endpoint
      .route({
        method: "GET",
        path: "/api_keys",
        summary: "Your API keys, newest first, without their tokens",
      })
      .meta({ capability: "own_session", cli: { verb: "ls", columns, summary: "List your API keys" } })
      .input(z.strictObject(pageQuery))
      .output(pageOf(z.object(keySchema))),
    create: endpoint
      .route({
        method: "POST",
        path: "/api_keys",
        successStatus: 201,
        summary: "Mint an API key: the answer shows its token, once",
      })
      .meta({
        capability: "own_session",
        cli: {
          verb: "mint",
          positionals: ["name"],
          columns: ["raw_token", "prefix", "scopes", "app_id", "expires_at", "id"],
          summary: "Mint an API key; its token is shown once",
        },
      })
      .input(
        z.strictObject({
          name: nameSchema,
          scopes: z
            .array(z.enum(scopes))
            .min(1, "must name at least one scope")
            .max(scopes.length)
            .refine((list) => new Set(list).size === list.length, "names a scope twice")
            .describe(`comma-separated: ${scopes.join(" ")}`),
          app_id: appRefSchema.describe("works in this app only, by id or slug").optional(),
          expires_in: expirySchema.optional(),
        }),
      )
      .output(z.object({ ...keySchema, raw_token: z.string() })),
    delete: endpoint
      .route({ method: "DELETE", path: "/api_keys/{id}", summary: "Revoke an API key" })
      .meta({
        capability: "own_session",
        cli: { verb: "delete", positionals: ["id"], summary: "Revoke an API key" },
      })
      .input(z.strictObject({ id: idSchema }))
      .output(z.object({ id: idSchema })),
  },
  methods: {},
  events: [],
  limits: [],
});
