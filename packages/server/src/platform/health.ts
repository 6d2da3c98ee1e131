/** `/healthz`: the process lives. `/readyz`: it can do its work. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { PicloudError } from "@picloud/contract";
import { sendError } from "./error-answer.ts";
import { newId } from "./ids.ts";

export interface HealthOptions {
  /** `PICLOUD_BASE_PATH`. */
  readonly basePath: string;
  /** Whether the node takes work: `undefined` if it does, else what it is waiting for, for people. */
  readonly notReady: () => Promise<string | undefined>;
}

const RETRY_AFTER_MS = 1_000;

/** Answers the two paths and hands every other request on. */
export function withHealth(options: HealthOptions, next: RequestListener): RequestListener {
  return (request, response) => {
    const path = (request.url ?? "").split("?", 1)[0];
    if (path === `${options.basePath}/healthz`) answer(request, response, "ok");
    else if (path === `${options.basePath}/readyz`) void answerReady(options, request, response);
    else next(request, response);
  };
}

/** `notReady` does not throw: what fails inside it is a reason. */
async function answerReady(
  options: HealthOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reason = await options.notReady();
  if (reason === undefined) answer(request, response, "ready");
  else
    sendError(response, new PicloudError("unavailable", reason, { retryAfterMs: RETRY_AFTER_MS }), {
      requestId: newId(),
    });
}

function answer(request: IncomingMessage, response: ServerResponse, status: string): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    sendError(response, new PicloudError("method_not_allowed", "Only GET and HEAD are answered here."), {
      requestId: newId(),
    });
    return;
  }
  const body = JSON.stringify({ status });
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}
