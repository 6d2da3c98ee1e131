/** Names of topics (`orders.created`), and the patterns that stand for many of them (`orders.*`, `*`). */
import { isStorableText, PicloudError, utf8Bytes } from "@picloud/contract";
import { pubsubLimits } from "./pubsub.contract.ts";

/** Throws `invalid` or `too_large` for `field`. */
export function checkTopic(topic: string, field: string): void {
  if (topic === "") throw invalid(field, "must not be empty");
  if (!isStorableText(topic)) throw invalid(field, "has U+0000 or half of a surrogate pair");
  if (topic.includes("*")) throw invalid(field, "must not contain *");
  if (topic.split(".").includes("")) throw invalid(field, "must not have an empty part: `a.b.c`");
  if (utf8Bytes(topic) > pubsubLimits.topicBytes) {
    throw new PicloudError("too_large", `${field} has more than ${pubsubLimits.topicBytes} bytes`, {
      fields: [{ path: field, message: `at most ${pubsubLimits.topicBytes} bytes` }],
    });
  }
}

/** Throws `invalid` or `too_large` for `field`: a topic, `prefix.*` or `*`. */
export function checkTopicPattern(pattern: string, field: string): void {
  if (pattern === "*") return;
  const name = pattern.endsWith(".*") ? pattern.slice(0, -2) : pattern;
  if (name.includes("*")) throw invalid(field, "must be a topic, `prefix.*` or `*`");
  checkTopic(name, field);
}

/** What a pattern stands for: `prefix` with its last dot, or one `topic`, or neither for all. */
export interface TopicRange {
  readonly topic?: string;
  readonly prefix?: string;
}

export function topicRange(pattern: string): TopicRange {
  if (pattern === "*") return {};
  return pattern.endsWith(".*") ? { prefix: pattern.slice(0, -1) } : { topic: pattern };
}

export function isInRange({ topic, prefix }: TopicRange, name: string): boolean {
  return (topic === undefined || topic === name) && (prefix === undefined || name.startsWith(prefix));
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
