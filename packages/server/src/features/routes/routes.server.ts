/** Wiring of routes. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { routesContract } from "./routes.contract.ts";
import { createRoute, deleteRoute, listRoutes, listRoutesOfScript, updateRoute } from "./routes.service.ts";

export function routesFeature(platform: Platform): Feature<typeof routesContract> {
  return defineFeature(routesContract, {
    endpoints: {
      list: async (ctx, input) => await listRoutes(ctx, platform, input.app, input),
      listOfScript: async (ctx, input) => await listRoutesOfScript(ctx, platform, input.id, input),
      create: async (ctx, { id, method, path, dispatch_mode, auth, body_bytes_max, enabled }) =>
        await createRoute(ctx, platform, id, { method, path, dispatch_mode, auth, body_bytes_max, enabled }),
      update: async (ctx, { app, id, ...change }) => await updateRoute(ctx, platform, { app, id }, change),
      delete: async (ctx, input) => await deleteRoute(ctx, platform, input),
    },
    methods: {},
  });
}
