/** A request that is answered before it runs: as the event that its delivery carries, and back. Whoever looks at its dead
 *  letter reads it, so it is made for people too. */
import { isUtf8 } from "node:buffer";
import { isStorableText } from "@picloud/contract";
import type { HttpInput } from "@picloud/sandbox";
import type { Principal } from "../platform/context.ts";
import { paramsOf } from "./route-table.ts";

/** `ctx.event.source` and `op` that stand in the outbox and in dead letters; no trigger is of this kind. */
export const REQUEST_SOURCE = "http";
export const REQUEST_OP = "request";

/** Who sent it, as it is stored: what they may do is looked up when the request runs. */
export type StoredCaller = Pick<Principal, "kind" | "id" | "name">;

export interface AsyncRequest {
  readonly input: HttpInput;
  /** Absent: a call by id or name. */
  readonly route?: { readonly id: string; readonly path: string } | undefined;
  readonly remoteAddr: string;
  readonly caller?: StoredCaller | undefined;
}

/** Text of the event's payload: JSON without U+0000, which PostgreSQL could not look into. */
export function requestPayload({ input, route, remoteAddr, caller }: AsyncRequest): string {
  const { body } = input;
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = isUtf8(buffer) ? buffer.toString("utf8") : undefined;
  return JSON.stringify({
    method: input.method,
    url: input.url,
    route: route?.path,
    route_id: route?.id,
    headers: pairs(storableHeaders(input.headers)),
    ...(text !== undefined && isStorableText(text)
      ? { body: text }
      : { body_base64: buffer.toString("base64") }),
    remote_addr: remoteAddr,
    principal: caller && { kind: caller.kind, id: caller.id, name: caller.name },
  });
}

/** What proves who somebody is does not lie in a database for weeks, whoever's it is. */
const credentialHeaders = new Set(["authorization", "proxy-authorization", "cookie"]);

function storableHeaders(headers: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = "", value = ""] = [headers[i], headers[i + 1]];
    if (!credentialHeaders.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ""] as const] : []));
}

/** What a payload says, for the run. The text is ours: a replay's too, which was copied. */
export interface StoredRequest extends AsyncRequest {
  /** Of the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
}

interface Payload {
  readonly method: string;
  readonly url: string;
  readonly route?: string;
  readonly route_id?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly body_base64?: string;
  readonly remote_addr: string;
  readonly principal?: StoredCaller;
}

export function storedRequest(payload: string): StoredRequest {
  const stored = JSON.parse(payload) as Payload;
  const { method, url, route, route_id: id, body_base64: base64, principal: caller } = stored;
  const body = base64 === undefined ? Buffer.from(stored.body ?? "") : Buffer.from(base64, "base64");
  return {
    input: { kind: "http", method, url, headers: stored.headers.flat(), body },
    ...(route === undefined || id === undefined ? {} : { route: { id, path: route } }),
    remoteAddr: stored.remote_addr,
    ...(caller === undefined ? {} : { caller }),
    // It matched when it was accepted.
    params: (route === undefined ? undefined : paramsOf(route, segmentsOf(url))) ?? {},
  };
}

/** Of the path in an absolute URL, as it was sent. */
function segmentsOf(url: string): readonly string[] {
  const path = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  const mark = path.indexOf("?");
  return (mark === -1 ? path : path.slice(0, mark)).slice(1).split("/");
}
