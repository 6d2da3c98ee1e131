/** Wiring of apps. */
import type { AppContent } from "../../platform/database/app-content.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { deleteApp, describeApp } from "./app-deletion.service.ts";
import { appsContract } from "./apps.contract.ts";
import { createApp, listApps, updateApp } from "./apps.service.ts";
import { freeName, listReserved } from "./reserved-names.service.ts";

/** `contents`: what an app may hold, as the other features tell it. */
export function appsFeature(
  platform: Platform,
  contents: readonly AppContent[],
): Feature<typeof appsContract> {
  const store = { platform, contents };
  return defineFeature(appsContract, {
    endpoints: {
      list: async (ctx, input) => await listApps(ctx, platform, input),
      create: async (ctx, input) => await createApp(ctx, platform, input),
      get: async (ctx, input) => await describeApp(ctx, store, input.app),
      update: async (ctx, input) => await updateApp(ctx, platform, input.app, input),
      delete: async (ctx, input) => await deleteApp(ctx, store, input),
      reserved: async (ctx, input) => await listReserved(ctx, platform, { ...input, kind: "slug" }),
      free: async (ctx, { slug }) =>
        await freeName(ctx, platform, { kind: "slug", name: slug, action: "apps.free" }),
    },
    methods: {},
  });
}
