import { afterAll, beforeAll, expect, test } from "vitest";
import { ownerLogin, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../../tests/support/test-api.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { bootstrapOwner } from "./set-up.service.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

test("a password is kept as argon2id with 19 MiB and two passes, and verifies", async () => {
  const stored = await hashPassword("pässword 1");
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await verifyPassword("pa\u0308ssword 1", stored)).toBe(true);
  expect(await verifyPassword("pässword 2", stored)).toBe(false);
  expect(await verifyPassword("x", undefined)).toBe(false);
  expect(await verifyPassword("x", "$argon2id$damaged")).toBe(false);
});

test("log-in gives a token that works until log-out, and only a hash of it is stored", async () => {
  const login = await api.call("POST /auth/login", { token: null, body: ownerLogin });
  expect(login.status).toBe(200);
  expect(login.body["user"]).toMatchObject({ username: "owner", role: "owner" });
  const token = textOf(login.body["token"]);
  expect(token).toMatch(/^pics_[\w-]{43}$/);
  const days = (Date.parse(textOf(login.body["expires_at"])) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(30);
  expect((await api.call("GET /auth/me", { token })).body).toMatchObject({
    username: "owner",
    role: "owner",
  });
  const [row] = await api.platform.db.read`select count(*)::int as count from sessions
    where encode(token_hash, 'escape') like '%pics_%'`;
  expect(row?.["count"]).toBe(0);
  expect((await api.call("POST /auth/logout", { token })).body).toEqual({ revoked: true });
  expect((await api.call("GET /auth/me", { token })).status).toBe(401);
});

test("names are compared without case", async () => {
  const login = await api.call("POST /auth/login", {
    token: null,
    body: { ...ownerLogin, username: "OWNER" },
  });
  expect(login.status).toBe(200);
});

test("an unknown user and a wrong password get the same answer", async () => {
  const answers = await Promise.all([
    api.call("POST /auth/login", { token: null, body: { username: "nobody", password: "x" } }),
    api.call("POST /auth/login", { token: null, body: { username: "owner", password: "wrong" } }),
    api.call("POST /auth/login", { token: null, body: { username: "own\u0000er", password: "wrong" } }),
  ]);
  const bodies = answers.map(({ body, status }) => [
    status,
    body["error"]?.["code"],
    body["error"]?.["message"],
  ]);
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  expect(bodies[0]?.[0]).toBe(401);
});

test.each(["", "Bearer", "Bearer x", `Bearer pics_${"A".repeat(43)}`, "Basic b3duZXI6eA=="])(
  "the credential %j is 401",
  async (authorization) => {
    const answer = await api.call("GET /auth/me", { token: null, headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  },
);

test("a disabled user's sessions and log-in end", async () => {
  const own = await startTestApi();
  try {
    await own.platform.db.write`update users set disabled_at = now()`;
    own.platform.signals.send("access");
    expect((await own.call("GET /auth/me")).status).toBe(401);
    expect((await own.call("POST /auth/login", { token: null, body: ownerLogin })).status).toBe(401);
  } finally {
    await own.close();
  }
});

test("without an owner in the settings, the newest set-up token makes one, once", async () => {
  const fresh = await startTestApi({
    environment: { PICLOUD_BOOTSTRAP_ADMIN_USERNAME: "", PICLOUD_BOOTSTRAP_ADMIN_PASSWORD: "" },
  });
  try {
    const { setupToken: older } = await bootstrapOwner(fresh.platform, undefined);
    const { setupToken: token } = await bootstrapOwner(fresh.platform, undefined);
    const setUp = async (body: object) => await fresh.call("POST /auth/setup", { token: null, body });
    const account = { username: "first", password: "long enough" };
    expect((await setUp({ ...account, token: older })).status).toBe(401);
    expect((await setUp({ ...account, token: "setup_x" })).status).toBe(401);
    const weak = await setUp({ token, username: "a b", password: "short" });
    expect([weak.status, weak.body["error"]?.["code"]]).toEqual([422, "invalid"]);
    const both = await Promise.all([
      setUp({ ...account, token }),
      setUp({ ...account, username: "second", token }),
    ]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    const winner = both.find(({ status }) => status === 200);
    const me = await fresh.call("GET /auth/me", { token: textOf(winner?.body["token"]) });
    expect(me.body["role"]).toBe("owner");
    expect(await bootstrapOwner(fresh.platform, undefined)).toEqual({});
    expect(await bootstrapOwner(fresh.platform, { username: "later", password: "long enough" })).toEqual({});
    const [row] = await fresh.platform.db.read`select count(*)::int as count from users`;
    expect(row?.["count"]).toBe(1);
  } finally {
    await fresh.close();
  }
});

test("a set-up token of 24 hours ago is void", async () => {
  const fresh = await startTestApi({
    environment: { PICLOUD_BOOTSTRAP_ADMIN_USERNAME: "", PICLOUD_BOOTSTRAP_ADMIN_PASSWORD: "" },
  });
  try {
    const { setupToken: token } = await bootstrapOwner(fresh.platform, undefined);
    await fresh.platform.db.write`update setup_tokens set expires_at = expires_at - interval '24 hours'`;
    const body = { token, username: "first", password: "long enough" };
    expect((await fresh.call("POST /auth/setup", { token: null, body })).status).toBe(401);
  } finally {
    await fresh.close();
  }
});

test("more than 100 sessions end the oldest", async () => {
  const own = await startTestApi();
  try {
    const { db } = own.platform;
    await db.write`insert into sessions (id, user_id, token_hash, created_at, expires_at)
      select gen_random_uuid(), u.id, sha256(n::text::bytea), now() - n * interval '1 minute', now() + interval '1 day'
      from users u, generate_series(1, 150) n`;
    await own.call("POST /auth/login", { token: null, body: ownerLogin });
    const [row] =
      await db.read`select count(*)::int as count, max(now() - created_at) < interval '2 hours' as recent
      from sessions`;
    expect(row).toEqual({ count: 100, recent: true });
  } finally {
    await own.close();
  }
});
