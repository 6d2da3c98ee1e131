/** JSON lines (`application/x-ndjson`) of a collection: out as a stream, in by requests of many lines. */
import { PicloudError } from "@picloud/contract/values";
import { checkedAnswer, credentialsOf, send } from "./connection.ts";
import type { Connection } from "./connection.ts";

const TYPE = "application/x-ndjson";

export interface CollectionRef {
  readonly app: string;
  /** Name of the service: `docs` or `kv`. */
  readonly service: string;
  readonly collection: string;
}

/** The lines as they come. Throws like the rest of the client before the first one; a stream that breaks rejects. */
export async function exportLines(
  connection: Connection,
  ref: CollectionRef,
): Promise<ReadableStream<Uint8Array>> {
  const headers = { ...credentialsOf(connection), accept: TYPE };
  const request = new Request(urlOf(connection, ref), { headers });
  const { body } = await checkedAnswer(connection, await send(connection, request));
  return body ?? new ReadableStream({ start: (controller) => controller.close() });
}

export interface ImportAnswer {
  readonly imported: number;
  readonly created: number;
  readonly replaced: number;
  /** Of kv: entries that were left out because their time had passed. */
  readonly expired?: number;
}

/** Sends whole lines. `firstLine`: the number of the first of them, for errors to name. */
export async function importLines(
  connection: Connection,
  ref: CollectionRef,
  lines: { readonly text: string; readonly firstLine: number },
): Promise<ImportAnswer> {
  const request = new Request(`${urlOf(connection, ref)}?first_line=${lines.firstLine}`, {
    method: "POST",
    headers: { ...credentialsOf(connection), "content-type": TYPE },
    body: lines.text,
  });
  const answer = await checkedAnswer(connection, await send(connection, request));
  // What the contract's endpoint gives; another server would not have answered with JSON here.
  return (await answer.json()) as ImportAnswer;
}

/** URLs drop the segments `.` and `..`: such a name never leaves. */
function urlOf({ url }: Connection, { app, service, collection }: CollectionRef): string {
  for (const [path, value] of Object.entries({ app, collection })) {
    if (!["", ".", ".."].includes(value)) continue;
    const message = 'must not be empty, "." or ".."';
    throw new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
  }
  const segments = ["apps", app, service, collection].map(encodeURIComponent);
  return `${url}/api/v1/admin/${segments.join("/")}`;
}
