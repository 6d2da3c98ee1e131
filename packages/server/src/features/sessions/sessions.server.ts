/** Wiring of sessions. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { sessionsContract } from "./sessions.contract.ts";
import { deleteAllSessions, deleteOneSession, listSessions } from "./sessions.service.ts";

export function sessionsFeature(platform: Platform): Feature<typeof sessionsContract> {
  return defineFeature(sessionsContract, {
    endpoints: {
      list: async (ctx, input) => await listSessions(ctx, platform, input),
      delete: async (ctx, input) => await deleteOneSession(ctx, platform, input.id),
      delete_all: async (ctx, input) => await deleteAllSessions(ctx, platform, input),
    },
    methods: {},
  });
}
