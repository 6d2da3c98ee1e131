/** What can be sent: names, keys, delays and data are checked here, the same for scripts, API and `pic`. */
import {
  checkedJson,
  exactJson,
  isStorableText,
  JsonText,
  parseDuration,
  PicloudError,
  utf8Bytes,
} from "@picloud/contract";
import { newId } from "../../platform/ids.ts";
import type { NewMessage } from "./queue-send.repository.ts";
import { messageOptionsSchema, queueLimits } from "./queue.contract.ts";

/** Options of one message as API and scripts give them. */
export interface MessageOptions {
  readonly delay?: string | number | null | undefined;
  readonly dedupe_key?: string | null | undefined;
  /** The same in TypeScript. */
  readonly dedupeKey?: string | null | undefined;
  readonly group?: string | null | undefined;
}

/** `*` is refused because trigger patterns end with it. */
export function checkQueueName(name: string, field: string): void {
  checkText(name, field, queueLimits.nameBytes);
  if (name.includes("*")) throw invalid(field, "must not contain *");
}

/** `path`: what the names of members begin with in messages, `messages[3].`. */
export function newMessage(queue: string, data: JsonText, options: MessageOptions, path = ""): NewMessage {
  const { text } = checkedJson(data.text, `${path}data`, queueLimits.dataBytes);
  const group = options.group ?? null;
  const dedupeKey = options.dedupe_key ?? options.dedupeKey ?? null;
  if (group !== null) checkText(group, `${path}group`, queueLimits.keyBytes);
  if (dedupeKey !== null) checkText(dedupeKey, `${path}dedupe_key`, queueLimits.keyBytes);
  const id = newId();
  const names = { queue, message_id: id, ...(group === null ? {} : { group }) };
  return {
    id,
    executionId: newId(),
    payload: `${JSON.stringify(names).slice(0, -1)},"data":${text}`,
    delayMs: delayMs(options.delay, `${path}delay`),
    dedupeKey,
    group,
  };
}

/** The messages of `send_batch` from its argument, whose numbers stay as they were written. */
export function newMessages(queue: string, batch: JsonText): readonly NewMessage[] {
  const items = exactJson(batch.text);
  if (!Array.isArray(items)) throw invalid("messages", "must be an array");
  const { batchMessages } = queueLimits;
  if (items.length > batchMessages) {
    throw new PicloudError("too_large", `messages has more than ${batchMessages} items`, {
      fields: [{ path: "messages", message: `at most ${batchMessages} items` }],
    });
  }
  return items.map((item: unknown, i) => {
    const path = `messages[${i}]`;
    if (typeof item !== "object" || item === null || Array.isArray(item) || !("data" in item))
      throw invalid(path, "must be an object with data");
    const { data, ...rest } = item;
    // A delay may be a number that was written as 5000.0.
    const options = messageOptionsSchema.safeParse(JSON.parse(JSON.stringify(rest)));
    if (!options.success) {
      const [issue] = options.error.issues;
      throw invalid([path, ...(issue?.path ?? []).map(String)].join("."), issue?.message ?? "is not valid");
    }
    return newMessage(queue, new JsonText(JSON.stringify(data)), options.data, `${path}.`);
  });
}

function delayMs(delay: string | number | null | undefined, field: string): number {
  if (delay === undefined || delay === null) return 0;
  const ms = parseDuration(delay);
  if (ms === undefined)
    throw invalid(field, 'must be a duration: "250ms", "30s", "5m", "12h", "3d" or milliseconds');
  if (ms > queueLimits.delayMs) throw invalid(field, "must be at most 365 days");
  return ms;
}

function checkText(text: string, field: string, bytesMax: number): void {
  if (text === "") throw invalid(field, "must not be empty");
  if (utf8Bytes(text) > bytesMax) {
    throw new PicloudError("too_large", `${field} has more than ${bytesMax} bytes`, {
      fields: [{ path: field, message: `at most ${bytesMax} bytes` }],
    });
  }
  if (!isStorableText(text)) throw invalid(field, "has U+0000 or half of a surrogate pair");
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
