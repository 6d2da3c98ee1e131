/** An id of another app under this app's path is not there, for whoever may do everything in both, and nothing happens to what
 *  it names (INS-3); and no member of a body or query stands in for what the path says. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { elsewhere, here, makeApps } from "../support/callers.ts";
import { sendTo } from "../support/endpoint-call.ts";
import { endpointNeeds } from "../support/endpoint-needs.ts";
import type { Stage } from "../support/endpoint-needs.ts";
import { freshName, resourcesOf } from "../support/resources.ts";
import { startTestApi } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") } });
  await makeApps(api);
});
afterAll(async () => await api.close());

/** They address nothing that is there before. */
const exempt: Readonly<Record<string, string>> = {
  "POST /apps/{app}/triggers/{kind}": "a kind of trigger is no thing of an app",
  "GET /apps/{app}/kv/{collection}": "a collection is there as soon as it is asked for",
  "POST /apps/{app}/kv/{collection}": "writes keys of its own",
  "GET /apps/{app}/docs/{collection}": "a collection is there as soon as it is asked for",
  "POST /apps/{app}/docs/{collection}": "writes a document of its own",
  "POST /apps/{app}/docs/{collection}/find": "finds in this app",
  "POST /apps/{app}/docs/{collection}/count": "counts in this app",
  "GET /apps/{app}/docs/{collection}/indexes": "a collection is there as soon as it is asked for",
  "POST /apps/{app}/docs/{collection}/indexes": "makes an index of its own",
  "GET /apps/{app}/files/{collection}": "a collection is there as soon as it is asked for",
  "POST /apps/{app}/files/{collection}": "writes a file of its own",
  "PUT /apps/{app}/kv/{collection}/{key}": "writes a key of its own",
  "GET /apps/{app}/queues/{name}/peek": "a queue is there as soon as it is asked for",
  "POST /apps/{app}/queues/{name}/messages": "sends to a queue of its own",
  "POST /apps/{app}/queues/{name}/purge": "a queue is there as soon as it is asked for",
  "POST /apps/{app}/queues/{name}/pause": "a queue is there as soon as it is asked for",
  "POST /apps/{app}/queues/{name}/resume": "a queue is there as soon as it is asked for",
};

const addressed = listEndpoints(contracts)
  .map(({ method, path }) => `${method} ${path}`)
  .filter((endpoint) => endpoint.includes("{app}") && endpoint.replace("{app}", "").includes("{"));

test("what is exempt exists", () => {
  expect(Object.keys(exempt).filter((endpoint) => !addressed.includes(endpoint))).toEqual([]);
});

describe("what another app has is 404:", () => {
  test.each(addressed.filter((endpoint) => !(endpoint in exempt)))("%s", async (endpoint) => {
    const [, make] = endpointNeeds[endpoint] ?? [];
    const facts = { kind: "user", role: "owner" } as const;
    const stage: Stage = { api, here: resourcesOf(api, elsewhere), facts };
    const { input } = (await make?.(stage)) ?? {};
    expect(input).toBeDefined();
    const token = api.ownerToken;
    const before = await contentOf(elsewhere);
    const foreign = await sendTo(api, endpoint, { input: { ...input, app: here }, token });
    expect([foreign.status, foreign.code]).toEqual([404, "not_found"]);
    expect(await contentOf(elsewhere)).toEqual(before);
    // It was there all the time.
    const own = await sendTo(api, endpoint, { input: { ...input, app: elsewhere }, token });
    expect(own.status).toBeLessThan(300);
  });
});

describe("a script or route of another app in the body is refused:", () => {
  test.each([
    ["a trigger's script", async () => ["POST /apps/{app}/triggers/{kind}", { kind: "kv" }] as const],
    [
      "a route's new script",
      async () => ["PATCH /apps/{app}/routes/{id}", { id: await resourcesOf(api, here).route() }] as const,
    ],
  ])("%s", async (_, make) => {
    const script_id = await resourcesOf(api, elsewhere).script();
    const [endpoint, members] = await make();
    const more = endpoint.includes("triggers") ? { collection_glob: "x" } : {};
    const input = { app: here, ...members, ...more, script_id };
    const before = await contentOf(here);
    const answer = await sendTo(api, endpoint, { input, token: api.ownerToken });
    expect([404, 422]).toContain(answer.status);
    expect(await contentOf(here)).toEqual(before);
  });
});

test("an app in the body does not stand in for the path's", async () => {
  const key = freshName();
  for (const place of ["body", "query"] as const) {
    const path = `/apps/${here}/kv/c/${key}${place === "query" ? `?app=${elsewhere}` : ""}`;
    const body = { value: 1, ...(place === "body" ? { app: elsewhere } : {}) };
    const answer = await api.call(`PUT ${path}`, { body });
    expect([answer.status, answer.body["error"]?.["fields"]?.["0"]?.["path"]]).toEqual([422, "app"]);
  }
  expect((await api.call(`GET /apps/${here}/kv/c/${key}`)).status).toBe(404);
  expect((await api.call(`GET /apps/${elsewhere}/kv/c/${key}`)).status).toBe(404);
  const listed = await api.call(`GET /apps/${here}/kv?app=${elsewhere}`);
  expect(listed.status).toBe(422);
});

/** Rows of all that hangs on an app, as text. */
async function contentOf(slug: string): Promise<readonly string[]> {
  const { read } = api.platform.db;
  const rows: string[] = [];
  for (const table of [
    "scripts",
    "routes",
    "triggers",
    "kv",
    "docs",
    "docs_indexes",
    "files",
    "members",
    "domains",
    "dead_letters",
    "executions",
  ])
    rows.push(
      ...(
        await read<{ row: string }[]>`
          select t::text as row from ${read(table)} t join apps a on a.id = t.app_id where a.slug = ${slug} order by 1`
      ).map(({ row }) => `${table} ${row}`),
    );
  return rows;
}
