/** Typed client of PiCloud's API, for `pic`, the dashboard and programs. Runs wherever there is `fetch`. */
import { createORPCClient } from "@orpc/client";
import type { ContractRouterClient } from "@orpc/contract";
import { OpenAPILink } from "@orpc/openapi-client/fetch";
import { exactJson, PicloudError } from "@picloud/contract";
import { contracts } from "@picloud/server/contract";
import { checkedAnswer, credentialsOf, send } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { isRecord } from "./errors.ts";
import { execute } from "./execute.ts";
import type { ExecuteRequest, ExecuteTarget } from "./execute.ts";
import { exportLines, importLines } from "./lines.ts";
import type { CollectionRef, ImportAnswer } from "./lines.ts";
import { transfer } from "./transfer.ts";
import type { TransferRequest } from "./transfer.ts";

export { ApiError, parseErrorEnvelope, UnexpectedAnswerError, UnreachableError } from "./errors.ts";
export type { Connection } from "./connection.ts";
export type { ExecuteRequest, ExecuteTarget } from "./execute.ts";
export type { CollectionRef, ImportAnswer } from "./lines.ts";
export type { TransferRequest } from "./transfer.ts";
export { resumed } from "./sse.ts";
export type { ResumeOptions } from "./sse.ts";
export { contracts };

type Router = { readonly [K in keyof typeof contracts]: (typeof contracts)[K]["endpoints"] };

export type AdminApi = ContractRouterClient<Router>;

export interface PicloudClient {
  readonly url: string;
  /** The admin API: `client.api.apps.get({ app: "default" })`. Throws `ApiError`, `UnreachableError` or
   *  `UnexpectedAnswerError`. */
  readonly api: AdminApi;
  /** The same by name, for what is derived from the contracts. */
  readonly call: (feature: string, endpoint: string, input: unknown) => Promise<unknown>;
  /** Runs a script. Every answer is returned, errors included; throws only when there is none. */
  readonly execute: (target: ExecuteTarget, request?: ExecuteRequest) => Promise<Response>;
  /** A collection as JSON lines. */
  readonly exportLines: (ref: CollectionRef) => Promise<ReadableStream<Uint8Array>>;
  readonly importLines: (
    ref: CollectionRef,
    lines: { readonly text: string; readonly firstLine: number },
  ) => Promise<ImportAnswer>;
  /** Bytes to or from an endpoint of the admin API. Throws as `api` does; an answer that is no failure comes as it is. */
  readonly transfer: (request: TransferRequest) => Promise<Response>;
  /** `GET` of a JSON document outside the admin API, such as `/api/v1/version`. */
  readonly read: (path: string) => Promise<unknown>;
}

/** A client for the server at `url`. Opens nothing until it is used. */
export function createClient(options: Connection): PicloudClient {
  const connection = { ...options, url: options.url.replace(/\/+$/, "") };
  const router = routerOf();
  const link = new OpenAPILink<CallContext>(router, {
    url: `${connection.url}/api/v1/admin`,
    headers: () => credentialsOf(connection),
    interceptors: [
      async (call): Promise<unknown> => {
        refuseUnaddressable(routePath(router, call.path), call.input);
        if (connection.exactNumbers !== true) return await call.next();
        const answer: Answer = {};
        const output = await call.next({ ...call, context: { answer } });
        return answer.text === undefined ? output : exactJson(answer.text);
      },
    ],
    fetch: async (request, _init, { context }): Promise<Response> => {
      const response = await checkedAnswer(connection, await send(connection, request));
      const type = response.headers.get("content-type") ?? "";
      if (context.answer === undefined || !type.startsWith("application/json")) return response;
      context.answer.text = await response.text();
      return new Response(context.answer.text, response);
    },
  });
  const api: AdminApi = createORPCClient(link);
  return {
    url: connection.url,
    api,
    call: async (feature, endpoint, input) => await link.call([feature, endpoint], input, { context: {} }),
    execute: async (target, request) => await execute(connection, target, request),
    exportLines: async (ref) => await exportLines(connection, ref),
    importLines: async (ref, lines) => await importLines(connection, ref, lines),
    transfer: async (request) => await transfer(connection, request),
    read: async (path) => {
      const request = new Request(connection.url + path, { headers: { accept: "application/json" } });
      return await (await checkedAnswer(connection, await send(connection, request))).json();
    },
  };
}

/** What a call carries beside its input: a place for the text of its answer. */
interface CallContext {
  readonly answer?: Answer;
}
interface Answer {
  text?: string;
}

function routerOf(): Router {
  const entries = Object.entries(contracts).map(([name, contract]) => [name, contract.endpoints]);
  // One line per contract: what `Router` says; `Object.fromEntries` loses the names.
  return Object.fromEntries(entries) as Router;
}

function routePath(router: Router, path: readonly string[]): string {
  let node: unknown = router;
  for (const name of path) node = isRecord(node) ? node[name] : undefined;
  const definition = isRecord(node) ? node["~orpc"] : undefined;
  const route = isRecord(definition) ? definition["route"] : undefined;
  return isRecord(route) && typeof route["path"] === "string" ? route["path"] : "";
}

/** URLs drop the path segments `.`, `..` and empty ones, even percent-encoded (WHATWG URL §4.4): `DELETE /apps/a/kv/../..`
 *  would be `DELETE /apps/a`. So such a name never leaves the client. */
function refuseUnaddressable(path: string, input: unknown): void {
  for (const [, name = ""] of path.matchAll(/\{\+?([^}]+)\}/g)) {
    const value = isRecord(input) ? input[name] : undefined;
    if (value === undefined || value === null || value === "" || value === "." || value === "..") {
      throw new PicloudError("invalid", `${name} must not be empty, "." or ".."`, {
        fields: [{ path: name, message: 'must not be empty, "." or ".."' }],
      });
    }
  }
}
