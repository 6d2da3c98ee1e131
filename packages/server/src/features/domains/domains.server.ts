/** Wiring of domains. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { freeName, listReserved } from "../apps/reserved-names.service.ts";
import { domainsContract } from "./domains.contract.ts";
import {
  approveDomain,
  claimHost,
  deleteDomain,
  listDomains,
  nameOfAddress,
  verifyDomain,
} from "./domains.service.ts";

export function domainsFeature(platform: Platform): Feature<typeof domainsContract> {
  return defineFeature(domainsContract, {
    endpoints: {
      list: async (ctx, input) => await listDomains(ctx, platform, input),
      create: async (ctx, input) => await claimHost(ctx, platform, input),
      verify: async (ctx, input) => await verifyDomain(ctx, platform, input),
      approve: async (ctx, input) => await approveDomain(ctx, platform, input),
      delete: async (ctx, input) => await deleteDomain(ctx, platform, input),
      list_reserved: async (ctx, query) => await listReserved(ctx, platform, { ...query, kind: "host" }),
      free: async (ctx, { host }) =>
        await freeName(ctx, platform, { kind: "host", name: nameOfAddress(host), action: "domains.free" }),
    },
    methods: {},
  });
}
