import { afterAll, beforeAll, expect, test } from "vitest";
import { removeDeletedApps, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../../tests/support/test-api.ts";
import { bootstrap } from "../../control-plane/bootstrap.ts";
import { sweepReserved } from "./reserved-names.service.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

test("an app is created, found by id and slug, renamed and deleted", async () => {
  const created = await api.call("POST /apps", { body: { slug: "shop", name: "The shop" } });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ slug: "shop", name: "The shop", state: "active" });
  expect(created.body["created_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const id = textOf(created.body["id"]);
  expect((await api.call("GET /apps/shop")).body["id"]).toBe(id);
  const renamed = await api.call(`PATCH /apps/${id}`, { body: { slug: "store" } });
  expect(renamed.body).toMatchObject({ slug: "store", name: "The shop" });
  expect((await api.call("GET /apps/shop")).status).toBe(404);
  expect((await api.call("DELETE /apps/store")).body).toMatchObject({ id, slug: "store", state: "deleting" });
  await removeDeletedApps(api);
  expect((await api.call(`GET /apps/${id}`)).status).toBe(404);
});

test.each([
  "",
  "-a",
  "a-",
  "A",
  "a_b",
  "a.b",
  "a b",
  " a",
  "a\n",
  "a\u0000",
  "\ud800",
  // Cyrillic а, Greek ο, full-width ａ, a with an accent in two characters, a zero-width space, a soft hyphen.
  "\u0430pp",
  "sh\u03bfp",
  "\uff41pp",
  "a\u0301pp",
  "a\u200bpp",
  "a\u00adpp",
  "a".repeat(64),
  "a".repeat(1_000_000),
  "api",
  "default",
  "admin",
  "0190a0a0-0000-7000-8000-000000000000",
  1,
  null,
  ["a"],
])("the slug %j is 422 with the field, at creation and at renaming", async (slug) => {
  const requests = ["POST /apps", "PATCH /apps/default"];
  for (const request of requests) {
    const answer = await api.call(request, { body: { slug } });
    expect([answer.status, answer.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([422, "slug"]);
  }
});

test("slugs may be one character, 63, or look like punycode", async () => {
  for (const slug of ["z", "7", "a".repeat(63), "xn--80ak6aa92e", "a--b"])
    expect((await api.call("POST /apps", { body: { slug } })).status).toBe(201);
});

test("of two creations of one slug at the same time one is 201 and one is 409", async () => {
  for (const slug of ["twin-1", "twin-2", "twin-3"]) {
    const both = await Promise.all([1, 2].map(async () => await api.call("POST /apps", { body: { slug } })));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  }
});

test("a slug that is taken is 409, at creation and at renaming", async () => {
  await api.call("POST /apps", { body: { slug: "taken" } });
  await api.call("POST /apps", { body: { slug: "other" } });
  const again = await api.call("POST /apps", { body: { slug: "taken" } });
  expect([again.status, again.body["error"]?.["code"]]).toEqual([409, "already_exists"]);
  expect((await api.call("PATCH /apps/other", { body: { slug: "taken" } })).status).toBe(409);
});

test("the slug of a deleted app is reserved for 30 days, or until an instance admin frees it", async () => {
  const { db, signals } = api.platform;
  await api.call("POST /apps", { body: { slug: "kept" } });
  await api.call("POST /apps", { body: { slug: "renamer" } });
  await api.call("DELETE /apps/kept");
  const refused = async () => {
    const answer = await api.call("POST /apps", { body: { slug: "kept" } });
    expect([answer.status, answer.body["error"]?.["code"]]).toEqual([409, "already_exists"]);
    return answer.body["error"];
  };
  await refused();
  await removeDeletedApps(api);
  const error = await refused();
  const until = textOf(error?.["details"]?.["reserved_until"]);
  expect(Math.round((Date.parse(until) - Date.now()) / 86_400_000)).toBe(30);
  expect(error?.["message"]).toContain(`reserved until ${until}`);
  expect(error?.["message"]).toContain("pic apps free kept");
  expect((await api.call("PATCH /apps/renamer", { body: { slug: "kept" } })).status).toBe(409);

  const { body } = await api.call("GET /reserved_slugs?limit=1000");
  expect(body["items"]).toContainEqual(expect.objectContaining({ name: "kept", reserved_until: until }));
  const free = "DELETE /reserved_slugs/kept";
  await db.write`update users set role = 'member'`;
  signals.send("access");
  for (const request of [free, "GET /reserved_slugs"]) expect((await api.call(request)).status).toBe(403);
  await db.write`update users set role = 'owner'`;
  signals.send("access");
  expect((await api.call(free)).body).toMatchObject({ name: "kept" });
  expect((await api.call(free)).status).toBe(404);
  expect((await api.call("POST /apps", { body: { slug: "kept" } })).status).toBe(201);
});

test("a reservation whose time is over is none, and is swept", async () => {
  const { write } = api.platform.db;
  await write`insert into reserved_names (kind, name, app_id, reserved_until)
    values ('slug', 'lapsed', ${crypto.randomUUID()}, now() - interval '1 second')`;
  expect((await api.call("GET /reserved_slugs?limit=1000")).text).not.toContain("lapsed");
  expect((await api.call("DELETE /reserved_slugs/lapsed")).status).toBe(404);
  expect((await api.call("POST /apps", { body: { slug: "lapsed" } })).status).toBe(201);
  expect(await sweepReserved(api.platform, 100)).toBe(1);
});

test("a slug that an app is renamed from is free at once", async () => {
  await api.call("POST /apps", { body: { slug: "from" } });
  await api.call("PATCH /apps/from", { body: { slug: "to" } });
  expect((await api.call("POST /apps", { body: { slug: "from" } })).status).toBe(201);
});

test("lists go by slug, in pages whose cursor is bound to the list", async () => {
  for (const slug of ["p-3", "p-1", "p-2"]) await api.call("POST /apps", { body: { slug } });
  const slugs: string[] = [];
  let cursor = "";
  do {
    const page = await api.call(`GET /apps?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
    slugs.push(...(page.body["items"] as unknown as { slug: string }[]).map(({ slug }) => slug));
    const next: unknown = page.body["next_cursor"];
    cursor = typeof next === "string" ? next : "";
  } while (cursor !== "");
  expect(slugs).toEqual(slugs.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(slugs).toEqual(expect.arrayContaining(["default", "p-1", "p-2", "p-3"]));
  const { body } = await api.call("GET /apps?limit=1");
  const elsewhere = await api.call(`GET /scripts?cursor=${textOf(body["next_cursor"])}`);
  expect([elsewhere.status, elsewhere.body["error"]?.["code"]]).toEqual([422, "invalid_cursor"]);
  for (const limit of ["0", "1001", "x", ""]) {
    expect((await api.call(`GET /apps?limit=${limit}`)).status).toBe(422);
  }
});

test("an app with content is not deleted, and the answer says what is inside", async () => {
  const answer = await api.call("DELETE /apps/default");
  expect([answer.status, answer.body["error"]?.["code"]]).toEqual([409, "not_empty"]);
  expect(answer.body["error"]?.["details"]).toEqual({ scripts: 1, routes: 1 });
  expect(answer.body["error"]?.["message"]).toContain("1 script, 1 route.");
  expect(answer.body["error"]?.["message"]).toContain("?force=true");
  expect((await api.call("GET /apps/default")).body["state"]).toBe("active");
  expect((await api.call("DELETE /apps/default?force=false")).status).toBe(409);
  expect((await api.call("DELETE /apps/default?force=perhaps")).status).toBe(422);
});

test("the default app and its example are made once, not again after their deletion", async () => {
  const own = await startTestApi();
  try {
    const { body } = await own.call("GET /apps/default/scripts");
    expect(body["items"]?.[0]).toMatchObject({ name: "hello", version: 1, language: "typescript" });
    const routes = await own.call("GET /apps/default/routes");
    expect(routes.body["items"]?.[0]).toMatchObject({ method: "GET", path: "/hello", auth: "public" });
    await own.call(`DELETE /scripts/${textOf(body["items"]?.[0]?.["id"])}`);
    await bootstrap(own.platform);
    expect((await own.call("GET /apps/default/scripts")).body["items"]).toEqual([]);
    expect((await own.call("DELETE /apps/default")).status).toBe(200);
    await removeDeletedApps(own);
    await bootstrap(own.platform);
    expect((await own.call("GET /apps/default")).status).toBe(404);
  } finally {
    await own.close();
  }
});

test("a member sees only their apps; other apps are 403, unknown ones 404", async () => {
  const own = await startTestApi();
  try {
    const { db, signals } = own.platform;
    for (const slug of ["mine", "theirs"]) await own.call("POST /apps", { body: { slug } });
    const mine = textOf((await own.call("GET /apps/mine")).body["id"]);
    await db.write`update users set role = 'member'`;
    await db.write`insert into members (app_id, user_id, role) select ${mine}, id, 'viewer' from users`;
    signals.send("access");
    const list = await own.call("GET /apps");
    expect((list.body["items"] as unknown as { slug: string }[]).map(({ slug }) => slug)).toEqual(["mine"]);
    expect((await own.call("GET /scripts")).body["items"]).toEqual([]);
    expect((await own.call("GET /apps/theirs")).status).toBe(403);
    expect((await own.call("GET /apps/unknown")).status).toBe(404);
    expect((await own.call("POST /apps", { body: { slug: "new" } })).status).toBe(403);
    expect((await own.call("PATCH /apps/mine", { body: { name: "x" } })).status).toBe(403);
    expect((await own.call("POST /apps/mine/scripts", { body: { name: "a", source: "" } })).status).toBe(403);
  } finally {
    await own.close();
  }
});

test("every change counts up and wakes this node; a refused one does neither", async () => {
  const counter = async () =>
    (await api.platform.db.read`select counter from control_changes`)[0]?.["counter"];
  const woken: unknown[] = [];
  const stop = api.platform.signals.on("deployed", (appId) => woken.push(appId));
  const before = Number(await counter());
  const { body } = await api.call("POST /apps", { body: { slug: "counted" } });
  expect(Number(await counter())).toBe(before + 1);
  expect(woken).toEqual([body["id"]]);
  await api.call("DELETE /apps/default");
  expect(Number(await counter())).toBe(before + 1);
  expect(woken).toHaveLength(1);
  stop();
});

test("a name that is only shown may be of any script, but hides nothing", async () => {
  const shown = ["Läden & Söhne", "商店", "فروشگاه", "👩‍👩‍👧 family"];
  for (const [i, name] of shown.entries()) {
    const answer = await api.call("POST /apps", { body: { slug: `shown-${i}`, name } });
    expect([answer.status, answer.body["name"]]).toEqual([201, name]);
  }
  for (const name of [
    "a\u001b[31m",
    "a\u202eb",
    "a\u200b",
    "a\nb",
    "a\u2028b",
    "\ufeffa\u2066",
    " ",
    "n".repeat(129),
  ]) {
    const answer = await api.call("PATCH /apps/shown-0", { body: { name } });
    expect([name, answer.status, answer.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([
      name,
      422,
      "name",
    ]);
  }
});
