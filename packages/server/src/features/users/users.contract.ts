/** Accounts of the instance: first set-up, log-in and log-out. */
import { defineContract, endpoint, idSchema, instanceRoles } from "@picloud/contract";
import { z } from "zod";

const userSchema = z.object({ id: idSchema, username: z.string(), role: z.enum(instanceRoles) });

/** Username of a new account; compared without case. */
export const usernameSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/,
    "must have 1–64 of a–z, A–Z, 0–9, ., _, @ and -, and start with a letter or digit",
  );

/** Password of a new account. The upper bound keeps hashing cheap to refuse. */
export const passwordSchema = z
  .string()
  .min(8, "must have at least 8 characters")
  .max(1024, "must have at most 1024 characters")
  .refine((text) => text.isWellFormed(), "has half of a surrogate pair");

const loginSchema = z.object({ token: z.string(), expires_at: z.iso.datetime(), user: userSchema });

export const usersContract = defineContract({
  summary: "Accounts of the instance: set-up, log-in, log-out.",
  endpoints: {
    login: endpoint
      .route({ method: "POST", path: "/auth/login", summary: "Log in: opens a session" })
      .meta({ capability: "none" })
      .input(z.strictObject({ username: z.string().max(1024), password: z.string().max(4096) }))
      .output(loginSchema),
    setup: endpoint
      .route({ method: "POST", path: "/auth/setup", summary: "Make the first owner with the set-up token" })
      .meta({ capability: "none" })
      .input(
        z.strictObject({
          token: z.string().max(1024),
          username: usernameSchema,
          password: passwordSchema,
        }),
      )
      .output(loginSchema),
    logout: endpoint
      .route({ method: "POST", path: "/auth/logout", summary: "End this session" })
      .meta({ capability: "session" })
      .input(z.strictObject({}))
      .output(z.object({ revoked: z.boolean() })),
    me: endpoint
      .route({ method: "GET", path: "/auth/me", summary: "Who am I?" })
      .meta({ capability: "session" })
      .input(z.strictObject({}))
      .output(userSchema),
  },
  methods: {},
  events: [],
  limits: [],
});
