import { describe, expect, test } from "vitest";
import { ApiError, createClient, UnexpectedAnswerError, UnreachableError } from "./client.ts";

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | null;
  readonly body: string;
  readonly redirect: string | undefined;
}

/** A client whose requests are recorded and answered by `answer`. */
function recorded(answer: () => Response | Promise<Response>, token?: string) {
  const sent: Sent[] = [];
  const client = createClient({
    url: "http://host:1/",
    token,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      sent.push({
        method: request.method,
        url: request.url,
        authorization: request.headers.get("authorization"),
        body: await request.text(),
        redirect: init?.redirect,
      });
      return await answer();
    },
  });
  return { client, sent };
}

const json = (body: unknown, status = 200): Response => Response.json(body, { status });
const me = { id: "i", username: "u", role: "owner" };

describe("api", () => {
  test("sends method, path, query and token of the contract", async () => {
    const { client, sent } = recorded(() => json({ items: [], next_cursor: null }), "pics_x");
    await client.api.kv.list({ app: "default", collection: "a b/c", limit: 5 });
    expect(sent).toEqual([
      {
        method: "GET",
        url: "http://host:1/api/v1/admin/apps/default/kv/a%20b%2Fc?limit=5",
        authorization: "Bearer pics_x",
        body: "",
        redirect: "manual",
      },
    ]);
  });

  test("path fields are not repeated in the body", async () => {
    const { client, sent } = recorded(() => json({ collection: "c", key: "k", version: 1 }));
    await client.call("kv", "set", { app: "default", collection: "c", key: "k", value: { n: 1 } });
    expect(sent[0]).toMatchObject({ method: "PUT", body: '{"value":{"n":1}}', authorization: null });
  });

  test.each([".", "..", ""])("a path field %j never leaves, for URLs would drop it", async (key) => {
    const { client, sent } = recorded(() => json({}));
    await expect(client.api.kv.delete({ app: "default", collection: key, key: "k" })).rejects.toMatchObject({
      code: "invalid",
      fields: [{ path: "collection" }],
    });
    expect(sent).toEqual([]);
  });

  test("204 is undefined", async () => {
    const { client } = recorded(() => new Response(null, { status: 204 }));
    expect(await client.api.kv.delete({ app: "a", collection: "c", key: "k" })).toBeUndefined();
  });
});

describe("failures", () => {
  test("an envelope is an ApiError", async () => {
    const { client } = recorded(() =>
      json({ error: { code: "forbidden", message: "no", request_id: "r" } }, 403),
    );
    const failing = client.api.users.me({});
    await expect(failing).rejects.toBeInstanceOf(ApiError);
    await expect(failing).rejects.toMatchObject({ code: "forbidden", status: 403, requestId: "r" });
  });

  test("no answer is an UnreachableError", async () => {
    const { client } = recorded(async () => await Promise.reject(new TypeError("fetch failed")));
    await expect(client.api.users.me({})).rejects.toBeInstanceOf(UnreachableError);
    await expect(client.execute({ scriptId: "s" })).rejects.toBeInstanceOf(UnreachableError);
  });

  test.each([
    ["a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    [
      "an error page",
      () => new Response("<html>", { status: 502, headers: { "content-type": "text/html" } }),
    ],
    ["other JSON", () => json({ detail: "Not Found" }, 404)],
    [
      "broken JSON",
      () => new Response("{", { status: 500, headers: { "content-type": "application/json" } }),
    ],
    ["a redirect", () => new Response(null, { status: 301, headers: { location: "https://else/" } })],
  ])("%s is an UnexpectedAnswerError", async (_, answer) => {
    const { client } = recorded(answer);
    await expect(client.api.users.me({})).rejects.toBeInstanceOf(UnexpectedAnswerError);
  });
});

describe("execute", () => {
  test("by id and by name, with body and headers; the caller's authorization wins", async () => {
    const { client, sent } = recorded(() => json(me), "pics_x");
    await client.execute({ scriptId: "s/1" }, { body: "x", headers: { authorization: "Basic y" } });
    await client.execute({ app: "shop", name: "ship" });
    expect(sent.map(({ url, authorization, body }) => [url, authorization, body])).toEqual([
      ["http://host:1/api/v1/execute/s%2F1", "Basic y", "x"],
      ["http://host:1/api/v1/execute/shop/ship", "Bearer pics_x", ""],
    ]);
  });

  test("an error answer is returned, not thrown", async () => {
    const { client } = recorded(() => json({ error: {} }, 422));
    expect((await client.execute({ scriptId: "s" })).status).toBe(422);
  });
});
