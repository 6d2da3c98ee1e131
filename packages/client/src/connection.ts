/** Where PiCloud is, as whom to speak, and the one place that sends a request. */
import { parseErrorEnvelope, UnexpectedAnswerError, UnreachableError } from "./errors.ts";

export interface Connection {
  /** Base of all paths, without a slash at the end: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Answers keep numbers that JavaScript would write in another way (`4.0`, digits beyond 2^53) as objects that
   *  `JSON.stringify` writes as they were; needs `JSON.rawJSON`. For programs that show values, not for those that count. */
  readonly exactNumbers?: boolean;
}

/** Sends, and turns "no answer" into `UnreachableError`. An abort stays an abort. Never follows a redirect: a token must
 *  not travel to where it was not meant to go. */
export async function send(connection: Connection, request: Request): Promise<Response> {
  try {
    return await (connection.fetch ?? globalThis.fetch)(request, { redirect: "manual" });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new UnreachableError(connection.url, error);
  }
}

/** `authorization` for the token, if there is one. */
export function credentialsOf(connection: Connection): Record<string, string> {
  return connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` };
}

/** An answer of the admin API, or the error that it stands for. Reads the body only of errors. */
export async function checkedAnswer(connection: Connection, response: Response): Promise<Response> {
  const type = response.headers.get("content-type") ?? "";
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(type);
  if (response.ok) {
    const isStream = type.startsWith("text/event-stream") || type.startsWith("application/x-ndjson");
    if (response.status === 204 || isJson || isStream) return response;
    throw new UnexpectedAnswerError(connection.url, response.status, `content type ${type || "unknown"}`);
  }
  const location = response.headers.get("location");
  if (location !== null) {
    throw new UnexpectedAnswerError(connection.url, response.status, `it points to ${location}`);
  }
  const error = isJson ? parseErrorEnvelope(await parsed(response), response.status) : undefined;
  throw error ?? new UnexpectedAnswerError(connection.url, response.status, "no error envelope in it");
}

async function parsed(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON after all: the caller reports the answer as not PiCloud's.
    return undefined;
  }
}
