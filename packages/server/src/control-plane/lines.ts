/** JSON lines (`application/x-ndjson`) of the endpoints that have them: exports as they are read, imports as they come in,
 *  with the memory of one piece, however long they are. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { PicloudError } from "@picloud/contract";
import type { Context } from "../platform/context.ts";
import type { LinesHandler, LinesInput } from "../platform/feature.ts";
import { pathParameters } from "./endpoint-table.ts";
import type { Endpoint } from "./endpoint-table.ts";
import type { PrincipalWatch } from "./streams.ts";

const TYPE = "application/x-ndjson";

/** Longest line: the largest value that can be stored, with its envelope and room for escapes. */
const LINE_BYTES_MAX = 4 * 1_048_576;

/** Whether the request is one for lines: what it accepts or what it brings. */
export function speaksLines(request: IncomingMessage, endpoint: Endpoint): boolean {
  if (endpoint.lines === undefined) return false;
  const { accept = "", "content-type": type = "" } = request.headers;
  const header = endpoint.lines === "export" ? accept : type;
  return header.split(",").some((part) => part.split(";")[0]?.trim().toLowerCase() === TYPE);
}

export interface LinesExchange {
  readonly ctx: Context;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handler: LinesHandler;
  readonly watch: PrincipalWatch;
  readonly endpoint: Endpoint;
  /** Below the API's prefix. */
  readonly path: string;
}

/** Answers. Rejects while nothing of the answer has been sent, for the API to answer with an error. */
export async function serveLines(exchange: LinesExchange): Promise<void> {
  const { ctx, request, response, handler, watch } = exchange;
  const input = inputOf(exchange);
  const left = new AbortController();
  const onClose = (): void => left.abort(new Error("the caller has left"));
  response.once("close", onClose);
  const signal = AbortSignal.any([watch.signal, left.signal]);
  watch.start();
  try {
    if ("export" in handler) await send(response, handler.export(ctx, input, { signal }), signal);
    else {
      const result = await handler.import(ctx, input, { signal, lines: linesOf(request, signal) });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(result));
    }
  } catch (error) {
    // What is left of an import is not read: the connection ends with the answer.
    if (!response.headersSent) response.setHeader("connection", "close");
    request.resume();
    throw error;
  } finally {
    response.off("close", onClose);
    watch.stop();
  }
}

/** Path parameters and query, as text. */
function inputOf({ request, endpoint, path }: LinesExchange): LinesInput {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  return { ...Object.fromEntries(query), ...pathParameters(endpoint, path) };
}

/** Waits for the caller: what it does not take stays in the database. */
async function send(
  response: ServerResponse,
  pieces: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    if (!response.headersSent) response.setHeader("content-type", TYPE);
    if (!response.write(piece)) await once(response, "drain", { signal });
  }
  signal.throwIfAborted();
  if (!response.headersSent) response.setHeader("content-type", TYPE);
  response.end();
}

/** Lines of the body, empty ones too, so that they can be counted. Throws `malformed_request` for what is not UTF-8, `too_large` for long ones. */
async function* linesOf(request: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  const decoded = (bytes: Buffer | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      throw new PicloudError("malformed_request", "The lines are not UTF-8.", { cause: error });
    }
  };
  // Leaving the loop must not end the connection: the answer goes over it.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const bytes of body) {
    signal.throwIfAborted();
    const lines = (rest + decoded(bytes)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_BYTES_MAX)
      throw new PicloudError("too_large", `A line has more than ${LINE_BYTES_MAX} bytes.`);
    yield* lines;
  }
  rest += decoded(undefined);
  if (rest !== "") yield rest;
}
