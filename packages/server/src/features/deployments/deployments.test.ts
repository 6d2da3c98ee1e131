import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
let app = "";
let count = 0;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());
beforeEach(async () => {
  app = `deploy-${++count}`;
  await api.call("POST /apps", { body: { slug: app } });
});

const sourceOf = (text: string): string => `export default () => ${JSON.stringify(text)};\n`;
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A script of a manifest, with its source. */
function script(name: string, text: string, more: object = {}): Record<string, unknown> {
  const source = sourceOf(text);
  return { name, source, source_hash: hash(source), ...more };
}

const plan = async (manifest: object): Promise<Answer> =>
  await api.call(`POST /apps/${app}/deployments/plan`, { body: manifest });
const apply = async (manifest: object): Promise<Answer> =>
  await api.call(`POST /apps/${app}/deployments`, { body: manifest });

/** Plan and apply. */
async function deploy(manifest: object): Promise<Answer> {
  const { base } = (await plan(manifest)).body;
  return await apply({ ...manifest, base });
}

const lines = (answer: Answer): string[] =>
  (answer.body["changes"] as unknown as Record<string, string>[]).map(
    ({ action, kind, name, detail }) => `${action} ${kind} ${name}: ${detail}`,
  );
const codeOf = (result: Answer): unknown[] => [result.status, result.body["error"]?.["code"]];

test("a script of its own: plan names the missing source, apply makes script and route live", async () => {
  const { source, ...known } = script("ship", "one", { routes: [{ method: "POST", path: "/ship" }] });
  const planned = await plan({ scripts: [known] });
  expect(planned.body["missing"]).toEqual(["ship"]);
  expect(lines(planned)).toEqual(["create script ship: v1", "create route POST /ship: → ship, auth public"]);
  const applied = await apply({
    base: planned.body["base"],
    message: "first",
    scripts: [{ ...known, source }],
  });
  expect(applied.status).toBe(201);
  expect(applied.body).toMatchObject({ message: "first", scripts: [{ name: "ship", version: 1 }] });
  expect((await api.call(`GET /apps/${app}/routes`)).body["items"]?.[0]).toMatchObject({
    method: "POST",
    path: "/ship",
  });
  const again = await plan({ scripts: [known] });
  expect(again.body).toMatchObject({ missing: [], base: applied.body["state_hash"] });
  expect(lines(again)).toEqual(["unchanged script ship: v1", "unchanged route POST /ship: → ship"]);
  const list = await api.call(`GET /apps/${app}/deployments`);
  expect(list.body["items"]?.[0]?.["id"]).toBe(applied.body["id"]);
});

test("what a manifest does not say stays, what it says changes", async () => {
  await deploy({
    scripts: [
      script("a", "one", {
        invoke: "members",
        limits: { cpu_ms: 10 },
        routes: [{ method: "GET", path: "/x/:id", auth: "member" }],
      }),
    ],
  });
  const { source: _, ...kept } = script("a", "one");
  const second = await deploy({
    scripts: [{ ...kept, enabled: false, routes: [{ method: "GET", path: "/x/:key" }] }],
  });
  expect(lines(second)).toEqual([
    "update script a: enabled true → false",
    "update route GET /x/:key: path /x/:id → /x/:key",
  ]);
  const { body } = await api.call(`GET /scripts/${textOf(second.body["scripts"]?.[0]?.["id"])}`);
  expect(body).toMatchObject({ version: 1, enabled: false, invoke: "members", limits: { cpu_ms: 10 } });
  expect((await api.call(`GET /apps/${app}/routes`)).body["items"]?.[0]).toMatchObject({
    auth: "member",
    path: "/x/:key",
  });
});

test("a route moves to the script that claims it", async () => {
  await deploy({ scripts: [script("old", "1", { routes: [{ method: "GET", path: "/r" }] })] });
  const moved = await deploy({ scripts: [script("new", "2", { routes: [{ method: "GET", path: "/r" }] })] });
  expect(lines(moved)).toEqual(["create script new: v1", "update route GET /r: script old → new"]);
});

test("only prune deletes: other scripts, and unlisted routes of scripts that list routes", async () => {
  const two = [
    { method: "GET", path: "/one" },
    { method: "GET", path: "/two" },
  ];
  const silent = script("silent", "s");
  await deploy({
    scripts: [
      script("keep", "1", { routes: two }),
      script("drop", "2", { routes: [{ method: "GET", path: "/drop" }] }),
      { ...silent, routes: [{ method: "GET", path: "/silent" }] },
    ],
  });
  const next = { scripts: [script("keep", "1", { routes: two.slice(0, 1) }), silent] };
  expect(lines(await plan(next)).some((line) => line.startsWith("delete"))).toBe(false);
  const pruned = await deploy({ ...next, prune: true });
  expect(lines(pruned).filter((line) => line.startsWith("delete"))).toEqual([
    "delete route GET /two: not in the manifest",
    "delete script drop: not in the manifest",
  ]);
  const routes = (await api.call(`GET /apps/${app}/routes`)).body["items"] as unknown as { path: string }[];
  expect(routes.map(({ path }) => path)).toEqual(["/one", "/silent"]);
});

test("any change since the plan makes apply stale, and nothing is changed", async () => {
  const manifest = { scripts: [script("a", "one")] };
  const { base } = (await plan(manifest)).body;
  await api.call(`POST /apps/${app}/scripts`, { body: { name: "b", source: sourceOf("b") } });
  expect(codeOf(await apply({ ...manifest, base }))).toEqual([409, "stale"]);
  expect((await api.call(`GET /apps/${app}/scripts?name=a`)).body["items"]).toEqual([]);
});

test("of two deployments with one base, one wins", async () => {
  const manifests = ["x", "y"].map((text) => ({ scripts: [script("a", text)] }));
  const { base } = (await plan(manifests[0] ?? {})).body;
  const both = await Promise.all(manifests.map(async (manifest) => await apply({ ...manifest, base })));
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
});

test("all or nothing: one bad script or route leaves everything as it was", async () => {
  await deploy({ scripts: [script("a", "one")] });
  const { base } = (await plan({ scripts: [script("a", "two")] })).body;
  const bad = "export default () => {";
  const broken = await apply({
    base,
    scripts: [script("a", "two"), { name: "b", source: bad, source_hash: hash(bad) }],
  });
  expect(codeOf(broken)).toEqual([422, "compile_error"]);
  expect(broken.body["error"]?.["fields"]?.[0]?.["path"]).toBe("scripts.1.source");
  const module = await apply({
    base,
    scripts: [
      script("a", "two"),
      script("m", "m", { kind: "module", routes: [{ method: "GET", path: "/m" }] }),
    ],
  });
  expect(codeOf(module)).toEqual([400, "target_is_module"]);
  const { body } = await api.call(`GET /apps/${app}/scripts`);
  expect(body["items"]).toMatchObject([{ name: "a", version: 1 }]);
  expect((await plan({ scripts: [script("a", "two")] })).body["base"]).toBe(base);
});

test("manifests that contradict themselves or the server are 422 with the field", async () => {
  const fieldOf = async (manifest: object): Promise<unknown> => {
    const answer = await plan(manifest);
    expect(answer.status).toBe(422);
    return answer.body["error"]?.["fields"]?.[0]?.["path"];
  };
  const route = { method: "GET", path: "/x/:a" };
  expect(await fieldOf({ scripts: [script("a", "1"), script("a", "2")] })).toBe("scripts.1.name");
  expect(
    await fieldOf({ scripts: [script("a", "1", { routes: [route, { ...route, path: "/x/:b" }] })] }),
  ).toBe("scripts.0.routes.1.path");
  expect(await fieldOf({ scripts: [script("a", "1", { routes: [{ ...route, path: "/api/x" }] })] })).toBe(
    "scripts.0.routes.0.path",
  );
  expect(await fieldOf({ scripts: [script("a", "1", { source_hash: hash("other") })] })).toBe(
    "scripts.0.source_hash",
  );
  expect(await fieldOf({ scripts: [script("a", "1", { limits: { cpu_ms: 1e9 } })] })).toBe(
    "scripts.0.limits.cpu_ms",
  );
  expect(await fieldOf({ scripts: [] })).toBe("scripts");
  const { source: _, ...without } = script("a", "1");
  const { base } = (await plan({ scripts: [without] })).body;
  const missing = await apply({ base, scripts: [without] });
  expect(missing.body["error"]?.["fields"]?.[0]).toEqual({ path: "scripts.0.source", message: "is needed" });
});

/** A script with a text of its own. */
const written = (name: string, source: string, more: object = {}): Record<string, unknown> => ({
  name,
  source,
  source_hash: hash(source),
  ...more,
});
const module = (name: string, source: string): Record<string, unknown> =>
  written(name, source, { kind: "module" });
const mainOf = (from: string): string => `import { n } from "./${from}"; export default () => n;`;

test("modules and their importers are deployed together in any order", async () => {
  const deployed = await deploy({
    scripts: [
      written("main", mainOf("util"), { routes: [{ method: "GET", path: "/n" }] }),
      module("util", 'export { n } from "./base";'),
      module("base", "export const n = 1;"),
    ],
  });
  expect(deployed.status).toBe(201);
  expect(lines(deployed).slice(0, 3)).toEqual([
    "create script main: v1",
    "create script util: v1, module",
    "create script base: v1, module",
  ]);
  const second = await plan({ scripts: [module("base", "export const n = 2;")] });
  expect(lines(second)).toEqual([
    "update script base: v1 → v2",
    "update script main: v1, linked again with base",
  ]);
  const { source: _, ...known } = written("main", mainOf("util"));
  const third = await deploy({ scripts: [known, module("base", "export const n = 3;")] });
  expect(lines(third)).toEqual([
    "update script main: v1, linked again with base",
    "update script base: v1 → v2",
  ]);
  expect(third.body["scripts"]).toMatchObject([
    { name: "main", version: 1 },
    { name: "base", version: 2 },
  ]);
});

test("a module is renamed when its importers change with it, and not without them", async () => {
  await deploy({ scripts: [written("main", mainOf("util")), module("util", "export const n = 1;")] });
  const { source: _, ...same } = written("main", mainOf("util"));
  const renamed = { scripts: [same, module("tools", "export const n = 1;")], prune: true };
  const refused = await deploy(renamed);
  expect(codeOf(refused)).toEqual([409, "in_use"]);
  expect(refused.body["error"]?.["details"]).toEqual({ importers: ["main"] });
  const scripts = [written("main", mainOf("tools")), module("tools", "export const n = 1;")];
  const done = await deploy({ scripts, prune: true });
  expect(lines(done)).toEqual([
    "update script main: v1 → v2",
    "create script tools: v1, module",
    "delete script util: not in the manifest",
  ]);
  const both = await deploy({ scripts: [script("alone", "1")], prune: true });
  expect(both.status).toBe(201);
  expect((await api.call(`GET /apps/${app}/scripts`)).body["items"]).toMatchObject([{ name: "alone" }]);
});

test("what breaks an importer, or is broken itself, is named with its place in the manifest", async () => {
  await deploy({ scripts: [written("main", mainOf("util")), module("util", "export const n = 1;")] });
  const { base } = (await plan({ scripts: [script("a", "1")] })).body;
  const fieldOf = async (scripts: object[]): Promise<unknown[]> => {
    const { status, body } = await apply({ base, scripts });
    return [status, body["error"]?.["fields"]?.[0]?.["path"], body["error"]?.["details"]?.["script"]];
  };
  const other = script("a", "1");
  expect(await fieldOf([other, module("util", "export const m = 1;")])).toEqual([
    422,
    "scripts.1.source",
    "main",
  ]);
  expect(await fieldOf([other, written("b", mainOf("nothing"))])).toEqual([422, "scripts.1.source", "b"]);
  const circle = [module("x", 'import "./y";'), module("y", 'import "./x";')];
  expect(await fieldOf(circle)).toEqual([422, "scripts.0.source", "x"]);
  expect(await fieldOf([module("kv", "export const n = 1;")])).toEqual([422, "scripts.0.name", undefined]);
  expect((await plan({ scripts: [other] })).body["base"]).toBe(base);
});

test("an endpoint with routes becomes no module by a deployment", async () => {
  await deploy({ scripts: [script("a", "1", { routes: [{ method: "GET", path: "/x" }] })] });
  const { source: _, ...known } = script("a", "1", { kind: "module" });
  expect(codeOf(await deploy({ scripts: [known] }))).toEqual([409, "in_use"]);
});
