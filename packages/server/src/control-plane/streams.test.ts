import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

async function openTail(token: string): Promise<Response> {
  return await fetch(`${api.url}/api/v1/admin/apps/default/logs/tail`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(20_000),
  });
}

test("a stream is server-sent events, beats while nothing happens, and ends within seconds of its log-out", async () => {
  const body = { username: "owner", password: "correct horse battery" };
  const login = await api.call("POST /auth/login", { token: null, body });
  const { token } = login.body as unknown as { token: string };
  const response = await openTail(token);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    // The first beat; from then on the token is void.
    if (text.includes("\n\n") && text.includes(":")) await api.call("POST /auth/logout", { token });
  }
  expect(text).not.toContain("event: error");
  expect((await openTail(token)).status).toBe(401);
});
