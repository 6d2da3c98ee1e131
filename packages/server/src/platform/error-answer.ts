/** The error answer of every path, as `api.md` §5 has it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errorCatalogue, type ErrorEnvelope, type PicloudError } from "@picloud/contract";

export interface ErrorAnswer {
  readonly requestId: string;
  readonly executionId?: string;
  /** Flat list name, value, … of further headers. */
  readonly headers?: readonly string[];
}

/** The body for an error; private parts (`cause`, stack) stay out. */
export function errorEnvelope(error: PicloudError, answer: ErrorAnswer): ErrorEnvelope {
  const { code, message, fields, retryAfterMs, retryable, details } = error;
  return {
    error: {
      code,
      message,
      request_id: answer.requestId,
      ...(answer.executionId === undefined ? {} : { execution_id: answer.executionId }),
      ...(fields === undefined ? {} : { fields }),
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
      // Told only where it is not what the code says.
      ...(retryable === errorCatalogue[code].retryable ? {} : { retryable }),
      ...(details === undefined ? {} : { details }),
    },
  };
}

/** Status and headers that go with an error; `Retry-After` in whole seconds where the error says when to come back. */
export function errorHead(error: PicloudError): { status: number; headers: Record<string, string> } {
  const { status } = errorCatalogue[error.code];
  const headers: Record<string, string> = {};
  if (status === 401) headers["www-authenticate"] = "Bearer";
  // RFC 9110 §14.4: how long it is, for whoever asked for what is not there.
  if (status === 416) headers["content-range"] = `bytes */${sizeIn(error.details)}`;
  if (error.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  }
  return { status, headers };
}

function sizeIn(details: unknown): number {
  const size =
    typeof details === "object" && details !== null && "size_bytes" in details ? details.size_bytes : 0;
  return typeof size === "number" ? size : 0;
}

/** Answers a request with an error. An answer that has begun can only be cut off. */
export function sendError(response: ServerResponse, error: PicloudError, answer: ErrorAnswer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, headers } = errorHead(error);
  const body = Buffer.from(JSON.stringify(errorEnvelope(error, answer)));
  response.writeHead(status, [
    "content-type",
    "application/json",
    "content-length",
    String(body.length),
    ...Object.entries(headers).flat(),
    ...(answer.headers ?? []),
  ]);
  // A HEAD request gets the head of the same answer; Node leaves the body out.
  response.end(body);
  if (!response.req.complete) discardRest(response.req);
}

/** A client may send the rest of its body for so long, to nobody. */
const REST_MS = 5_000;

/** Reads what is left of a body that nobody wants. Closing the connection before would reset it, and a client that still
 *  writes would never see the answer. */
export function discardRest(request: IncomingMessage): void {
  const timer = setTimeout(() => request.destroy(), REST_MS).unref();
  const stop = (): void => clearTimeout(timer);
  request.on("end", stop).on("close", stop).resume();
}
