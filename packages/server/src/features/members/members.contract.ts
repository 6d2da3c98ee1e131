/** Members of an app: which users may do what in it. */
import {
  appRefSchema,
  appRoles,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
} from "@picloud/contract";
import { z } from "zod";

const memberSchema = z.object({
  app_id: idSchema,
  user_id: idSchema,
  username: z.string(),
  role: z.enum(appRoles),
  created_at: z.iso.datetime(),
});

/** A user by id or name. */
const userRefSchema = z
  .string()
  .min(1, "must not be empty")
  .max(64, "must have at most 64 characters")
  .refine(isStorableText, "has U+0000 or half of a surrogate pair");

const columns = ["username", "role", "user_id", "created_at"] as const;

export const membersContract = defineContract({
  summary: "Members of an app: which users may do what in it.",
  noun: "members",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/apps/{app}/members", summary: "Members of an app, by name" })
      .meta({ capability: "AppManageMembers", cli: { verb: "ls", columns, summary: "List members" } })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(memberSchema)),
    create: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/members",
        successStatus: 201,
        summary: "Give a user a role in an app",
      })
      .meta({
        capability: "AppManageMembers",
        cli: {
          verb: "create",
          positionals: ["user", "role"],
          columns,
          summary: "Add a user, by name or id, with a role",
        },
      })
      .input(z.strictObject({ app: appRefSchema, user: userRefSchema, role: z.enum(appRoles) }))
      .output(memberSchema),
    update: endpoint
      .route({ method: "PATCH", path: "/apps/{app}/members/{user_id}", summary: "Change a member's role" })
      .meta({
        capability: "AppManageMembers",
        cli: {
          verb: "set",
          positionals: ["user_id", "role"],
          columns,
          summary: "Change the role of a member, by name or id",
        },
      })
      .input(z.strictObject({ app: appRefSchema, user_id: userRefSchema, role: z.enum(appRoles) }))
      .output(memberSchema),
    delete: endpoint
      .route({ method: "DELETE", path: "/apps/{app}/members/{user_id}", summary: "Remove a member" })
      .meta({
        capability: "AppManageMembers",
        cli: { verb: "delete", positionals: ["user_id"], summary: "Remove a member, by name or id" },
      })
      .input(z.strictObject({ app: appRefSchema, user_id: userRefSchema }))
      .output(z.object({ app_id: idSchema, user_id: idSchema })),
  },
  methods: {},
  events: [],
  limits: [],
});
