/** Wiring of the audit log. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { auditContract } from "./audit.contract.ts";
import { listAppAudit, listInstanceAudit } from "./audit.service.ts";

export function auditFeature(platform: Platform): Feature<typeof auditContract> {
  return defineFeature(auditContract, {
    endpoints: {
      list: async (ctx, input) => await listAppAudit(ctx, platform, input),
      listAll: async (ctx, input) => await listInstanceAudit(ctx, platform, input),
    },
    methods: {},
  });
}
