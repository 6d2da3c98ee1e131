/** One call of an endpoint by its pattern. */
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import type { TestApi } from "./test-api.ts";

/** Endpoints whose body is bytes: what else they take is in the query. */
const takeBytes: ReadonlySet<string> = new Set(
  listEndpoints(contracts)
    .filter(({ bytes }) => bytes === "in")
    .map(({ method, path }) => `${method} ${path}`),
);

export interface Answered {
  readonly status: number;
  /** Of an error, else empty. */
  readonly code: string;
  readonly text: string;
}

/** `POST /apps/{app}/members` with path parameters and members of the input in one; what the path names and the input lacks is
 *  an id that nothing has. Ends a stream as soon as its status is known. */
export async function sendTo(
  api: TestApi,
  endpoint: string,
  call: { readonly input: Readonly<Record<string, unknown>>; readonly token: string | null },
): Promise<Answered> {
  const [method = "", pattern = ""] = endpoint.split(" ");
  const { rest, path } = placed(pattern, call.input);
  const isBytes = takeBytes.has(endpoint);
  const isQuery = method === "GET" || isBytes;
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, textOf(value)]));
  const abort = new AbortController();
  const response = await fetch(
    `${api.url}/api/v1/admin${path}${isQuery && query.size > 0 ? `?${query.toString()}` : ""}`,
    {
      method,
      headers: {
        ...(call.token === null ? {} : { authorization: `Bearer ${call.token}` }),
        ...(method === "GET" ? {} : { "content-type": isBytes ? "text/plain" : "application/json" }),
      },
      ...(method === "GET" ? {} : { body: isBytes ? "hello" : JSON.stringify(rest) }),
      signal: abort.signal,
    },
  );
  if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
    abort.abort();
    return { status: response.status, code: "", text: "" };
  }
  const text = await response.text();
  return { status: response.status, code: codeOf(response, text), text };
}

function codeOf(response: Response, text: string): string {
  if (response.headers.get("content-type")?.startsWith("application/json") !== true) return "";
  return (JSON.parse(text) as { error?: { code: string } }).error?.code ?? "";
}

const unknownId = "0190a0a0-0000-7000-8000-00000000abcd";

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Takes the path's parameters out of the input. */
function placed(
  pattern: string,
  members: Readonly<Record<string, unknown>>,
): { readonly path: string; readonly rest: Readonly<Record<string, unknown>> } {
  const names = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(textOf(members[name] ?? unknownId)),
  );
  return {
    path,
    rest: Object.fromEntries(
      Object.entries(members).filter(([name]) => name !== "app" && !names.includes(name)),
    ),
  };
}
