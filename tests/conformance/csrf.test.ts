/** Every endpoint that changes something refuses the session cookie without the same-origin proof (INS-5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { callEndpoint, sampleOf } from "../support/endpoint-samples.ts";
import { ownerLogin, startTestApi } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";

let api: TestApi;
let cookie: string;
beforeAll(async () => {
  api = await startTestApi();
  const login = await api.call("POST /auth/login", { token: null, body: ownerLogin });
  [cookie = ""] = (login.headers.get("set-cookie") ?? "").split(";", 1);
});
afterAll(async () => await api.close());

const changing = listEndpoints(contracts).filter(
  ({ method, capability }) => method !== "GET" && capability !== "none",
);
/** What another site can make a browser send. */
const strangers: readonly Readonly<Record<string, string>>[] = [
  {},
  { origin: "null" },
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "none" },
];

test("there is much to refuse", () => {
  expect(changing.length).toBeGreaterThan(30);
});

describe.each(changing)("$method $path", (endpoint) => {
  test("is 403 csrf for another site, and told from that with the proof", async () => {
    const withHeaders: TestApi = {
      ...api,
      call: async (request, options) =>
        await api.call(request, { ...options, token: null, headers: { cookie, ...headers } }),
    };
    let headers: Readonly<Record<string, string>> = {};
    for (headers of strangers) {
      const answer = await callEndpoint(withHeaders, endpoint, { input: sampleOf(endpoint) });
      expect([headers, answer.status, answer.body["error"]?.["code"]]).toEqual([headers, 403, "csrf"]);
    }
    // Log-out would end the session that the others are tried with.
    if (endpoint.path === "/auth/logout" || endpoint.path === "/sessions") return;
    headers = { "sec-fetch-site": "same-origin" };
    const answer = await callEndpoint(withHeaders, endpoint, { input: sampleOf(endpoint) });
    expect(answer.body["error"]?.["code"]).not.toBe("csrf");
    expect(answer.status).toBeLessThan(500);
  });
});
