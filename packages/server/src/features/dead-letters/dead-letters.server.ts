/** Wiring of dead letters. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { deadLettersContract } from "./dead-letters.contract.ts";
import {
  countDeadLetters,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  resolveDeadLetter,
} from "./dead-letters.service.ts";

export function deadLettersFeature(platform: Platform): Feature<typeof deadLettersContract> {
  return defineFeature(deadLettersContract, {
    endpoints: {
      list: async (ctx, input) => await listDeadLetters(ctx, platform, input),
      count: async (ctx, input) => await countDeadLetters(ctx, platform, input),
      get: async (ctx, input) => await getDeadLetter(ctx, platform, input),
      replay: async (ctx, input) => await replayDeadLetter(ctx, platform, input),
      resolve: async (ctx, input) => await resolveDeadLetter(ctx, platform, input, input),
    },
    methods: {},
  });
}
