/** Wiring of members. */
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { membersContract } from "./members.contract.ts";
import { addMember, listMembers, removeMember, setMemberRole } from "./members.service.ts";

export function membersFeature(platform: Platform): Feature<typeof membersContract> {
  return defineFeature(membersContract, {
    endpoints: {
      list: async (ctx, input) => await listMembers(ctx, platform, input),
      create: async (ctx, input) => await addMember(ctx, platform, input, input.role),
      update: async (ctx, { app, user_id: user, role }) =>
        await setMemberRole(ctx, platform, { app, user }, role),
      delete: async (ctx, { app, user_id: user }) => await removeMember(ctx, platform, { app, user }),
    },
    methods: {},
  });
}
