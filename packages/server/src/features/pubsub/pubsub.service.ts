/** Publishing: durable messages are events with their deliveries, ephemeral ones go to those who listen now. */
import { PicloudError, utf8Bytes, type JsonText } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { writeAudit } from "../../platform/database/audit.ts";
import type { AuditEntry } from "../../platform/database/audit.ts";
import { finishWrite, isChainEnd, writeCause } from "../../platform/database/outbox.ts";
import { afterCommit, writerOf } from "../../platform/database/run-transaction.ts";
import { transaction } from "../../platform/database/transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { appGone, isAppActive } from "../apps/apps.service.ts";
import { pubsubLimits } from "./pubsub.contract.ts";
import { insertMessage } from "./pubsub.repository.ts";
import { checkTopic } from "./topic.ts";

export interface Publication {
  readonly appId: string;
  readonly topic: string;
  /** Checked JSON; its size is checked here. */
  readonly message: JsonText;
}

/** Stores the message with a delivery for each matching trigger, in one statement; gives their number. */
export async function publishDurable(
  ctx: Context,
  platform: Platform,
  publication: Publication,
): Promise<number> {
  const { appId, topic } = publication;
  enter(ctx, publication);
  const cause = writeCause(platform, ctx, appId);
  const message = { topic, text: publication.message };
  const matched =
    ctx.kind === "api"
      ? await transaction(platform.db, async (tx) => {
          const deliveries = await insertMessage(tx, cause, message);
          if (deliveries !== undefined) await writeAudit(tx, ctx, entry(publication, { deliveries }));
          return deliveries;
        })
      : await insertMessage(writerOf(platform, ctx), cause, message);
  if (matched === undefined) throw appGone(ctx.execution?.app.slug ?? appId);
  finishWrite(platform, ctx, cause, matched);
  afterCommit(ctx, () => platform.signals.send("topics", appId));
  return isChainEnd(cause) ? 0 : matched;
}

/** Sends the message to whoever follows the topic now, on any node. Nothing is stored, and nobody is told if it is lost. */
export async function publishEphemeral(
  ctx: Context,
  platform: Platform,
  publication: Publication,
): Promise<void> {
  const { appId, topic, message } = publication;
  enter(ctx, publication);
  if (ctx.kind === "api") {
    await transaction(platform.db, async (tx) => {
      if (!(await isAppActive(tx, appId))) throw appGone(appId);
      await writeAudit(tx, ctx, entry(publication, { ephemeral: true }));
    });
  }
  const publishedAt = new Date(platform.now()).toISOString();
  platform.topics.publish({ appId, topic, message: message.text, publishedAt });
}

function enter(ctx: Context, { appId, topic, message }: Publication): void {
  authorize(ctx, "AppPubsubPublish", appId);
  checkTopic(topic, "topic");
  const { text } = message;
  const { messageBytes } = pubsubLimits;
  if (text.length <= messageBytes && (text.length * 3 <= messageBytes || utf8Bytes(text) <= messageBytes))
    return;
  throw new PicloudError("too_large", `message has more than ${messageBytes} bytes`, {
    fields: [{ path: "message", message: `at most ${messageBytes} bytes` }],
  });
}

/** The topic, never the message. */
function entry({ appId, topic }: Publication, after: AuditEntry["after"]): AuditEntry {
  return { action: "pubsub.publish", resource: { kind: "topic", name: topic }, appId, after };
}
