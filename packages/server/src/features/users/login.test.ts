/** Attacks on log-in, over the API. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ownerLogin, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  // Requests of this machine may say which address they come from.
  api = await startTestApi({ environment: { PICLOUD_TRUSTED_PROXIES: "127.0.0.1" } });
  await holdWaits();
});
afterAll(async () => await api.close());
beforeEach(async () => {
  await api.platform.db.write`delete from login_attempts`;
});

/** Makes waits an hour longer: on a busy machine the first, of a second, would end during a test. */
async function holdWaits(): Promise<void> {
  const { db } = api.platform;
  await db.write`
    create function hold_wait() returns trigger language plpgsql as $$
    begin
      if new.refused_until > now() then new.refused_until := new.refused_until + interval '1 hour'; end if;
      return new;
    end $$`;
  await db.write`
    create trigger hold_wait before insert or update on login_attempts
    for each row execute function hold_wait()`;
}

async function logIn(username: string, password: string, address = "192.0.2.1"): Promise<Answer> {
  const headers = { "x-forwarded-for": address };
  return await api.call("POST /auth/login", { token: null, body: { username, password }, headers });
}

test("an account is refused to an address after five failures, whether there is such an account or not", async () => {
  for (const username of ["owner", "nobody"]) {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await logIn(username, "wrong")).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const refused = await logIn(username, username === "owner" ? ownerLogin.password : "wrong");
    expect([refused.status, refused.body["error"]?.["code"]]).toEqual([429, "rate_limited"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    // Another address, and another name, are not concerned.
    expect((await logIn(username, "wrong", "192.0.2.2")).status).toBe(401);
  }
  expect((await logIn("somebody", "wrong")).status).toBe(401);
  expect((await logIn("owner", ownerLogin.password, "192.0.2.3")).status).toBe(200);
});

test("the case of the name, and other addresses of one IPv6 network, are no way around it", async () => {
  const names = ["owner", "OWNER", "Owner", "oWner", "owNer", "ownEr"];
  const statuses: number[] = [];
  for (const [i, name] of names.entries())
    statuses.push((await logIn(name, "wrong", `2001:db8::${i + 1}`)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
});

test("a hundred at the same time get no more than five", async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, async () => await logIn("owner", "wrong")));
  const counts = Map.groupBy(answers, ({ status }) => status);
  expect([counts.get(401)?.length, counts.get(429)?.length]).toEqual([5, 95]);
});

test("an address is refused after thirty failures over all names, and only it", async () => {
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => (await logIn(`name${i}`, "wrong", "198.51.100.1")).status),
  );
  expect(statuses.filter((status) => status === 401)).toHaveLength(30);
  expect((await logIn("owner", ownerLogin.password, "198.51.100.1")).status).toBe(429);
  for (const path of ["setup", "invites/accept", "password_reset"]) {
    const body = { token: "x", password: "long enough", ...(path === "setup" ? { username: "x" } : {}) };
    const headers = { "x-forwarded-for": "198.51.100.1" };
    expect((await api.call(`POST /auth/${path}`, { token: null, body, headers })).status).toBe(429);
  }
  expect((await logIn("owner", ownerLogin.password, "198.51.100.2")).status).toBe(200);
});

test("an account that many addresses attack answers later, and still lets its owner in", async () => {
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) => await logIn("owner", "wrong", `203.0.113.${i + 1}`)),
  );
  const start = performance.now();
  expect((await logIn("owner", ownerLogin.password, "198.51.100.9")).status).toBe(200);
  const ms = performance.now() - start;
  expect(ms).toBeGreaterThan(1_900);
  expect(ms).toBeLessThan(10_000);
});

test("who succeeds is not counted", async () => {
  for (let i = 0; i < 40; i++) expect((await logIn("owner", ownerLogin.password)).status).toBe(200);
  const rows = await api.platform.db.read`select attempts from login_attempts where attempts > 0`;
  expect(rows).toEqual([]);
});

test("the count is the database's: a second node knows it", async () => {
  for (let i = 0; i < 5; i++) await logIn("owner", "wrong");
  const rows = await api.platform.db.read`
    select attempts from login_attempts where refused_until > now() and expires_at > now()`;
  expect(rows).toEqual([{ attempts: 5 }]);
});

test("unknown user, wrong password, disabled and invited user take the same time", async () => {
  await api.call("POST /users", { body: { username: "off", password: "long enough" } });
  await api.call("PATCH /users/off", { body: { disabled: true } });
  await api.call("POST /users/invites", { body: { username: "invited" } });
  const cases = [
    ["nobody", "wrong"],
    ["owner", "wrong"],
    ["off", "long enough"],
    ["invited", "wrong"],
  ] as const;
  const times = cases.map((): number[] => []);
  const bodies = new Set<string>();
  const rounds = 24;
  for (let round = 0; round < rounds; round++) {
    for (const [i, [username, password]] of cases.entries()) {
      await api.platform.db.write`delete from login_attempts`;
      const start = performance.now();
      const answer = await logIn(username, password);
      times[i]?.push(performance.now() - start);
      bodies.add(`${answer.status} ${textOf(answer.body["error"]?.["message"])}`);
    }
  }
  expect(bodies).toEqual(new Set(["401 Username or password is wrong."]));
  // The quickest of each: what a hash costs when nothing else is in the way. Without one it would be a tenth.
  const quickest = times.map((list) => Math.min(...list));
  expect(Math.min(...quickest)).toBeGreaterThan(Math.max(...quickest) / 2);
  expect(Math.min(...quickest)).toBeGreaterThan(5);
  // And none is quicker or slower as a rule: of two of one distribution either is the slower one half of the time.
  const [, known = []] = times;
  for (const other of times) {
    const slower = other.flatMap((ms) => known.map((knownMs) => Number(ms > knownMs)));
    const share = slower.reduce((sum, one) => sum + one, 0) / slower.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
  }
});

test("a change of the password while a log-in is under way ends what the old one opened", async () => {
  await api.call("POST /users", { body: { username: "ray", password: "first sentence" } });
  const first = textOf((await logIn("ray", "first sentence")).body["token"]);
  const change = { old_password: "first sentence", new_password: "second sentence" };
  const [changed, ...logins] = await Promise.all([
    api.call("POST /auth/password", { token: first, body: change }),
    ...Array.from({ length: 4 }, async () => await logIn("ray", "first sentence")),
  ]);
  expect(changed?.status).toBe(200);
  for (const login of logins) {
    if (login.status !== 200) continue;
    const me = await api.call("GET /auth/me", { token: textOf(login.body["token"]) });
    expect(me.status).toBe(401);
  }
});
