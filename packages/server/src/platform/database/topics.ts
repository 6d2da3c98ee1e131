/** Ephemeral messages: to whoever listens now, on every node, at most once. Nothing is stored: what cannot be passed on at
 *  once, because nobody listens or the database is away, is gone. Between nodes they travel as notifications of the side
 *  connection, after and outside of every transaction of a write. */
import type { Queryable, Sql } from "./database.ts";
import type { Logger } from "../logger.ts";
import { createTopicParts, partsOfText } from "./topic-parts.ts";

export interface TopicMessage {
  readonly appId: string;
  readonly topic: string;
  /** JSON text as it was published. */
  readonly message: string;
  readonly publishedAt: string;
}

export type TopicListener = (message: TopicMessage) => void;

export interface Topics {
  /** To the listeners of this node now, to those of other nodes soon. Never throws. */
  publish(message: TopicMessage): void;
  /** Resolves when the messages of other nodes come too, with the function that ends it. */
  listen(appId: string, listener: TopicListener): Promise<() => void>;
  close(): Promise<void>;
}

export interface TopicsOptions {
  readonly side: Sql;
  readonly nodeId: string;
  readonly log: Logger;
  /** Other nodes may use the database. */
  readonly isShared: boolean;
}

const CHANNEL = "picloud_topics";
/** What waits for the side connection is bounded; what is over it goes to this node only. */
const WAITING_BYTES_MAX = 16 * 1_048_576;
const BATCH_BYTES_MAX = 1_048_576;

export function createTopics(options: TopicsOptions): Topics {
  const listeners = new Map<string, Set<TopicListener>>();
  const hear = (message: TopicMessage): void => {
    for (const listener of listeners.get(message.appId) ?? []) listener(message);
  };
  const sender = options.isShared ? createSender(options) : undefined;
  const receiver = options.isShared ? createReceiver(options, hear) : undefined;
  return {
    publish(message) {
      hear(message);
      sender?.send(message);
    },
    async listen(appId, listener) {
      const set = listeners.get(appId) ?? new Set();
      listeners.set(appId, set);
      set.add(listener);
      const end = (): void => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(appId) === set) listeners.delete(appId);
      };
      try {
        await receiver?.open();
      } catch (error) {
        end();
        throw error;
      }
      return end;
    },
    async close() {
      listeners.clear();
      await receiver?.close();
    },
  };
}

interface Sender {
  send(message: TopicMessage): void;
}

/** One statement at a time; what is published meanwhile goes with the next. */
function createSender({ side, nodeId, log }: TopicsOptions): Sender {
  let waiting: string[] = [];
  let waitingBytes = 0;
  let number = 0;
  let isSending = false;
  let dropped = 0;

  const takeBatch = (): string[] => {
    let bytes = 0;
    const end = waiting.findIndex((part) => (bytes += part.length) > BATCH_BYTES_MAX);
    const batch = end === -1 ? waiting : waiting.slice(0, Math.max(end, 1));
    waiting = waiting.slice(batch.length);
    for (const part of batch) waitingBytes -= part.length;
    return batch;
  };
  const sendAll = async (): Promise<void> => {
    isSending = true;
    while (waiting.length > 0) {
      const batch = takeBatch();
      try {
        await notify(side, batch);
      } catch (error) {
        log.warn("ephemeral_messages_unsent", { parts: batch.length, error });
      }
      if (dropped > 0) {
        log.warn("ephemeral_messages_dropped", { messages: dropped });
        dropped = 0;
      }
    }
    isSending = false;
  };
  return {
    send(message) {
      const text = JSON.stringify(message);
      if (waitingBytes + text.length > WAITING_BYTES_MAX) {
        dropped++;
        return;
      }
      for (const part of partsOfText(nodeId, ++number, text)) {
        waiting.push(part);
        waitingBytes += part.length;
      }
      if (!isSending) void sendAll();
    },
  };
}

async function notify(db: Queryable, parts: readonly string[]): Promise<void> {
  await db`select pg_notify(${CHANNEL}, n.part) from unnest(${[...parts]}::text[]) with ordinality as n (part, place)
    order by n.place`;
}

interface Receiver {
  /** Resolves when the node listens. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Listens from the first listener on, for as long as the node lives. */
function createReceiver({ side, nodeId, log }: TopicsOptions, hear: TopicListener): Receiver {
  const parts = createTopicParts();
  let listening: Promise<{ readonly unlisten: () => Promise<void> }> | undefined;
  const onNotice = (notice: string): void => {
    if (notice.startsWith(nodeId)) return;
    const text = parts.add(notice);
    if (text === undefined) return;
    const message = messageOf(text);
    if (message === undefined) log.warn("ephemeral_message_unreadable", { bytes: text.length });
    else hear(message);
  };
  return {
    async open() {
      listening ??= side.listen(CHANNEL, onNotice);
      try {
        await listening;
      } catch (error) {
        listening = undefined;
        throw error;
      }
    },
    async close() {
      // A connection that never opened has nothing to end.
      const open = await listening?.catch(() => undefined);
      if (open !== undefined) await inTime(open.unlisten());
    },
  };
}

/** A stop waits so long for the database to take the listener off. */
const UNLISTEN_MS_MAX = 2_000;

/** On a connection that is half open nothing ever answers; it is cut when the database is closed. */
async function inTime(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), UNLISTEN_MS_MAX);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** `undefined` for what no node of this version has sent. */
function messageOf(text: string): TopicMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { appId, topic, message, publishedAt } = value as Record<string, unknown>;
  const isMessage = [appId, topic, message, publishedAt].every((part) => typeof part === "string");
  return isMessage ? (value as TopicMessage) : undefined;
}
