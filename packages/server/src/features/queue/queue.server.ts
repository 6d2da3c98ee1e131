/** Wiring of queues. */
import { jsonText, JsonText } from "@picloud/contract";
import { assert } from "../../platform/assert.ts";
import type { Context } from "../../platform/context.ts";
import type { QueueKey } from "../../platform/database/queue-messages.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { newMessage, newMessages, type MessageOptions } from "./queue-message.ts";
import { queueContract, type MessageView } from "./queue.contract.ts";
import * as service from "./queue.service.ts";

export function queueFeature(platform: Platform): Feature<typeof queueContract> {
  return defineFeature(queueContract, {
    endpoints: {
      list: async (ctx, input) => {
        const { id } = await getApp(ctx, platform.db.read, input.app, "AppQueueRead");
        return await service.listQueues(ctx, platform, id, input);
      },
      peek: async (ctx, input) => {
        const key = await keyOf(ctx, platform, input, "AppQueueRead");
        const page = await service.peekMessages(ctx, platform, key, input);
        return { ...page, items: page.items.map(messageOf) };
      },
      send: async (ctx, input) => {
        const key = await keyOf(ctx, platform, input, "AppQueueWrite");
        const make = () => [newMessage(key.queue, jsonText(input.data), input)];
        const [id = ""] = await service.sendMessages(ctx, platform, key, make);
        return { id };
      },
      purge: async (ctx, input) => ({
        purged: await service.purgeQueue(ctx, platform, await keyOf(ctx, platform, input, "AppQueueWrite")),
      }),
      pause: async (ctx, input) =>
        await service.pauseQueue(ctx, platform, await keyOf(ctx, platform, input, "AppQueueWrite")),
      resume: async (ctx, input) =>
        await service.resumeQueue(ctx, platform, await keyOf(ctx, platform, input, "AppQueueWrite")),
    },
    methods: {
      send: async (ctx, args) => {
        // The contract's schemas have given the arguments these types.
        const [name, data, options] = args as [string, JsonText, MessageOptions | null | undefined];
        const key = ownKey(ctx, name);
        const make = () => [newMessage(name, data, options ?? {})];
        const [id] = await service.sendMessages(ctx, platform, key, make);
        return id;
      },
      send_batch: async (ctx, args) => {
        const [name, batch] = args as [string, JsonText];
        return await service.sendMessages(ctx, platform, ownKey(ctx, name), () => newMessages(name, batch));
      },
    },
  });
}

async function keyOf(
  ctx: Context,
  platform: Platform,
  input: { readonly app: string; readonly name: string },
  capability: "AppQueueRead" | "AppQueueWrite",
): Promise<QueueKey> {
  const { id } = await getApp(ctx, platform.db.read, input.app, capability);
  return { appId: id, queue: input.name };
}

/** No argument can name another app: it is the run's own. */
function ownKey(ctx: Context, queue: string): QueueKey {
  assert(ctx.execution !== undefined, "methods are called by runs");
  return { appId: ctx.execution.app.id, queue };
}

/** The data goes out with its numbers as they were written. */
function messageOf(row: service.MessageRow): MessageView {
  return {
    id: row.id,
    state: row.state,
    held_reason: row.held_reason,
    held_by: row.held_by,
    data: new JsonText(row.data),
    group: row.group,
    attempts: row.attempts,
    last_error: row.last_error,
    enqueued_at: row.enqueued_at.toISOString(),
    run_after: row.run_after.toISOString(),
    written_by: row.written_by,
  };
}
