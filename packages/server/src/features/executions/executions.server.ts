/** Wiring of executions. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import { executionsContract } from "./executions.contract.ts";
import { getExecution, listAbandoned, listExecutions, tailExecutions } from "./executions.service.ts";
import type { ExecutionStore } from "./executions.service.ts";

export function executionsFeature(store: ExecutionStore): Feature<typeof executionsContract> {
  return defineFeature(executionsContract, {
    endpoints: {
      list: async (ctx, input) => await listExecutions(ctx, store, { app: input.app }, input),
      listOfScript: async (ctx, input) => await listExecutions(ctx, store, { scriptId: input.id }, input),
      tail: async (ctx, input, call) =>
        await tailExecutions(ctx, store, { app: input.app }, { ...input, ...call }),
      tailOfScript: async (ctx, input, call) =>
        await tailExecutions(ctx, store, { scriptId: input.id }, { ...input, ...call }),
      get: async (ctx, input) => await getExecution(ctx, store, input.app, input.id),
      listAbandoned: async (ctx, input) => await listAbandoned(ctx, store, input.app, input),
    },
    methods: {},
  });
}
