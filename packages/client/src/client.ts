/** Typed client of PiCloud's API, for `pic`, the dashboard and programs. Runs wherever there is `fetch`. What it needs of
 *  the contracts at run time is a table, for their schemas take longer to load than a call takes. */
import type { ContractRouterClient } from "@orpc/contract";
import { exactJson } from "@picloud/contract/values";
import type { contracts } from "@picloud/server/contract";
import { checkedAnswer, send } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { requestOf } from "./endpoint.ts";
import type { CallOptions, Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.generated.ts";
import { UnexpectedAnswerError } from "./errors.ts";
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
  const call = async (place: readonly [string, string], input: unknown, settings?: CallOptions) => {
    const [feature, name] = place;
    const endpoint = endpoints[feature]?.[name];
    if (endpoint === undefined) throw new Error(`the API has no endpoint ${feature}.${name}`);
    if (!endpoint.isStream) return await answerOf(connection, endpoint, input, settings);
    return await (await import("./event-stream.ts")).openStream(connection, place, input, settings);
  };
  const api = Object.entries(endpoints).map(([feature, ofFeature]) => {
    const calls = Object.keys(ofFeature).map((name) => [
      name,
      async (input: unknown, settings?: CallOptions) => await call([feature, name], input, settings),
    ]);
    return [feature, Object.fromEntries(calls)];
  });
  return {
    url: connection.url,
    // The table is made from the contracts that `AdminApi` is the type of.
    api: Object.fromEntries(api) as AdminApi,
    call: async (feature, endpoint, input) => await call([feature, endpoint], input),
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

async function answerOf(
  connection: Connection,
  endpoint: Endpoint,
  input: unknown,
  settings: CallOptions | undefined,
): Promise<unknown> {
  const request = requestOf(connection, endpoint, input, settings);
  const response = await checkedAnswer(connection, await send(connection, request));
  if (response.status === 204) return undefined;
  const text = await response.text();
  try {
    return connection.exactNumbers === true ? exactJson(text) : JSON.parse(text);
  } catch {
    throw new UnexpectedAnswerError(connection.url, response.status, "not JSON");
  }
}
