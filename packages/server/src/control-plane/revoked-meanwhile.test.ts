/** Rights that end while a request or a stream is under way. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";

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

/** Sends the head, and the body once `between` is done. Gives the status. */
async function inTwoParts(token: string, between: () => Promise<void>): Promise<number> {
  const body = JSON.stringify({ username: "backdoor", role: "admin", password });
  const { port } = new URL(api.url);
  const socket = connect(Number(port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
  const ended = new Promise((resolve) => socket.on("close", resolve));
  // The server asks for the body once it knows who sends it.
  const asked = new Promise((resolve) => socket.once("data", resolve));
  socket.write(
    `POST /api/v1/admin/users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`,
  );
  await asked;
  await between();
  socket.write(body);
  await ended;
  return Number(/HTTP\/1\.1 ([2-5]\d\d)/.exec(answer)?.[1]);
}

test.each([
  ["disabled", { disabled: true }, 401],
  ["made a member", { role: "member" }, 403],
])("a body that comes after its sender was %s changes nothing", async (what, change, status) => {
  const name = what.replaceAll(" ", "-");
  const token = await newUser(name, "admin");
  const answer = await inTwoParts(token, async () => {
    expect((await api.call(`PATCH /users/${name}`, { body: change })).status).toBe(200);
  });
  expect(answer).toBe(status);
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
