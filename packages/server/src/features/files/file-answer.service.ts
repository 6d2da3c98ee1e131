/** A file over HTTP: conditions, one range, and headers under which no browser runs it as a page of ours. */
import { PicloudError } from "@picloud/contract";
import { BytesAnswer } from "../../platform/feature.ts";
import type { ByteSpan } from "../../platform/file-store/file-store.ts";
import type { FileRow, OpenFile } from "./files.service.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface AnswerOptions {
  readonly headers: Headers;
  readonly isHead: boolean;
  /** `cache-control` of the answer. */
  readonly cache: string;
}

/** Name or type change the answer as bytes do, so the version is in it. */
export function etagOf({ version, sha256 }: Pick<FileRow, "version" | "sha256">): string {
  return `"${version}-${sha256.slice(0, 32)}"`;
}

/** Versions that `If-Match` allows; `undefined`: any. Throws `malformed_request`. */
export function versionsOf(headers: Headers): readonly number[] | undefined {
  const text = one(headers["if-match"]);
  if (text === undefined || text.trim() === "*") return undefined;
  return tagsOf(text, "If-Match").map((tag) => Number(/^"(\d{1,15})-[0-9a-f]{32}"$/.exec(tag)?.[1] ?? -1));
}

/** Throws `stale`, `range_not_satisfiable` and, before anything is sent, `corrupted`. */
export async function answerFile(file: OpenFile, options: AnswerOptions): Promise<BytesAnswer> {
  const { headers } = options;
  const etag = etagOf(file);
  const ifMatch = one(headers["if-match"]);
  if (ifMatch !== undefined && !matches(ifMatch, etag, "If-Match"))
    throw new PicloudError("stale", "The file has changed since it was read; read it again.");
  const common = {
    etag,
    "last-modified": file.updated_at.toUTCString(),
    "accept-ranges": "bytes",
    "cache-control": options.cache,
    ...safeHeaders(file),
  };
  if (isUnchanged(headers, etag, file.updated_at)) return new BytesAnswer(304, common, undefined);
  const span = rangeOf(headers, file, etag);
  const { start, end } = span ?? { start: 0, end: file.size_bytes };
  const about = {
    ...common,
    "content-type": file.content_type,
    "content-length": String(end - start),
    ...(span === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${file.size_bytes}` }),
  };
  const status = span === undefined ? 200 : 206;
  const body = options.isHead ? undefined : await begun(file.read({ start, end }));
  return new BytesAnswer(status, about, body);
}

/** What a file says it is is its writer's word. Sandboxed without scripts, in an origin of its own; never taken for another
 *  type; and what is no picture, sound, film or plain text is saved, not shown. */
function safeHeaders(file: FileRow): Record<string, string> {
  return {
    "x-content-type-options": "nosniff",
    "content-security-policy":
      "sandbox; default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "content-disposition": disposition(file),
  };
}

// image/svg+xml is no picture here: it may hold scripts.
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)(?:;|$)/i;

function disposition({ name, content_type }: FileRow): string {
  const kind = SHOWN.test(content_type.replaceAll(/[ \t]/g, "")) ? "inline" : "attachment";
  // RFC 6266 §4.3: the plain form for those who do not know the other one.
  const plain = name.replaceAll(/[^\u0020-\u007e]|["%]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plain === name
    ? `${kind}; filename="${name}"`
    : `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function isUnchanged(headers: Headers, etag: string, updatedAt: Date): boolean {
  const ifNoneMatch = one(headers["if-none-match"]);
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, etag, "If-None-Match");
  const since = Date.parse(one(headers["if-modified-since"]) ?? "");
  return !Number.isNaN(since) && Math.floor(updatedAt.getTime() / 1000) * 1000 <= since;
}

/** The bytes asked for; `undefined`: all. More than one range, another unit and nonsense are no range (RFC 9110 §14.2). */
function rangeOf(headers: Headers, file: FileRow, etag: string): ByteSpan | undefined {
  const text = one(headers["range"]);
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(text ?? "");
  const ifRange = one(headers["if-range"]);
  if (match === null || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  const size = file.size_bytes;
  if (from === "") return satisfiable({ start: Math.max(0, size - Number(to)), end: size }, size);
  const start = Number(from);
  const last = to === "" ? size - 1 : Number(to);
  if (last < start && to !== "") return undefined;
  return satisfiable({ start, end: Math.min(size, last + 1) }, size);
}

function satisfiable(span: ByteSpan, size: number): ByteSpan {
  if (span.start < span.end) return span;
  throw new PicloudError(
    "range_not_satisfiable",
    `The file has ${size} bytes: nothing of it is in this range.`,
    {
      details: { size_bytes: size },
    },
  );
}

function matches(text: string, etag: string, name: string): boolean {
  return text.trim() === "*" || tagsOf(text, name).some((tag) => tag.replace(/^W\//, "") === etag);
}

/** Most tags of one header. */
const TAGS_MAX = 64;

function tagsOf(text: string, name: string): readonly string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  if (tags.length > TAGS_MAX || !tags.every((tag) => /^(?:W\/)?"[\u0021\u0023-\u007e]*"$/.test(tag)))
    throw new PicloudError("malformed_request", `${name} must be * or ETags in quotes, at most ${TAGS_MAX}.`);
  return tags;
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Reads the first block before the answer begins: what is wrong with it can still be told. */
async function begun(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; step.done !== true; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
