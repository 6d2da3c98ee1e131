/** Wiring of API keys. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { apiKeysContract } from "./api-keys.contract.ts";
import { deleteApiKey, listApiKeys, mintApiKey } from "./api-keys.service.ts";

export function apiKeysFeature(platform: Platform): Feature<typeof apiKeysContract> {
  return defineFeature(apiKeysContract, {
    endpoints: {
      list: async (ctx, input) => await listApiKeys(ctx, platform, input),
      create: async (ctx, input) => await mintApiKey(ctx, platform, input),
      delete: async (ctx, input) => await deleteApiKey(ctx, platform, input.id),
    },
    methods: {},
  });
}
