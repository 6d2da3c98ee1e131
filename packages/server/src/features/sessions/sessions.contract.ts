/** Log-ins that are still good: list and end them. */
import { defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

const sessionSchema = z.object({
  id: idSchema,
  user_id: idSchema,
  /** Is it the session of this call? */
  current: z.boolean(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  /** Exact to a minute. */
  last_used_at: z.iso.datetime(),
  remote_addr: z.string().nullable(),
  user_agent: z.string().nullable(),
});

const columns = ["id", "current", "last_used_at", "remote_addr", "user_agent"] as const;
const userId = idSchema.describe("another user's sessions").optional();

export const sessionsContract = defineContract({
  summary: "Log-ins that are still good: list and end them.",
  noun: "sessions",
  endpoints: {
    list: endpoint
      .route({ method: "GET", path: "/sessions", summary: "Your sessions, or those of a user, newest first" })
      .meta({ capability: "session", cli: { verb: "ls", columns, summary: "List sessions" } })
      .input(z.strictObject({ ...pageQuery, user_id: userId }))
      .output(pageOf(sessionSchema)),
    delete: endpoint
      .route({ method: "DELETE", path: "/sessions/{id}", summary: "End a session" })
      .meta({ capability: "session", cli: { verb: "delete", positionals: ["id"], summary: "End a session" } })
      .input(z.strictObject({ id: idSchema }))
      .output(z.object({ id: idSchema })),
    delete_all: endpoint
      .route({
        method: "DELETE",
        path: "/sessions",
        summary: "End all your other sessions, or all of a user",
      })
      .meta({
        capability: "session",
        cli: { verb: "clear", columns: ["revoked"], summary: "End all sessions but this one" },
      })
      .input(z.strictObject({ user_id: userId }))
      .output(z.object({ revoked: z.int() })),
  },
  methods: {},
  events: [],
  limits: [],
});
