import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";
import { createDeployed } from "./deployed.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

test("all requests after a change see it, also those that come while it is being read", async () => {
  const deployed = createDeployed(api.platform);
  const body = { name: "many", source: "export default () => 1" };
  const script = textOf((await api.call("POST /apps/default/scripts", { body })).body["id"]);
  const app = textOf((await api.call("GET /apps/default")).body["id"]);
  await deployed.current();
  for (let i = 0; i < 5; i += 1) {
    const path = `/many/${i}`;
    const created = await api.call(`POST /scripts/${script}/routes`, { body: { method: "GET", path } });
    expect(created.status).toBe(201);
    const kinds = await Promise.all(
      Array.from({ length: 8 }, async () => (await deployed.current()).routes.find(app, "GET", path).kind),
    );
    expect(kinds).toEqual(kinds.map(() => "match"));
  }
  deployed.close();
});
