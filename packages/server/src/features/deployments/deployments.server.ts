/** Wiring of deployments. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { deploymentsContract } from "./deployments.contract.ts";
import { applyDeployment, listDeployments, planDeployment } from "./deployments.service.ts";

export function deploymentsFeature(platform: Platform): Feature<typeof deploymentsContract> {
  return defineFeature(deploymentsContract, {
    endpoints: {
      plan: async (ctx, input) => await planDeployment(ctx, platform, input),
      apply: async (ctx, input) => await applyDeployment(ctx, platform, input),
      list: async (ctx, input) => await listDeployments(ctx, platform, input.app, input),
    },
    methods: {},
  });
}
