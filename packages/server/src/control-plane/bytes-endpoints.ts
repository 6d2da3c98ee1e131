/** Endpoints whose answer is bytes: past oRPC, whose answers are JSON. Input comes from path and query, by the contract's
 *  schema as everywhere. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { assert } from "../platform/assert.ts";
import { writeBytes } from "../platform/bytes-answer.ts";
import type { Context } from "../platform/context.ts";
import type { BytesAnswer, EndpointCall } from "../platform/feature.ts";
import { invalidInput } from "./api-errors.ts";
import { pathParameters } from "./endpoint-table.ts";
import type { Endpoint } from "./endpoint-table.ts";
import { bodyChunks } from "./request-body.ts";
import type { PrincipalWatch } from "./streams.ts";

type Handler = (ctx: Context, input: unknown, call: EndpointCall) => Promise<unknown>;

export interface BytesRequest {
  readonly endpoint: Endpoint;
  readonly handler: Handler;
  readonly ctx: Context;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Below the API's prefix. */
  readonly path: string;
  readonly watch: PrincipalWatch;
}

/** Throws what is to be answered with an error; once the head is sent it throws nothing. */
export async function serveBytes(bytes: BytesRequest): Promise<void> {
  const { endpoint, handler, ctx, request, response, watch } = bytes;
  const isHead = request.method === "HEAD";
  const made: { answer?: BytesAnswer } = {};
  const call: EndpointCall = {
    signal: watch.signal,
    lastEventId: undefined,
    headers: request.headers,
    setHeader: (name, value) => response.setHeader(name, value),
    bytes: {
      body: bodyChunks(request, watch.signal),
      isHead,
      answer: (answer) => {
        made.answer = answer;
      },
    },
  };
  await handler(ctx, await inputOf(endpoint, request, bytes.path), call);
  assert(made.answer !== undefined, "an endpoint of bytes answers with them");
  watch.start();
  try {
    await writeBytes(response, made.answer, { isHead, log: ctx.log, signal: watch.signal });
  } finally {
    watch.stop();
  }
}

async function inputOf(endpoint: Endpoint, request: IncomingMessage, path: string): Promise<unknown> {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const input = { ...Object.fromEntries(query), ...pathParameters(endpoint, path) };
  const schema = endpoint.procedure["~orpc"].inputSchema;
  const parsed = await schema?.["~standard"].validate(input);
  if (parsed?.issues !== undefined) throw invalidInput(parsed.issues);
  return parsed?.value ?? input;
}
