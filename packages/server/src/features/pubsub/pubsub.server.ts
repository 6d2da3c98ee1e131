/** Wiring of pubsub. */
import { checkedJson, jsonText, type JsonText } from "@picloud/contract";
import { assert } from "../../platform/assert.ts";
import type { Context } from "../../platform/context.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { tailTopics } from "./pubsub-tail.service.ts";
import { pubsubContract, pubsubLimits } from "./pubsub.contract.ts";
import { publishDurable, publishEphemeral, type Publication } from "./pubsub.service.ts";

export function pubsubFeature(platform: Platform): Feature<typeof pubsubContract> {
  return defineFeature(pubsubContract, {
    endpoints: {
      publish: async (ctx, { app, topic, ephemeral, ...input }) => {
        const { id: appId } = await getApp(ctx, platform.db.read, app, "AppPubsubPublish");
        const message = checkedJson(jsonText(input.message).text, "message", pubsubLimits.messageBytes);
        const publication = { appId, topic, message };
        if (ephemeral !== true)
          return { topic, deliveries: await publishDurable(ctx, platform, publication) };
        await publishEphemeral(ctx, platform, publication);
        return { topic, deliveries: 0 };
      },
      tail: async (ctx, input, call) => await tailTopics(ctx, platform, { ...input, ...call }),
    },
    methods: {
      publish_durable: async (ctx, args) => await publishDurable(ctx, platform, publicationOf(ctx, args)),
      publish_ephemeral: async (ctx, args) => await publishEphemeral(ctx, platform, publicationOf(ctx, args)),
    },
  });
}

/** No argument can name another app: it is the run's own. */
function publicationOf(ctx: Context, args: readonly unknown[]): Publication {
  assert(ctx.execution !== undefined, "methods are called by runs");
  // The contract's schemas have given the arguments these types.
  const [topic, message] = args as [string, JsonText];
  return { appId: ctx.execution.app.id, topic, message };
}
