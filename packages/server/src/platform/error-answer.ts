/** The error answer of every path, as `api.md` §5 has it. */
import type { ServerResponse } from "node:http";
import { errorCatalogue, type ErrorEnvelope, type PicloudError } from "@picloud/contract";

/** The body for an error; private parts (`cause`, stack) stay out. */
export function errorEnvelope(error: PicloudError, requestId: string): ErrorEnvelope {
  return {
    error: {
      code: error.code,
      message: error.message,
      request_id: requestId,
      ...(error.fields === undefined ? {} : { fields: error.fields }),
      ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
      ...(error.details === undefined ? {} : { details: error.details }),
    },
  };
}

/** Answers a request with an error; `Retry-After` in whole seconds where the error says when to come back. */
export function sendError(response: ServerResponse, error: PicloudError, requestId: string): void {
  const body = JSON.stringify(errorEnvelope(error, requestId));
  if (error.retryAfterMs !== undefined)
    response.setHeader("retry-after", Math.ceil(error.retryAfterMs / 1000));
  response.writeHead(errorCatalogue[error.code].status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  // A HEAD request gets the head of the same answer; Node leaves the body out.
  response.end(body);
}
