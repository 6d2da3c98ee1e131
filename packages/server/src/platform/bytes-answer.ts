/** Writes an answer of bytes to a client. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context } from "./context.ts";
import type { BytesAnswer } from "./feature.ts";

export interface WriteOptions {
  readonly isHead: boolean;
  readonly log: Context["log"];
  /** Cuts the answer. */
  readonly signal?: AbortSignal;
}

/** Waits for the client before each part. What fails on the way cuts the connection: the length says that it is not all. */
export async function writeBytes(
  response: ServerResponse,
  answer: BytesAnswer,
  { isHead, log, signal }: WriteOptions,
): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  if (isHead || answer.body === undefined) {
    response.end();
    return;
  }
  try {
    const body = Readable.from(answer.body, { objectMode: false, highWaterMark: 1 });
    await pipeline(body, response, signal === undefined ? {} : { signal });
  } catch (error) {
    // Told where it happened; here it is a client that has gone, or one that must not take the part for the whole.
    log.debug("answer_cut", { error });
    response.destroy();
  }
}
