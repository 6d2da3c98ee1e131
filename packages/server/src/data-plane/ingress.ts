/** HTTP in: user routes and `/api/v1/execute`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BlockList } from "node:net";
import { isStorableText, PicloudError, uuidPattern } from "@picloud/contract";
import type { Head } from "@picloud/sandbox";
import type { Authenticator } from "../platform/authenticator.ts";
import { authorize } from "../platform/authorize.ts";
import type { Context, Principal } from "../platform/context.ts";
import { isConnectionError } from "../platform/database/pg-errors.ts";
import { sendError } from "../platform/error-answer.ts";
import type { ErrorAnswer } from "../platform/error-answer.ts";
import { peerOf } from "../platform/peer.ts";
import type { Peer } from "../platform/peer.ts";
import { newId } from "../platform/ids.ts";
import { isHost } from "../platform/request-target.ts";
import type { Platform } from "../platform/platform.ts";
import { asyncBodyBytesMax } from "../features/routes/routes.service.ts";
import { acceptRequest } from "./async-accept.ts";
import { createAnswerWaits, type AnswerWaits } from "./answer-waits.ts";
import { withoutCredentials, withoutReservedHeaders } from "./credentials.ts";
import type { Deployed, DeployedState } from "./deployed.ts";
import type { AbandonedReason, Executor, HttpRun } from "./execute.ts";
import type { Place } from "./hosts.ts";
import type { PreparedScript } from "./prepared-script.ts";
import { createIdempotency, type Idempotency, type KeyedAnswer } from "./idempotency.ts";
import { readBody } from "./read-body.ts";
import type { RouteMatch } from "./route-table.ts";

export interface IngressOptions {
  readonly platform: Platform;
  readonly deployed: Deployed;
  readonly executor: Executor;
  readonly authenticator: Authenticator;
  readonly trustedProxies: BlockList | undefined;
}

interface PlacedExchange {
  readonly exchange: Exchange;
  readonly place: Place;
}

interface RunOptions extends IngressOptions {
  readonly waits: AnswerWaits;
  readonly idempotency: Idempotency;
}

type ExchangeRun = Omit<HttpRun, "whyAbandoned">;

export interface Ingress {
  /** Answers a request for a user route. */
  route(request: IncomingMessage, response: ServerResponse): void;
  /** Answers `POST /api/v1/execute/{script_id}` and `/execute/{app}/{name}`. */
  execute(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

/** A request on its way through. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Also the execution's id, if one comes of it. */
  readonly id: string;
  readonly peer: Peer;
  /** Without the query. */
  readonly path: string;
  /** With `?`, or empty. */
  readonly query: string;
}

/** What an exchange is answered from. */
interface Target {
  readonly state: DeployedState;
  readonly place: Place;
}

/** A client gets the script's time limit plus this before the wait ends (EXE-7). */
const waitGraceMs = 2000;
const sandboxPolicy = "sandbox allow-scripts allow-forms allow-popups";

export function createIngress(ingress: IngressOptions): Ingress {
  const { platform } = ingress;
  const options: RunOptions = {
    ...ingress,
    waits: createAnswerWaits(),
    idempotency: createIdempotency(platform),
  };
  const handle = (serve: (options: RunOptions, exchange: Exchange, target: Target) => Promise<void>) => {
    return (request: IncomingMessage, response: ServerResponse): void => {
      const exchange = exchangeOf(request, response, options.trustedProxies);
      let place: Place | undefined;
      const served = async (): Promise<void> => {
        const state = await options.deployed.current();
        place = state.hosts.place(exchange.peer.host, exchange.path);
        await serve(options, exchange, { state, place });
      };
      served().catch((error: unknown) => {
        const headers = originHeaders(place);
        if (error instanceof AllowError) headers.push("allow", error.allow);
        sendError(response, knownError(platform, exchange.id, error), { requestId: exchange.id, headers });
      });
    };
  };
  return { route: handle(serveRoute), execute: handle(serveExecute), close: () => options.waits.close() };
}

/** 405 with its `Allow`. */
class AllowError extends PicloudError {
  readonly allow: string;
  constructor(path: string, methods: readonly string[]) {
    super("method_not_allowed", `${path} takes ${methods.join(", ")}.`);
    this.allow = methods.join(", ");
  }
}

async function serveRoute(options: RunOptions, exchange: Exchange, target: Target): Promise<void> {
  const { deployed } = options;
  const { request, response, peer } = exchange;
  const { state, place } = target;
  // A service worker would stay, and answer for the dashboard's origin. Sent by browsers only, as `script`.
  if (place.isShared && request.headers["service-worker"] !== undefined) throw notFound(exchange.path);
  if (place.app !== undefined && state.deleting.has(place.app)) throw appGone();
  const appId = place.app === undefined ? undefined : state.appIdBySlug.get(place.app);
  if (appId === undefined) throw notFound(exchange.path);
  const found = state.routes.find(appId, request.method ?? "GET", place.path);
  if (found.kind === "malformed")
    throw new PicloudError("malformed_request", "The path has an invalid percent-encoding.");
  if (found.kind === "none") throw notFound(exchange.path);
  if (found.kind === "methods") {
    if (request.method !== "OPTIONS") throw new AllowError(exchange.path, found.methods);
    response.writeHead(204, ["allow", found.methods.join(", "), ...originHeaders(place)]).end();
    return;
  }
  const { route, params } = found.match;
  const script = await deployed.script(state, route.scriptId);
  if (script === undefined || !script.live.enabled) throw notFound(exchange.path);
  const who = async () => await routePrincipal(options, { exchange, place }, found.match);
  const early = await who();
  const body = await readBody(request, bytesMaxOf(options, route.isAsync, route.bodyBytesMax));
  const principal = await principalAfter(body, early, who);
  const call = {
    script,
    kind: "http",
    requestId: exchange.id,
    routeId: route.id,
    route: route.path,
    params,
    remoteAddr: peer.address,
    principal,
    input: inputOf(exchange, place.path, body),
  } as const;
  await (route.isAsync ? accept : run)(options, exchange, call, place);
}

function bytesMaxOf({ platform }: IngressOptions, isAsync: boolean, own?: number): number {
  const bytesMax = own ?? platform.config.requestMaxBytes;
  return isAsync ? Math.min(bytesMax, asyncBodyBytesMax) : bytesMax;
}

/** Answers as soon as the request is durable; it runs when a slot is free, so a full gate only delays it. */
async function accept(
  { platform }: RunOptions,
  exchange: Exchange,
  call: ExchangeRun,
  place: Place,
): Promise<void> {
  const { input, routeId: id, route: path, principal: caller } = call;
  const route = id === undefined || path === undefined ? undefined : { id, path };
  const remoteAddr = exchange.peer.address;
  const accepted = await acceptRequest(platform, call.script, exchange.id, {
    input,
    route,
    remoteAddr,
    caller,
  });
  // Who asked for it by a header is told that it was heard.
  const applied = id === undefined ? ["preference-applied", "respond-async"] : [];
  const head = { status: 202, headers: ["content-type", "application/json", ...applied] };
  sendHead(exchange, { ...head, body: JSON.stringify(accepted) }, place);
}

async function serveExecute(options: RunOptions, exchange: Exchange, target: Target): Promise<void> {
  const { deployed, platform } = options;
  const { place } = target;
  const { request } = exchange;
  if (request.method !== "POST") throw new AllowError(exchange.path, ["POST"]);
  const parts = exchange.path.split("/").slice(4).map(decoded);
  const early = await principalOf(options, { exchange, place }, parts.length !== 1);
  const ctx: Context = {
    kind: "api",
    requestId: exchange.id,
    log: platform.log,
    ...(early === undefined ? {} : { principal: early }),
  };
  if (parts.length === 2) refuseGoneApp(target.state, ctx, parts[0] ?? "");
  const found = await scriptOf(deployed, parts);
  // On an app's own host another app's script would answer as that origin.
  const script = found !== undefined && isAtHome(found, target) ? found : undefined;
  if (parts.length === 2) {
    if (script === undefined) {
      authorizeAnything(ctx);
      throw notFound(exchange.path);
    }
    authorize(ctx, "AppReadScript", script.app.id);
  }
  if (script === undefined || !script.live.enabled) throw notFound(exchange.path);
  if (script.live.kind === "module") {
    throw new PicloudError("target_is_module", `${script.script.name} is a module; only endpoints can run.`);
  }
  const isOpen = parts.length === 1 && script.live.invoke !== "members";
  const who = async () =>
    isOpen
      ? await principalOf(options, { exchange, place }, false)
      : await requireMember(options, { exchange, place }, script.app.id);
  if (!isOpen) await who();
  const isAsync = wantsAsync(request);
  const body = await readBody(request, bytesMaxOf(options, isAsync));
  const principal = await principalAfter(body, early, who);
  const call = {
    script,
    kind: "execute",
    requestId: exchange.id,
    params: {},
    remoteAddr: exchange.peer.address,
    principal,
    input: inputOf(exchange, exchange.path, body),
  } as const;
  await (isAsync ? accept : run)(options, exchange, call, place);
}

/** `Prefer: respond-async` (RFC 7240); of a route its setting counts. */
function wantsAsync({ headers }: IncomingMessage): boolean {
  const { prefer = [] } = headers;
  const preferences = (typeof prefer === "string" ? prefer : prefer.join(",")).split(",");
  return preferences.some((each) => each.trim().toLowerCase() === "respond-async");
}

/** A body may take minutes, and its sender may have lost the right meanwhile: then `who` is asked again. */
async function principalAfter(
  body: Uint8Array,
  early: Principal | undefined,
  who: () => Promise<Principal | undefined>,
): Promise<Principal | undefined> {
  return early === undefined || body.length === 0 ? early : await who();
}

/** Only who may read scripts there is told that the app is being deleted. */
function refuseGoneApp({ deleting }: DeployedState, ctx: Context, ref: string): void {
  if (deleting.size === 0) return;
  const gone = deleting.get(ref) ?? [...deleting.values()].find(({ id }) => id === ref);
  if (gone === undefined) return;
  authorize(ctx, "AppReadScript", gone.id);
  throw appGone();
}

function appGone(): PicloudError {
  return new PicloudError("app_gone", "The app is being deleted.");
}

async function scriptOf(deployed: Deployed, parts: readonly string[]): Promise<PreparedScript | undefined> {
  const [first = "", second = ""] = parts;
  // No name has such a character, and the database takes none.
  if (!parts.every(isStorableText)) return undefined;
  if (parts.length === 1)
    return uuidPattern.test(first) ? await deployed.script(await deployed.current(), first) : undefined;
  const id = parts.length === 2 ? await deployed.scriptId(first, second) : undefined;
  return id === undefined ? undefined : await deployed.script(await deployed.current(), id);
}

function isAtHome({ app }: PreparedScript, { state, place }: Target): boolean {
  if (!place.isOwn) return true;
  // An app without routes and hosts is not in the table.
  const id = place.app === undefined ? undefined : state.appIdBySlug.get(place.app);
  return id === undefined ? app.slug === place.app : app.id === id;
}

/** A name that is not there is told apart from one that is hidden only to who has a session or key. */
function authorizeAnything(ctx: Context): void {
  if (ctx.principal === undefined)
    throw new PicloudError("unauthenticated", "Log in first: this needs a session or an API key.");
}

/** Anonymous calls are fine on a public route; a bad token attaches nobody there (INS-7). */
async function routePrincipal(
  options: IngressOptions,
  call: PlacedExchange,
  { route }: RouteMatch,
): Promise<Principal | undefined> {
  if (route.auth === "public") return await principalOf(options, call, false);
  return await requireMember(options, call, route.app.id);
}

async function requireMember(
  options: IngressOptions,
  call: PlacedExchange,
  appId: string,
): Promise<Principal | undefined> {
  const principal = await principalOf(options, call, true);
  const ctx = { kind: "api", requestId: call.exchange.id, log: options.platform.log } as const;
  authorize(principal === undefined ? ctx : { ...ctx, principal }, "AppRead", appId);
  return principal;
}

/** `isRequired`: a bad token is 401 and an unreachable user store 503; else both attach nobody. */
async function principalOf(
  options: IngressOptions,
  { exchange, place }: PlacedExchange,
  isRequired: boolean,
): Promise<Principal | undefined> {
  const { request } = exchange;
  const { authorization, cookie } = request.headers;
  // Nobody can log in where the admin API does not answer: a session cookie there is left over from before the host was
  // claimed, or was planted by a neighbour in the domain. A page of the app could act with it.
  if (authorization === undefined && (cookie === undefined || !place.isShared)) return undefined;
  const result = await options.authenticator.authenticate(request);
  if (result.kind === "principal" && result.isSameOrigin) return result.principal;
  if (isRequired && result.kind === "unavailable") {
    throw new PicloudError("unavailable", "Credentials can't be checked now.", {
      cause: result.cause,
      retryAfterMs: 1000,
    });
  }
  return undefined;
}

async function run(
  options: RunOptions,
  exchange: Exchange,
  request: ExchangeRun,
  place: Place,
): Promise<void> {
  const { response } = exchange;
  let isAnswered = false;
  let hasWaitEnded = false;
  const whyAbandoned = (): AbandonedReason | undefined => {
    if (isAnswered) return undefined;
    if (hasWaitEnded) return "wait_ended";
    return response.destroyed ? "client_left" : undefined;
  };
  const wait = {
    endsAtMs: performance.now() + request.script.limits.timeoutMs + waitGraceMs,
    end: () => {
      if (hasWaitEnded) return;
      hasWaitEnded = true;
      const error = new PicloudError("timeout", "The script gave no answer in its time.");
      sendError(response, error, failed(exchange, place));
    },
  };
  const waitPlace = options.waits.add(wait);
  try {
    const { answer, executionId } = await answerOf(options, exchange, { ...request, whyAbandoned });
    if (hasWaitEnded || response.destroyed) return;
    isAnswered = true;
    if (answer instanceof PicloudError) sendError(response, answer, failed(exchange, place));
    else sendHead({ ...exchange, id: executionId }, answer, place);
  } finally {
    options.waits.delete(waitPlace);
  }
}

/** Of the run, or of an earlier one with the same key (EXE-9). */
async function answerOf(options: RunOptions, exchange: Exchange, request: HttpRun): Promise<KeyedAnswer> {
  const { executor, idempotency } = options;
  const { headers } = exchange.request;
  const key = headers["idempotency-key"];
  const { script, routeId, principal, input } = request;
  if (!script.isTransaction || typeof key !== "string") {
    const answer = await executor.http(request).answer;
    if (answer === "refused") throw new Error("a run without a scope was refused by one");
    return { answer, executionId: exchange.id };
  }
  const keyed = {
    appId: script.app.id,
    targetId: routeId ?? script.script.id,
    principal,
    key,
    executionId: exchange.id,
    method: input.method,
    url: exchange.path + exchange.query,
    credentials: [headers.authorization, headers.cookie],
    body: input.body,
    limitMs: script.limits.timeoutMs,
  };
  return await idempotency.answer(keyed, async (scope) => await executor.http({ ...request, scope }).answer);
}

function failed(exchange: Exchange, place: Place): ErrorAnswer {
  return { requestId: exchange.id, executionId: exchange.id, headers: answerHeaders(exchange, place) };
}

/** What nobody expected is logged here and told to nobody. */
function knownError(platform: Platform, requestId: string, error: unknown): PicloudError {
  if (error instanceof PicloudError) return error;
  if (isConnectionError(error)) {
    platform.log.warn("database_unavailable", { requestId, error });
    return new PicloudError("unavailable", "The database can't be reached; try again.", {
      retryAfterMs: 1000,
    });
  }
  platform.log.error("request_failed", { requestId, error });
  return new PicloudError("internal", "Something went wrong in PiCloud. The log has the details.");
}

function sendHead(exchange: Exchange, head: Head, place: Place): void {
  const { response, request } = exchange;
  const headers = [
    ...withoutReservedHeaders(head.headers, place.isShared),
    ...answerHeaders(exchange, place),
  ];
  const { status } = head;
  // 205 means "nothing follows", and says so by its length (RFC 9110 §15.3.6).
  const body = status === 205 ? "" : head.body;
  const hasBody = status !== 204 && status !== 304;
  if (hasBody) {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    headers.push("content-length", String(length));
  }
  response.writeHead(status, headers);
  if (hasBody && request.method !== "HEAD") response.end(body);
  else response.end();
}

function answerHeaders(exchange: Exchange, place: Place): string[] {
  return ["x-picloud-execution", exchange.id, ...originHeaders(place)];
}

/** APP-4. Where it is not known yet, the origin may be the dashboard's. */
function originHeaders(place: Place | undefined): string[] {
  return place?.isShared === false ? [] : ["content-security-policy", sandboxPolicy];
}

function inputOf(exchange: Exchange, path: string, body: Uint8Array): HttpRun["input"] {
  const { request, peer, query } = exchange;
  // A proxy's word for it was not checked with the request.
  if (!isHost(peer.host)) throw new PicloudError("malformed_request", "X-Forwarded-Host is not a host.");
  return {
    kind: "http",
    method: request.method ?? "GET",
    url: `${peer.scheme}://${peer.host === "" ? "localhost" : peer.host}${path}${query}`,
    headers: withoutCredentials(request.rawHeaders),
    body,
  };
}

function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  trusted: BlockList | undefined,
): Exchange {
  const target = request.url ?? "/";
  const end = target.search(/[?#]/);
  return {
    request,
    response,
    id: newId(),
    peer: peerOf(request, trusted),
    path: end === -1 ? target : target.slice(0, end),
    query: end === -1 ? "" : target.slice(end).replace(/#.*$/s, ""),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new PicloudError("malformed_request", "The path has an invalid percent-encoding.");
  }
}

function notFound(path: string): PicloudError {
  return new PicloudError("not_found", `Nothing answers ${path.slice(0, 200)} here.`);
}
