import { exactJson, JsonText, PicloudError } from "@picloud/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { newId } from "../../platform/ids.ts";
import { openDatabase, type Database } from "../../platform/database/database.ts";
import { silentLogger } from "../../platform/logger.ts";
import type { Platform } from "../../platform/platform.ts";
import { findAll, countFound } from "./docs-find.service.ts";
import type { Condition, DocsFilter, LeafOp } from "./docs-filter.ts";
import { parseFilter } from "./docs-filter.ts";
import { isObject } from "./docs-field.ts";
import { rank, sortTextMax } from "./docs-keys.ts";
import { isNumber } from "./docs-numbers.ts";
import { documentPath } from "./docs-path.ts";
import { chooseIndex } from "./docs-index-choice.ts";
import { createDeclaredIndexes, createIndex, makeIndexes } from "./docs-indexes.service.ts";
import { deleteMany } from "./docs-many.service.ts";
import { createDocument } from "./docs.service.ts";
import { placeOf } from "./docs-place.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let indexed: Database;
beforeAll(async () => {
  test = await testDatabase();
  // A few documents are read row by row; here it is the indexes that are to be right.
  await test.db.write.unsafe(`alter database ${await nameOf(test.db)} set enable_seqscan = off`);
  const connections = { write: 4, read: 2 };
  indexed = await openDatabase(test.target, { nodeId: test.nodeId, log: silentLogger, connections });
  platform = { ...testPlatform(test), db: indexed };
  app = await insertTestApp(platform);
});
afterAll(async () => {
  await indexed.close();
  await test.drop();
});

async function nameOf({ read }: Database): Promise<string> {
  const [row] = await read<{ name: string }[]>`select current_database() as name`;
  return row?.name ?? "";
}

/** A number of the evaluator: digits and a power of ten, because JavaScript's would round. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

function decimal(value: unknown): Decimal {
  const text = JSON.stringify(value);
  const [, sign = "", whole = "0", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

function compareNumbers(left: unknown, right: unknown): number {
  const [one, other] = [decimal(left), decimal(right)];
  const exponent = Math.min(one.exponent, other.exponent);
  const scaled = ({ digits, exponent: own }: Decimal): bigint => digits * 10n ** BigInt(own - exponent);
  const difference = scaled(one) - scaled(other);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

const byCodePoint = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

function equals(left: unknown, right: unknown): boolean {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, i) => equals(item, right[i]));
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && equals(left[name], right[name]))
    );
  }
  return !isNumber(left) && !isNumber(right) && left === right;
}

/** The plain evaluator: what the guide says, without SQL. */
function holds(document: unknown, condition: Condition): boolean {
  if (condition.op === "and") return condition.of.every((of) => holds(document, of));
  if (condition.op === "or") return condition.of.some((of) => holds(document, of));
  if (condition.op === "not") return !holds(document, condition.of);
  const { field, op, value } = condition;
  if (field.kind === "column") throw new Error("the evaluator has documents only");
  const found = valueAt(document, field.path);
  return found !== missing && leaves[op](found, value);
}

const leaves: Readonly<Record<LeafOp, (found: unknown, value: unknown) => boolean>> = {
  exists: () => true,
  eq: equals,
  in: (found, value) => (value as unknown[]).some((item) => equals(found, item)),
  contains: (found, value) => Array.isArray(found) && found.some((item) => equals(item, value)),
  starts_with: (found, value) => typeof found === "string" && found.startsWith(String(value)),
  gt: (found, value) => (compared(found, value) ?? 0) > 0,
  gte: (found, value) => (compared(found, value) ?? -1) >= 0,
  lt: (found, value) => (compared(found, value) ?? 0) < 0,
  lte: (found, value) => (compared(found, value) ?? 1) <= 0,
};

/** Values of different types are in no order for a condition. */
function compared(left: unknown, right: unknown): number | undefined {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  return typeof left === "string" && typeof right === "string" ? byCodePoint(left, right) : undefined;
}

const missing = Symbol("missing");

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return missing;
    value = value[name];
  }
  return value;
}

/** The order of the guide: rank by type, then the value. */
function compareForSort(left: unknown, right: unknown): number {
  const [one, other] = [sortRank(left), sortRank(right)];
  if (one !== other) return one - other;
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  const cut = (text: string): string => Array.from(text).slice(0, sortTextMax).join("");
  return typeof left === "string" && typeof right === "string" ? byCodePoint(cut(left), cut(right)) : 0;
}

function sortRank(value: unknown): number {
  if (value === missing) return 0;
  if (value === null) return 1;
  if (value === false) return 2;
  if (value === true) return 3;
  if (isNumber(value)) return 4;
  return typeof value === "string" ? 5 : 6;
}

interface Stored {
  readonly id: string;
  readonly document: unknown;
}

function evaluate(stored: readonly Stored[], filter: DocsFilter): readonly string[] {
  const isDown = filter.sort.at(-1)?.isDescending ?? true;
  return stored
    .filter(({ document }) => holds(document, filter.where))
    .toSorted((left, right) => {
      for (const { field, isDescending } of filter.sort) {
        if (field.kind === "column") continue;
        const order = compareForSort(valueAt(left.document, field.path), valueAt(right.document, field.path));
        if (order !== 0) return isDescending ? -order : order;
      }
      return isDown ? byCodePoint(right.id, left.id) : byCodePoint(left.id, right.id);
    })
    .map(({ id }) => id)
    .slice(0, filter.limit ?? 100);
}

// Few names and values, so that filters find something; numbers as text, so that none is rounded on its way.
const names = fc.constantFrom("a", "b", 'q"\\', "ünï");
const paths = fc.oneof(names, fc.constantFrom("a.b", "a.a.b", "b.a", 'a.q"\\'));
const strings = fc.constantFrom(
  "",
  "a",
  "ab",
  "b",
  "\u{1f600}",
  "\uffff",
  "z\"'\\$x",
  "2026-01-31T12:00:00Z",
  "2026-02-01T00:00:00Z",
);
const numbers = fc.constantFrom(
  "0",
  "-0",
  "1",
  "1.0",
  "1e0",
  "-1",
  "10",
  "9",
  "9007199254740992",
  "9007199254740993",
  "0.1",
  "0.10000000000000000000000001",
  "123456789012345678901234567890",
  "1e300",
  "-2.5E-3",
);
const scalars = fc.oneof(
  strings.map((text) => JSON.stringify(text)),
  numbers,
  fc.constantFrom("null", "true", "false"),
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: "small", withCrossShrink: true },
    { arbitrary: scalars, weight: 5 },
    { arbitrary: fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`), weight: 1 },
    { arbitrary: objectOf(tie("json")), weight: 2 },
  ),
}));

function objectOf(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .uniqueArray(fc.tuple(names, value), { maxLength: 4, selector: ([name]) => name })
    .map((members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`);
}
const documents = objectOf(json);

const ordered = fc.oneof(
  strings.map((text) => JSON.stringify(text)),
  numbers,
);
const operators = fc.oneof(
  fc.tuple(fc.constantFrom("$eq", "$ne", "$contains"), json),
  fc.tuple(fc.constantFrom("$gt", "$gte", "$lt", "$lte"), ordered),
  fc.tuple(
    fc.constantFrom("$in", "$nin"),
    fc.array(json, { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
  ),
  fc.tuple(fc.constant("$exists"), fc.constantFrom("true", "false")),
  fc.tuple(
    fc.constant("$starts_with"),
    strings.map((text) => JSON.stringify(text)),
  ),
);
const operatorObjects = fc
  .uniqueArray(operators, { minLength: 1, maxLength: 2, selector: ([name]) => name })
  .map((list) => `{${list.map(([name, text]) => `"${name}":${text}`).join(",")}}`);
const fieldConditions = fc
  .tuple(
    paths,
    fc.oneof(
      json.filter((text) => !text.includes('"$')),
      operatorObjects,
      operatorObjects.map((text) => `{"$not":${text}}`),
    ),
  )
  .map(([name, text]) => `${JSON.stringify(name)}:${text}`);
const { conditions } = fc.letrec<{ conditions: string; member: string }>((tie) => {
  const group = fc
    .array(tie("conditions"), { minLength: 1, maxLength: 2 })
    .map((items) => `[${items.join(",")}]`);
  return {
    member: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { arbitrary: fieldConditions, weight: 4 },
      {
        arbitrary: fc.tuple(fc.constantFrom("$and", "$or"), group).map(([name, text]) => `"${name}":${text}`),
        weight: 1,
      },
      { arbitrary: tie("conditions").map((text) => `"$not":${text}`), weight: 1 },
    ),
    conditions: fc
      .uniqueArray(tie("member"), { maxLength: 2, selector: (text) => text.split(":")[0] })
      .map((members) => `{${members.join(",")}}`),
  };
});
const sorts = fc
  .uniqueArray(fc.tuple(paths, fc.boolean()), { maxLength: 2, selector: ([name]) => name })
  .map((fields) => fields.map(([name, isDown]) => (isDown ? `-${name}` : name)));
const filters = fc
  .tuple(conditions, sorts)
  .map(([text, sort]) =>
    sort.length === 0
      ? text
      : `${text.slice(0, -1)}${text === "{}" ? "" : ","}"$sort":${JSON.stringify(sort)}}`,
  );

async function store(collection: string, texts: readonly string[]): Promise<readonly Stored[]> {
  const ctx = runContext(platform, app);
  const stored: Stored[] = [];
  for (const text of texts) {
    const { id } = await createDocument(
      ctx,
      platform,
      placeOf({ appId: app.id, collection }),
      new JsonText(text),
    );
    stored.push({ id, document: exactJson(text) });
  }
  return stored;
}

const reads = () => ({ platform, indexes: createDeclaredIndexes(platform) });

/** How many cases; a longer run by hand finds rarer ones. */
const RUNS = Number(process.env["PICLOUD_PROPERTY_RUNS"] ?? 60);

describe("filters", () => {
  it("find what a plain evaluator finds, in the same order, and what jsonb_path_exists finds", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(documents, { minLength: 1, maxLength: 12 }),
        fc.array(filters, { minLength: 1, maxLength: 8 }),
        async (texts, filterTexts) => {
          const at = placeOf({ appId: app.id, collection: newId() });
          const stored = await store(at.collection, texts);
          for (const text of filterTexts) {
            const filter = parseFilter(new JsonText(text));
            const expected = evaluate(stored, filter);
            const rows = await findAll(runContext(platform, app), reads(), at, new JsonText(text));
            expect(rows.map(({ id }) => id)).toEqual(expected);
            expect(await countFound(runContext(platform, app), reads(), at, new JsonText(text))).toBe(
              expected.length,
            );
            found += expected.length;
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(found).toBeGreaterThan(0);
  });

  it("find the same with declared indexes", async () => {
    const at = placeOf({ appId: app.id, collection: "indexed" });
    const known = createDeclaredIndexes(platform);
    for (const fields of [["a"], ["b", "-a"], ["a", "b"], ["-a.b"]]) {
      await createIndex(apiContext(app), platform, at, { fields, name: undefined });
    }
    expect(await makeIndexes(platform)).toBe(4);
    expect(await known.of(at)).toHaveLength(4);
    let used = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(documents, { minLength: 1, maxLength: 8 }),
        fc.array(filters, { minLength: 1, maxLength: 8 }),
        async (texts, filterTexts) => {
          const stored = await store(at.collection, texts);
          for (const text of filterTexts) {
            const filter = parseFilter(new JsonText(text));
            used += chooseIndex(await known.of(at), filter) === undefined ? 0 : 1;
            const found = await findAll(
              runContext(platform, app),
              { platform, indexes: known },
              at,
              new JsonText(text),
            );
            expect(found.map(({ id }) => id)).toEqual(evaluate(stored, filter));
          }
          await deleteMany(runContext(platform, app), platform, at, new JsonText("{}"));
        },
      ),
      { numRuns: RUNS },
    );
    expect(used).toBeGreaterThan(0);
  });

  it("write values as jsonpath reads variables", async () => {
    await fc.assert(
      fc.asyncProperty(documents, names, scalars, async (text, name, value) => {
        const field = { kind: "data", path: [name] } as const;
        const path = documentPath("7", { op: "eq", field, value: exactJson(value) });
        const variable = `strict $."7" ? (@.${JSON.stringify(name)} == $v)`;
        const [row] = await test.db.read<{ literal: boolean; variable: boolean }[]>`
          select d @? ${path}::text::jsonpath as literal,
            jsonb_path_exists(d, ${variable}::text::jsonpath, jsonb_build_object('v', ${value}::text::jsonb), true) as variable
          from (select jsonb_build_object('7', ${text}::text::jsonb) as d) s`;
        expect(row?.literal).toBe(row?.variable);
      }),
      { numRuns: RUNS },
    );
  });
});

function refusal(filter: unknown): { code: string; path: string | undefined } {
  try {
    parseFilter(new JsonText(JSON.stringify(filter)));
  } catch (error) {
    if (!(error instanceof PicloudError)) throw error;
    return { code: error.code, path: error.fields?.[0]?.path };
  }
  throw new Error(`not refused: ${JSON.stringify(filter)}`);
}

describe("a filter is refused", () => {
  it.each([
    [{ age: { $above: 3 } }, "unsupported_operator", "filter.age.$above"],
    [{ $nor: [] }, "unsupported_operator", "filter.$nor"],
    [{ $or: [{ a: { $regex: "x" } }] }, "unsupported_operator", "filter.$or[0].a.$regex"],
    [{ a: { $gt: 1, b: 2 } }, "invalid", "filter.a.b"],
    [{ a: { $gt: null } }, "invalid", "filter.a.$gt"],
    [{ a: { $gt: [1] } }, "invalid", "filter.a.$gt"],
    [{ a: { $in: 3 } }, "invalid", "filter.a.$in"],
    [{ a: { $in: Array.from({ length: 1001 }, () => 1) } }, "invalid", "filter.a.$in"],
    [{ a: { $exists: 1 } }, "invalid", "filter.a.$exists"],
    [{ a: { $starts_with: 1 } }, "invalid", "filter.a.$starts_with"],
    [{ "a..b": 1 }, "invalid", "filter.a..b"],
    [{ $and: [] }, "invalid", "filter.$and"],
    [{ $and: [{ $sort: "a" }] }, "invalid", "filter.$and[0].$sort"],
    [{ $not: 3 }, "invalid", "filter.$not"],
    [{ $id: "x" }, "invalid", "filter.$id"],
    [{ $id: { $exists: true } }, "invalid", "filter.$id.$exists"],
    [{ $created_at: { $gt: "yesterday" } }, "invalid", "filter.$created_at.$gt"],
    [{ $sort: [] }, "invalid", "filter.$sort"],
    [{ $sort: { a: 1, b: 1 } }, "invalid", "filter.$sort"],
    [{ $sort: { a: "up" } }, "invalid", "filter.$sort.a"],
    [{ $sort: ["a", "-a"] }, "invalid", "filter.$sort"],
    [{ $sort: "$size" }, "invalid", "filter.$sort"],
    [{ $limit: "5" }, "invalid", "filter.$limit"],
    [[], "invalid", undefined],
    ["x", "invalid", undefined],
    [{ $or: Array.from({ length: 33 }, (_, i) => ({ a: i })) }, "invalid", "filter"],
  ])("%j", (filter, code, path) => {
    expect(refusal(filter)).toEqual({ code, path: path ?? "filter" });
  });

  it("over its nesting, naming the place", () => {
    const nested = (depth: number): unknown => (depth === 1 ? { a: 1 } : { $not: nested(depth - 1) });
    expect(parseFilter(new JsonText(JSON.stringify(nested(8)))).where.op).toBe("not");
    expect(refusal(nested(9)).code).toBe("invalid");
  });

  it("with a number that PostgreSQL would write out without end", () => {
    const parse = (text: string) => () => parseFilter(new JsonText(text));
    expect(parse(`{"a":1e399}`)).not.toThrow();
    expect(parse(`{"a":1e400}`)).toThrow(/400 digits/);
    expect(parse(`{"a":{"$in":[1e-99999]}}`)).toThrow(/400 digits/);
  });
});

it("ranks of types lie outside of the numbers that are stored", () => {
  expect(Object.values(rank)).toHaveLength(6);
  expect(rank.true).toBe("-1e401");
});

it("a collection has a number of its own", () => {
  const at = (collection: string) => placeOf({ appId: app.id, collection }).scope;
  expect(at("a")).toMatch(/^\d{1,19}$/);
  expect(at("a")).not.toBe(at("b"));
});
