import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi } from "../../../../tests/support/test-api.ts";
import { createLogger } from "../platform/logger.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

const someKey = `pic_abcdefgh_${"A".repeat(43)}`;

test.each(["token", "access_token", "api_key", "Authorization", "cursor"])(
  "a token in the query is refused whatever its name: %s",
  async (name) => {
    for (const value of [api.ownerToken, `Bearer ${api.ownerToken}`, someKey]) {
      const query = new URLSearchParams({ [name]: value }).toString();
      for (const token of [null, undefined]) {
        const answer = await api.call(`GET /apps?${query}`, token === null ? { token } : {});
        expect([answer.status, answer.body["error"]?.["code"]]).toEqual([400, "malformed_request"]);
        expect(answer.text).not.toContain(api.ownerToken);
      }
    }
    expect((await api.call(`GET /apps?${api.ownerToken}`)).status).toBe(400);
  },
);

test("a query that only begins like a token is one like any other", async () => {
  expect((await api.call("GET /apps?cursor=pics_abc")).body["error"]?.["code"]).toBe("invalid_cursor");
});

test.each([
  "POST /auth/login?username=owner&password=x",
  "POST /auth/setup?token=setup_x",
  "POST /auth/invites/accept?token=invite_x",
  "POST /auth/password_reset?token=reset_x",
  "POST /auth/password?old_password=x",
  "DELETE /auth/totp?password=x",
])("%s: passwords and tokens are taken in the body only", async (request) => {
  const answer = await api.call(request, { body: {} });
  expect([answer.status, answer.body["error"]?.["code"]]).toEqual([400, "malformed_request"]);
});

test("no line of the log has a token, however it was sent", async () => {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) };
  const logged = await startTestApi({ log: createLogger({ level: "debug", format: "json", output }) });
  try {
    for (const token of [logged.ownerToken, someKey, `invite_${"B".repeat(43)}`]) {
      await logged.call(`GET /apps?token=${token}`, { token: null });
      await logged.call(`GET /apps?${token}`, { token });
      await logged.call(`GET /apps/${token}`);
      await logged.call(`GET /${token}`, { token });
      await logged.call("POST /auth/invites/accept", { token: null, body: { token, password: token } });
      await logged.call("POST /auth/login", { token: null, body: { username: token, password: token } });
      await logged.call("GET /auth/me", {
        token: null,
        headers: { cookie: `picloud_1=${token}`, "x-token": token },
      });
    }
    logged.platform.log.info("end", {});
    expect(lines.join("")).toContain('"end"');
    expect(lines.join("")).not.toMatch(/A{43}|B{43}/);
    expect(lines.join("")).not.toContain(logged.ownerToken);
  } finally {
    await logged.close();
  }
});
