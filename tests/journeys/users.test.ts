/** An owner brings in a second person, changes what she may, and takes it all back: by `pic`, on a real server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { totpCode } from "../../packages/server/src/features/users/totp.ts";
import { decodeBase32 } from "../support/base32.ts";
import { loggedInPic, makePic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";

let server: RunningServer;
let owner: Pic;
let grace: Pic;
beforeAll(async () => {
  server = await startServer({ env: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 1).toString("base64") } });
  owner = await loggedInPic(server);
  grace = await makePic();
}, 120_000);
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
}, 60_000);

const password = "a sentence of grace's own";

async function listOf(pic: Pic, args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const output = await pic.json(args);
  return (Array.isArray(output) ? output : (output as { items: unknown }).items) as Record<string, unknown>[];
}

async function post(path: string, token: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/api/v1/admin${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

test("invite, accept, promote, second factor, end sessions, disable, delete", async () => {
  const invited = (await owner.json(["users", "invite", "grace"])) as { token: string };
  expect(await listOf(owner, ["users", "ls"])).toMatchObject([
    { username: "grace", role: "member", state: "invited" },
    { role: "owner", state: "active" },
  ]);

  const accept = ["login", "--invite", invited.token, "--url", server.url];
  await grace.ok(accept, `${password}\n`);
  expect(await grace.json(["whoami"])).toMatchObject({ username: "grace", role: "member" });
  const replay = await grace.run(accept, `${password}\n`);
  expect([replay.code, replay.stderr]).toEqual([3, expect.stringContaining("This link is not valid")]);

  expect((await grace.run(["users", "ls"])).code).toBe(3);
  await owner.ok(["users", "set", "grace", "--role", "admin"]);
  expect(await listOf(grace, ["users", "ls"])).toHaveLength(2);
  expect((await grace.run(["users", "set", "grace", "--role", "owner"])).code).toBe(3);
  const last = await owner.run(["users", "set", "owner", "--role", "member"]);
  expect([last.code, last.stderr]).toEqual([5, expect.stringContaining("last owner")]);

  const login = ["login", "--url", server.url];
  const second = await makePic();
  await second.ok(login, `grace\n${password}\n`);
  expect(await listOf(grace, ["sessions", "ls"])).toHaveLength(2);
  await grace.ok(["sessions", "clear"]);
  expect((await second.run(["whoami"])).code).toBe(3);

  const code = await secondFactor();
  const without = await second.run(login, `grace\n${password}\n`);
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("second factor")]);
  await second.ok([...login, "--totp", code], `grace\n${password}\n`);

  await owner.ok(["users", "disable", "grace"]);
  expect((await second.run(["whoami"])).code).toBe(3);
  await owner.ok(["users", "rm", "grace"]);
  expect((await owner.run(["users", "show", "grace"])).code).toBe(4);
}, 120_000);

/** Turns it on for grace, with a session of its own; gives one of its recovery codes. */
async function secondFactor(): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/admin/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "grace", password }),
  });
  const { token } = (await response.json()) as { token: string };
  const { secret } = await post("/auth/totp", token, { password });
  const totp = totpCode(decodeBase32(String(secret)), Math.floor(Date.now() / 30_000));
  const { recovery_codes: codes } = await post("/auth/totp/confirm", token, { totp });
  return String((codes as readonly unknown[])[0]);
}
