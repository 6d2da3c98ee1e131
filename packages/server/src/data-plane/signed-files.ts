/** `GET /api/v1/files/{app}/{collection}/{id}?expires&signature`: a file for whoever has its signed URL. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { PicloudError } from "@picloud/contract";
import { answerFile } from "../features/files/file-answer.service.ts";
import { openSigned } from "../features/files/file-urls.service.ts";
import type { SignedRequest } from "../features/files/file-urls.service.ts";
import { writeBytes } from "../platform/bytes-answer.ts";
import { isConnectionError } from "../platform/database/pg-errors.ts";
import { sendError } from "../platform/error-answer.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";

const PREFIX = "/api/v1/files/";

export function createSignedFiles(platform: Platform): RequestListener {
  return (request, response) => {
    const requestId = newId();
    const log = platform.log.child({ requestId });
    response.setHeader("x-request-id", requestId);
    response.setHeader("x-content-type-options", "nosniff");
    serve(platform, request, response, log).catch((error: unknown) => {
      sendError(response, knownError(error, log), { requestId, headers: ["cache-control", "no-store"] });
    });
  };
}

async function serve(
  platform: Platform,
  request: IncomingMessage,
  response: ServerResponse,
  log: Platform["log"],
): Promise<void> {
  const isHead = request.method === "HEAD";
  if (request.method !== "GET" && !isHead) {
    response.setHeader("allow", "GET, HEAD");
    throw new PicloudError("method_not_allowed", "This path takes GET, HEAD.");
  }
  const file = await openSigned(platform, signedRequest(request.url ?? "/"), log);
  // A copy is good for nothing once the URL has expired.
  const answer = await answerFile(file, { headers: request.headers, isHead, cache: "private, no-cache" });
  await writeBytes(response, answer, { isHead, log });
}

function signedRequest(target: string): SignedRequest {
  const url = new URL(target, "http://localhost");
  const [app = "", collection = "", id = "", ...more] = url.pathname
    .slice(PREFIX.length)
    .split("/")
    .map(decoded);
  const parameters = [...url.searchParams.keys()];
  // Whatever is not signed is not there: neither another parameter nor one that comes twice.
  const isWhole = more.length === 0 && parameters.toSorted().join() === "expires,signature";
  const get = (name: string): string | undefined =>
    isWhole ? (url.searchParams.get(name) ?? undefined) : undefined;
  return { app, collection, id, expires: get("expires"), signature: get("signature") };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new PicloudError("malformed_request", "The path has an invalid percent-encoding.", { cause });
  }
}

function knownError(error: unknown, log: Platform["log"]): PicloudError {
  if (error instanceof PicloudError) return error;
  if (isConnectionError(error)) {
    log.warn("database_unavailable", { error });
    return new PicloudError("unavailable", "The database can't be reached; try again.", {
      cause: error,
      retryAfterMs: 1_000,
    });
  }
  log.error("signed_file_failed", { error });
  return new PicloudError("internal", "Something went wrong in PiCloud. The log has the details.", {
    cause: error,
  });
}
