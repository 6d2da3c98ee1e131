/** Bytes of any size to and from the admin API: what passes through is never held as a whole. */
import { checkedAnswer, credentialsOf, send } from "./connection.ts";
import type { Connection } from "./connection.ts";

export interface TransferRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Segments below `/api/v1/admin`, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly signal?: AbortSignal;
}

/** The answer, its body unread. Throws `ApiError`, `UnreachableError` or `UnexpectedAnswerError`. */
export async function transfer(connection: Connection, wanted: TransferRequest): Promise<Response> {
  const query = new URLSearchParams(wanted.query).toString();
  const path = wanted.path.map(encodeURIComponent).join("/");
  const url = `${connection.url}/api/v1/admin/${path}${query === "" ? "" : `?${query}`}`;
  const response = await send(
    connection,
    new Request(url, {
      method: wanted.method,
      headers: { ...credentialsOf(connection), ...wanted.headers },
      // A body that is a stream needs to say so (Fetch standard §5.4).
      ...(wanted.body === undefined ? {} : { body: wanted.body, duplex: "half" }),
      ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
    }),
  );
  return response.ok ? response : await checkedAnswer(connection, response);
}
