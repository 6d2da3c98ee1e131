/** What a trigger matches: an exact name, a prefix with a star, or `*`; and the name of a queue. */
import { isStorableText, PicloudError, utf8Bytes } from "@picloud/contract";

/** Bytes of a collection, topic or queue name; the `*` of a pattern is not counted. */
const NAME_BYTES_MAX = 128;

/** Checks a collection glob: `orders`, `orders:*` or `*`. Throws `invalid` or `too_large` for `field`. */
export function checkCollectionGlob(glob: string, field: string): void {
  checkPattern(glob, ":", field);
}

/** Checks a topic pattern: `orders.created`, `orders.*` or `*`. Throws `invalid` or `too_large` for `field`. */
export function checkTopicPattern(pattern: string, field: string): void {
  checkPattern(pattern, ".", field);
  const topic = pattern.endsWith(".*") ? pattern.slice(0, -2) : pattern;
  if (topic.split(".").includes("")) throw invalid(field, "must not have an empty part between dots");
}

/** Checks the name of a queue. Throws `invalid` or `too_large` for `field`. */
export function checkQueueName(name: string, field: string): void {
  checkText(name, field);
  if (name.includes("*")) throw invalid(field, "must be the name of one queue, without *");
  checkBytes(name, field);
}

function checkPattern(pattern: string, separator: ":" | ".", field: string): void {
  checkText(pattern, field);
  const name = pattern === "*" || pattern.endsWith(`${separator}*`) ? pattern.slice(0, -1) : pattern;
  if (name.includes("*")) throw invalid(field, `must be a name, \`prefix${separator}*\` or \`*\``);
  checkBytes(name, field);
}

function checkText(text: string, field: string): void {
  if (text === "") throw invalid(field, "must not be empty");
  if (!isStorableText(text)) throw invalid(field, "has U+0000 or half of a surrogate pair");
}

function checkBytes(name: string, field: string): void {
  if (utf8Bytes(name) <= NAME_BYTES_MAX) return;
  throw new PicloudError("too_large", `${field} has more than ${NAME_BYTES_MAX} bytes`, {
    fields: [{ path: field, message: `at most ${NAME_BYTES_MAX} bytes` }],
  });
}

/** Checks ops against those of the kind and removes repetitions; empty means all. Throws `invalid` for `field`. */
export function checkOps(ops: readonly string[], known: readonly string[], field: string): readonly string[] {
  ops.forEach((op, i) => {
    if (!known.includes(op)) throw invalid(`${field}[${i}]`, `must be one of ${known.join(", ")}`);
  });
  return [...new Set(ops)];
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
