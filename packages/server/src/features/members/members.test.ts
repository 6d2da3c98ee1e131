import { afterAll, beforeAll, expect, test } from "vitest";
import { ownerLogin, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../../tests/support/test-api.ts";
import { newId } from "../../platform/ids.ts";

let api: TestApi;
const bob = newId();
let bobsToken: string;

beforeAll(async () => {
  api = await startTestApi();
  const { db } = api.platform;
  for (const [id, name] of [
    [bob, "Bob"],
    [newId(), "alice"],
    [newId(), "carol"],
  ] as const) {
    await db.write`insert into users (id, username, role, password_hash)
      select ${id}, ${name}, 'member', password_hash from users where username = ${ownerLogin.username}`;
  }
  for (const slug of ["shop", "lab", "many"]) await api.call("POST /apps", { body: { slug } });
  const login = await api.call("POST /auth/login", { token: null, body: { ...ownerLogin, username: "bob" } });
  bobsToken = textOf(login.body["token"]);
});
afterAll(async () => await api.close());

/** The apps of this test alone: others run in any order. */
const slugsOfBob = async (): Promise<string[]> => {
  const { body } = await api.call("GET /apps", { token: bobsToken });
  return (body["items"] as unknown as { slug: string }[])
    .map(({ slug }) => slug)
    .filter((slug) => slug === "shop");
};

test("adding makes the app appear in that member's list at once, and removing takes it away", async () => {
  expect(await slugsOfBob()).toEqual([]);
  const added = await api.call("POST /apps/shop/members", { body: { user: "bob", role: "viewer" } });
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({ user_id: bob, username: "Bob", role: "viewer" });
  expect(await slugsOfBob()).toEqual(["shop"]);
  const patch = { token: bobsToken, body: { name: "Bob's" } };
  expect((await api.call("PATCH /apps/shop", patch)).status).toBe(403);
  const raised = await api.call(`PATCH /apps/shop/members/${bob}`, { body: { role: "app_admin" } });
  expect(raised.body).toMatchObject({ role: "app_admin" });
  expect((await api.call("PATCH /apps/shop", patch)).status).toBe(200);
  expect((await api.call("GET /apps/lab/members", { token: bobsToken })).status).toBe(403);
  const removed = await api.call("DELETE /apps/shop/members/BOB");
  expect(removed.body).toMatchObject({ user_id: bob });
  expect(await slugsOfBob()).toEqual([]);
  expect((await api.call("GET /apps/shop", { token: bobsToken })).status).toBe(403);
});

test.each([
  [{ role: "viewer" }, "user"],
  [{ user: "", role: "viewer" }, "user"],
  [{ user: "nobody", role: "viewer" }, "user"],
  [{ user: "a\u0000", role: "viewer" }, "user"],
  [{ user: bob, role: "owner" }, "role"],
  [{ user: bob }, "role"],
  [{ user: bob, role: "viewer", more: 1 }, "more"],
])("the body %j is 422 and the answer names %s", async (body, path) => {
  const answer = await api.call("POST /apps/lab/members", { body });
  expect([answer.status, answer.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([422, path]);
});

test("of two that add the same user at once one gets 409; who is no member is 404", async () => {
  const body = { user: bob, role: "editor" };
  await api.call("DELETE /apps/lab/members/bob");
  const answers = await Promise.all(
    [1, 2].map(async () => await api.call("POST /apps/lab/members", { body })),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  expect((await api.call("DELETE /apps/many/members/bob")).status).toBe(404);
  expect((await api.call(`PATCH /apps/many/members/${bob}`, { body: { role: "viewer" } })).status).toBe(404);
  expect((await api.call(`DELETE /apps/lab/members/${newId()}`)).status).toBe(404);
});

test("members are listed by name in pages", async () => {
  await api.call("POST /apps", { body: { slug: "crowd" } });
  for (const user of ["carol", "Bob", "alice"])
    await api.call("POST /apps/crowd/members", { body: { user, role: "viewer" } });
  const first = await api.call("GET /apps/crowd/members?limit=2");
  const rest = await api.call(`GET /apps/crowd/members?limit=2&cursor=${textOf(first.body["next_cursor"])}`);
  const items = [first, rest].flatMap(({ body }) => body["items"] as unknown as { username: string }[]);
  expect(items.map(({ username }) => username)).toEqual(["alice", "Bob", "carol"]);
  expect(rest.body["next_cursor"]).toBeNull();
});
