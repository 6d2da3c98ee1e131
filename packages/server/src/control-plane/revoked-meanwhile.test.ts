/** Rights that end while a request or a stream is under way. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";
import { inTwoParts } from "../../../../tests/support/two-part-request.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

const password = "a sentence of some length";

async function newUser(username: string, role: string): Promise<string> {
  await api.call("POST /users", { body: { username, role, password } });
  const login = await api.call("POST /auth/login", { token: null, body: { username, password } });
  return textOf(login.body["token"]);
}

test.each([
  ["disabled", { disabled: true }, 401],
  ["made a member", { role: "member" }, 403],
])("a body that comes after its sender was %s changes nothing", async (what, change, status) => {
  const name = what.replaceAll(" ", "-");
  const token = await newUser(name, "admin");
  const body = { username: "backdoor", role: "admin", password };
  const answer = await inTwoParts({ url: `${api.url}/api/v1/admin/users`, token, body }, async () => {
    expect((await api.call(`PATCH /users/${name}`, { body: change })).status).toBe(200);
  });
  expect(answer.status).toBe(status);
  expect((await api.call("GET /users/backdoor")).status).toBe(404);
});

test("a tail ends, and says why, when its reader is no member any more", async () => {
  const token = await newUser("reader", "member");
  await api.call("POST /apps/default/members", { body: { user: "reader", role: "viewer" } });
  const response = await fetch(`${api.url}/api/v1/admin/apps/default/logs/tail`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(20_000),
  });
  expect(response.status).toBe(200);
  expect((await api.call("DELETE /apps/default/members/reader")).status).toBe(200);
  expect(await response.text()).toContain("AppReadLogs");
  expect((await api.call("GET /auth/me", { token })).status).toBe(200);
});

test("what waits for its turn when its sender is disabled changes nothing", async () => {
  const token = await newUser("greedy", "admin");
  const names = Array.from({ length: 40 }, (_, i) => `puppet-${i}`);
  const attempts = names.map(async (username) => {
    return await api.call("POST /users", { token, body: { username, role: "admin", password } });
  });
  // Passwords are hashed two at a time: most still wait.
  await Promise.race(attempts);
  expect((await api.call("PATCH /users/greedy", { body: { disabled: true } })).status).toBe(200);
  const count = async (): Promise<number> =>
    (await api.platform.db.read`select 1 from users where username like 'puppet-%'`).length;
  const before = await count();
  const refused = (await Promise.all(attempts)).filter(({ status }) => status !== 201);
  expect(await count()).toBe(before);
  expect(refused.length).toBe(names.length - before);
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401]));
});
