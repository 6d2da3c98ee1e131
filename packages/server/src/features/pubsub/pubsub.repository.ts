/** SQL of pubsub: a durable message is an event, with or without deliveries. */
import type { JsonText } from "@picloud/contract";
import type { Queryable } from "../../platform/database/database.ts";
import {
  candidatePatterns,
  causeCtes,
  eventCtes,
  ifActive,
  matchedCount,
  type WriteCause,
} from "../../platform/database/outbox.ts";
import { run, sql } from "../../platform/database/statement.ts";
import type { TopicRange } from "./topic.ts";

/** Writes the event and a delivery for each matching trigger, in one statement; gives how many triggers matched, or
 *  nothing, and writes nothing, for an app that is being deleted. */
export async function insertMessage(
  db: Queryable,
  cause: WriteCause,
  message: { readonly topic: string; readonly text: JsonText },
): Promise<number | undefined> {
  const { topic, text } = message;
  const head = `{"topic":${JSON.stringify(topic)},"message":${text.text},"published_at":`;
  const event = {
    source: "pubsub",
    patterns: candidatePatterns(topic, "."),
    // The time is the event's own.
    payload: sql`(${head}::text
      || to_json(to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text || '}')::json`,
    isKept: true,
  } as const;
  const [row] = await run<{ matched: number }>(
    db,
    sql`with ${causeCtes(cause)} w as (select 'publish'::text as op where ${ifActive()}) ${eventCtes(cause, event)}
      select ${matchedCount()} as matched from w`,
  );
  return row?.matched;
}

/** Place of a message in the order of commits. */
export interface MessagePosition {
  readonly xid: string;
  readonly id: string;
}

export interface MessageRow extends MessagePosition {
  readonly topic: string;
  /** JSON text as it was published. */
  readonly message: string;
  readonly published_at: string;
}

/** Durable messages of an app after a position whose transactions have all ended below `bound`, in commit order. */
export async function listMessagesAfter(
  db: Queryable,
  query: {
    readonly appId: string;
    readonly range: TopicRange;
    readonly after: MessagePosition;
    readonly bound: string;
    readonly limit: number;
  },
): Promise<readonly MessageRow[]> {
  const { appId, range, after, bound, limit } = query;
  return await db<MessageRow[]>`
    select xid::text as xid, id, payload->>'topic' as topic, (payload->'message')::text as message,
      payload->>'published_at' as published_at
    from events
    where app_id = ${appId} and source = 'pubsub' and (xid, id) > (${after.xid}::xid8, ${after.id}::uuid)
      and xid < ${bound}::xid8
      ${range.topic === undefined ? db`` : db`and payload->>'topic' = ${range.topic}`}
      ${range.prefix === undefined ? db`` : db`and starts_with(payload->>'topic', ${range.prefix})`}
    order by xid, id limit ${limit}`;
}
