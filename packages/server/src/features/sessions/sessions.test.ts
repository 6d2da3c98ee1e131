import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ownerLogin, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, Json, TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const [username, role] of [
    ["ann", "admin"],
    ["bob", "member"],
    ["eve", "member"],
    ["dan", "member"],
    ["fay", "member"],
  ] as const)
    await api.call("POST /users", { body: { username, role, password: passwordOf(username) } });
});
afterAll(async () => await api.close());

const passwordOf = (username: string): string => `the sentence of ${username}!`;

async function logIn(username: string): Promise<string> {
  const body = username === "owner" ? ownerLogin : { username, password: passwordOf(username) };
  const login = await api.call("POST /auth/login", { token: null, body });
  return textOf(login.body["token"]);
}

function itemsOf(answer: Answer): readonly Json[] {
  expect(answer.status).toBe(200);
  return answer.body["items"] as unknown as Json[];
}

async function userId(username: string): Promise<string> {
  return textOf((await api.call(`GET /users/${username}`)).body["id"]);
}

test("a user lists and ends own sessions, one and all others", async () => {
  const [first, second, third] = [await logIn("dan"), await logIn("dan"), await logIn("dan")];
  const list = itemsOf(await api.call("GET /sessions", { token: second }));
  expect(list.map(({ current }) => current)).toEqual([false, true, false]);
  expect(list[0]).toMatchObject({ remote_addr: "127.0.0.1", user_id: await userId("dan") });
  expect(JSON.stringify(list)).not.toContain("token");

  const newest = textOf(list[0]?.["id"]);
  expect((await api.call(`DELETE /sessions/${newest}`, { token: second })).body).toEqual({ id: newest });
  expect((await api.call("GET /auth/me", { token: third })).status).toBe(401);
  expect((await api.call(`DELETE /sessions/${newest}`, { token: second })).status).toBe(404);

  expect((await api.call("DELETE /sessions", { token: second })).body).toEqual({ revoked: 1 });
  expect((await api.call("GET /auth/me", { token: first })).status).toBe(401);
  expect((await api.call("GET /auth/me", { token: second })).status).toBe(200);
});

test("pages go from the newest to the oldest", async () => {
  const token = await logIn("fay");
  await logIn("fay");
  const first = await api.call("GET /sessions?limit=1", { token });
  const next = textOf(first.body["next_cursor"]);
  const second = await api.call(`GET /sessions?limit=1&cursor=${next}`, { token });
  expect(itemsOf(first)[0]?.["current"]).toBe(false);
  expect(itemsOf(second)[0]?.["current"]).toBe(true);
  expect(second.body["next_cursor"]).toBeNull();
  // A cursor of another user's list.
  const foreign = await api.call(`GET /sessions?user_id=${await userId("bob")}&cursor=${next}`);
  expect([foreign.status, foreign.body["error"]?.["code"]]).toEqual([422, "invalid_cursor"]);
});

test("a member sees nobody else's, and does not learn which exist", async () => {
  const [bob, eve] = [await logIn("bob"), await logIn("eve")];
  const foreign = textOf(itemsOf(await api.call("GET /sessions", { token: eve }))[0]?.["id"]);
  const list = await api.call(`GET /sessions?user_id=${await userId("eve")}`, { token: bob });
  expect([list.status, list.body["error"]?.["code"]]).toEqual([403, "forbidden"]);
  const one = await api.call(`DELETE /sessions/${foreign}`, { token: bob });
  expect([one.status, one.body["error"]?.["code"]]).toEqual([404, "not_found"]);
  expect((await api.call(`DELETE /sessions?user_id=${await userId("eve")}`, { token: bob })).status).toBe(
    403,
  );
  expect((await api.call("GET /auth/me", { token: eve })).status).toBe(200);
});

test("an admin manages those of members, and not of owners", async () => {
  const [ann, bob] = [await logIn("ann"), await logIn("bob")];
  expect(
    itemsOf(await api.call(`GET /sessions?user_id=${await userId("bob")}`, { token: ann })).length,
  ).toBeGreaterThan(0);
  const owner = await userId("owner");
  expect((await api.call(`GET /sessions?user_id=${owner}`, { token: ann })).status).toBe(403);
  expect((await api.call(`DELETE /sessions?user_id=${owner}`, { token: ann })).status).toBe(403);
  const ownerSession = textOf(itemsOf(await api.call("GET /sessions"))[0]?.["id"]);
  expect((await api.call(`DELETE /sessions/${ownerSession}`, { token: ann })).status).toBe(403);
  expect((await api.call("GET /auth/me")).status).toBe(200);

  const ended = await api.call(`DELETE /sessions?user_id=${await userId("bob")}`, { token: ann });
  expect(Number(ended.body["revoked"])).toBeGreaterThan(0);
  expect((await api.call("GET /auth/me", { token: bob })).status).toBe(401);
  const nobody = "0190a0a0-0000-7000-8000-00000000abcd";
  expect((await api.call(`GET /sessions?user_id=${nobody}`, { token: ann })).status).toBe(404);
});

test("what a caller sends never becomes a session: log-in with a cookie gives a new token", async () => {
  const planted = `pics_${"A".repeat(43)}`;
  const port = new URL(api.url).port;
  const cookie = `picloud_${port}=${planted}`;
  const body = { username: "eve", password: passwordOf("eve") };
  const login = await api.call("POST /auth/login", { token: null, body, headers: { cookie } });
  expect(textOf(login.body["token"])).not.toBe(planted);
  expect(login.headers.get("set-cookie")).toContain(`picloud_${port}=${textOf(login.body["token"])};`);
  expect((await api.call("GET /auth/me", { token: planted })).status).toBe(401);
  expect((await api.call("GET /auth/me", { token: null, headers: { cookie } })).status).toBe(401);
});

test("the last use is written later, once for many requests, and at most once a minute", async () => {
  const { db } = api.platform;
  const oldSession = async (): Promise<{ readonly token: string; readonly read: () => Promise<unknown> }> => {
    const token = await logIn("eve");
    const [{ id } = { id: "" }] = await db.write<{ id: string }[]>`
      update sessions set last_used_at = now() - interval '2 minutes'
      where id = (select max(id::text)::uuid from sessions) returning id`;
    const read = async (): Promise<unknown> => {
      const [row] = await db.read`
        select last_used_at > now() - interval '1 minute' as is_new, xmin::text from sessions where id = ${id}`;
      return row;
    };
    return { token, read };
  };
  const isNew = async ({ read }: { readonly read: () => Promise<unknown> }): Promise<void> =>
    await vi.waitFor(async () => expect(await read()).toMatchObject({ is_new: true }), { timeout: 5_000 });
  const [session, later] = [await oldSession(), await oldSession()];
  const use = async (token: string) => await api.call("GET /auth/me", { token });
  await Promise.all(Array.from({ length: 5 }, async () => await use(session.token)));
  await isNew(session);
  const written = await session.read();
  api.platform.signals.send("access");
  await use(session.token);
  await use(later.token);
  // What is noted later is written: so would this one be.
  await isNew(later);
  expect(await session.read()).toEqual(written);
});
