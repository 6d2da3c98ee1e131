/** Whatever is sent to an endpoint, with good credentials, the answer is one of PiCloud's own and never a fault of ours. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import type { Endpoint } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { callEndpoint, sampleOf } from "../support/endpoint-samples.ts";
import { startTestApi, textOf } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";

let api: TestApi;
let script: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.call("POST /apps", { body: { slug: "here" } });
  const body = { name: "main", source: "export default () => 1;" };
  script = textOf((await api.call("POST /apps/here/scripts", { body })).body["id"]);
});
afterAll(async () => await api.close());

// Log-out would end the session that the others need; a tail that is accepted does not end.
const endpoints = listEndpoints(contracts)
  .filter(({ name, path }) => name !== "logout" && !path.endsWith("/tail"))
  .filter(({ method, path }) => !(method === "DELETE" && path === "/scripts/{id}"))
  .map((endpoint) => ({ ...endpoint, label: `${endpoint.method} ${endpoint.path}` }));

/** Text that databases, JSON and URLs stumble over. */
const nastyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "__proto__",
    "constructor",
    "%00",
    "..",
    "/",
    "*",
    "'; --",
  ),
  fc.constantFrom("9".repeat(400), "-1", "1e999", "NaN", "2147483648", "9223372036854775808", "null", "true"),
);
const nastyValue = fc.oneof(
  nastyText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(1e308, -1, 0.5, 2 ** 53, 2 ** 31, null, [], {}),
);

/** The counterexample in words, empty if there is none. */
async function failureOf<T>(property: fc.IAsyncPropertyWithHooks<T>, numRuns: number): Promise<string> {
  const report = await fc.check(property, { numRuns, interruptAfterTimeLimit: 10_000 });
  return report.failed ? ((await fc.asyncDefaultReportMessage(report)) ?? "failed without a report") : "";
}

describe("input", () => {
  test.each(endpoints)("$label", async (endpoint) => {
    const names = [...membersOf(endpoint), "__proto__", "no_such_member"];
    const member = fc.tuple(fc.constantFrom(...names), nastyValue);
    const property = fc.asyncProperty(
      fc.array(member, { maxLength: 3 }),
      fc.boolean(),
      async (members, isFull) => {
        const input = { ...(isFull ? sampleOf(endpoint) : {}), ...Object.fromEntries(members) };
        const parameters = { app: "here", ...(endpoint.path.startsWith("/scripts") ? { id: script } : {}) };
        await expectKnownAnswer(endpoint, input, parameters);
      },
    );
    expect(await failureOf(property, 25)).toBe("");
  });
});

describe("path parameters", () => {
  const addressed = endpoints.filter(({ path }) => path.includes("{"));
  test.each(addressed)("$label", async (endpoint) => {
    const text = nastyText.filter(
      (each) => each !== "" && each !== "." && each !== ".." && each.isWellFormed(),
    );
    const property = fc.asyncProperty(text, text, async (first, second) => {
      const parameters = new Proxy<Record<string, string>>(
        {},
        { get: (_, name) => encodeURIComponent(name === "app" ? first : second) },
      );
      await expectKnownAnswer(endpoint, sampleOf(endpoint), parameters);
    });
    expect(await failureOf(property, 15)).toBe("");
  });
});

async function expectKnownAnswer(
  endpoint: Endpoint,
  input: Readonly<Record<string, unknown>>,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await callEndpoint(api, endpoint, { input, parameters });
  if (answer.status >= 500) throw new Error(`${answer.status} ${answer.text}`);
}

function membersOf(endpoint: Endpoint): readonly string[] {
  const { inputSchema } = endpoint.procedure["~orpc"];
  if (!(inputSchema instanceof z.ZodObject)) return [];
  return Object.keys(inputSchema.shape).filter((name) => !endpoint.path.includes(`{${name}}`));
}
