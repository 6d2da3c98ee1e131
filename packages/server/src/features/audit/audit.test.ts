import { afterAll, beforeAll, expect, test } from "vitest";
import { removeDeletedApps, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Json, TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

const items = (body: Json): readonly Json[] => body["items"] as unknown as readonly Json[];

test("a change is in the log of its app and of the instance, with who, what, when and from where", async () => {
  const created = await api.call("POST /apps", { body: { slug: "shop", name: "Shop" } });
  await api.call("PATCH /apps/shop", { body: { name: "The shop" } });
  const { body } = await api.call("GET /apps/shop/audit");
  expect(items(body)).toMatchObject([
    { action: "apps.update", before: { name: "Shop" }, after: { name: "The shop" } },
    {
      action: "apps.create",
      app_id: created.body["id"],
      principal_kind: "user",
      principal_name: "owner",
      remote_addr: "127.0.0.1",
      request_id: created.headers.get("x-request-id"),
      resource_kind: "app",
      resource_name: "shop",
      before: null,
      after: { slug: "shop", name: "Shop" },
    },
  ]);
  const instance = await api.call("GET /audit?limit=2");
  expect(items(instance.body)).toEqual(items(body));
});

test("what the server makes at its start is in the log; a refused change is not", async () => {
  const before = items((await api.call("GET /audit?limit=1000")).body);
  expect(before.slice(-2)).toMatchObject([
    { action: "apps.create", principal_kind: "server", resource_name: "default" },
    { action: "users.setup", principal_kind: "server", after: { role: "owner" } },
  ]);
  expect((await api.call("POST /apps", { body: { slug: "api" } })).status).toBe(422);
  expect((await api.call("DELETE /apps/default")).status).toBe(409);
  expect(items((await api.call("GET /audit?limit=1000")).body)).toEqual(before);
});

test("entries outlive their app", async () => {
  const { body } = await api.call("POST /apps", { body: { slug: "gone" } });
  expect((await api.call("DELETE /apps/gone")).status).toBe(200);
  // While the app is being deleted its own log still answers.
  expect(items((await api.call("GET /apps/gone/audit?limit=1")).body)).toMatchObject([
    { action: "apps.delete", after: { state: "deleting" } },
  ]);
  await removeDeletedApps(api);
  expect((await api.call("GET /apps/gone/audit")).status).toBe(404);
  expect(items((await api.call("GET /audit?limit=3")).body)).toMatchObject([
    { action: "apps.removed", app_id: body["id"], principal_kind: "server", resource_name: "gone" },
    { action: "apps.delete", app_id: body["id"], before: { slug: "gone" } },
    { action: "apps.create", app_id: body["id"] },
  ]);
});

test("values of data are not in the log, their names are", async () => {
  await api.call("POST /apps", { body: { slug: "data" } });
  await api.call("PUT /apps/data/kv/config/key", { body: { value: "s3cr3t" } });
  await api.call("DELETE /apps/data/kv/config/key");
  await api.call("DELETE /apps/data/kv/config/key");
  const { body, text } = await api.call("GET /apps/data/audit?limit=2");
  expect(items(body)).toMatchObject([
    { action: "kv.delete", resource_name: "config/key" },
    { action: "kv.set", resource_name: "config/key", after: { version: 1 } },
  ]);
  expect(text).not.toContain("s3cr3t");
});

test("pages go through 20,000 entries once, each read by index alone", async () => {
  const own = await startTestApi();
  try {
    const { db } = own.platform;
    const app = textOf((await own.call("POST /apps", { body: { slug: "busy" } })).body["id"]);
    await db.write`
      insert into audit (id, app_id, principal_kind, action, resource_kind)
      select picloud_uuid_v7(), case when n % 10 = 0 then ${app}::uuid end, 'server', 'tests.fill', 'test'
      from generate_series(1, 20000) n`;
    await db.write`analyze audit`;
    const seen: string[] = [];
    let cursor: unknown = "";
    while (typeof cursor === "string") {
      const { body } = await own.call(
        `GET /apps/busy/audit?limit=1000${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...items(body).map((item) => textOf(item["id"])));
      cursor = body["next_cursor"];
    }
    expect(new Set(seen).size).toBe(2_001);
    expect(seen).toEqual(seen.toSorted().toReversed());
    // The plan of a page in the depth: no sort, no scan of the table, as many rows read as it gives.
    const deep = seen.at(-1000) ?? "";
    for (const where of [db.read`app_id = ${app}`, db.read`true`]) {
      const plan = await db.read`
        explain (analyze, format json) select id from audit where ${where} and id < ${deep}::uuid
        order by id desc limit 101`;
      const text = JSON.stringify(plan[0]?.["QUERY PLAN"]);
      expect(text).toMatch(/Index (?:Only )?Scan/);
      expect(text).not.toMatch(/"Sort"|"Seq Scan"|Bitmap/);
      expect(text).not.toMatch(/"Rows Removed by Filter":[1-9]/);
    }
  } finally {
    await own.close();
  }
});
