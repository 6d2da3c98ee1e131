/** Of several requests that create the same at the same time one gets it, and the others are told so with 409. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { here, makeApps } from "../support/callers.ts";
import { endpointNeeds } from "../support/endpoint-needs.ts";
import type { Stage } from "../support/endpoint-needs.ts";
import { sendTo } from "../support/endpoint-call.ts";
import { resourcesOf } from "../support/resources.ts";
import { startTestApi } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";

const atOnce = 4;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") } });
  await makeApps(api);
});
afterAll(async () => await api.close());

/** Each call makes another one: nothing of them has to be unique. */
const exempt: Readonly<Record<string, string>> = {
  "POST /api_keys": "keys are told apart by their prefix, names may be the same",
  "POST /apps/{app}/triggers/{kind}": "a script may be run twice by one event",
  "POST /apps/{app}/docs/{collection}": "a document's id is the server's",
  "POST /apps/{app}/queues/{name}/messages": "a message's id is the server's",
  "POST /apps/{app}/files/{collection}": "a file's id is the server's, names may be the same",
};

const creates = listEndpoints(contracts)
  .filter(({ procedure }) => procedure["~orpc"].route.successStatus === 201)
  .map(({ method, path }) => `${method} ${path}`);

test("what is exempt creates something", () => {
  expect(Object.keys(exempt).filter((endpoint) => !creates.includes(endpoint))).toEqual([]);
  expect(creates.length).toBeGreaterThan(8);
});

describe(`${atOnce} at the same time, one is made:`, () => {
  test.each(creates.filter((endpoint) => !(endpoint in exempt)))("%s", async (endpoint) => {
    const [, make] = endpointNeeds[endpoint] ?? [];
    const facts = { kind: "user", role: "owner" } as const;
    const stage: Stage = { api, here: resourcesOf(api, here), facts };
    const { input } = (await make?.(stage)) ?? {};
    const call = { input: { app: here, ...input }, token: api.ownerToken };
    const answers = await Promise.all(
      Array.from({ length: atOnce }, async () => await sendTo(api, endpoint, call)),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array<number>(atOnce - 1).fill(409)]);
    const { code } = answers.find(({ status }) => status === 409) ?? {};
    expect(["already_exists", "stale"]).toContain(code);
    // And once more, when it is there for long.
    expect((await sendTo(api, endpoint, call)).status).toBe(409);
  });
});

test("two apps that are renamed to the same slug at the same time: one gets it", async () => {
  for (const slug of ["first", "second"]) await api.call("POST /apps", { body: { slug } });
  const answers = await Promise.all(
    ["first", "second"].map(
      async (slug) => await api.call(`PATCH /apps/${slug}`, { body: { slug: "same" } }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
});
