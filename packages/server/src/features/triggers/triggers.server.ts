/** Wiring of triggers. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { fireTrigger } from "./trigger-fire.service.ts";
import { triggersContract } from "./triggers.contract.ts";
import { createTrigger, deleteTrigger, getTrigger, listTriggers, updateTrigger } from "./triggers.service.ts";

export function triggersFeature(platform: Platform): Feature<typeof triggersContract> {
  return defineFeature(triggersContract, {
    endpoints: {
      list: async (ctx, input) => await listTriggers(ctx, platform, input.app, input),
      get: async (ctx, input) => await getTrigger(ctx, platform, input),
      create: async (ctx, input) => await createTrigger(ctx, platform, input.app, input),
      update: async (ctx, input) => await updateTrigger(ctx, platform, input, input),
      enable: async (ctx, input) =>
        await updateTrigger(ctx, platform, input, { enabled: true, action: "triggers.enable" }),
      disable: async (ctx, input) =>
        await updateTrigger(ctx, platform, input, { enabled: false, action: "triggers.disable" }),
      fire: async (ctx, input) => await fireTrigger(ctx, platform, input),
      delete: async (ctx, input) => await deleteTrigger(ctx, platform, input),
    },
    methods: {},
  });
}
