/** Accounts of the instance: set-up, log-in, invitations, roles, passwords, second factor. */
import {
  defineContract,
  endpoint,
  idSchema,
  instanceRoles,
  pageOf,
  pageQuery,
  scopes,
  uuidPattern,
} from "@picloud/contract";
import { z } from "zod";

const roleSchema = z.enum(instanceRoles);
/** The API key that asks, where it is one: what it may do at most. */
const askingKeySchema = z.object({
  id: idSchema,
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  app_id: idSchema.nullable(),
  expires_at: z.iso.datetime().nullable(),
});

const whoSchema = z.object({ id: idSchema, username: z.string(), role: roleSchema });

/** Username of a new account; compared without case. ASCII only, so that no name looks like another one. */
export const usernameSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/,
    "must have 1–64 of a–z, A–Z, 0–9, ., _, @ and -, and start with a letter or digit",
  )
  .refine((name) => !uuidPattern.test(name.toLowerCase()), "must not look like an id");

/** Password of a new account. The upper bound keeps hashing cheap to refuse. */
export const passwordSchema = z
  .string()
  .min(8, "must have at least 8 characters")
  .max(1024, "must have at most 1024 characters")
  .refine((text) => text.isWellFormed(), "has half of a surrogate pair");

/** A password that exists already: what its rules were then is of no matter. */
const givenPasswordSchema = z.string().max(4096);
/** Token of a set-up, invitation or reset link. */
const linkTokenSchema = z.string().max(1024);
/** A code of the second factor: six digits of an authenticator, or a recovery code. */
const codeSchema = z.string().max(64);
/** `{id}` in paths: id or username; anything else is simply not found. */
const userRefSchema = z.string().min(1).max(64);

const askerSchema = whoSchema.extend({ key: askingKeySchema.optional() });
export type Who = z.output<typeof askerSchema>;

const userSchema = whoSchema.extend({
  /** `invited` until the invitation is accepted. */
  state: z.enum(["active", "invited", "disabled"]),
  has_totp: z.boolean(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const loginSchema = z.object({ token: z.string(), expires_at: z.iso.datetime(), user: whoSchema });

const linkSchema = z.object({
  user: userSchema,
  /** Shown once; good for one use. */
  token: z.string(),
  expires_at: z.iso.datetime(),
});

const columns = ["username", "role", "state", "has_totp", "id", "created_at"] as const;
const linkColumns = ["token", "expires_at"] as const;

const authEndpoints = {
  login: endpoint
    .route({ method: "POST", path: "/auth/login", summary: "Log in: opens a session" })
    .meta({ capability: "none" })
    .input(
      z.strictObject({
        username: z.string().max(1024),
        password: givenPasswordSchema,
        totp: codeSchema.optional(),
      }),
    )
    .output(loginSchema),
  setup: endpoint
    .route({ method: "POST", path: "/auth/setup", summary: "Make the first owner with the set-up token" })
    .meta({ capability: "none" })
    .input(z.strictObject({ token: linkTokenSchema, username: usernameSchema, password: passwordSchema }))
    .output(loginSchema),
  accept_invite: endpoint
    .route({
      method: "POST",
      path: "/auth/invites/accept",
      summary: "Accept an invitation: sets the password and logs in",
    })
    .meta({ capability: "none" })
    .input(z.strictObject({ token: linkTokenSchema, password: passwordSchema }))
    .output(loginSchema),
  reset_password: endpoint
    .route({ method: "POST", path: "/auth/password_reset", summary: "Set a new password with a reset token" })
    .meta({ capability: "none" })
    .input(z.strictObject({ token: linkTokenSchema, password: passwordSchema }))
    .output(z.object({ username: z.string() })),
  logout: endpoint
    .route({ method: "POST", path: "/auth/logout", summary: "End this session" })
    .meta({ capability: "session" })
    .input(z.strictObject({}))
    .output(z.object({ revoked: z.boolean() })),
  me: endpoint
    .route({ method: "GET", path: "/auth/me", summary: "Who am I?" })
    .meta({ capability: "session" })
    .input(z.strictObject({}))
    .output(askerSchema),
  change_password: endpoint
    .route({
      method: "POST",
      path: "/auth/password",
      summary: "Change your password: ends your other sessions",
    })
    .meta({ capability: "own_session" })
    .input(z.strictObject({ old_password: givenPasswordSchema, new_password: passwordSchema }))
    .output(z.object({ revoked_sessions: z.int() })),
  begin_totp: endpoint
    .route({ method: "POST", path: "/auth/totp", summary: "Begin a second factor: gives its secret" })
    .meta({ capability: "own_session" })
    .input(z.strictObject({ password: givenPasswordSchema }))
    .output(z.object({ secret: z.string(), uri: z.string() })),
  confirm_totp: endpoint
    .route({
      method: "POST",
      path: "/auth/totp/confirm",
      summary: "Turn the second factor on: gives recovery codes",
    })
    .meta({ capability: "own_session" })
    .input(z.strictObject({ totp: codeSchema }))
    .output(z.object({ recovery_codes: z.array(z.string()), revoked_sessions: z.int() })),
  remove_totp: endpoint
    .route({ method: "DELETE", path: "/auth/totp", summary: "Turn your second factor off" })
    .meta({ capability: "own_session" })
    .input(z.strictObject({ password: givenPasswordSchema, totp: codeSchema.optional() }))
    .output(z.object({ removed: z.boolean() })),
};

export const usersContract = defineContract({
  summary: "Accounts of the instance: invitations, roles, passwords, second factor.",
  noun: "users",
  endpoints: {
    ...authEndpoints,
    list: endpoint
      .route({ method: "GET", path: "/users", summary: "Accounts of the instance, by username" })
      .meta({ capability: "InstanceManageUsers", cli: { verb: "ls", columns, summary: "List users" } })
      .input(z.strictObject(pageQuery))
      .output(pageOf(userSchema)),
    create: endpoint
      .route({ method: "POST", path: "/users", successStatus: 201, summary: "Create a user with a password" })
      .meta({ capability: "InstanceManageUsers" })
      .input(
        z.strictObject({
          username: usernameSchema,
          role: roleSchema.default("member"),
          password: passwordSchema,
        }),
      )
      .output(userSchema),
    invite: endpoint
      .route({
        method: "POST",
        path: "/users/invites",
        successStatus: 201,
        summary: "Invite a user: gives a one-time token",
      })
      .meta({
        capability: "InstanceManageUsers",
        cli: { verb: "invite", positionals: ["username"], columns: linkColumns, summary: "Invite a user" },
      })
      .input(z.strictObject({ username: usernameSchema, role: roleSchema.default("member") }))
      .output(linkSchema),
    get: endpoint
      .route({ method: "GET", path: "/users/{id}", summary: "One user, by id or username" })
      .meta({
        capability: "InstanceManageUsers",
        cli: { verb: "show", positionals: ["id"], columns, summary: "Show a user" },
      })
      .input(z.strictObject({ id: userRefSchema }))
      .output(userSchema),
    update: endpoint
      .route({
        method: "PATCH",
        path: "/users/{id}",
        summary: "Change a user's role; disable or enable the user",
      })
      .meta({
        capability: "InstanceManageUsers",
        cli: {
          verb: "set",
          positionals: ["id"],
          columns,
          summary: "Change a user's role, disable or enable",
        },
      })
      .input(
        z.strictObject({ id: userRefSchema, role: roleSchema.optional(), disabled: z.boolean().optional() }),
      )
      .output(userSchema),
    reset: endpoint
      .route({ method: "POST", path: "/users/{id}/reset", summary: "A one-time token for a new password" })
      .meta({
        capability: "InstanceManageUsers",
        cli: {
          verb: "reset",
          positionals: ["id"],
          columns: linkColumns,
          summary: "Give a link for a new password",
        },
      })
      .input(
        z.strictObject({
          id: userRefSchema,
          remove_totp: z.boolean().describe("also turn the second factor off, for who lost it").optional(),
        }),
      )
      .output(linkSchema),
    delete: endpoint
      .route({ method: "DELETE", path: "/users/{id}", summary: "Delete a user" })
      .meta({
        capability: "InstanceManageUsers",
        cli: { verb: "delete", positionals: ["id"], summary: "Delete a user" },
      })
      .input(
        z.strictObject({
          id: userRefSchema,
          reassign_to: userRefSchema
            .describe("hand the user's triggers to this user, by id or name")
            .optional(),
        }),
      )
      .output(z.object({ id: idSchema, reassigned_triggers: z.number().int() })),
  },
  methods: {},
  events: [],
  limits: [],
});
