/** Wiring of users. */
import { requireUser } from "../../platform/authorize.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { EndpointCall, Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { usersContract } from "./users.contract.ts";
import { login, logout, setUp } from "./users.service.ts";

export function usersFeature(platform: Platform): Feature<typeof usersContract> {
  return defineFeature(usersContract, {
    endpoints: {
      login: async (ctx, input, call) => await login(ctx, platform, { ...input, userAgent: userAgent(call) }),
      setup: async (ctx, input, call) => await setUp(ctx, platform, { ...input, userAgent: userAgent(call) }),
      logout: async (ctx) => await logout(ctx, platform),
      me: async (ctx) => {
        const { id, name, role } = await Promise.resolve(requireUser(ctx));
        return { id, username: name, role };
      },
    },
    methods: {},
  });
}

function userAgent(call: EndpointCall): string | undefined {
  const value = call.headers["user-agent"];
  return typeof value === "string" ? value : undefined;
}
