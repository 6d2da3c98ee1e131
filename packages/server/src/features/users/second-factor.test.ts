/** The second factor of an account, over the API. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { decodeBase32 } from "../../../../../tests/support/base32.ts";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";
import { waitFor } from "../../../../../tests/support/wait-for.ts";
import { attemptKeyOf } from "./login-throttle.ts";
import { totpCode } from "./totp.ts";
import { lockUser } from "./users.repository.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") } });
});
afterAll(async () => await api.close());
beforeEach(async () => {
  await api.platform.db.write`delete from login_attempts`;
});

const password = "a sentence of some length";

interface Account {
  readonly username: string;
  readonly session: string;
  /** The code of a step from now: 0 is the current one. */
  readonly code: (step?: number) => string;
  readonly recoveryCodes: readonly string[];
}

async function logIn(username: string, totp?: string): Promise<Answer> {
  const body = { username, password, ...(totp === undefined ? {} : { totp }) };
  return await api.call("POST /auth/login", { token: null, body });
}

function reasonOf(answer: Answer): readonly unknown[] {
  return [answer.status, answer.body["error"]?.["code"], answer.body["error"]?.["details"]?.["reason"]];
}

async function newAccount(username: string): Promise<Account> {
  await api.call("POST /users", { body: { username, password } });
  const session = textOf((await logIn(username)).body["token"]);
  const begun = await api.call("POST /auth/totp", { token: session, body: { password } });
  const secret = decodeBase32(textOf(begun.body["secret"]));
  const code = (step = 0): string => totpCode(secret, Math.floor(Date.now() / 30_000) + step);
  // The step before, so that the codes of now and after are left for the tests.
  const confirmed = await api.call("POST /auth/totp/confirm", { token: session, body: { totp: code(-1) } });
  expect(confirmed.status).toBe(200);
  return { username, session, code, recoveryCodes: confirmed.body["recovery_codes"] as unknown as string[] };
}

test("log-in then wants a code, tells so only with the right password, and takes each code once", async () => {
  const { username, code } = await newAccount("ada");
  expect(reasonOf(await logIn(username))).toEqual([401, "unauthenticated", "totp_required"]);
  const wrong = await api.call("POST /auth/login", { token: null, body: { username, password: "x" } });
  expect(reasonOf(wrong)).toEqual([401, "unauthenticated", undefined]);
  expect(reasonOf(await logIn(username, "000000"))).toEqual([401, "unauthenticated", "totp_invalid"]);
  const now = code();
  const both = await Promise.all([logIn(username, now), logIn(username, now)]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  expect(reasonOf(await logIn(username, now))).toEqual([401, "unauthenticated", "totp_invalid"]);
  expect((await logIn(username, ` ${code(1).slice(0, 3)} ${code(1).slice(3)}`)).status).toBe(200);
});

test("a recovery code works once, in any case, with or without dashes", async () => {
  const { username, recoveryCodes } = await newAccount("bea");
  expect(recoveryCodes).toHaveLength(10);
  expect(new Set(recoveryCodes).size).toBe(10);
  const [first = "", second = ""] = recoveryCodes;
  expect(first).toMatch(/^(?:[a-z2-7]{4}-){3}[a-z2-7]{4}$/);
  const both = await Promise.all([logIn(username, first), logIn(username, first)]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  expect((await logIn(username, second.replaceAll("-", "").toUpperCase())).status).toBe(200);
  expect((await logIn("ada-is-not-bea", second)).status).toBe(401);
});

test("nothing is on before a code was given, and a second one can't be begun beside it", async () => {
  await api.call("POST /users", { body: { username: "cem", password } });
  const session = textOf((await logIn("cem")).body["token"]);
  const confirm = async (totp: string): Promise<Answer> =>
    await api.call("POST /auth/totp/confirm", { token: session, body: { totp } });
  expect((await confirm("000000")).status).toBe(404);
  const wrong = await api.call("POST /auth/totp", { token: session, body: { password: "wrong" } });
  expect(wrong.body["error"]?.["fields"]).toMatchObject([{ path: "password" }]);
  const begun = await api.call("POST /auth/totp", { token: session, body: { password } });
  expect(textOf(begun.body["uri"])).toContain(`secret=${textOf(begun.body["secret"])}`);
  expect((await confirm("12345")).body["error"]?.["fields"]).toMatchObject([{ path: "totp" }]);
  expect((await logIn("cem")).status).toBe(200);

  const { session: on } = await newAccount("dan");
  const again = await api.call("POST /auth/totp", { token: on, body: { password } });
  expect([again.status, again.body["error"]?.["code"]]).toEqual([409, "already_exists"]);
});

test("turning it on ends the sessions that were opened without it", async () => {
  await api.call("POST /users", { body: { username: "eli", password } });
  const other = textOf((await logIn("eli")).body["token"]);
  const { session } = await newAccount("eli");
  expect((await api.call("GET /auth/me", { token: other })).status).toBe(401);
  expect((await api.call("GET /auth/me", { token: session })).status).toBe(200);
  expect((await api.call("GET /users/eli")).body["has_totp"]).toBe(true);
});

test("turning it off wants password and code", async () => {
  const { username, session, code } = await newAccount("fay");
  const off = async (body: object): Promise<Answer> =>
    await api.call("DELETE /auth/totp", { token: session, body });
  expect((await off({ password: "wrong", totp: code() })).body["error"]?.["fields"]).toMatchObject([
    { path: "password" },
  ]);
  expect((await off({ password })).body["error"]?.["fields"]).toMatchObject([{ path: "totp" }]);
  expect((await off({ password, totp: code() })).body).toEqual({ removed: true });
  expect((await off({ password })).body).toEqual({ removed: false });
  expect((await logIn(username)).status).toBe(200);
});

test("a new password by link does not go around it; who manages users can turn it off", async () => {
  const { username, code } = await newAccount("gus");
  const link = async (body: object): Promise<void> => {
    const token = textOf((await api.call(`POST /users/${username}/reset`, { body })).body["token"]);
    const used = await api.call("POST /auth/password_reset", { token: null, body: { token, password } });
    expect(used.status).toBe(200);
  };
  await link({});
  expect(reasonOf(await logIn(username))).toEqual([401, "unauthenticated", "totp_required"]);
  expect((await logIn(username, code())).status).toBe(200);
  await link({ remove_totp: true });
  expect((await logIn(username)).status).toBe(200);
});

test("the secret is sealed for its user, codes are hashed, and a moved secret does not open", async () => {
  const [hal, ian] = [await newAccount("hal"), await newAccount("ian")];
  const { db } = api.platform;
  const codes = await db.read`select encode(code_hash, 'escape') as hash from user_recovery_codes`;
  expect(JSON.stringify(codes)).not.toContain(hal.recoveryCodes[0]?.replaceAll("-", ""));
  await db.write`update user_totp set sealed_secret = (
      select t.sealed_secret from user_totp t join users u on u.id = t.user_id where u.username = 'hal')
    where user_id = (select id from users where username = 'ian')`;
  const moved = await logIn("ian", hal.code());
  expect([moved.status, moved.body["error"]?.["code"]]).toEqual([500, "corrupted"]);
  expect((await logIn("ian", ian.recoveryCodes[0])).status).toBe(200);
});

test("wrong codes are counted for the account, whatever address they come from, and then refused", async () => {
  const { username, code } = await newAccount("joe");
  const key = attemptKeyOf("code", textOf((await api.call("GET /users/joe")).body["id"]));
  const { write } = api.platform.db;
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) {
    statuses.push((await logIn(username, "not a code")).status);
    // As if the next one came from another address, and at once.
    await write`delete from login_attempts where key <> ${key}`;
    await write`update login_attempts set refused_until = now() + interval '1 hour' where refused_until > now()`;
  }
  expect(statuses.slice(0, 10)).toEqual(Array<number>(10).fill(401));
  expect(statuses.slice(10)).toEqual([429, 429]);
  const right = await logIn(username, code());
  expect([right.status, right.body["error"]?.["code"]]).toEqual([429, "rate_limited"]);
});

test("without a key for secrets there is none", async () => {
  const own = await startTestApi();
  try {
    const body = { password: "correct horse battery" };
    const answer = await own.call("POST /auth/totp", { body });
    expect([answer.status, answer.body["error"]?.["code"]]).toEqual([503, "unavailable"]);
    expect(textOf(answer.body["error"]?.["message"])).toContain("PICLOUD_SECRET_KEY");
  } finally {
    await own.close();
  }
});

test("a log-in that was under way when it was turned on wants a code too", async () => {
  const { body } = await api.call("POST /users", { body: { username: "kai", password } });
  const { write } = api.platform.db;
  const under = Promise.withResolvers<Answer>();
  await write.begin(async (tx) => {
    await lockUser(tx, textOf(body["id"]));
    under.resolve(logIn("kai"));
    await waitFor("the log-in waits for the row", async () => {
      const rows = await write`select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%for share%'`;
      return rows.length > 0;
    });
    await tx`insert into user_totp (user_id, sealed_secret, confirmed_at) values (${textOf(body["id"])}, 'x', now())`;
  });
  expect(reasonOf(await under.promise)).toEqual([401, "unauthenticated", "totp_required"]);
  const rows = await write`select 1 from sessions where user_id = ${textOf(body["id"])}`;
  expect(rows).toHaveLength(0);
});

test("beginning one while the account is deleted is refused", async () => {
  await api.call("POST /users", { body: { username: "lou", password } });
  const session = textOf((await logIn("lou")).body["token"]);
  const { write } = api.platform.db;
  const under = Promise.withResolvers<Answer>();
  await write.begin(async (tx) => {
    await tx`delete from users where username = 'lou'`;
    under.resolve(api.call("POST /auth/totp", { token: session, body: { password } }));
    await waitFor("the insert waits for the row", async () => {
      const rows = await write`select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%into user_totp%'`;
      return rows.length > 0;
    });
  });
  expect(reasonOf(await under.promise)).toEqual([401, "unauthenticated", undefined]);
});
