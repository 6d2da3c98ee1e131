/** Streams of events, by the oRPC client, which knows their wire form. */
import { OpenAPILink } from "@orpc/openapi-client/fetch";
import { contracts } from "@picloud/server/contract";
import { checkedAnswer, credentialsOf, send } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { CallOptions } from "./endpoint.ts";

export async function openStream(
  connection: Connection,
  place: readonly [string, string],
  input: unknown,
  options: CallOptions = {},
): Promise<unknown> {
  const router = Object.fromEntries(
    Object.entries(contracts).map(([name, contract]) => [name, contract.endpoints]),
  );
  const link = new OpenAPILink(router, {
    url: `${connection.url}/api/v1/admin`,
    headers: () => credentialsOf(connection),
    fetch: async (request): Promise<Response> =>
      await checkedAnswer(connection, await send(connection, request)),
  });
  return await link.call(place, input, { context: {}, ...options });
}
