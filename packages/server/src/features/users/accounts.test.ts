/** Accounts as owners and admins manage them, over the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, Json, TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
let admin: string;
let member: string;
beforeAll(async () => {
  api = await startTestApi();
  [admin, member] = [await newUser("ann", "admin"), await newUser("mia", "member")];
});
afterAll(async () => await api.close());
beforeEach(async () => {
  await api.platform.db.write`delete from login_attempts`;
});

const password = "a sentence of some length";

/** Creates a user and logs in. */
async function newUser(username: string, role: string): Promise<string> {
  const created = await api.call("POST /users", { body: { username, role, password } });
  expect([created.status, created.text]).toEqual([201, expect.stringContaining(username)]);
  return await logIn(username);
}

async function logIn(username: string): Promise<string> {
  const login = await api.call("POST /auth/login", { token: null, body: { username, password } });
  return textOf(login.body["token"]);
}

function refusal(answer: Answer): readonly [number, string] {
  return [answer.status, answer.status < 400 ? "" : textOf(answer.body["error"]?.["code"])];
}

test("users are listed by name, in pages, without what is secret", async () => {
  const first = await api.call("GET /users?limit=1");
  const rest = await api.call(`GET /users?cursor=${textOf(first.body["next_cursor"])}`);
  const items = [first, rest].flatMap((page) => page.body["items"] as unknown as Json[]);
  const names = items.map((item) => textOf(item["username"]).toLowerCase());
  expect(names).toEqual(names.toSorted());
  expect(names).toContain("ann");
  expect(Object.keys(items[0] ?? {}).toSorted()).toEqual(
    ["created_at", "has_totp", "id", "role", "state", "updated_at", "username"].toSorted(),
  );
  expect(`${first.text}${rest.text}`).not.toContain("argon2");
});

test("a user is shown by id and by name in any case; others are 404", async () => {
  const shown = await api.call("GET /users/ANN");
  expect(shown.body).toMatchObject({ username: "ann", role: "admin", state: "active", has_totp: false });
  expect((await api.call(`GET /users/${textOf(shown.body["id"])}`)).body).toEqual(shown.body);
  for (const ref of ["nobody", "0190a0a0-0000-7000-8000-00000000abcd", "a%00b", "%F0%9F%92%A9"])
    expect(refusal(await api.call(`GET /users/${ref}`))).toEqual([404, "not_found"]);
});

describe("usernames", () => {
  test.each([
    "\u0430nn", // Cyrillic a
    "ａnn", // full width
    "ann\u200b", // zero width
    "an\u0301n",
    "ß",
    "K\u212Aate", // Kelvin sign
    " ann",
    "ann ",
    "a\u0000b",
    "..",
    "-ann",
    "",
    "a".repeat(65),
    "0190a0a0-0000-7000-8000-00000000abcd",
    "../etc/passwd",
  ])("%j is refused by name of the field", async (username) => {
    const answer = await api.call("POST /users/invites", { body: { username } });
    expect(refusal(answer)).toEqual([422, "invalid"]);
    expect(answer.body["error"]?.["fields"]).toMatchObject([{ path: "username" }]);
  });

  test("one that is taken is 409, in another case too", async () => {
    for (const [path, body] of [
      ["/users", { username: "ANN", password }],
      ["/users/invites", { username: "Ann" }],
    ] as const) {
      const answer = await api.call(`POST ${path}`, { body });
      expect(refusal(answer)).toEqual([409, "already_exists"]);
      expect(answer.body["error"]?.["fields"]).toMatchObject([{ path: "username" }]);
    }
  });

  test("of two who take one at the same time one gets it", async () => {
    const answers = await Promise.all([
      api.call("POST /users", { body: { username: "twin", password } }),
      api.call("POST /users", { body: { username: "Twin", password } }),
      api.call("POST /users/invites", { body: { username: "TWIN" } }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  });
});

describe("input", () => {
  test.each([
    ["over-long password", { username: "x", password: "a".repeat(1025) }, "password"],
    ["short password", { username: "x", password: "short" }, "password"],
    ["common password", { username: "x", password: "password1" }, "password"],
    ["half a surrogate pair", { username: "x", password: "aaaaaaaa\ud800" }, "password"],
    ["unknown role", { username: "x", password, role: "root" }, "role"],
    ["unknown member", { username: "x", password, is_bootstrap: true }, "is_bootstrap"],
  ])("%s is 422 with the field", async (_, body, path) => {
    const answer = await api.call("POST /users", { body });
    expect(refusal(answer)).toEqual([422, "invalid"]);
    expect(answer.body["error"]?.["fields"]).toMatchObject([{ path }]);
    expect((await api.call("GET /users/x")).status).toBe(404);
  });

  test("a member that comes twice is refused; __proto__ is an unknown member and changes nothing", async () => {
    const twice = `{"username":"dup","password":"${password}","role":"owner","role":"member"}`;
    expect(refusal(await api.call("POST /users", { body: twice }))).toEqual([400, "malformed_request"]);
    expect((await api.call("GET /users/dup")).status).toBe(404);
    for (const body of [
      `{"username":"pro","password":"${password}","__proto__":{"role":"owner"}}`,
      `{"username":"pro","password":"${password}","constructor":{"prototype":{"role":"owner"}}}`,
    ]) {
      const answer = await api.call("POST /users", { body });
      expect(refusal(answer)).toEqual([422, "invalid"]);
    }
    expect(Object.hasOwn(Object.prototype, "role")).toBe(false);
  });
});

describe("only owners touch owners", () => {
  test("a member manages nobody, not even themselves", async () => {
    for (const [request, body] of [
      ["GET /users", undefined],
      ["GET /users/mia", undefined],
      ["POST /users", { username: "x", password }],
      ["POST /users/invites", { username: "x" }],
      ["POST /users/ann/reset", {}],
      ["PATCH /users/mia", { role: "owner" }],
      ["DELETE /users/ann", undefined],
    ] as const)
      expect(refusal(await api.call(request, { token: member, body }))).toEqual([403, "forbidden"]);
  });

  test("an admin neither makes, changes, resets nor deletes one", async () => {
    await newUser("olga", "owner");
    for (const [request, body] of [
      ["POST /users", { username: "x", password, role: "owner" }],
      ["POST /users/invites", { username: "x", role: "owner" }],
      ["PATCH /users/mia", { role: "owner" }],
      ["PATCH /users/ann", { role: "owner" }],
      ["PATCH /users/olga", { role: "member" }],
      ["PATCH /users/olga", { disabled: true }],
      ["POST /users/olga/reset", {}],
      ["DELETE /users/olga", undefined],
    ] as const)
      expect(refusal(await api.call(request, { token: admin, body }))).toEqual([403, "forbidden"]);
    expect((await api.call("GET /users/olga")).body).toMatchObject({ role: "owner", state: "active" });
    expect((await api.call("GET /users/x")).status).toBe(404);
  });

  test("an admin may all of it to others", async () => {
    await newUser("pat", "member");
    const call = async (request: string, body?: object) =>
      (await api.call(request, { token: admin, body })).status;
    expect(await call("PATCH /users/pat", { role: "admin" })).toBe(200);
    expect(await call("POST /users/pat/reset", {})).toBe(200);
    expect(await call("DELETE /users/pat")).toBe(200);
  });
});

describe("the last owner", () => {
  test.each([
    ["PATCH", { role: "admin" }],
    ["PATCH", { role: "member" }],
    ["PATCH", { disabled: true }],
    ["DELETE", undefined],
  ])("can't be taken by %s %j", async (method, body) => {
    const own = await startTestApi();
    try {
      // Neither an owner who is disabled nor one who has not accepted counts.
      await own.call("POST /users", { body: { username: "off", role: "owner", password } });
      await own.call("PATCH /users/off", { body: { disabled: true } });
      await own.call("POST /users/invites", { body: { username: "invited", role: "owner" } });
      expect(refusal(await own.call(`${method} /users/owner`, { body }))).toEqual([409, "last_owner"]);
      expect((await own.call("GET /auth/me")).body["role"]).toBe("owner");
    } finally {
      await own.close();
    }
  });

  test("of two owners who take each other at the same time one stays", async () => {
    const own = await startTestApi();
    try {
      await own.call("POST /users", { body: { username: "second", role: "owner", password } });
      const login = await own.call("POST /auth/login", {
        token: null,
        body: { username: "second", password },
      });
      const answers = await Promise.all([
        own.call("DELETE /users/second"),
        own.call("PATCH /users/owner", { token: textOf(login.body["token"]), body: { role: "member" } }),
      ]);
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.find((status) => status !== 200)).toBeGreaterThanOrEqual(401);
      const rows = await own.platform.db.read`select 1 from users where role = 'owner'`;
      expect(rows).toHaveLength(1);
    } finally {
      await own.close();
    }
  });
});

test("a new role holds at once, for sessions that are open", async () => {
  const token = await newUser("rob", "member");
  expect((await api.call("GET /users", { token })).status).toBe(403);
  await api.call("PATCH /users/rob", { body: { role: "admin" } });
  expect((await api.call("GET /users", { token })).status).toBe(200);
  await api.call("PATCH /users/rob", { body: { role: "member" } });
  expect((await api.call("GET /users", { token })).status).toBe(403);
});

test("disabling ends sessions for good, enabling lets log in again", async () => {
  const token = await newUser("dora", "member");
  const off = await api.call("PATCH /users/dora", { body: { disabled: true } });
  expect(off.body["state"]).toBe("disabled");
  const login = { token: null, body: { username: "dora", password } };
  expect((await api.call("GET /auth/me", { token })).status).toBe(401);
  expect(refusal(await api.call("POST /auth/login", login))).toEqual([401, "unauthenticated"]);
  expect((await api.call("PATCH /users/dora", { body: { disabled: false } })).body["state"]).toBe("active");
  expect((await api.call("GET /auth/me", { token })).status).toBe(401);
  expect((await api.call("POST /auth/login", login)).status).toBe(200);
});

test("a deleted user is gone with sessions and memberships; one whose triggers run stays", async () => {
  const token = await newUser("finn", "member");
  expect((await api.call("DELETE /users/finn")).status).toBe(200);
  expect((await api.call("GET /auth/me", { token })).status).toBe(401);
  expect((await api.call("GET /users/finn")).status).toBe(404);

  const gil = await newUser("gil", "admin");
  await api.call("POST /apps", { body: { slug: "held" } });
  await api.call("POST /apps/held/scripts", { body: { name: "main", source: "export default () => 1;" } });
  const trigger = { script: "main", collection_glob: "*" };
  const made = await api.call("POST /apps/held/triggers/kv", { token: gil, body: trigger });
  expect(made.status).toBe(201);
  const kept = await api.call("DELETE /users/gil");
  expect(refusal(kept)).toEqual([409, "in_use"]);
  const id = textOf(made.body["id"]);
  expect(kept.body["error"]?.["details"]).toEqual({ triggers: [{ id, app: "held" }] });
  expect(textOf(kept.body["error"]?.["message"])).toContain(`${id} of held`);
  // What the message says works.
  expect((await api.call(`DELETE /apps/held/triggers/${id}`)).status).toBe(200);
  expect((await api.call("DELETE /users/gil")).status).toBe(200);
});

test("the triggers of a deleted user are handed to one who may have them run", async () => {
  const gus = await newUser("gus", "admin");
  await newUser("hal", "member");
  await newUser("ida", "admin");
  await api.call("POST /apps", { body: { slug: "handed" } });
  await api.call("POST /apps/handed/scripts", { body: { name: "main", source: "export default () => 1;" } });
  const body = { script: "main", collection_glob: "*" };
  const made = await api.call("POST /apps/handed/triggers/kv", { token: gus, body });
  const id = textOf(made.body["id"]);
  await api.platform.db.write`update triggers set paused_reason = 'user_disabled' where id = ${id}`;
  for (const to of ["nobody", "gus", "hal"]) {
    const refused = await api.call(`DELETE /users/gus?reassign_to=${to}`);
    expect([to, ...refusal(refused)]).toEqual([to, 422, "invalid"]);
    expect(JSON.stringify(refused.body["error"]?.["fields"])).toContain("reassign_to");
  }
  await newUser("own", "owner");
  const toOwner = await api.call("DELETE /users/gus?reassign_to=own", { token: admin });
  expect(refusal(toOwner)).toEqual([403, "forbidden"]);
  const done = await api.call("DELETE /users/gus?reassign_to=ida", { token: admin });
  expect(done.body).toMatchObject({ reassigned_triggers: 1 });
  const shown = await api.call(`GET /apps/handed/triggers/${id}`);
  const ida = await api.call("GET /users/ida");
  expect(shown.body["registered_by_principal"]).toBe(ida.body["id"]);
  expect(shown.body).not.toHaveProperty("paused_reason");
});

test("each change is in the audit log with who made it, and no secret", async () => {
  await api.call("POST /users/invites", { token: admin, body: { username: "aud" } });
  await api.call("PATCH /users/aud", { token: admin, body: { role: "admin" } });
  await api.call("POST /users/aud/reset", { token: admin, body: {} });
  await api.call("DELETE /users/aud", { token: admin });
  const rows = await api.platform.db.read`
    select action, principal_name, before, after from audit where resource_name = 'aud' order by id`;
  expect(rows.map((row) => [row["action"], row["principal_name"]])).toEqual(
    ["users.invite", "users.update", "users.reset", "users.delete"].map((action) => [action, "ann"]),
  );
  expect(rows[1]).toMatchObject({ before: { role: "member" }, after: { role: "admin" } });
  expect(JSON.stringify(rows)).not.toMatch(/invite_|reset_|argon2/);
});
