/** Wiring of the outbox. */
import { defineFeature, type Feature } from "../../platform/feature.ts";
import { outboxContract } from "./outbox.contract.ts";
import { countOutbox, listOutbox, type OutboxView } from "./outbox.service.ts";

export function outboxFeature(view: OutboxView): Feature<typeof outboxContract> {
  return defineFeature(outboxContract, {
    endpoints: {
      list: async (ctx, input) => await listOutbox(ctx, view, input),
      count: async (ctx, input) => await countOutbox(ctx, view, input),
    },
    methods: {},
  });
}
