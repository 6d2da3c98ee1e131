import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { startTestApi, textOf } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";
import { waitFor } from "../../../../tests/support/wait-for.ts";
import { createAuthenticator } from "./authenticate.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterEach(() => vi.useRealTimers());
afterAll(async () => await api.close());

const password = "a sentence of some length";

/** A session that ends in the database without any notice, as one that another node ends while this one is deaf. */
async function sessionOf(
  username: string,
): Promise<{ readonly request: IncomingMessage; readonly end: () => Promise<void> }> {
  const { body } = await api.call("POST /users", { body: { username, role: "member", password } });
  const login = await api.call("POST /auth/login", { token: null, body: { username, password } });
  const request = new IncomingMessage(new Socket());
  request.headers.authorization = `Bearer ${textOf(login.body["token"])}`;
  const end = async (): Promise<void> => {
    await api.platform.db.write`delete from sessions where user_id = ${textOf(body["id"])}`;
  };
  return { request, end };
}

test("a fresh look sees at once what an answer of a moment ago does not, and is remembered", async () => {
  const authenticator = createAuthenticator(api.platform);
  const { request, end } = await sessionOf("fresh");
  expect(await authenticator.authenticate(request)).toMatchObject({ kind: "principal" });
  await end();
  expect(await authenticator.authenticate(request, true)).toEqual({ kind: "invalid" });
  expect(await authenticator.authenticate(request)).toEqual({ kind: "invalid" });
  authenticator.close();
});

test("an allow is good for a second also where the clock is set back", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  // The clock that the test sets back, should anything ask the platform for the time of day.
  const platform = { ...api.platform, now: () => Date.now() };
  const authenticator = createAuthenticator(platform);
  const { request, end } = await sessionOf("clock");
  expect(await authenticator.authenticate(request)).toMatchObject({ kind: "principal" });
  await end();
  vi.setSystemTime(Date.now() - 3_600_000);
  await waitFor("refused", async () => (await authenticator.authenticate(request)).kind === "invalid", 3_000);
  authenticator.close();
});
