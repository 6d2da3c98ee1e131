import { JsonText } from "@picloud/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { flattened } from "../../platform/database/statement.ts";
import type { Platform } from "../../platform/platform.ts";
import { parseFilter } from "./docs-filter.ts";
import { chooseIndex } from "./docs-index-choice.ts";
import {
  createDeclaredIndexes,
  createIndex,
  deleteIndex,
  listIndexes,
  makeIndexes,
  stateOf,
} from "./docs-indexes.service.ts";
import { placeOf, type DocsPlace } from "./docs-place.ts";
import { planOf } from "./docs-plan.ts";
import { findStatement } from "./docs-query.repository.ts";

const DOCUMENTS = 20_000;

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let at: DocsPlace;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
  app = await insertTestApp(platform);
  at = placeOf({ appId: app.id, collection: "orders" });
  await fill(at, DOCUMENTS);
  // Neighbours with the same values, in many small collections: what the planner's averages come from.
  for (let i = 0; i < 30; i++) {
    const other = await insertTestApp(platform);
    await fill(placeOf({ appId: other.id, collection: `c${i}` }), 100);
  }
  await test.db.write`analyze docs`;
});
afterAll(async () => {
  await test.drop();
});

async function fill({ appId, collection, scope }: DocsPlace, count: number, from = 0): Promise<void> {
  await test.db.write`
    insert into docs (app_id, collection, id, scope, doc)
    select ${appId}, ${collection}, picloud_uuid_v7(), ${scope}::bigint, jsonb_build_object(${scope}::text,
      jsonb_build_object('status', case when i % 20 = 0 then 'open' else 'done' end, 'n', i % 1000,
        'rare', i + ${from}::int, 'tags', jsonb_build_array('t' || i % 500, 1)))
    from generate_series(1, ${count}::int) i`;
}

interface Node {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly Plans?: readonly Node[];
}

/** The plan that the pools use, which is made for no particular values; `rows` are those that were read from the table. */
async function explained(filter: object): Promise<{ scans: string[]; rows: number; isSorted: boolean }> {
  const parsed = parseFilter(new JsonText(JSON.stringify(filter)));
  const index = chooseIndex(await createDeclaredIndexes(platform).of(at), parsed);
  const plan = planOf(at, parsed, index);
  const statement = flattened(
    findStatement({ plan, after: undefined, limit: 51, bytesMax: 4_000_000, withKeys: true }),
  );
  const session = await test.db.write.reserve();
  try {
    await session.unsafe(`prepare docs_find as ${statement.text}`);
    const values = statement.parameters.map(literal).join(", ");
    const [row] = await session.unsafe<{ "QUERY PLAN": { Plan: Node }[] }[]>(
      `explain (analyze, format json) execute docs_find(${values})`,
    );
    const nodes = nodesOf(row?.["QUERY PLAN"][0]?.Plan);
    const scans = nodes.filter(
      (node) => node["Node Type"].endsWith(" Scan") && node["Node Type"] !== "Subquery Scan",
    );
    const heap = scans.filter((node) => node["Node Type"] !== "Bitmap Index Scan");
    return {
      scans: scans.map((node) => node["Index Name"] ?? node["Node Type"]),
      rows: Math.max(...heap.map((node) => node["Actual Rows"])),
      isSorted: nodes.some((node) => node["Node Type"] === "Sort" && node["Actual Rows"] > 51),
    };
  } finally {
    await session.unsafe("deallocate docs_find");
    session.release();
  }
}

function literal(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = Array.isArray(value)
    ? `{${value.map((item) => `"${String(item)}"`).join(",")}}`
    : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

function nodesOf(node: Node | undefined): readonly Node[] {
  return node === undefined ? [] : [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

describe("plans", () => {
  it.each<[object, number]>([
    [{ rare: 77 }, 1],
    [{ status: "open", n: { $gt: 500 } }, 1000],
    [{ rare: { $in: [1, 2, 3] }, $sort: "-n" }, 3],
    [{ tags: { $contains: "t7" } }, 40],
    [{ $or: [{ rare: 5 }, { rare: 6 }] }, 2],
    [{ rare: 9, status: { $ne: "open" } }, 1],
  ])("of equality read by the GIN index, of this collection only: %j", async (filter, most) => {
    const { scans, rows } = await explained(filter);
    expect(scans).toEqual(["Bitmap Heap Scan", "docs_gin"]);
    expect(rows).toBeLessThanOrEqual(most);
  });

  it("without equality read the collection and no other", async () => {
    const { scans } = await explained({ n: { $gt: 990 } });
    expect(scans).not.toContain("docs_gin");
  });

  it("in the order of ids stop when they have enough", async () => {
    const { scans, rows } = await explained({});
    expect(scans).toEqual(["docs_pkey"]);
    expect(rows).toBe(51);
  });
});

describe("declared indexes", () => {
  const all = { limit: 100, cursor: undefined };
  const declare = async (fields: readonly string[], name?: string) =>
    await createIndex(apiContext(app), platform, at, { fields, name });
  const names = async (): Promise<string[]> =>
    (await listIndexes(apiContext(app), platform, at, all)).items.map((row) => `${row.name} ${stateOf(row)}`);

  it("are made in the background, used for what they serve, and removed", async () => {
    await declare(["status", "-n"]);
    await declare(["n"], "by-n");
    expect(await names()).toEqual(["by-n building", "status_n_desc building"]);
    expect(await makeIndexes(platform)).toBe(2);
    expect(await names()).toEqual(["by-n ready", "status_n_desc ready"]);
    expect(await makeIndexes(platform)).toBe(0);
    const { items: rows } = await listIndexes(apiContext(app), platform, at, all);
    const index = (name: string) =>
      `docs_x_${rows.find((row) => row.name === name)?.id.replaceAll("-", "") ?? ""}`;

    const sorted = await explained({ status: "open", $sort: "-n" });
    expect(sorted).toEqual({ scans: [index("status_n_desc")], rows: 51, isSorted: false });
    expect(await explained({ status: "open", $sort: "n" })).toEqual(sorted);
    const range = await explained({ n: { $gte: 990 }, $sort: "n" });
    expect(range).toEqual({ scans: [index("by-n")], rows: 51, isSorted: false });
    expect(await explained({ $sort: "-n" })).toEqual({ scans: [index("by-n")], rows: 51, isSorted: false });
    expect((await explained({ rare: 3, $sort: "n" })).scans).toEqual(["Bitmap Heap Scan", "docs_gin"]);

    await deleteIndex(apiContext(app), platform, { ...at, name: "by-n" });
    await deleteIndex(apiContext(app), platform, { ...at, name: "status_n_desc" });
    expect(await makeIndexes(platform)).toBe(2);
    expect(await indexesOfTable()).toBe(0);
  });

  it("that were left half-made or whose declaration is gone are put right", async () => {
    await declare(["status"], "half");
    await makeIndexes(platform);
    const [row] = (await listIndexes(apiContext(app), platform, at, all)).items;
    const relname = `docs_x_${row?.id.replaceAll("-", "") ?? ""}`;
    await test.db.write.unsafe(`drop index ${relname}`);
    await test.db.write.unsafe(`create index docs_x_${"0".repeat(32)} on docs (id) where scope = 1`);
    expect(await names()).toEqual(["half building"]);
    expect(await makeIndexes(platform)).toBe(2);
    expect(await names()).toEqual(["half ready"]);
    expect(await indexesOfTable()).toBe(1);
    await deleteIndex(apiContext(app), platform, { ...at, name: "half" });
    await makeIndexes(platform);
  });

  it("do not keep writes waiting while they are made", async () => {
    const blocker = await test.db.write.reserve();
    try {
      // An open transaction of somebody else: the index waits for it, writes do not.
      await blocker`begin`;
      await blocker`select count(*) from docs where app_id = ${app.id}`;
      await declare(["rare"], "slow");
      const making = makeIndexes(platform);
      const other = placeOf({ appId: app.id, collection: "elsewhere" });
      await fill(at, 5, DOCUMENTS);
      await fill(other, 5);
      expect(await names()).toEqual(["slow building"]);
      await blocker`commit`;
      expect(await making).toBe(1);
      expect(await names()).toEqual(["slow ready"]);
    } finally {
      blocker.release();
    }
    await deleteIndex(apiContext(app), platform, { ...at, name: "slow" });
    await makeIndexes(platform);
  });

  it("hold texts and numbers of any size", async () => {
    await declare(["big", "-bigger"], "sizes");
    const scope = at.scope;
    const big = "\u{1f600}".repeat(5000);
    await test.db.write`
      insert into docs (app_id, collection, id, scope, doc) values (${app.id}, ${at.collection}, picloud_uuid_v7(),
        ${scope}::bigint, jsonb_build_object(${scope}::text, jsonb_build_object('big', ${big}::text, 'bigger', '1e399'::text::jsonb)))`;
    await makeIndexes(platform);
    expect(await names()).toEqual(["sizes ready"]);
    await deleteIndex(apiContext(app), platform, { ...at, name: "sizes" });
    await makeIndexes(platform);
  });

  it("are limited in number, and refused when they are no fields", async () => {
    const refused = async (fields: readonly string[], name?: string) =>
      await declare(fields, name).then(
        () => "declared",
        (error: unknown) => (error instanceof Error ? error.message : ""),
      );
    expect(await refused(["a b"])).toMatch(/^fields\[0\] must be a field/);
    expect(await refused(["a..b"])).toMatch(/^fields\[0\] has an empty name/);
    expect(await refused(["a'"])).toMatch(/^fields\[0\] must be a field/);
    expect(await refused(["$id"])).toMatch(/^fields\[0\] must be a field/);
    expect(await refused(["a", "-a"])).toMatch(/names a field twice/);
    for (const field of ["a", "b", "c", "d"]) expect(await refused([field])).toBe("declared");
    expect(await refused(["a"], "a")).toMatch(/index more than the 4 of a collection/);
    for (const name of ["a", "b", "c", "d"]) await deleteIndex(apiContext(app), platform, { ...at, name });
    expect(await refused(["a"], "twice")).toBe("declared");
    expect(await refused(["b"], "twice")).toMatch(/has an index twice already/);
    await deleteIndex(apiContext(app), platform, { ...at, name: "twice" });
    await makeIndexes(platform);
  });
});

async function indexesOfTable(): Promise<number> {
  const rows = await test.db
    .read`select from pg_class where relkind = 'i' and starts_with(relname, 'docs_x_')`;
  return rows.length;
}

describe("every statement", () => {
  it("has the app and the collection first, and no value of the caller in its text", () => {
    const marks = ["mark-value", "mark_name", "4711.5"];
    const filters = [
      { mark_name: "mark-value", $sort: "mark_name" },
      { $or: [{ mark_name: { $gt: 4711.5 } }, { $id: app.id }], $sort: ["-mark_name", "$created_at"] },
      { $not: { mark_name: { $contains: "mark-value" } }, $created_at: { $gt: "2026-01-01T00:00:00Z" } },
    ];
    for (const filter of filters) {
      for (const after of [undefined, ["1", "mark-value", "x", "y"]]) {
        const plan = planOf(at, parseFilter(new JsonText(JSON.stringify(filter))), undefined);
        const { text } = flattened(findStatement({ plan, after, limit: 10, bytesMax: 1, withKeys: true }));
        expect(text).toMatch(/from docs where (?:coalesce\()?app_id = \$\d+ and collection = \$\d+/);
        for (const mark of [...marks, app.id, at.collection, at.scope]) expect(text).not.toContain(mark);
      }
    }
  });
});
