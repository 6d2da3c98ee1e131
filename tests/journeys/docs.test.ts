/** Documents as a new user meets them: from scripts in both languages, with a trigger, from `pic`, in and out as lines. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loggedInPic, type Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const TYPESCRIPT = `import { docs } from "picloud";
export default async (request: Request) => {
  const c = docs.collection("ts");
  const id = await c.create({ sku: "tea", qty: 2, big: 9007199254740993n, at: new Date(0) });
  const patched = await c.patch(id, { qty: 3, at: null, more: { snake_case: 1 } });
  await c.create({ sku: "cup", qty: 1 });
  await c.create({ sku: "pot" });
  const found = await c.find({ qty: { $gte: 1 }, $sort: "-qty" });
  const page = await c.page({ $sort: "sku" }, { limit: 2 });
  const rest = await c.page({ $sort: "sku" }, { limit: 2, cursor: page.nextCursor });
  const refused = await c.find({ qty: { $above: 1 } }).catch((error) => error);
  const gone = await c.get("0190a0a0-0000-7000-8000-000000000001");
  return {
    id,
    patched: { ...patched, data: { ...patched.data, big: String(patched.data.big + 1n) } },
    found: found.map(({ data }) => data.sku),
    one: (await c.findOne({ sku: "cup" })).data.qty,
    pages: [page.items.map(({ data }) => data.sku), rest.items.map(({ data }) => data.sku), rest.nextCursor ?? "end"],
    counts: [await c.count({ qty: { $exists: false } }), await c.updateMany({ sku: "cup" }, { seen: true }), await c.deleteMany({ seen: true })],
    list: (await c.list({ limit: 1 })).items.length,
    refused: [refused.code, refused.message, refused.name],
    gone: gone === undefined,
  };
};
`;
const RHAI = String.raw`
let c = docs::collection("rhai");
let id = c.create(#{ sku: "tea", qty: 2, big: 9007199254740993, price: 4.0 });
let patched = c.patch(id, #{ qty: 3, price: () });
c.create(#{ sku: "cup", qty: 1, price: 4.0 });
c.create(#{ sku: "pot" });
let found = c.find(#{ qty: #{ "$gte": 1 }, "$sort": "-qty" });
let page = c.page(#{ "$sort": "sku" }, #{ limit: 2 });
let rest = c.page(#{ "$sort": "sku" }, #{ limit: 2, cursor: page.next_cursor });
let refused = "";
try { c.find(#{ qty: #{ "$above": 1 } }); } catch (error) { refused = error.code; }
#{
  id: id,
  same: patched.id == id && patched.data.big + 1 == 9007199254740994 && !("price" in patched.data),
  found: found.map(|d| d.data.sku),
  price: type_of(c.find_one(#{ sku: "cup" }).data.price),
  pages: [page.items.map(|d| d.data.sku), rest.items.map(|d| d.data.sku), rest.next_cursor == ()],
  counts: [c.count(#{ qty: #{ "$exists": false } }), c.update_many(#{ sku: "cup" }, #{ seen: true }), c.delete_many(#{ seen: true })],
  created: patched.created_at.len > 20,
  refused: refused,
  gone: c.get("0190a0a0-0000-7000-8000-000000000001") == (),
  deleted: [c.delete(id), c.delete(id)]
}
`;
const KEEP_TYPESCRIPT = `import { kv } from "picloud";
export default async (event) => {
  await kv.collection("kept").set("ts " + event.op, { id: event.docs.id, data: event.docs.data ?? "none", prev: event.docs.prevData ?? "none" });
};
`;
const KEEP_RHAI = String.raw`
let d = ctx.event.docs;
kv::collection("kept").set("rhai " + ctx.event.op, #{ id: d.id, data: d.data ?? "none", prev: d.prev_data ?? "none" });
`;

let server: RunningServer;
let pic: Pic;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await temporaryFolder("picloud-docs-");
  pic = await loggedInPic(server, folder);
  for (const [name, source, route] of [
    ["shop.ts", TYPESCRIPT, "GET /ts"],
    ["shop-rhai.rhai", RHAI, "GET /rhai"],
    ["keep.ts", KEEP_TYPESCRIPT],
    ["keep-rhai.rhai", KEEP_RHAI],
  ] as const) {
    await writeFile(join(folder, name), source);
    await pic.ok(["deploy", name, ...(route === undefined ? [] : ["--route", route])]);
  }
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
  await removeFolder(folder);
});

async function get(path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(server.url + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

const same = {
  found: ["tea", "cup"],
  counts: [1, 1, 1],
};

test("a script in TypeScript", async () => {
  const answer = await get("/ts");
  expect(answer).toMatchObject({
    ...same,
    patched: {
      id: answer["id"],
      data: { sku: "tea", qty: 3, big: "9007199254740994", more: { snake_case: 1 } },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    },
    one: 1,
    pages: [["cup", "pot"], ["tea"], "end"],
    list: 1,
    refused: ["unsupported_operator", expect.stringContaining("$above"), "UnsupportedOperator"],
    gone: true,
  });
});

test("a script in Rhai", async () => {
  expect(await get("/rhai")).toMatchObject({
    ...same,
    same: true,
    price: "f64",
    pages: [["cup", "pot"], ["tea"], true],
    created: true,
    refused: "unsupported_operator",
    gone: true,
    deleted: [true, false],
  });
});

test("pic, and triggers in both languages", async () => {
  await pic.ok(["triggers", "add", "docs", "--script", "keep", "--collection-glob", "watched"]);
  await pic.ok([
    "triggers",
    "add",
    "docs",
    "--script",
    "keep-rhai",
    "--collection-glob",
    "watched",
    "--ops",
    "create,delete",
  ]);
  const created = (await pic.json(["docs", "create", "watched", '{"n": 4.0, "status": "new"}'])) as {
    id: string;
  };
  await pic.ok(["docs", "patch", "watched", created.id, '{"status": "open"}']);
  expect(await pic.ok(["docs", "get", "watched", created.id])).toContain('{"n":4.0,"status":"open"}');
  expect(await pic.json(["docs", "find", "watched", '{"status": "open"}'])).toMatchObject([
    { id: created.id },
  ]);
  expect(await pic.json(["docs", "count", "watched"])).toEqual({ count: 1 });
  expect(await pic.ok(["docs", "collections"])).toContain("watched\t1");
  await pic.ok(["docs", "rm", "watched", created.id]);
  expect((await pic.run(["docs", "get", "watched", created.id])).code).toBe(4);
  expect((await pic.run(["docs", "find", "watched", '{"a": {"$no": 1}}'])).stderr).toContain("$no");

  const kept = async (key: string) => {
    const { code, stdout } = await pic.run(["kv", "get", "kept", key]);
    return code === 0 ? (JSON.parse(stdout) as unknown) : undefined;
  };
  const { id } = created;
  const before = { n: 4, status: "new" };
  const after = { n: 4, status: "open" };
  expect(await waitFor("the deletion in Rhai", async () => await kept("rhai delete"))).toEqual({
    id,
    data: "none",
    prev: after,
  });
  expect(await waitFor("the creation in Rhai", async () => await kept("rhai create"))).toEqual({
    id,
    data: before,
    prev: "none",
  });
  expect(await waitFor("the update", async () => await kept("ts update"))).toEqual({
    id,
    data: after,
    prev: before,
  });
  expect(await kept("rhai update")).toBeUndefined();
});

test("a collection goes out as lines and comes back", async () => {
  const lines = Array.from({ length: 2_500 }, (_, n) => `{"data":{"n":${n}.0,"text":"zeile ä ${n}"}}`);
  await writeFile(join(folder, "in.ndjson"), `${lines.join("\n")}\n`);
  const imported = await pic.run(["docs", "import", "lines", "in.ndjson"]);
  expect(imported.stderr).toContain("imported 2,500 documents into lines: 2,500 new, 0 replaced");
  const exported = await pic.run(["docs", "export", "lines"]);
  expect(exported.stderr).toContain("exported 2,500 documents of lines");
  const documents = exported.stdout.trimEnd().split("\n");
  expect(documents).toHaveLength(2_500);
  expect(exported.stdout).toContain('"n": 2499.0');
  expect(new Set(documents.map((line) => (JSON.parse(line) as { data: { n: number } }).data.n)).size).toBe(
    2_500,
  );

  // The same lines again replace what is there; into another collection they are the same documents.
  const again = await pic.run(["docs", "import", "lines", "-"], exported.stdout);
  expect(again.stderr).toContain("0 new, 2,500 replaced");
  await pic.ok(["docs", "import", "copy", "-"], exported.stdout);
  expect(await pic.ok(["docs", "export", "copy"])).toBe(exported.stdout);

  const bad = `${documents.slice(0, 3).join("\n")}\n\n{"data":7}\n`;
  const refused = await pic.run(["docs", "import", "bad", "-"], bad);
  expect(refused.code).toBe(7);
  expect(refused.stderr).toContain("line 5: data must be an object");
});

test("a declared index is made while pic looks on", async () => {
  await pic.ok(["docs", "create", "indexed", '{"status": "open", "at": 1}']);
  expect(await pic.json(["docs", "add-index", "indexed", "status,-at"])).toMatchObject({
    name: "status_at_desc",
  });
  await waitFor("the index", async () => (await pic.ok(["docs", "indexes", "indexed"])).includes("ready"));
  expect(await pic.json(["docs", "find", "indexed", '{"status": "open", "$sort": "-at"}'])).toHaveLength(1);
  await pic.ok(["docs", "rm-index", "indexed", "status_at_desc"]);
  expect(await pic.json(["docs", "indexes", "indexed"])).toEqual([]);
});
