/** Wiring of dead letters. */
import { assert } from "../../platform/assert.ts";
import type { Context } from "../../platform/context.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { deadLettersContract, type Resolution } from "./dead-letters.contract.ts";
import * as replay from "./dead-letters-replay.service.ts";
import * as service from "./dead-letters.service.ts";

export function deadLettersFeature(platform: Platform): Feature<typeof deadLettersContract> {
  return defineFeature(deadLettersContract, {
    endpoints: {
      list: async (ctx, input) => await service.listDeadLetters(ctx, platform, input),
      count: async (ctx, input) => await service.countDeadLetters(ctx, platform, input),
      get: async (ctx, input) => await service.getDeadLetter(ctx, platform, input),
      replay: async (ctx, input) => await replay.replayDeadLetter(ctx, platform, input),
      replay_many: async (ctx, input) => await replay.replayDeadLetters(ctx, platform, input),
      resolve: async (ctx, input) => await service.resolveDeadLetter(ctx, platform, input, input),
    },
    methods: {
      list: async (ctx, args) => {
        // The contract's schemas have given the arguments these types.
        const [options] = args as [ListOptions | null | undefined];
        const page = await service.listOwnDeadLetters(ctx, platform, appOf(ctx), {
          unresolved: options?.unresolved ?? false,
          cursor: options?.cursor ?? undefined,
          limit: options?.limit ?? 100,
        });
        return { ...page, items: page.items.map(forScript) };
      },
      replay: async (ctx, args) => {
        const [id] = args as [string];
        return await replay.replayOwnDeadLetter(ctx, platform, { appId: appOf(ctx), id });
      },
      resolve: async (ctx, args) => {
        const [id, reason] = args as [string, Resolution];
        await service.resolveOwnDeadLetter(ctx, platform, { appId: appOf(ctx), id }, reason);
      },
    },
  });
}

interface ListOptions {
  readonly unresolved?: boolean | null;
  readonly cursor?: string | null;
  readonly limit?: number | null;
}

/** No argument can name another app: it is the run's own. */
function appOf(ctx: Context): string {
  assert(ctx.execution !== undefined, "methods are called by runs");
  return ctx.execution.app.id;
}

/** What is absent is left out: it is undefined in TypeScript and `()` in Rhai. */
function forScript(letter: service.DeadLetter): Record<string, unknown> {
  const members = Object.entries(letter).filter(([name, value]) => name !== "app_id" && value !== null);
  return Object.fromEntries(members);
}
