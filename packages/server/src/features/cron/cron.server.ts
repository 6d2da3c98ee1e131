/** Wiring of cron. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { cronContract } from "./cron.contract.ts";
import { listLedger, listNextRuns } from "./cron.service.ts";

export function cronFeature(platform: Platform): Feature<typeof cronContract> {
  return defineFeature(cronContract, {
    endpoints: {
      nextRuns: async (ctx, input) => await listNextRuns(ctx, platform, input),
      ledger: async (ctx, input) => await listLedger(ctx, platform, input),
    },
    methods: {},
  });
}
