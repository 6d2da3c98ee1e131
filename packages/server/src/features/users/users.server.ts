/** Wiring of users. */
import { requireUser } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { createCryptoBox } from "../../platform/crypto-box.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { EndpointCall, Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { logout } from "../sessions/sessions.service.ts";
import { acceptInvite, changePassword, login, resetPassword } from "./login.service.ts";
import { beginTotp, confirmTotp, removeTotp } from "./second-factor.service.ts";
import type { AccountsPlatform } from "./second-factor.service.ts";
import { setUp } from "./set-up.service.ts";
import { usersContract } from "./users.contract.ts";
import type { Who } from "./users.contract.ts";
import {
  createUser,
  deleteUser,
  getUser,
  inviteUser,
  listUsers,
  resetUser,
  updateUser,
} from "./users.service.ts";

export function usersFeature(base: Platform): Feature<typeof usersContract> {
  const platform: AccountsPlatform = { ...base, box: createCryptoBox(base.config) };
  return defineFeature(usersContract, {
    endpoints: {
      login: async (ctx, input, call) => await login(ctx, platform, { ...input, userAgent: userAgent(call) }),
      setup: async (ctx, input, call) => await setUp(ctx, platform, { ...input, userAgent: userAgent(call) }),
      accept_invite: async (ctx, input, call) =>
        await acceptInvite(ctx, platform, { ...input, userAgent: userAgent(call) }),
      reset_password: async (ctx, input) => await resetPassword(ctx, platform, input),
      logout: async (ctx) => await logout(ctx, platform),
      me: async (ctx) => await Promise.resolve(whoAsks(ctx)),
      change_password: async (ctx, input) => await changePassword(ctx, platform, input),
      begin_totp: async (ctx, input) => await beginTotp(ctx, platform, input),
      confirm_totp: async (ctx, input) => await confirmTotp(ctx, platform, input),
      remove_totp: async (ctx, input) => await removeTotp(ctx, platform, input),
      list: async (ctx, input) => await listUsers(ctx, platform, input),
      create: async (ctx, input) => await createUser(ctx, platform, input),
      invite: async (ctx, input) => await inviteUser(ctx, platform, input),
      get: async (ctx, input) => await getUser(ctx, platform, input.id),
      update: async (ctx, input) => await updateUser(ctx, platform, input.id, input),
      reset: async (ctx, input) => await resetUser(ctx, platform, input.id, input),
      delete: async (ctx, input) => await deleteUser(ctx, platform, input.id, input),
    },
    methods: {},
  });
}

/** The user; behind an API key its owner, and the key. */
function whoAsks(ctx: Context): Who {
  const { id, name: username, role } = requireUser(ctx);
  const who = { id, username, role };
  const { principal } = ctx;
  if (principal?.kind !== "api_key") return who;
  const key = {
    id: principal.id,
    name: principal.name,
    scopes: [...principal.scopes],
    app_id: principal.appId ?? null,
    expires_at: principal.expiresAt?.toISOString() ?? null,
  };
  return { ...who, key };
}

function userAgent(call: EndpointCall): string | undefined {
  const value = call.headers["user-agent"];
  return typeof value === "string" ? value : undefined;
}
