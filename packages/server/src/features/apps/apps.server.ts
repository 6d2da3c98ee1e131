/** Wiring of apps. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { appsContract } from "./apps.contract.ts";
import { createApp, deleteApp, getApp, listApps, updateApp } from "./apps.service.ts";

export function appsFeature(platform: Platform): Feature<typeof appsContract> {
  return defineFeature(appsContract, {
    endpoints: {
      list: async (ctx, input) => await listApps(ctx, platform, input),
      create: async (ctx, input) => await createApp(ctx, platform, input),
      get: async (ctx, input) => await getApp(ctx, platform.db.read, input.app, "AppRead"),
      update: async (ctx, input) => await updateApp(ctx, platform, input.app, input),
      delete: async (ctx, input) => await deleteApp(ctx, platform, input.app),
    },
    methods: {},
  });
}
