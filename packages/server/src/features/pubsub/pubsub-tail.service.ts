/** Following topics: durable messages in the order of their commits, whichever node published them, and ephemeral ones as
 *  they come. */
import { JsonText, PicloudError } from "@picloud/contract";
import { withEventMeta } from "@orpc/server";
import { authorize } from "../../platform/authorize.ts";
import { createBell } from "../../platform/bell.ts";
import type { Context } from "../../platform/context.ts";
import { commitBound } from "../../platform/database/commit-order.ts";
import type { TopicMessage } from "../../platform/database/topics.ts";
import type { EndpointCall } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp, isAppActive } from "../apps/apps.service.ts";
import { listMessagesAfter } from "./pubsub.repository.ts";
import type { MessagePosition, MessageRow } from "./pubsub.repository.ts";
import { checkTopicPattern, isInRange, topicRange } from "./topic.ts";
import type { TopicRange } from "./topic.ts";

/** A message as followers see it. */
export interface FollowedMessage {
  readonly topic: string;
  readonly message: unknown;
  readonly durable: boolean;
  readonly event_id: string | null;
  readonly published_at: string;
}

export interface TailQuery extends Pick<EndpointCall, "signal" | "lastEventId"> {
  readonly app: string;
  /** A topic, `prefix.*` or `*`; absent: all. */
  readonly topic?: string | undefined;
}

/** How many durable messages one read takes. */
const BATCH = 200;
/** A follower looks again at least this often: other nodes do not tell of what they have committed. */
const POLL_MS = 1_000;
/** Ephemeral messages that wait for a slow reader; then its stream ends. */
const WAITING_MAX = 1_000;
const LEAST_ID = "00000000-0000-0000-0000-000000000000";

/** Messages from now on, durable ones also from the last one that was seen. Ends when the client leaves or loses the right
 *  to read. Refusals and the position come before the answer begins: what is published after it is in the stream. */
export async function tailTopics(
  ctx: Context,
  platform: Platform,
  query: TailQuery,
): Promise<AsyncGenerator<FollowedMessage, void, void>> {
  const { id: appId } = await getApp(ctx, platform.db.read, query.app, "AppReadLogs");
  const pattern = query.topic ?? "*";
  checkTopicPattern(pattern, "topic");
  const range = topicRange(pattern);
  const ears = await openEars(platform, appId, range);
  try {
    const start = readPosition(query.lastEventId) ?? {
      xid: await commitBound(platform.db.read),
      id: LEAST_ID,
    };
    return follow(ctx, platform, { appId, range, start, ears, signal: query.signal });
  } catch (error) {
    ears.close();
    throw error;
  }
}

interface Following {
  readonly appId: string;
  readonly range: TopicRange;
  readonly start: MessagePosition;
  readonly ears: Ears;
  readonly signal: AbortSignal | undefined;
}

async function* follow(
  ctx: Context,
  platform: Platform,
  { appId, range, start, ears, signal }: Following,
): AsyncGenerator<FollowedMessage, void, void> {
  const { read } = platform.db;
  signal?.addEventListener("abort", ears.ring, { once: true });
  try {
    let after = start;
    while (signal?.aborted !== true) {
      authorize(ctx, "AppReadLogs", appId);
      if (!(await isAppActive(read, appId))) throw new PicloudError("app_gone", "The app is being deleted.");
      for (const message of ears.take()) yield ephemeralOf(message);
      const bound = await commitBound(read);
      const rows = await listMessagesAfter(read, { appId, range, after, bound, limit: BATCH });
      for (const row of rows) yield withEventMeta(durableOf(row), { id: `${row.xid}.${row.id}` });
      const last = rows.at(-1);
      // All below the bound is seen then, also what the pattern leaves out.
      if (rows.length < BATCH) after = { xid: bound, id: LEAST_ID };
      else if (last !== undefined) after = { xid: last.xid, id: last.id };
      if (rows.length < BATCH) await ears.wait(POLL_MS);
    }
  } finally {
    ears.close();
    signal?.removeEventListener("abort", ears.ring);
  }
}

interface Ears {
  /** Ephemeral messages since the last call. Throws when more came than are kept. */
  take(): readonly TopicMessage[];
  readonly ring: () => void;
  /** Until a message comes, at most so long. */
  wait(ms: number): Promise<void>;
  close(): void;
}

async function openEars(platform: Platform, appId: string, range: TopicRange): Promise<Ears> {
  const bell = createBell();
  let waiting: TopicMessage[] = [];
  let isFull = false;
  const unsubscribe = platform.signals.on("topics", (of) => {
    if (of === undefined || of === appId) bell.ring();
  });
  const end = await platform.topics
    .listen(appId, (message) => {
      if (!isInRange(range, message.topic)) return;
      if (waiting.length < WAITING_MAX) waiting.push(message);
      else isFull = true;
      bell.ring();
    })
    .catch((error: unknown) => {
      unsubscribe();
      throw error;
    });
  return {
    take() {
      if (isFull) {
        throw new PicloudError("overloaded", "Messages come faster than this client reads them.", {
          retryAfterMs: 1_000,
        });
      }
      const taken = waiting;
      waiting = [];
      return taken;
    },
    ring: bell.ring,
    wait: bell.wait,
    close() {
      unsubscribe();
      end();
      waiting = [];
    },
  };
}

function readPosition(lastEventId: string | undefined): MessagePosition | undefined {
  const match = /^(\d{1,19})\.([0-9a-f-]{36})$/.exec(lastEventId ?? "");
  return match?.[1] === undefined || match[2] === undefined ? undefined : { xid: match[1], id: match[2] };
}

function ephemeralOf({ topic, message, publishedAt }: TopicMessage): FollowedMessage {
  return {
    topic,
    message: new JsonText(message),
    durable: false,
    event_id: null,
    published_at: publishedAt,
  };
}

function durableOf(row: MessageRow): FollowedMessage {
  return {
    topic: row.topic,
    message: new JsonText(row.message),
    durable: true,
    event_id: row.id,
    published_at: row.published_at,
  };
}
