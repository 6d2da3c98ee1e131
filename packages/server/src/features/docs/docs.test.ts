import { JsonText, PicloudError } from "@picloud/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { docsFeature } from "./docs.server.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let methods: ReturnType<typeof docsFeature>["methods"];
let endpoints: ReturnType<typeof docsFeature>["endpoints"];
const request = { signal: undefined, lastEventId: undefined, headers: {}, setHeader: () => undefined };
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
  app = await insertTestApp(platform);
  ({ methods, endpoints } = docsFeature(platform));
});
afterAll(async () => {
  await test.drop();
});

interface Envelope {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly updated_at: string;
}

interface PageText {
  readonly items: readonly Envelope[];
  readonly next_cursor: string | null;
}

const json = (value: unknown): JsonText => new JsonText(JSON.stringify(value));
const textOf = (value: unknown): string => (value instanceof JsonText ? value.text : JSON.stringify(value));
const documentOf = (value: unknown): Envelope => JSON.parse(textOf(value)) as Envelope;
const listOf = (value: unknown): Envelope[] => JSON.parse(textOf(value)) as Envelope[];
const pageOf = (value: unknown): PageText => JSON.parse(textOf(value)) as PageText;
const ctx = () => runContext(platform, app);
type Method = keyof typeof methods;
const call = async (name: Method, collection: string, ...args: unknown[]): Promise<unknown> =>
  await methods[name](ctx(), [collection, ...args]);
const create = async (collection: string, data: unknown): Promise<string> =>
  String(await call("create", collection, data instanceof JsonText ? data : json(data)));

async function refusalOf(work: Promise<unknown>): Promise<{ code: string; path: string | undefined }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PicloudError)) throw new Error(`expected a PicloudError, got ${String(error)}`);
  return { code: error.code, path: error.fields?.[0]?.path };
}

describe("documents", () => {
  it("come back with their numbers as they were written", async () => {
    const id = await create(
      "exact",
      new JsonText(`{"b":9007199254740993,"f":4.0,"e":1e3,"s":"ü\\u0041","n":null}`),
    );
    expect(textOf(await call("get", "exact", id))).toContain(
      `"data":{"b": 9007199254740993, "e": 1000, "f": 4.0, "n": null, "s": "üA"}`,
    );
  });

  it("are replaced, merged and deleted", async () => {
    const id = await create("life", { a: { x: 1, y: 2 }, b: [1], c: 3 });
    const merged = documentOf(
      await call("patch", "life", id, json({ a: { y: null, z: { deep: null, w: 1 } }, b: [2], c: null })),
    );
    expect(merged).toMatchObject({ id, data: { a: { x: 1, z: { w: 1 } }, b: [2] } });
    expect(merged.updated_at >= merged.created_at).toBe(true);
    expect(documentOf(await call("update", "life", id, json({ only: 1 }))).data).toEqual({ only: 1 });
    expect(documentOf(await call("get", "life", id)).data).toEqual({ only: 1 });
    expect(await call("delete", "life", id)).toBe(true);
    expect(await call("delete", "life", id)).toBe(false);
    expect(await call("get", "life", id)).toBeUndefined();
    expect(await refusalOf(call("update", "life", id, json({})))).toMatchObject({ code: "not_found" });
    expect(await refusalOf(call("patch", "life", id, json({})))).toMatchObject({ code: "not_found" });
  });

  it("are refused when they can't be stored, naming the field", async () => {
    const refused = async (collection: string, data: JsonText) =>
      await refusalOf(call("create", collection, data));
    expect(await refused("", json({}))).toEqual({ code: "invalid", path: "collection" });
    expect(await refused("a*", json({}))).toEqual({ code: "invalid", path: "collection" });
    expect(await refused("c".repeat(129), json({}))).toEqual({ code: "too_large", path: "collection" });
    expect(await refused("a\u0000", json({}))).toEqual({ code: "invalid", path: "collection" });
    expect(await refused("c", json([1]))).toEqual({ code: "invalid", path: "data" });
    expect(await refused("c", json("x"))).toEqual({ code: "invalid", path: "data" });
    expect(await refused("c", json({ a: "x".repeat(1_048_569) }))).toEqual({
      code: "too_large",
      path: "data",
    });
    expect(await refused("c", new JsonText(`{"a":1e400}`))).toEqual({ code: "invalid", path: "data" });
    const long = new JsonText(`{"a":[${"1e390,".repeat(3000)}1]}`);
    expect(await refused("c", long)).toEqual({ code: "too_large", path: "data" });
    for (const id of ["", "x", "0190A0A0-0000-7000-8000-000000000001"])
      expect(await refusalOf(call("get", "c", id))).toEqual({ code: "invalid", path: "id" });
  });

  it("at the limits are stored, and a patch can't take them over", async () => {
    const id = await create("c".repeat(128), { a: "x".repeat(1_048_568) });
    const big = documentOf(await call("get", "c".repeat(128), id));
    expect(big.data["a"]).toHaveLength(1_048_568);
    expect(await refusalOf(call("patch", "c".repeat(128), id, json({ b: 1 })))).toEqual({
      code: "too_large",
      path: "patch",
    });
    expect(documentOf(await call("get", "c".repeat(128), id))).toEqual(big);
  });

  it("name the execution that wrote them, whose row exists", async () => {
    const run = runContext(platform, app);
    const id = String(await methods.create(run, ["by", json({ a: 1 })]));
    const rows = await test.db.read`
      select e.status from docs d join executions e on e.app_id = d.app_id and e.id = d.written_by
      where d.app_id = ${app.id} and d.id = ${id}`;
    expect(rows).toEqual([{ status: "running" }]);
    expect(run.execution.recorded).toBe(true);
    await methods.patch(run, ["by", id, json({ b: 1 })]);
    await methods.update_many(run, ["by", json({ a: 1 }), json({ c: 1 })]);
    await methods.delete(run, ["by", id]);
    expect(
      await test.db.read`select from executions where app_id = ${app.id} and id = ${run.execution.id}`,
    ).toHaveLength(1);
  });

  it("of another app are out of reach", async () => {
    const other = await insertTestApp(platform);
    const id = String(await methods.create(runContext(platform, other), ["private", json({ a: 1 })]));
    expect(await call("get", "private", id)).toBeUndefined();
    expect(listOf(await call("find", "private", json({ a: 1 })))).toEqual([]);
    expect(await call("delete_many", "private", json({}))).toBe(0);
    const member = { ...apiContext(app), principal: { ...app.user, role: "member" } as const };
    const input = { app: other.id, collection: "private", id };
    expect(await refusalOf(endpoints.get(member, input, request))).toMatchObject({ code: "forbidden" });
  });

  it("by the API are checked like those of scripts", async () => {
    const input = { app: app.slug, collection: "api" };
    const post = async (data: object) => await endpoints.create(apiContext(app), { ...input, data }, request);
    expect(await refusalOf(post({ a: ["\u0000"] }))).toEqual({ code: "invalid", path: "data.a[0]" });
    expect(await refusalOf(post([]))).toEqual({ code: "invalid", path: "data" });
    const { id } = await post({ n: 1 });
    const patched = await endpoints.patch(apiContext(app), { ...input, id, data: { m: 2 } }, request);
    expect(patched).toMatchObject({
      id,
      collection: "api",
      data: new JsonText(`{"m": 2, "n": 1}`),
      written_by: null,
    });
    const found = await endpoints.find(
      apiContext(app),
      { ...input, filter: { n: { $gte: 1 } }, limit: 10 },
      request,
    );
    expect(found.items.map((item) => item.id)).toEqual([id]);
    expect(await endpoints.count(apiContext(app), { ...input, filter: json({ n: 2 }) }, request)).toEqual({
      count: 0,
    });
    const collections = await endpoints.collections(apiContext(app), { app: app.slug, limit: 1000 }, request);
    expect(collections.items).toContainEqual({ collection: "api", count: 1 });
    await endpoints.delete(apiContext(app), { ...input, id }, request);
    expect(await refusalOf(endpoints.delete(apiContext(app), { ...input, id }, request))).toMatchObject({
      code: "not_found",
    });
  });
});

describe("events", () => {
  beforeAll(async () => {
    await insertTestTrigger(platform, app, { kind: "docs", pattern: "*", ops: ["delete"] });
  });

  async function eventsOf(collection: string) {
    return await test.db.read<
      { op: string; payload: Record<string, unknown>; deliveries: number; written_by: string }[]
    >`
      select op, payload, written_by, (select count(*)::int from outbox o where o.app_id = e.app_id and o.event_id = e.id) as deliveries
      from events e where app_id = ${app.id} and payload->>'collection' = ${collection} order by created_at, id`;
  }

  it("say what was written and what was there before, in the commit of the write", async () => {
    await insertTestTrigger(platform, app, { kind: "docs", pattern: "watched:*" });
    await insertTestTrigger(platform, app, { kind: "kv", pattern: "*" });
    const collection = "watched:a";
    const id = await create(collection, new JsonText(`{"n":4.0}`));
    await call("patch", collection, id, json({ m: 1 }));
    await call("update", collection, id, json({ z: true }));
    await call("delete", collection, id);
    await call("delete", collection, id);
    expect(await eventsOf(collection)).toMatchObject([
      { op: "create", payload: { collection, id, data: { n: 4 } }, deliveries: 1 },
      { op: "update", payload: { collection, id, data: { n: 4, m: 1 }, prev_data: { n: 4 } }, deliveries: 1 },
      {
        op: "update",
        payload: { collection, id, data: { z: true }, prev_data: { n: 4, m: 1 } },
        deliveries: 1,
      },
      { op: "delete", payload: { collection, id, prev_data: { z: true } }, deliveries: 2 },
    ]);
    const [first] = await eventsOf(collection);
    expect(Object.keys(first?.payload ?? {})).toEqual(["collection", "id", "data"]);
    const [text] = await test.db.read<{ payload: string }[]>`
      select payload::text from events where app_id = ${app.id} and op = 'create' and payload->>'collection' = ${collection}`;
    expect(text?.payload).toContain("4.0");
  });

  it("of many documents are one each", async () => {
    await insertTestTrigger(platform, app, { kind: "docs", pattern: "many", ops: ["update", "delete"] });
    const ids = [
      await create("many", { n: 1 }),
      await create("many", { n: 2 }),
      await create("many", { n: 3 }),
    ];
    expect(await call("update_many", "many", json({ n: { $lte: 2 } }), json({ seen: true }))).toBe(2);
    expect(await call("delete_many", "many", json({ seen: { $exists: false } }))).toBe(1);
    const events = await eventsOf("many");
    expect(events.map(({ op, payload }) => `${op} ${String(payload["id"])}`).toSorted()).toEqual(
      [`update ${ids[0]}`, `update ${ids[1]}`, `delete ${ids[2]}`].toSorted(),
    );
    // The trigger of all deletions has its delivery too.
    expect(events.map(({ op, deliveries }) => `${op} ${deliveries}`).toSorted()).toEqual([
      "delete 2",
      "update 1",
      "update 1",
    ]);
    expect(events.find(({ op }) => op === "update")?.payload).toMatchObject({
      data: { seen: true },
      prev_data: {},
    });
    const signals: unknown[] = [];
    platform.signals.on("outbox", (appId) => signals.push(appId));
    await call("update_many", "many", json({ n: 1 }), json({ again: 1 }));
    expect(signals).toEqual([app.id]);
  });
});

describe("many", () => {
  it("over a thousand are refused as a whole; $limit takes them in steps", async () => {
    const seed = await create("crowd", { n: 1 });
    await test.db.write`
      insert into docs (app_id, collection, id, scope, doc)
      select app_id, collection, picloud_uuid_v7(), scope, doc from docs, generate_series(1, 1000)
      where app_id = ${app.id} and id = ${seed}`;
    expect(await refusalOf(call("update_many", "crowd", json({ n: 1 }), json({ n: 2 })))).toEqual({
      code: "too_large",
      path: "filter.$limit",
    });
    expect(await call("count", "crowd", json({ n: 2 }))).toBe(0);
    expect(await call("update_many", "crowd", json({ n: 1, $sort: "$id", $limit: 1 }), json({ n: 2 }))).toBe(
      1,
    );
    expect(await call("update_many", "crowd", json({ n: 1 }), json({ n: 2 }))).toBe(1000);
    expect(await call("delete_many", "crowd", json({ $limit: 600 }))).toBe(600);
    expect(await call("count", "crowd", json({}))).toBe(401);
    expect(listOf(await call("find", "crowd", json({})))).toHaveLength(100);
    expect(listOf(await call("find", "crowd", json({ $limit: 5000 })))).toHaveLength(401);
  });

  it("change all or nothing when one would be too large", async () => {
    await create("edge", { a: "x".repeat(1_048_000) });
    await create("edge", { a: "small" });
    const patch = json({ b: "y".repeat(1000) });
    expect(await refusalOf(call("update_many", "edge", json({}), patch))).toEqual({
      code: "too_large",
      path: "patch",
    });
    expect(await call("count", "edge", json({ b: { $exists: true } }))).toBe(0);
  });

  it("leave no lost update under concurrency", async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map(async (n) => await create("race", { n })));
    await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const sort = i % 2 === 0 ? "n" : "-n";
        await call("update_many", "race", json({ $sort: sort }), json({ [`w${i}`]: true }));
        await call("patch", "race", ids[i % 5], json({ [`p${i}`]: true }));
      }),
    );
    const rows = listOf(await call("find", "race", json({ $sort: "n" })));
    for (const [at, { data }] of rows.entries()) {
      const expected = [...Array.from({ length: 10 }, (_, i) => `w${i}`), `p${at}`, `p${at + 5}`];
      expect(
        Object.keys(data)
          .filter((name) => name !== "n")
          .toSorted(),
      ).toEqual(expected.toSorted());
    }
  });
});

async function pages(
  collection: string,
  filter: unknown,
  limit: number,
  between?: () => Promise<void>,
): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: PageText = pageOf(await call("page", collection, json(filter), { limit, cursor }));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
    await between?.();
  } while (cursor !== null);
  return seen;
}

describe("pages", () => {
  it("go through everything once, in the order of find, with ties, mixed types and missing fields", async () => {
    const value = fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(null, true, false, "", "a", "b", [1], { x: 1 }, undefined),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ a: value, b: value }), { maxLength: 12 }),
        fc.constantFrom<unknown>(
          "a",
          "-a",
          ["a", "b"],
          ["-a", "-b"],
          ["a", "-b"],
          ["-b", "$created_at"],
          ["b", "-$id"],
          [],
        ),
        fc.integer({ min: 1, max: 4 }),
        async (documents, sort, limit) => {
          const collection = newId();
          for (const data of documents) await create(collection, data);
          const filter = Array.isArray(sort) && sort.length === 0 ? {} : { $sort: sort };
          const all = listOf(await call("find", collection, json(filter)));
          expect(all).toHaveLength(documents.length);
          expect(await pages(collection, filter, limit)).toEqual(all.map(({ id }) => id));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("have each document that stays exactly once while others come, go and move", async () => {
    const collection = "busy";
    const kept: string[] = [];
    for (let i = 0; i < 40; i++) kept.push(await create(collection, { key: i % 7, keep: true }));
    const movers = await Promise.all([1, 2, 3].map(async (key) => await create(collection, { key })));
    let round = 0;
    const disturb = async (): Promise<void> => {
      round++;
      await create(collection, { key: round % 9 });
      for (const id of movers) await call("patch", collection, id, json({ key: (round * 3) % 8 }));
      // Changes of other fields do not move a document.
      await call("patch", collection, kept[round % 40], json({ note: round }));
      await call(
        "delete_many",
        collection,
        json({ keep: { $exists: false }, key: round % 9, $id: { $nin: movers }, $limit: 1 }),
      );
    };
    for (const sort of ["key", "-key"]) {
      const seen = await pages(collection, { $sort: sort }, 4, disturb);
      const counts = kept.map((id) => seen.filter((other) => other === id).length);
      expect(counts).toEqual(kept.map(() => 1));
    }
    expect(round).toBeGreaterThan(10);
  });

  it("bind a cursor to filter and sort", async () => {
    for (let i = 0; i < 3; i++) await create("bound", { i });
    const page = pageOf(await call("page", "bound", json({ $sort: "i" }), { limit: 1 }));
    const { next_cursor: cursor } = page;
    for (const filter of [{ $sort: "-i" }, { i: 1, $sort: "i" }, {}])
      expect(await refusalOf(call("page", "bound", json(filter), { cursor }))).toMatchObject({
        code: "invalid_cursor",
      });
    const [mark] = JSON.parse(Buffer.from(cursor ?? "", "base64url").toString()) as string[];
    for (const keys of [["x", "", newId()], ["1", "", "x"], ["1"], ["1e5", "", newId()]]) {
      const forged = Buffer.from(JSON.stringify([mark, ...keys])).toString("base64url");
      expect(await refusalOf(call("page", "bound", json({ $sort: "i" }), { cursor: forged }))).toMatchObject({
        code: "invalid_cursor",
      });
    }
    const list = pageOf(await call("list", "bound", { limit: 2 }));
    expect(list.items.map(({ data }) => data["i"])).toEqual([2, 1]);
    const rest = pageOf(await call("list", "bound", { limit: 2, cursor: list.next_cursor }));
    expect(rest).toMatchObject({ items: [{ data: { i: 0 } }], next_cursor: null });
  });

  it("end early when documents are large; find says that it can't give them", async () => {
    for (let i = 0; i < 6; i++) await create("large", { i, text: "x".repeat(900_000) });
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page: PageText = pageOf(await call("page", "large", json({ $sort: "i" }), { cursor }));
      seen.push(page.items.length);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([4, 2]);
    expect(await refusalOf(call("find", "large", json({})))).toEqual({
      code: "too_large",
      path: "filter.$limit",
    });
    expect(listOf(await call("find", "large", json({ $limit: 4 })))).toHaveLength(4);
    expect(documentOf(await call("find_one", "large", json({ i: 5 }))).data["i"]).toBe(5);
  });
});

it("conditions on the envelope stand beside those on the document", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await create("envelope", { i }));
  const find = async (filter: unknown) =>
    listOf(await call("find", "envelope", json(filter))).map(({ data }) => data["i"]);
  expect(await find({ $id: ids[2] })).toEqual([2]);
  expect(await find({ $id: { $in: [ids[0], ids[4]] }, i: { $gt: 0 } })).toEqual([4]);
  expect(await find({ $or: [{ $id: ids[1] }, { i: 3 }] })).toEqual([3, 1]);
  expect(await find({ $not: { $or: [{ $id: { $gte: ids[2] } }, { i: { $ne: 1 } }] } })).toEqual([1]);
  expect(await find({ $created_at: { $lt: "2000-01-01T00:00:00Z" } })).toEqual([]);
  expect(
    await find({
      $created_at: { $gt: "2000-01-01T01:00:00+01:00" },
      $updated_at: { $ne: "2000-01-01T00:00:00Z" },
      $sort: "$created_at",
    }),
  ).toEqual([0, 1, 2, 3, 4]);
  const [first] = listOf(await call("find", "envelope", json({ i: 0 })));
  expect(await find({ $created_at: first?.created_at, i: 0 })).toEqual([0]);
});
