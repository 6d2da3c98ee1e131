/** The session cookie on a LAN, behind proxies, and one that somebody else planted (INS-5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askHost } from "../../../../tests/support/host-request.ts";
import type { HostAnswer } from "../../../../tests/support/host-request.ts";
import { ownerLogin, startTestApi, textOf } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";

type Headers = Readonly<Record<string, string>>;

let direct: TestApi;
let proxied: TestApi;
beforeAll(async () => {
  direct = await startTestApi();
  proxied = await startTestApi({ environment: { PICLOUD_TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(async () => {
  await direct.close();
  await proxied.close();
});

const lan = "192.168.1.20:8080";
const viaTls = { "x-forwarded-proto": "https", "x-forwarded-host": "cloud.example" } as const;

function portOf(api: TestApi): number {
  return Number(new URL(api.url).port);
}

async function ask(api: TestApi, request: string, headers: Headers, body?: object): Promise<HostAnswer> {
  const [method = "", path = ""] = request.split(" ");
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const target = `${lan}/api/v1/admin${path}`;
  return await askHost({ port: portOf(api) }, target, { method, headers: { ...type, ...headers }, ...json });
}

/** The line of the answer, and the session in it. */
async function logIn(
  api: TestApi,
  headers: Headers,
): Promise<{ readonly line: string; readonly token: string }> {
  const answer = await ask(api, "POST /auth/login", headers, ownerLogin);
  const [line = ""] = answer.lines["set-cookie"] ?? [];
  return { line, token: (JSON.parse(answer.text) as { token: string }).token };
}

async function statusOfMe(api: TestApi, headers: Headers): Promise<number> {
  return (await ask(api, "GET /auth/me", headers)).status;
}

async function create(api: TestApi, slug: string, headers: Headers): Promise<number> {
  return (await ask(api, "POST /apps", headers, { slug })).status;
}

test("over plain http on a LAN address it works, for changes from that address only", async () => {
  const { line, token } = await logIn(direct, {});
  const cookie = `picloud_${portOf(direct)}=${token}`;
  expect(line.startsWith(`${cookie}; Path=/; HttpOnly; SameSite=Lax; Expires=`)).toBe(true);
  expect(line).not.toMatch(/secure|domain/i);
  expect(await statusOfMe(direct, { cookie })).toBe(200);
  for (const origin of [
    `https://${lan}`,
    "http://192.168.1.21:8080",
    "http://192.168.1.20",
    `http://${lan}.evil`,
  ])
    expect([origin, await create(direct, "lan", { cookie, origin })]).toEqual([origin, 403]);
  expect(await create(direct, "lan", { cookie, origin: `http://${lan}` })).toBe(201);
});

test("who is no trusted proxy does not make it Secure, nor another origin the server's", async () => {
  const { line, token } = await logIn(direct, viaTls);
  expect(line).toMatch(/^picloud_\d+=/);
  expect(line).not.toMatch(/secure/i);
  expect(await statusOfMe(direct, { ...viaTls, cookie: `__Host-picloud=${token}` })).toBe(401);
  const cookie = `picloud_${portOf(direct)}=${token}`;
  const origin = "https://cloud.example";
  expect(await create(direct, "forwarded", { ...viaTls, cookie, origin })).toBe(403);
});

describe("behind a trusted proxy", () => {
  test("that says https it is Secure and of this host alone", async () => {
    const { line, token } = await logIn(proxied, viaTls);
    const cookie = `__Host-picloud=${token}`;
    expect(line.startsWith(`${cookie}; Path=/; HttpOnly; SameSite=Lax; Expires=`)).toBe(true);
    expect(line).toMatch(/; Secure$/);
    expect(line).not.toMatch(/domain/i);
    expect(await statusOfMe(proxied, { ...viaTls, cookie })).toBe(200);
    for (const origin of ["http://cloud.example", `http://${lan}`, "null"])
      expect([origin, await create(proxied, "tls", { ...viaTls, cookie, origin })]).toEqual([origin, 403]);
    expect(await create(proxied, "tls", { ...viaTls, cookie, origin: "https://cloud.example" })).toBe(201);
  });

  test("that says http, or nothing, it is as on a LAN", async () => {
    for (const headers of [{}, { "x-forwarded-proto": "http" }, { "x-forwarded-proto": "https, http" }]) {
      const { line } = await logIn(proxied, headers);
      expect(line).toMatch(/^picloud_\d+=/);
      expect(line).not.toMatch(/secure/i);
    }
  });

  test("one from plain http, which anybody on the way may have planted, is none over https", async () => {
    const { token } = await logIn(proxied, {});
    const cookie = `picloud_${portOf(proxied)}=${token}`;
    expect(await statusOfMe(proxied, { cookie })).toBe(200);
    expect(await statusOfMe(proxied, { ...viaTls, cookie })).toBe(401);
    expect(await statusOfMe(proxied, { cookie: `__Host-picloud=${token}` })).toBe(401);
  });
});

test("a live session that an attacker planted stays the attacker's: log-in opens another", async () => {
  const account = { username: "mallory", password: "long enough" };
  expect((await direct.call("POST /users", { body: account })).status).toBe(201);
  const own = await direct.call("POST /auth/login", { token: null, body: account });
  const planted = textOf(own.body["token"]);
  const { line, token } = await logIn(direct, { cookie: `picloud_${portOf(direct)}=${planted}` });
  expect(token).not.toBe(planted);
  expect(line).toContain(token);
  const nameOf = async (session: string): Promise<unknown> =>
    (await direct.call("GET /auth/me", { token: session })).body["username"];
  expect([await nameOf(planted), await nameOf(token)]).toEqual(["mallory", "owner"]);
});
