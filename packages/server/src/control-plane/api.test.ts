import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownerLogin, startTestApi } from "../../../../tests/support/test-api.ts";
import type { Json, TestApi } from "../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_REQUEST_MAX_BYTES: "2000000" } });
});
afterAll(async () => await api.close());

test("an unknown path is 404 and a wrong method 405 with Allow, both in the envelope", async () => {
  const unknown = await api.call("GET /nothing/here");
  expect(unknown.status).toBe(404);
  expect(unknown.body["error"]).toMatchObject({
    code: "not_found",
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const wrong = await api.call("PUT /apps");
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toBe("GET, POST");
  expect(wrong.body["error"]?.["code"]).toBe("method_not_allowed");
});

test("the request id of an error is the one in the header", async () => {
  const { body, headers } = await api.call("GET /apps/none");
  expect(body["error"]?.["request_id"]).toBe(headers.get("x-request-id"));
});

test.each([
  ["not JSON", "{", {}],
  ["not UTF-8", "", {}],
  ["no JSON by its type", "{}", { "content-type": "text/plain" }],
  ["a form", "slug=x", { "content-type": "application/x-www-form-urlencoded" }],
])("a body that is %s is 400 malformed_request", async (name, text, headers) => {
  const body = name === "not UTF-8" ? undefined : text;
  const answer =
    body === undefined
      ? await rawPost(api, Buffer.from([0x7b, 0xff, 0x7d]))
      : await api.call("POST /apps", { body, headers });
  expect(answer.status).toBe(400);
  expect(answer.body["error"]?.["code"]).toBe("malformed_request");
});

test("JSON that breaks the schema is 422 invalid with every field", async () => {
  const answer = await api.call("POST /apps", { body: { slug: "Upper", name: 7, extra: true } });
  expect(answer.status).toBe(422);
  const fields = answer.body["error"]?.["fields"] as unknown as { path: string }[];
  expect(fields.map(({ path }) => path).toSorted()).toEqual(["extra", "name", "slug"]);
});

test("a body that is an array or text is 422", async () => {
  for (const body of ["[]", '"x"', "null"]) {
    expect((await api.call("POST /apps", { body })).body["error"]?.["code"]).toBe("invalid");
  }
});

test("unknown query parameters are refused, a token among them", async () => {
  const answer = await api.call(`GET /apps?token=${api.ownerToken}`, { token: null });
  // Refused for what it is before anybody asks who sends it.
  expect([answer.status, answer.body["error"]?.["code"]]).toEqual([400, "malformed_request"]);
  expect((await api.call("GET /apps?tokn=1")).body["error"]?.["fields"]?.[0]).toEqual({
    path: "tokn",
    message: "is not a known field",
  });
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
  "%s is a name like any other: unknown, and no harm",
  async (name) => {
    const answer = await api.call("POST /apps", { body: `{"slug":"a1","${name}":{"slug":"evil"}}` });
    expect([answer.status, answer.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([422, name]);
    const query = await api.call(`GET /apps?${name}=1`);
    expect([query.status, query.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([422, name]);
    expect(({} as { slug?: string }).slug).toBeUndefined();
  },
);

test.each([
  ["POST /apps", '{"slug":"first-one","slug":"last-one"}', "slug"],
  ["POST /apps", '{"slug":"first-one","\\u0073lug":"last-one"}', "slug"],
  ["PUT /apps/default/kv/c/k", '{"value":{"a":[{"b":1,"b":2}]}}', "value.a.0.b"],
  ["GET /apps?limit=1&limit=2", undefined, "limit"],
  ["DELETE /apps/none?force=false&force=true", undefined, "force"],
  ["DELETE /apps/none?force=false", '{"force":true}', "force"],
])("%s %s: a name that comes twice is 400 and named", async (request, body, path) => {
  const answer = await api.call(request, body === undefined ? {} : { body });
  expect([answer.status, answer.body["error"]?.["code"]]).toEqual([400, "malformed_request"]);
  expect(answer.body["error"]?.["fields"]).toEqual([{ path, message: "comes twice" }]);
  expect(answer.text).not.toContain("one");
});

test.each([
  `4.0`,
  `[9007199254740993,-0,1E5,{"a":4.0}]`,
  `123456789012345678901234567890`,
  `{"rawJSON":"1","toJSON":2}`,
  `"4.0"`,
])("the value %s goes through the API as it was written", async (text) => {
  const path = "/apps/default/kv/exact/it";
  const written = await api.call(`PUT ${path}`, { body: `{"ttl":60000.0,"value":${text}}` });
  expect(written.status).toBe(200);
  expect((await api.call(`GET ${path}`)).text).toContain(`"value":${text},`);
  expect((await api.call("GET /apps/default/kv/exact")).text).toContain(`"value":${text},`);
});

test("a body over the limit is 413, announced or not", async () => {
  const big = JSON.stringify({ slug: "x".repeat(2_100_000) });
  const announced = await api.call("POST /apps", { body: big });
  expect([announced.status, announced.body["error"]?.["code"]]).toEqual([413, "too_large"]);
  const streamed = await fetch(`${api.url}/api/v1/admin/apps`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.ownerToken}`, "content-type": "application/json" },
    body: new Blob([big]).stream(),
    duplex: "half",
  });
  expect(streamed.status).toBe(413);
});

test("NUL and odd escapes in a path are 404 or 422, never 500", async () => {
  for (const path of [
    "/apps/%00",
    "/apps/%ff",
    "/apps/%E0%A4%A",
    "/apps/..%2f..",
    "/scripts/%00",
    "/apps/default/scripts?name=%00",
  ]) {
    const { status } = await api.call(`GET ${path}`);
    expect([404, 422]).toContain(status);
  }
});

test("a failure of ours is 500 internal and tells nothing", async () => {
  const failing = await startTestApi();
  try {
    await failing.platform.db.write`alter table apps rename to apps_elsewhere`;
    const answer = await failing.call("GET /apps");
    expect(answer.status).toBe(500);
    expect(answer.body["error"]?.["code"]).toBe("internal");
    expect(answer.text).not.toMatch(/apps_elsewhere|relation|select|\.ts/i);
  } finally {
    await failing.close();
  }
});

test("the session cookie works for reading, and for changes only with the same-origin proof", async () => {
  const login = await api.call("POST /auth/login", { token: null, body: ownerLogin });
  const set = login.headers.get("set-cookie") ?? "";
  expect(set).toMatch(/^picloud_\d+=pics_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=/);
  const cookie = set.split(";", 1)[0] ?? "";
  const by = async (request: string, headers: Record<string, string>, body?: unknown) =>
    await api.call(request, { token: null, headers: { cookie, ...headers }, body });
  expect((await by("GET /auth/me", {})).body["username"]).toBe("owner");
  const slug = { slug: "by-cookie" };
  const withoutProof: Record<string, string>[] = [
    {},
    { origin: "null" },
    { origin: "http://evil.example" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of withoutProof) {
    const refused = await by("POST /apps", headers, slug);
    expect([refused.status, refused.body["error"]?.["code"]]).toEqual([403, "csrf"]);
  }
  expect((await by("POST /apps", { origin: api.url }, slug)).status).toBe(201);
  expect((await by("POST /apps", { "sec-fetch-site": "same-origin" }, { slug: "by-cookie-2" })).status).toBe(
    201,
  );
  const out = await by("POST /auth/logout", { "sec-fetch-site": "same-origin" });
  expect(out.headers.get("set-cookie")).toMatch(/^picloud_\d+=; .*Max-Age=0/);
  expect((await by("GET /auth/me", {})).status).toBe(401);
});

test("behind a public https address the cookie is __Host-picloud and Secure", async () => {
  const secure = await startTestApi({ environment: { PICLOUD_PUBLIC_URL: "https://cloud.example" } });
  try {
    const login = await secure.call("POST /auth/login", { token: null, body: ownerLogin });
    expect(login.headers.get("set-cookie")).toMatch(
      /^__Host-picloud=pics_.*; Path=\/; HttpOnly; SameSite=Lax; .*; Secure$/,
    );
  } finally {
    await secure.close();
  }
});

test("version, OpenAPI document and dashboard are open to all", async () => {
  const version = await api.call("GET //api/v1/version", { token: null });
  expect(version.body).toMatchObject({ version: "0.0.0-test", api: "1", schema: "0" });
  const document = await api.call("GET //api/v1/openapi.json", { token: null });
  expect(document.body["openapi"]).toMatch(/^3\.1/);
  expect(document.body["paths"]?.["/scripts/{id}"]?.["patch"]?.["requestBody"]).toBeDefined();
  const login = document.body["paths"]?.["/auth/login"]?.["post"];
  expect(login?.["security"]).toEqual([]);
  expect(login?.["responses"]?.["default"]).toEqual({ $ref: "#/components/responses/Error" });
  expect(document.text).not.toContain("$schema");
  const page = await api.call("GET //dashboard", { token: null });
  expect(page.text).toContain("pic deploy");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect((await api.call("POST //dashboard")).status).toBe(405);
  expect((await api.call("GET //elsewhere")).status).toBe(418);
});

/** A body that `fetch` would not send. */
async function rawPost(to: TestApi, bytes: Buffer): Promise<Awaited<ReturnType<TestApi["call"]>>> {
  const { hostname, port } = new URL(to.url);
  const head = `POST /api/v1/admin/apps HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${to.ownerToken}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n\r\n`;
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const socket = connect(Number(port), hostname, () =>
      socket.write(Buffer.concat([Buffer.from(head), bytes])),
    );
    socket.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
    socket.on("end", () => resolve(Buffer.concat(chunks).toString()));
    socket.on("error", reject);
  });
  const body = text.slice(text.indexOf("\r\n\r\n") + 4);
  return {
    status: Number(text.slice(9, 12)),
    headers: new Headers(),
    text: body,
    body: JSON.parse(body) as Json,
  };
}
