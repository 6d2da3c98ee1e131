/** From an endpoint and its input to the request that the server expects: fields named in the path, the others as query
 *  (GET) or as JSON body. */
import { PicloudError } from "@picloud/contract/values";
import { credentialsOf } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { isRecord } from "./errors.ts";

export interface Endpoint {
  readonly method: string;
  /** Below `/api/v1/admin`: `/apps/{app}`. */
  readonly path: string;
  readonly isStream: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Of a stream: what follows this event. */
  readonly lastEventId?: string | undefined;
}

export function requestOf(
  connection: Connection,
  { method, path }: Endpoint,
  input: unknown,
  options: CallOptions = {},
): Request {
  refuseUnaddressable(path, input);
  const rest = new Map(Object.entries(isRecord(input) ? input : {}));
  const place = path.replaceAll(/\{\+?([^}]+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(String(value));
  });
  const url = new URL(`${connection.url}/api/v1/admin${place}`);
  const headers: Record<string, string> = { accept: "application/json", ...credentialsOf(connection) };
  const { signal = null } = options;
  if (method === "GET") {
    for (const [name, value] of rest)
      if (value !== undefined) url.searchParams.set(name, queryValue(name, value));
    return new Request(url, { method, headers, signal });
  }
  if (rest.size === 0) return new Request(url, { method, headers, signal });
  headers["content-type"] = "application/json";
  return new Request(url, { method, headers, signal, body: JSON.stringify(Object.fromEntries(rest)) });
}

function queryValue(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TypeError(`${name} is not a text, number or boolean`);
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
