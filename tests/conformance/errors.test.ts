/** Every endpoint of TABLE 1 refuses alike: 401 without credentials, 404 for what is unknown, 422 with the field for what
 *  breaks the schema, and always the envelope of `api.md` §5. */
import { isErrorCode } from "@picloud/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import type { Endpoint } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { callEndpoint, sampleOf } from "../support/endpoint-samples.ts";
import { startTestApi } from "../support/test-api.ts";
import type { Answer, TestApi } from "../support/test-api.ts";

const endpoints = listEndpoints(contracts).map((endpoint) => ({
  ...endpoint,
  label: `${endpoint.feature}.${endpoint.name}: ${endpoint.method} ${endpoint.path}`,
}));
const closed = endpoints.filter(({ capability }) => capability !== "none");
const addressed = endpoints.filter(({ path }) => /\{(app|id)\}/.test(path));

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

/** Sends input to an endpoint, path parameters filled in with what does not exist. */
async function send(
  endpoint: Endpoint,
  input: Readonly<Record<string, unknown>>,
  token?: null,
): Promise<Answer> {
  return await callEndpoint(api, endpoint, { input, ...(token === undefined ? {} : { token }) });
}

/** What is wrong with an error answer; empty if it is as every error must be. */
function problemsOf(answer: Answer, status: number): readonly string[] {
  if (answer.status !== status) return [`${answer.status} ${answer.text}`];
  const { code, message, request_id: requestId } = (answer.body["error"] ?? {}) as Record<string, unknown>;
  return [
    ...(isErrorCode(code) ? [] : [`code ${JSON.stringify(code)}`]),
    ...(typeof message === "string" && message.length > 5 ? [] : [`message ${JSON.stringify(message)}`]),
    ...(requestId === answer.headers.get("x-request-id") ? [] : ["request_id differs from x-request-id"]),
  ];
}

test("the table has endpoints of each kind", () => {
  expect(closed.length).toBeGreaterThan(20);
  expect(addressed.length).toBeGreaterThan(15);
});

test("every endpoint declares what its caller must hold", () => {
  expect(endpoints.filter(({ capability }) => capability === undefined)).toEqual([]);
});

describe("without credentials 401", () => {
  test.each(closed)("$label", async (endpoint) => {
    expect(problemsOf(await send(endpoint, {}, null), 401)).toEqual([]);
  });
});

describe("unknown app or id 404", () => {
  test.each(addressed)("$label", async (endpoint) => {
    const sample = sampleOf(endpoint);
    expect(problemsOf(await send(endpoint, sample), 404)).toEqual([]);
  });
});

describe("an unknown member 422 with its name", () => {
  test.each(endpoints)("$label", async (endpoint) => {
    const sample = sampleOf(endpoint);
    const answer = await send(endpoint, { ...sample, no_such_member: "1" });
    expect(problemsOf(answer, 422)).toEqual([]);
    expect(fieldPaths(answer)).toContain("no_such_member");
  });
});

describe("a member of the wrong type 422 with its name", () => {
  const members = endpoints
    // Members in a query are text, which no text member refuses.
    .filter(({ method, bytes }) => method !== "GET" && bytes === undefined)
    .flatMap((endpoint) => typedMembers(endpoint).map((member) => ({ ...endpoint, member })));
  test.each(members)("$label: $member", async ({ member, ...endpoint }) => {
    const sample = sampleOf(endpoint);
    // No member takes a list in a list in a list.
    const answer = await send(endpoint, { ...sample, [member]: [[[]]] });
    expect(problemsOf(answer, 422)).toEqual([]);
    expect(fieldPaths(answer).some((path) => path === member || path.startsWith(`${member}.`))).toBe(true);
  });
});

/** Members of the body that do not take any value at all. */
function typedMembers(endpoint: Endpoint): readonly string[] {
  const { inputSchema } = endpoint.procedure["~orpc"];
  if (!(inputSchema instanceof z.ZodObject)) return [];
  return Object.entries(inputSchema.shape as Record<string, z.ZodType>)
    .filter(([name, schema]) => !endpoint.path.includes(`{${name}}`) && !schema.safeParse([[[]]]).success)
    .map(([name]) => name);
}

function fieldPaths(answer: Answer): readonly string[] {
  const fields = (answer.body["error"]?.["fields"] ?? []) as unknown as { readonly path: string }[];
  return fields.map(({ path }) => path);
}
