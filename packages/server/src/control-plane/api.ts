/** The admin API: contracts of TABLE 1 → HTTP. Finds the endpoint, knows the caller, reads the body; oRPC parses input
 *  by the contract's schema, calls the feature and writes the answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { OpenAPIHandler } from "@orpc/openapi/node";
import { implement } from "@orpc/server";
import type { AnyProcedure } from "@orpc/server";
import { PicloudError } from "@picloud/contract";
import type { FeatureContract } from "@picloud/contract";
import { discardRest, errorEnvelope, errorHead, sendError } from "../platform/error-answer.ts";
import { assert } from "../platform/assert.ts";
import type { Authenticator } from "../platform/authenticator.ts";
import type { Context } from "../platform/context.ts";
import type { BytesExchange, EndpointCall, LinesHandler } from "../platform/feature.ts";
import { newId } from "../platform/ids.ts";
import { peerOf, proxyList } from "../platform/peer.ts";
import type { Platform } from "../platform/platform.ts";
import { toPicloudError } from "./api-errors.ts";
import { serveBytes } from "./bytes-endpoints.ts";
import type { BytesRequest } from "./bytes-endpoints.ts";
import { createEndpointTable, listEndpoints } from "./endpoint-table.ts";
import type { Endpoint } from "./endpoint-table.ts";
import { serveLines, speaksLines } from "./lines.ts";
import { createPages } from "./pages.ts";
import type { About } from "./pages.ts";
import { refuseQuerySecrets } from "./query-secrets.ts";
import { bodyChunks, readJsonObject, twice } from "./request-body.ts";
import { guardStream, isStream, watchPrincipal } from "./streams.ts";

/** Context of oRPC: what a call needs beside its input. */
interface CallContext extends Record<PropertyKey, unknown> {
  readonly ctx: Context;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Any handler of TABLE 2, whatever input its contract gives it. */
type TypedHandler = (ctx: Context, input: never, call: EndpointCall) => Promise<unknown>;
type UntypedHandler = (ctx: Context, input: unknown, call: EndpointCall) => Promise<unknown>;

export interface ApiOptions {
  readonly platform: Pick<Platform, "config" | "log">;
  readonly contracts: Readonly<Record<string, FeatureContract>>;
  readonly features: Readonly<
    Record<
      string,
      {
        readonly endpoints: Readonly<Record<string, TypedHandler>>;
        readonly lines?: Readonly<Record<string, LinesHandler>>;
      }
    >
  >;
  readonly authenticator: Authenticator;
  readonly about: About;
  /** Aborts when the server begins to stop: streams end then, or they would hold it up. */
  readonly stopping?: AbortSignal;
}

/** Answers the admin API, version, OpenAPI document and dashboard; false for other paths, which are then untouched. */
export type Api = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export function createApi(options: ApiOptions): Api {
  const { platform } = options;
  const prefix = `${platform.config.basePath}/api/v1/admin` as const;
  const endpoints = listEndpoints(options.contracts);
  const match = createEndpointTable(endpoints);
  const handler = createHandler(options, endpoints);
  const { contracts, about } = options;
  const servePage = createPages({ basePath: platform.config.basePath, contracts, about });

  const serveEndpoint = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> => {
    const requestId = newId();
    const log = platform.log.child({ requestId });
    response.setHeader("x-request-id", requestId);
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    try {
      const found = match(request.method ?? "GET", path.slice(prefix.length) || "/");
      if (found.kind === "unknown") throw new PicloudError("not_found", "The API has no such path.");
      if (found.kind === "wrong_method") {
        response.setHeader("allow", found.allow.join(", "));
        throw new PicloudError("method_not_allowed", `This path takes ${found.allow.join(", ")}.`);
      }
      refuseQuerySecrets(request.url ?? "/", found.endpoint);
      const known = async () => await makeContext(options, found.endpoint, request, { requestId, log });
      const early = await known();
      const exchange = { ctx: early, request, response, path: path.slice(prefix.length) };
      if (await serveAside(options, found.endpoint, exchange)) return;
      await readInput(request, found.endpoint, platform.config.requestMaxBytes);
      // Node has made an answer without body of it by now; oRPC knows no HEAD.
      if (request.method === "HEAD") request.method = "GET";
      // A body may take minutes, and its sender may have lost the right meanwhile.
      const ctx = request.method === "GET" || found.endpoint.bytes === "in" ? early : await known();
      const result = await handler.handle(request, response, {
        prefix: prefix as `/${string}`,
        context: { ctx, request, response },
      });
      // Of a body that was not read to its end; its sender would wait for ever.
      if (found.endpoint.bytes === "in" && !request.complete) discardRest(request);
      if (!result.matched) throw new Error(`oRPC has no ${request.method} ${found.endpoint.path}`);
    } catch (error) {
      refuse(response, { error: toPicloudError(error, log), requestId });
    }
  };

  return async (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return await servePage(request, response);
    await serveEndpoint(request, response, path);
    return true;
  };
}

/** 401 before the body is read or anything is looked up. */
async function makeContext(
  options: ApiOptions,
  endpoint: Endpoint,
  request: IncomingMessage,
  base: Pick<Context, "requestId" | "log">,
): Promise<Context> {
  const remoteAddr = peerOf(request, proxyList(options.platform.config.trustedProxies)).address;
  const ctx: Context = { kind: "api", ...base, remoteAddr };
  if (endpoint.capability === "none") return ctx;
  const authentication = await options.authenticator.authenticate(request);
  switch (authentication.kind) {
    case "none":
      throw new PicloudError("unauthenticated", "Log in first: this needs a session or an API key.");
    case "invalid":
      throw new PicloudError("unauthenticated", "The token is not valid (any more): log in again.");
    case "unavailable":
      throw new PicloudError("unavailable", "The database can't be reached; try again.", {
        cause: authentication.cause,
        retryAfterMs: 1_000,
      });
    case "principal": {
      const { principal, isSameOrigin } = authentication;
      if (request.method !== "GET" && !isSameOrigin) {
        throw new PicloudError(
          "csrf",
          "A request with the session cookie must come from the same origin (Sec-Fetch-Site or Origin).",
        );
      }
      return { ...ctx, principal };
    }
    default:
      return authentication satisfies never;
  }
}

/** Puts the input where oRPC looks for it. Path, query and body are one flat object: a name in two of them, or twice in one,
 *  is refused, so that the path always says what the call is about. */
async function readInput(
  request: IncomingMessage & { body?: unknown },
  endpoint: Endpoint,
  bytesMax: number,
): Promise<void> {
  const query: Record<string, unknown> = Object.create(null);
  for (const [name, value] of new URL(request.url ?? "/", "http://localhost").searchParams) {
    if (name in query) throw twice(name, "The query");
    // oRPC would read lists and objects out of such names; no query here has any.
    if (/[[\]]/.test(name)) throw invalidAt(name, "is not a known field");
    query[name] = value;
  }
  const isRead = request.method === "GET" || request.method === "HEAD";
  const body =
    isRead || endpoint.bytes === "in" ? {} : await readJsonObject(request, bytesMax, endpoint.exactMember);
  for (const name of [...Object.keys(query), ...Object.keys(body)]) {
    if (endpoint.path.includes(`{${name}}`)) throw invalidAt(name, "is in the path already");
  }
  const repeated = Object.keys(body).find((name) => name in query);
  if (repeated !== undefined) throw twice(repeated, "The query and the body together");
  if (!isRead) request.body = { ...query, ...body };
}

function invalidAt(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path}: ${message}`, { fields: [{ path, message }] });
}

function refuse(
  response: ServerResponse,
  failure: { readonly error: PicloudError; readonly requestId: string },
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendError(response, failure.error, failure);
}

function createHandler(api: ApiOptions, endpoints: readonly Endpoint[]): OpenAPIHandler<CallContext> {
  const router: Record<string, Record<string, AnyProcedure>> = {};
  for (const endpoint of endpoints) {
    const features = (router[endpoint.feature] ??= {});
    features[endpoint.name] = implementEndpoint(api, endpoint);
  }
  return new OpenAPIHandler<CallContext>(router, {
    interceptors: [
      async (options) => {
        const { context } = options;
        try {
          return await options.next();
        } catch (error) {
          const failure = toPicloudError(error, context.ctx.log);
          return {
            matched: true,
            response: { ...errorHead(failure), body: errorEnvelope(failure, context.ctx) },
          };
        }
      },
    ],
  });
}

/** TABLE 2 has a handler for each endpoint of TABLE 1: the compiler demands it there, where the types are known. */
function handlerOf(options: ApiOptions, endpoint: Endpoint): UntypedHandler {
  const handler = options.features[endpoint.feature]?.endpoints[endpoint.name] as UntypedHandler | undefined;
  if (handler === undefined) throw new Error(`no handler for ${endpoint.feature}.${endpoint.name}`);
  return handler;
}

type Exchange = Pick<BytesRequest, "ctx" | "request" | "response" | "path">;

/** Answers what is not JSON, past oRPC; false for the rest. */
async function serveAside(options: ApiOptions, endpoint: Endpoint, exchange: Exchange): Promise<boolean> {
  const { authenticator, stopping } = options;
  if (speaksLines(exchange.request, endpoint)) {
    const handler = options.features[endpoint.feature]?.lines?.[endpoint.name];
    if (handler === undefined) throw new Error(`no lines of ${endpoint.path}`);
    const watch = watchPrincipal(authenticator, exchange.request, { ends: [stopping] });
    await serveLines({ ...exchange, handler, watch, endpoint });
    return true;
  }
  if (endpoint.bytes !== "out") return false;
  // What is under way when the server stops may end within its time.
  const watch = watchPrincipal(authenticator, exchange.request, { ends: [] });
  await serveBytes({ ...exchange, endpoint, handler: handlerOf(options, endpoint), watch });
  return true;
}

function implementEndpoint(options: ApiOptions, endpoint: Endpoint): AnyProcedure {
  const handler = handlerOf(options, endpoint);
  return implement(endpoint.procedure)
    .$context<CallContext>()
    .handler(async ({ input, context, signal, lastEventId }) => {
      const { request, response } = context;
      const ctx: { -readonly [K in keyof Context]: Context[K] } = { ...context.ctx };
      const watch = watchPrincipal(options.authenticator, request, {
        // An upload that is under way when the server stops may end within its time.
        ends: endpoint.bytes === undefined ? [signal, options.stopping] : [],
        // What a stream may read is checked with the rights of now.
        renew: (principal) => {
          ctx.principal = principal;
        },
      });
      const call: EndpointCall = {
        signal: watch.signal,
        lastEventId,
        headers: request.headers,
        setHeader: (name, value) => response.setHeader(name, value),
        ...(endpoint.bytes === undefined ? {} : { bytes: takenBytes(request, watch.signal) }),
      };
      if (endpoint.bytes !== undefined) watch.start();
      const output = await handler(ctx, input, call).catch((error: unknown) => {
        watch.stop();
        throw error;
      });
      setSessionCookie(options, endpoint, { request, response, output });
      if (isStream(output)) return guardStream(output, { watch, ctx });
      watch.stop();
      return output;
    });
}

function takenBytes(request: IncomingMessage, signal: AbortSignal): BytesExchange {
  return { body: bodyChunks(request, signal), isHead: false, answer: refuseAnswer };
}

function refuseAnswer(): void {
  assert(false, "an endpoint that takes bytes answers with JSON");
}

/** Log-in, set-up and an accepted invitation also store the token in the browser, log-out removes it (INS-5). */
function setSessionCookie(
  options: ApiOptions,
  endpoint: Endpoint,
  call: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly output: unknown },
): void {
  if (endpoint.feature !== "users") return;
  const { request, response, output } = call;
  if (endpoint.name === "logout") {
    response.setHeader("set-cookie", options.authenticator.sessionCookie(request));
    return;
  }
  if (!["login", "setup", "accept_invite"].includes(endpoint.name)) return;
  const { token, expires_at } = output as { readonly token: string; readonly expires_at: string };
  const session = { token, expires: new Date(expires_at) };
  response.setHeader("set-cookie", options.authenticator.sessionCookie(request, session));
}
