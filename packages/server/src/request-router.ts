/** Which part of the server a request is for, by host and path (`api.md` §9, APP-4). */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { PicloudError } from "@picloud/contract";
import { sendError } from "./platform/error-answer.ts";
import { newId } from "./platform/ids.ts";

export interface RequestRouterOptions {
  readonly basePath: string;
  /** Whether dashboard and admin API answer on this host; rejects with a `PicloudError` where that can't be told now. */
  readonly isAdminHost: (request: IncomingMessage) => Promise<boolean>;
  /** Admin API and pages; gives false for paths that are not its own. */
  readonly admin: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  readonly execute: RequestListener;
  /** Signed URLs of files, on any host. */
  readonly files: RequestListener;
  readonly route: RequestListener;
}

export function createRequestRouter(options: RequestRouterOptions): RequestListener {
  const { basePath } = options;
  return (request, response) => {
    const url = request.url ?? "/";
    if (
      basePath !== "" &&
      url !== basePath &&
      !/^[/?]/.test(url.startsWith(basePath) ? url.slice(basePath.length) : "x")
    ) {
      notFound(response);
      return;
    }
    const inner = url.slice(basePath.length);
    if (inner.startsWith("/api/v1/execute/")) {
      request.url = inner;
      options.execute(request, response);
      return;
    }
    if (inner.startsWith("/api/v1/files/")) {
      request.url = inner;
      options.files(request, response);
      return;
    }
    const isOwn = inner.startsWith("/api/") || inner === "/dashboard" || /^\/dashboard[/?]/.test(inner);
    if (!isOwn) {
      request.url = inner === "" ? "/" : inner;
      options.route(request, response);
      return;
    }
    void answerAdmin(options, request, response);
  };
}

/** The API turns its own failures into answers; what still fails here cuts the connection. */
async function answerAdmin(
  options: RequestRouterOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!(await options.isAdminHost(request)) || !(await options.admin(request, response)))
      notFound(response);
  } catch (error) {
    if (error instanceof PicloudError) sendError(response, error, { requestId: newId() });
    else response.destroy(error instanceof Error ? error : undefined);
  }
}

function notFound(response: ServerResponse): void {
  const error = new PicloudError("not_found", "Nothing is here.");
  sendError(response, error, { requestId: newId() });
}
