/** The body of an API request: bytes within the limit → JSON object. */
import type { IncomingMessage } from "node:http";
import { exactJson, jsonText, PicloudError } from "@picloud/contract";
import { findRepeatedName } from "./repeated-name.ts";

/** Members of the JSON body; empty without a body. Throws `too_large` and `malformed_request` (also where an object has a
 *  name twice), and `invalid` for JSON that is no object. `__proto__` is a name like any other. The member `exactMember`
 *  is given as `JsonText`. */
export async function readJsonObject(
  request: IncomingMessage,
  bytesMax: number,
  exactMember: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return {};
  if (!/^application\/json *(?:;|$)/i.test(request.headers["content-type"] ?? ""))
    throw malformed("A body must have the content-type application/json.");
  const text = textOf(bytes);
  const body = parse(text, exactMember === undefined ? JSON.parse : exactJson);
  const repeated = findRepeatedName(text);
  if (repeated !== undefined) throw twice(repeated, "The body");
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new PicloudError("invalid", "The body must be a JSON object.", {
      fields: [{ path: "", message: "must be an object" }],
    });
  }
  if (exactMember === undefined || !Object.hasOwn(body, exactMember)) return body as JsonObject;
  const exact = (body as JsonObject)[exactMember];
  // All other members as any JSON: what is written 4.0 there is 4.
  return { ...(JSON.parse(text) as JsonObject), [exactMember]: jsonText(exact) };
}

/** For a name that comes twice where it may come once. */
export function twice(path: string, place: string): PicloudError {
  return new PicloudError("malformed_request", `${place} has ${JSON.stringify(path)} twice.`, {
    fields: [{ path, message: "comes twice" }],
  });
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The body as it comes; what is not read is left to the caller. Throws `malformed_request` where the client ended early, and
 *  `unauthenticated` once its token is no longer valid (`signal`). */
export async function* bodyChunks(request: IncomingMessage, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await nextChunk(iterator);
      if (signal.aborted) throw new PicloudError("unauthenticated", "The token is not valid any more.");
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function nextChunk(iterator: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  try {
    return await iterator.next();
  } catch (error) {
    throw malformed("The request ended before its body did.", error);
  }
}

async function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Leaving the loop must not end the connection: the answer goes over it.
    const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of body) {
      length += chunk.length;
      if (length > bytesMax) throw tooLarge(bytesMax);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof PicloudError) throw error;
    throw malformed("The request ended before its body did.", error);
  }
  return Buffer.concat(chunks, length);
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed("The body is not JSON in UTF-8.", error);
  }
}

function parse(text: string, parser: (text: string) => unknown): unknown {
  try {
    return parser(text);
  } catch (error) {
    throw malformed("The body is not JSON in UTF-8.", error);
  }
}

function malformed(message: string, cause?: unknown): PicloudError {
  return new PicloudError("malformed_request", message, { cause });
}

function tooLarge(bytesMax: number): PicloudError {
  return new PicloudError(
    "too_large",
    `The body has more than ${bytesMax} bytes, the limit of this server.`,
    {
      fields: [{ path: "", message: `at most ${bytesMax} bytes` }],
    },
  );
}
