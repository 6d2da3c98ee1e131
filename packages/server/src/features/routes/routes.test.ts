import fc from "fast-check";
import { PicloudError } from "@picloud/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";
import { parseRoutePath } from "./route-path.ts";
import type { RoutePath } from "./route-path.ts";
import { loadRouteTable } from "./routes.service.ts";

let api: TestApi;
let app: string;
let script: string;
beforeAll(async () => {
  api = await startTestApi();
  app = textOf((await api.call("POST /apps", { body: { slug: "routes-app" } })).body["id"]);
  script = await makeScript(app, "target");
});
afterAll(async () => await api.close());

async function makeScript(inApp: string, name: string): Promise<string> {
  const body = { name, source: "export default () => 1;" };
  return textOf((await api.call(`POST /apps/${inApp}/scripts`, { body })).body["id"]);
}

const add = async (method: string, path: string, more: object = {}): Promise<Answer> =>
  await api.call(`POST /scripts/${script}/routes`, { body: { method, path, ...more } });
const patch = async (id: string, body: object): Promise<Answer> =>
  await api.call(`PATCH /apps/${app}/routes/${id}`, { body });
const codeOf = (result: Answer): unknown[] => [result.status, result.body["error"]?.["code"]];

test("a route has the fields and defaults of the API page", async () => {
  const { status, body } = await add("GET", "/fields/:id");
  expect(status).toBe(201);
  expect(body).toEqual({
    id: body["id"],
    app_id: app,
    script_id: script,
    method: "GET",
    path: "/fields/:id",
    dispatch_mode: "sync",
    auth: "public",
    cors: null,
    body_bytes_max: null,
    rate_limit: null,
    enabled: true,
  });
});

test("two routes that match the same requests are 409, other methods and shapes are not", async () => {
  await add("GET", "/things/:id");
  expect(codeOf(await add("GET", "/things/:name"))).toEqual([409, "already_exists"]);
  for (const [method, path] of [
    ["POST", "/things/:id"],
    ["GET", "/things/new"],
    ["GET", "/things/*rest"],
    ["GET", "/things/:id/parts"],
  ] as const) {
    expect((await add(method, path)).status).toBe(201);
  }
});

test.each([
  "users",
  "/a//b",
  "/a/",
  "/./a",
  "/../a",
  "/a/:",
  "/:1",
  "/:a/:a",
  "/*rest/more",
  "/*",
  "/a*b",
  "/a?b",
  "/a b",
  "/a%20b",
  "/a\\b",
  `/${"a".repeat(512)}`,
  `/${Array.from({ length: 33 }, () => "a").join("/")}`,
])("the path %j is 422 with the field", async (path) => {
  const answer = await add("GET", path);
  expect(codeOf(answer)).toEqual([422, "invalid"]);
  expect(answer.body["error"]?.["fields"]?.[0]?.["path"]).toBe("path");
});

test.each([
  "/api/x",
  "/api",
  "/dashboard",
  "/a/x",
  "/realtime/x",
  "/healthz",
  "/readyz",
  "/metrics",
  "/.well-known/picloud/x",
])("the path %s is reserved", async (path) => {
  expect(codeOf(await add("GET", path))).toEqual([422, "invalid"]);
});

test("an async route takes bodies that can wait in the database", async () => {
  const mode = { dispatch_mode: "async" };
  const { status, body } = await add("POST", "/jobs", { ...mode, body_bytes_max: 1_048_576 });
  expect([status, body["dispatch_mode"]]).toEqual([201, "async"]);
  const refused = await add("POST", "/large-jobs", { ...mode, body_bytes_max: 1_048_577 });
  expect([refused.status, refused.body["error"]?.["fields"]]).toEqual([
    422,
    [{ path: "body_bytes_max", message: "must be at most 1048576, the limit of async routes" }],
  ]);
  const sync = await add("POST", "/large", { body_bytes_max: 1_048_577 });
  const id = textOf(sync.body["id"]);
  expect(codeOf(await patch(id, mode))).toEqual([422, "invalid"]);
  const changed = await patch(id, { ...mode, body_bytes_max: null });
  expect([changed.status, changed.body["dispatch_mode"], changed.body["body_bytes_max"]]).toEqual([
    200,
    "async",
    null,
  ]);
  expect((await patch(id, { dispatch_mode: "sync" })).body["dispatch_mode"]).toBe("sync");
});

test("what is not there yet is 422 and says so", async () => {
  for (const more of [
    { auth: "user" },
    { auth: "key" },
    { cors: { origins: ["*"] } },
    { rate_limit: { per_minute: 1 } },
  ]) {
    const answer = await add("GET", "/later", more);
    expect(answer.status).toBe(422);
    expect(answer.body["error"]?.["fields"]?.[0]?.["message"]).toMatch(/not available yet/);
  }
  expect((await add("GET", "/later", { auth: "other" })).status).toBe(422);
  expect((await add("TRACE", "/later")).status).toBe(422);
  expect((await add("GET", "/later", { body_bytes_max: 1e12 })).status).toBe(422);
});

test("a route is changed, moved to another script and deleted; null takes its body limit away", async () => {
  const id = textOf((await add("PUT", "/moves", { body_bytes_max: 10, auth: "member" })).body["id"]);
  await add("GET", "/holder/:id");
  const other = await makeScript(app, "other");
  const change = async (body: object) => await api.call(`PATCH /apps/${app}/routes/${id}`, { body });
  expect((await change({ script_id: other, enabled: false })).body).toMatchObject({
    script_id: other,
    enabled: false,
    auth: "member",
    body_bytes_max: 10,
  });
  expect((await change({ body_bytes_max: null })).body["body_bytes_max"]).toBeNull();
  expect(codeOf(await change({ method: "GET", path: "/holder/:x" }))).toEqual([409, "already_exists"]);
  expect((await change({ path: "/api/x" })).status).toBe(422);
  expect((await api.call(`DELETE /apps/${app}/routes/${id}`)).body).toEqual({ id });
  expect((await change({})).status).toBe(404);
});

test("a route of another app under this app's path is 404, and so is a script of another app as target", async () => {
  const elsewhere = await makeScript("default", "elsewhere");
  const made = await api.call(`POST /scripts/${elsewhere}/routes`, {
    body: { method: "GET", path: "/elsewhere" },
  });
  const id = textOf(made.body["id"]);
  expect((await api.call(`PATCH /apps/${app}/routes/${id}`, { body: {} })).status).toBe(404);
  expect((await api.call(`DELETE /apps/${app}/routes/${id}`)).status).toBe(404);
  const own = textOf((await add("GET", "/own")).body["id"]);
  expect(
    (await api.call(`PATCH /apps/${app}/routes/${own}`, { body: { script_id: elsewhere } })).status,
  ).toBe(404);
});

test("the route table has the enabled routes of active apps", async () => {
  await add("GET", "/on", { body_bytes_max: 5 });
  await add("GET", "/off", { enabled: false });
  const table = await loadRouteTable(api.platform.db.read);
  const mine = table.filter((route) => route.app.slug === "routes-app").map(({ path }) => path);
  expect(mine).toContain("/on");
  expect(mine).not.toContain("/off");
  expect(table.find(({ path }) => path === "/on")).toMatchObject({
    app: { id: app },
    scriptId: script,
    method: "GET",
    auth: "public",
    bodyBytesMax: 5,
  });
  expect(table.find(({ path }) => path === "/hello")?.bodyBytesMax).toBeUndefined();
});

test("lists go by path, in pages, of the app and of a script", async () => {
  for (const path of ["/list/b", "/list/a"]) await add("GET", path);
  const all = await api.call(`GET /apps/${app}/routes`);
  const paths = (all.body["items"] as unknown as { path: string }[]).map(({ path }) => path);
  expect(paths).toEqual(paths.toSorted((a, b) => (a < b ? -1 : 1)));
  const first = await api.call(`GET /scripts/${script}/routes?limit=1`);
  const next = await api.call(
    `GET /scripts/${script}/routes?limit=1&cursor=${textOf(first.body["next_cursor"])}`,
  );
  expect(next.body["items"]?.[0]?.["id"]).not.toBe(first.body["items"]?.[0]?.["id"]);
});

test("parsing a path never fails otherwise than with invalid, and a shape has no parameter names", () => {
  const part = fc.oneof(fc.string(), fc.constantFrom(":id", ":name", "*rest", "users", "a.b"));
  const property = fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
    const path = `/${parts.join("/")}`;
    const parsed = attempt(path);
    if (parsed instanceof PicloudError) return parsed.code === "invalid";
    const isNameless = !/\/[:*][^/]/.test(parsed.shape);
    return isNameless && parsed.segments.length === (path === "/" ? 0 : path.split("/").length - 1);
  });
  expect(() => fc.assert(property)).not.toThrow();
});

function attempt(path: string): RoutePath | PicloudError {
  try {
    return parseRoutePath(path, "path");
  } catch (error) {
    if (error instanceof PicloudError) return error;
    throw error;
  }
}
