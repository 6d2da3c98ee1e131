/** Invitations and resets: links for one use. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());
beforeEach(async () => {
  await api.platform.db.write`delete from login_attempts`;
});

const password = "a sentence of some length";
const newPassword = "another sentence of some length";

async function invite(username: string): Promise<string> {
  const answer = await api.call("POST /users/invites", { body: { username } });
  expect([answer.status, answer.body["user"]?.["state"]]).toEqual([201, "invited"]);
  return textOf(answer.body["token"]);
}

async function accept(token: string, chosen = password): Promise<Answer> {
  return await api.call("POST /auth/invites/accept", { token: null, body: { token, password: chosen } });
}

async function reset(username: string): Promise<string> {
  return textOf((await api.call(`POST /users/${username}/reset`, { body: {} })).body["token"]);
}

async function setPassword(token: string, chosen: string): Promise<Answer> {
  return await api.call("POST /auth/password_reset", { token: null, body: { token, password: chosen } });
}

async function logIn(username: string, chosen: string): Promise<Answer> {
  return await api.call("POST /auth/login", { token: null, body: { username, password: chosen } });
}

function refusal(answer: Answer): readonly [number, string] {
  return [answer.status, answer.status < 400 ? "" : textOf(answer.body["error"]?.["code"])];
}

describe("an invitation", () => {
  test("sets the password and logs in, by token and cookie; the role may be given before", async () => {
    const token = await invite("ida");
    expect(token).toMatch(/^invite_[\w-]{43}$/);
    expect(refusal(await logIn("ida", password))).toEqual([401, "unauthenticated"]);
    await api.call("PATCH /users/ida", { body: { role: "admin" } });
    const accepted = await accept(token);
    expect(accepted.body["user"]).toMatchObject({ username: "ida", role: "admin" });
    const session = textOf(accepted.body["token"]);
    expect(accepted.headers.get("set-cookie")).toContain(session);
    expect((await api.call("GET /users", { token: session })).status).toBe(200);
    expect((await logIn("ida", password)).status).toBe(200);
    expect((await api.call("GET /users/ida")).body["state"]).toBe("active");
  });

  test("is for one use, also when two use it at the same time", async () => {
    const token = await invite("jon");
    const both = await Promise.all([accept(token), accept(token, newPassword)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    expect(refusal(await accept(token))).toEqual([401, "unauthenticated"]);
  });

  test("stays open after a password that breaks the rules", async () => {
    const token = await invite("kim");
    expect(refusal(await accept(token, "iloveyou"))).toEqual([422, "invalid"]);
    expect(refusal(await accept(token, "kim-12345"))).toEqual([422, "invalid"]);
    expect((await accept(token)).status).toBe(200);
  });

  test("ends after 72 hours, with a newer one, with the user, and while the user is disabled", async () => {
    const old = await invite("lea");
    const { db } = api.platform;
    const [row] = await db.write`
      update user_links set expires_at = expires_at - interval '72 hours'
      returning expires_at > now() - interval '1 minute' as is_just`;
    expect(row?.["is_just"]).toBe(true);
    expect((await accept(old)).status).toBe(401);

    const newer = await reset("lea");
    expect(newer).toMatch(/^invite_/);
    const newest = await reset("lea");
    expect((await accept(newer)).status).toBe(401);
    await api.call("PATCH /users/lea", { body: { disabled: true } });
    expect((await accept(newest)).status).toBe(401);

    const gone = await invite("max");
    await api.call("DELETE /users/max");
    expect((await accept(gone)).status).toBe(401);
  });

  test("is no reset link, no session, and not in the database", async () => {
    const token = await invite("ned");
    expect((await setPassword(token, password)).status).toBe(401);
    expect((await api.call("GET /auth/me", { token })).status).toBe(401);
    const rows = await api.platform.db.read`
      select 1 from user_links where encode(token_hash, 'escape') like '%invite%'`;
    expect(rows).toHaveLength(0);
    expect((await accept(`${token.slice(0, -1)}_`)).status).toBe(401);
    expect((await accept(token)).status).toBe(200);
  });
});

describe("a reset", () => {
  test("sets the password once, ends all sessions and opens none", async () => {
    await accept(await invite("ola"));
    const session = textOf((await logIn("ola", password)).body["token"]);
    const token = await reset("ola");
    expect(token).toMatch(/^reset_[\w-]{43}$/);
    // Whoever asks for it changes nothing yet.
    expect((await api.call("GET /auth/me", { token: session })).status).toBe(200);
    const used = await setPassword(token, newPassword);
    expect([used.status, used.body]).toEqual([200, { username: "ola" }]);
    expect(used.headers.get("set-cookie")).toBeNull();
    expect((await api.call("GET /auth/me", { token: session })).status).toBe(401);
    expect((await logIn("ola", password)).status).toBe(401);
    expect((await logIn("ola", newPassword)).status).toBe(200);
    expect(refusal(await setPassword(token, password))).toEqual([401, "unauthenticated"]);
  });

  test("that two use at the same time is one's", async () => {
    await accept(await invite("ray"));
    const token = await reset("ray");
    const chosen = [newPassword, `${newPassword} too`];
    const both = await Promise.all(chosen.map(async (text) => await setPassword(token, text)));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    const logIns = await Promise.all(chosen.map(async (text) => (await logIn("ray", text)).status));
    expect(logIns).toEqual(both.map(({ status }) => status));
  });

  test("is void after a change of the password, and is not for oneself", async () => {
    await accept(await invite("pia"));
    const token = await reset("pia");
    const session = textOf((await logIn("pia", password)).body["token"]);
    const body = { old_password: password, new_password: newPassword };
    expect((await api.call("POST /auth/password", { token: session, body })).status).toBe(200);
    expect((await setPassword(token, password)).status).toBe(401);
    expect(refusal(await api.call("POST /users/owner/reset", { body: {} }))).toEqual([403, "forbidden"]);
  });
});

test("links end with the role owner: an admin who made one does not become the owner", async () => {
  await accept(await invite("uma"));
  const links = [
    {
      user: "uma",
      use: async (token: string) => await setPassword(token, newPassword),
      token: await reset("uma"),
    },
    { user: "val", use: async (token: string) => await accept(token), token: await invite("val") },
  ];
  for (const { user, use, token } of links) {
    await api.call(`PATCH /users/${user}`, { body: { role: "owner" } });
    expect(refusal(await use(token))).toEqual([401, "unauthenticated"]);
    // One that is made for an owner goes on.
    const next = await reset(user);
    await api.call(`PATCH /users/${user}`, { body: { role: "owner" } });
    expect((await use(next)).status).toBe(200);
  }
});

describe("a change of one's own password", () => {
  test("wants the old one and ends the other sessions", async () => {
    await accept(await invite("quin"));
    const [here, there] = await Promise.all(
      [0, 1].map(async () => textOf((await logIn("quin", password)).body["token"])),
    );
    const change = async (old_password: string, new_password: string): Promise<Answer> =>
      await api.call("POST /auth/password", { token: here ?? "", body: { old_password, new_password } });
    const wrong = await change("not the old one", newPassword);
    expect(refusal(wrong)).toEqual([422, "invalid"]);
    expect(wrong.body["error"]?.["fields"]).toMatchObject([{ path: "old_password" }]);
    expect((await change(password, "iloveyou")).body["error"]?.["fields"]).toMatchObject([
      { path: "new_password" },
    ]);
    expect((await api.call("GET /auth/me", { token: there ?? "" })).status).toBe(200);

    // Two log-ins, and the acceptance of the invitation.
    expect((await change(password, newPassword)).body).toEqual({ revoked_sessions: 2 });
    expect((await api.call("GET /auth/me", { token: there ?? "" })).status).toBe(401);
    expect((await api.call("GET /auth/me", { token: here ?? "" })).status).toBe(200);
    expect((await logIn("quin", password)).status).toBe(401);
  });
});
