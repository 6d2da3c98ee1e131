/** Runs a script over `POST /api/v1/execute/…`. */
import { credentialsOf, send } from "./connection.ts";
import type { Connection } from "./connection.ts";

export type ExecuteTarget = { readonly scriptId: string } | { readonly app: string; readonly name: string };

export interface ExecuteRequest {
  readonly headers?: Readonly<Record<string, string>> | Headers;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
}

/** The script's answer, or PiCloud's in its place. A header of the caller's wins over the client's credentials. */
export async function execute(
  connection: Connection,
  target: ExecuteTarget,
  request: ExecuteRequest = {},
): Promise<Response> {
  const headers = new Headers(credentialsOf(connection));
  for (const [name, value] of new Headers(request.headers)) headers.set(name, value);
  const path = "scriptId" in target ? [target.scriptId] : [target.app, target.name];
  const url = [`${connection.url}/api/v1/execute`, ...path.map(encodeURIComponent)].join("/");
  return await send(
    connection,
    new Request(url, {
      method: "POST",
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    }),
  );
}
