import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownerLogin, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, Json, TestApi } from "../../../../../tests/support/test-api.ts";
import { waitFor } from "../../../../../tests/support/wait-for.ts";
import { newId } from "../../platform/ids.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const slug of ["shop", "lab"]) await api.call("POST /apps", { body: { slug } });
});
afterAll(async () => await api.close());

let count = 0;
/** A user of the instance with a session; `roles`: in apps. */
async function person(
  role: "member" | "admin" | "owner",
  roles: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string; readonly token: string }> {
  const id = newId();
  const username = `person-${++count}`;
  await api.platform.db.write`insert into users (id, username, role, password_hash)
    select ${id}, ${username}, ${role}, password_hash from users where username = ${ownerLogin.username}`;
  for (const [app, appRole] of Object.entries(roles))
    await api.call(`POST /apps/${app}/members`, { body: { user: id, role: appRole } });
  const login = await api.call("POST /auth/login", { token: null, body: { ...ownerLogin, username } });
  return { id, token: textOf(login.body["token"]) };
}

async function mint(body: Readonly<Record<string, unknown>>, token?: string): Promise<Answer> {
  return await api.call("POST /api_keys", {
    body: { name: "ci", ...body },
    ...(token === undefined ? {} : { token }),
  });
}

async function keyOf(body: Readonly<Record<string, unknown>>, token?: string): Promise<string> {
  return textOf((await mint(body, token)).body["raw_token"]);
}

const itemsOf = ({ body }: Answer): readonly Json[] => body["items"] as unknown as readonly Json[];

test("the token is shown once, only its hash is stored, and lists show the prefix", async () => {
  const { token } = await person("admin");
  const minted = await mint({ scopes: ["script:read"], name: " nightly " }, token);
  expect(minted.status).toBe(201);
  const raw = textOf(minted.body["raw_token"]);
  const [, prefix, secret] = /^pic_([a-z0-9]{8})_([\w-]{43})$/.exec(raw) ?? [];
  expect(minted.body).toMatchObject({
    name: "nightly",
    prefix,
    app_id: null,
    expires_at: null,
    last_used_at: null,
  });
  const list = await api.call("GET /api_keys", { token });
  expect(itemsOf(list)).toMatchObject([{ id: minted.body["id"], prefix, scopes: ["script:read"] }]);
  expect(list.text).not.toContain(secret);
  const [row] = await api.platform.db.read`
    select k::text as text from api_keys k where id = ${textOf(minted.body["id"])}`;
  expect(row?.["text"]).not.toContain(secret);
});

test("a key is its owner's alone: others neither see nor revoke it", async () => {
  const [one, other] = [await person("admin"), await person("owner")];
  const minted = await mint({ scopes: ["script:read"] }, one.token);
  const id = textOf(minted.body["id"]);
  expect(itemsOf(await api.call("GET /api_keys", { token: other.token }))).toEqual([]);
  expect((await api.call(`DELETE /api_keys/${id}`, { token: other.token })).status).toBe(404);
  const key = textOf(minted.body["raw_token"]);
  expect((await api.call("GET /auth/me", { token: key })).body["id"]).toBe(one.id);
  expect((await api.call(`DELETE /api_keys/${id}`, { token: one.token })).body).toEqual({ id });
  expect((await api.call("GET /auth/me", { token: key })).status).toBe(401);
  expect((await api.call(`DELETE /api_keys/${id}`, { token: one.token })).status).toBe(404);
});

test("a key is told what it is; a session is not a key", async () => {
  const { id, token } = await person("admin");
  const minted = await mint({ scopes: ["script:read"], name: "me", app_id: "shop", expires_in: "1h" }, token);
  const { body } = await api.call("GET /auth/me", { token: textOf(minted.body["raw_token"]) });
  expect(body).toEqual({
    id,
    username: expect.any(String) as string,
    role: "admin",
    key: {
      id: minted.body["id"],
      name: "me",
      scopes: ["script:read"],
      app_id: minted.body["app_id"],
      expires_at: minted.body["expires_at"],
    },
  });
  expect(body["key"]).toMatchObject({ expires_at: expect.stringMatching(/Z$/) as string });
  expect((await api.call("GET /auth/me", { token })).body).not.toHaveProperty("key");
});

test("a key can't manage keys, passwords or the second factor", async () => {
  const key = await keyOf({ scopes: ["script:read", "app:admin", "instance:admin"] });
  const list = await api.call("GET /api_keys");
  for (const request of [
    api.call("GET /api_keys", { token: key }),
    mint({ scopes: ["script:read"] }, key),
    api.call(`DELETE /api_keys/${textOf(itemsOf(list)[0]?.["id"])}`, { token: key }),
    api.call("POST /auth/password", { token: key, body: { old_password: "x", new_password: "long enough" } }),
    api.call("POST /auth/totp", { token: key, body: { password: "x" } }),
  ]) {
    const answer = await request;
    expect([answer.status, answer.body["error"]?.["code"]]).toEqual([403, "forbidden"]);
  }
});

describe("what a key may do", () => {
  test("is what its scopes say", async () => {
    const key = await keyOf({ scopes: ["script:read"] });
    expect((await api.call("GET /apps/shop", { token: key })).status).toBe(200);
    const body = { name: "a", source: "export default () => 1" };
    expect((await api.call("POST /apps/shop/scripts", { token: key, body })).status).toBe(403);
    expect((await api.call("GET /apps/shop/logs", { token: key })).status).toBe(403);
    expect((await api.call("POST /apps", { token: key, body: { slug: "new" } })).status).toBe(403);
    const writer = await keyOf({ scopes: ["script:write"] });
    expect((await api.call("POST /apps/shop/scripts", { token: writer, body })).status).toBe(201);
    expect((await api.call("GET /apps/shop", { token: writer })).status).toBe(403);
  });

  test("is in the app that it is bound to, which goes by id or slug", async () => {
    const minted = await mint({ scopes: ["script:read", "app:admin"], app_id: "shop" });
    const key = textOf(minted.body["raw_token"]);
    expect(minted.body["app_id"]).toBe((await api.call("GET /apps/shop")).body["id"]);
    expect((await api.call("GET /apps/shop", { token: key })).status).toBe(200);
    expect((await api.call("GET /apps/lab", { token: key })).status).toBe(403);
    const slugs = itemsOf(await api.call("GET /apps", { token: key })).map(({ slug }) => slug);
    expect(slugs).toEqual(["shop"]);
    expect((await api.call("GET /audit", { token: key })).status).toBe(403);
  });

  test("ends with its owner's role, at once", async () => {
    const { id, token } = await person("member", { shop: "editor" });
    const key = await keyOf({ scopes: ["script:read", "script:write"] }, token);
    const body = { value: 1 };
    expect((await api.call("PUT /apps/shop/kv/c/k", { token: key, body })).status).toBe(200);
    await api.call(`PATCH /apps/shop/members/${id}`, { body: { role: "viewer" } });
    expect((await api.call("PUT /apps/shop/kv/c/k", { token: key, body })).status).toBe(403);
    expect((await api.call("GET /apps/shop/kv/c/k", { token: key })).status).toBe(200);
    await api.call(`DELETE /apps/shop/members/${id}`);
    expect((await api.call("GET /apps/shop/kv/c/k", { token: key })).status).toBe(403);
    expect(itemsOf(await api.call("GET /apps", { token: key }))).toEqual([]);
  });

  test("ends when its owner is disabled, and with the owner", async () => {
    const { id, token } = await person("admin");
    const key = await keyOf({ scopes: ["script:read", "instance:admin"] }, token);
    expect((await api.call("GET /audit?limit=1", { token: key })).status).toBe(200);
    await api.call(`PATCH /users/${id}`, { body: { role: "member" } });
    expect((await api.call("GET /audit?limit=1", { token: key })).status).toBe(403);
    await api.call(`PATCH /users/${id}`, { body: { disabled: true } });
    expect((await api.call("GET /auth/me", { token: key })).status).toBe(401);
    await api.call(`PATCH /users/${id}`, { body: { disabled: false } });
    expect((await api.call("GET /auth/me", { token: key })).status).toBe(200);
    await api.call(`DELETE /users/${id}`);
    expect((await api.call("GET /auth/me", { token: key })).status).toBe(401);
  });

  test("ends with its app", async () => {
    await api.call("POST /apps", { body: { slug: "short-lived" } });
    const key = await keyOf({ scopes: ["script:read"], app_id: "short-lived" });
    expect((await api.call("GET /auth/me", { token: key })).status).toBe(200);
    const { db, signals } = api.platform;
    await db.write`update apps set state = 'deleting' where slug = 'short-lived'`;
    signals.send("access");
    expect((await api.call("GET /auth/me", { token: key })).status).toBe(401);
  });
});

test("a key expires, to the moment also while it is in use", async () => {
  const minted = await mint({ scopes: ["script:read"], expires_in: "90d" });
  const days = (Date.parse(textOf(minted.body["expires_at"])) - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(90, 2);
  const key = textOf(minted.body["raw_token"]);
  const { db, signals } = api.platform;
  await db.write`update api_keys set expires_at = now() + interval '300 ms' where id = ${textOf(minted.body["id"])}`;
  signals.send("access");
  const start = performance.now();
  expect((await api.call("GET /auth/me", { token: key })).status).toBe(200);
  await waitFor("401", async () => (await api.call("GET /auth/me", { token: key })).status === 401, 5_000);
  // Not the second that an allow may be kept for.
  expect(performance.now() - start).toBeLessThan(900);
});

test("its last use is written down, not by each request", async () => {
  const { token } = await person("admin");
  const later = await keyOf({ scopes: ["script:read"] }, token);
  const key = await keyOf({ scopes: ["script:read"] }, token);
  /** Of the newest key, or the one before it. */
  const lastUsed = async (place = 0) => {
    const used: unknown = itemsOf(await api.call("GET /api_keys", { token }))[place]?.["last_used_at"];
    return typeof used === "string" && used;
  };
  expect(await lastUsed()).toBe(false);
  await api.call("GET /auth/me", { token: key });
  const first = await waitFor("the use is noted", lastUsed, 10_000);
  api.platform.signals.send("access");
  await api.call("GET /auth/me", { token: key });
  await api.call("GET /auth/me", { token: later });
  // What is noted later is written: so would this one be.
  await waitFor("a later use is noted", async () => await lastUsed(1), 10_000);
  expect(await lastUsed()).toBe(first);
});

test.each([
  [{ scopes: ["script:read"], name: "" }, "name"],
  [{ scopes: ["script:read"], name: "a\u0000" }, "name"],
  [{ scopes: ["script:read"], name: "n".repeat(65) }, "name"],
  // A line of a terminal erased, the direction turned round, a space of no width.
  [{ scopes: ["script:read"], name: "ci\u001b[2K" }, "name"],
  [{ scopes: ["script:read"], name: "ci\u202egpj" }, "name"],
  [{ scopes: ["script:read"], name: "ci\u200b" }, "name"],
  [{ scopes: [] }, "scopes"],
  [{ scopes: ["script:read", "script:read"] }, "scopes"],
  [{ scopes: ["everything"] }, "scopes.0"],
  [{}, "scopes"],
  [{ scopes: ["script:read"], expires_in: "soon" }, "expires_in"],
  [{ scopes: ["script:read"], expires_in: "1s" }, "expires_in"],
  [{ scopes: ["script:read"], expires_in: "5000d" }, "expires_in"],
  [{ scopes: ["instance:admin"], app_id: "shop" }, "scopes"],
])("the body %j is 422 and the answer names %s", async (body, path) => {
  const answer = await mint(body);
  expect([answer.status, answer.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([422, path]);
});

test("scopes and app are within the owner's at minting too", async () => {
  const { token } = await person("member", { shop: "viewer" });
  expect((await mint({ scopes: ["script:read", "log:read"], app_id: "shop" }, token)).status).toBe(201);
  const beyond = await mint({ scopes: ["script:read", "script:write"], app_id: "shop" }, token);
  expect([beyond.status, beyond.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([403, "scopes"]);
  expect((await mint({ scopes: ["instance:admin"] }, token)).status).toBe(403);
  expect((await mint({ scopes: ["script:read"], app_id: "lab" }, token)).status).toBe(403);
  expect((await mint({ scopes: ["script:read"], app_id: "nowhere" }, token)).status).toBe(404);
});

test("what is no key is 401, whatever it looks like", async () => {
  const key = await keyOf({ scopes: ["script:read"] });
  const last = key.at(-1) === "A" ? "B" : "A";
  for (const token of [
    `${key.slice(0, -1)}${last}`,
    key.slice(0, -1),
    `${key}A`,
    key.toUpperCase(),
    `pic_${"a".repeat(8)}_${"A".repeat(43)}`,
    `pics_${key.slice(-43)}`,
    "pic_",
  ]) {
    expect([token, (await api.call("GET /auth/me", { token })).status]).toEqual([token, 401]);
  }
  expect((await api.call("GET /auth/me", { token: key })).status).toBe(200);
});

test("a key in a query string or in a cookie is no credential", async () => {
  const key = await keyOf({ scopes: ["script:read"] });
  for (const name of ["token", "access_token", "api_key", "authorization"]) {
    const answer = await api.call(`GET /apps/shop?${name}=${key}`, { token: null });
    expect([400, 401]).toContain(answer.status);
    expect(answer.text).not.toContain(key);
  }
  const port = new URL(api.url).port;
  const cookie = { cookie: `picloud_${port}=${key}`, "sec-fetch-site": "same-origin" };
  expect((await api.call("GET /auth/me", { token: null, headers: cookie })).status).toBe(401);
});
