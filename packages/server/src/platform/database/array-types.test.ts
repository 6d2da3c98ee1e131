/** Lists go to the database and come back as they were, and nothing has to be asked of a new connection for it. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(async () => {
  await test.drop();
});

const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll(/[\0\ud800-\udfff]/g, ""));
const awkward = fc.constantFrom(
  "",
  "NULL",
  "null",
  "{}",
  ",",
  '"',
  "\\",
  '\\"',
  " a ",
  "a,b",
  "{a}",
  "é€😀",
  "\n",
);

describe("lists", () => {
  it("of texts come back as they were", async () => {
    const lists = fc.array(fc.option(fc.oneof(text, awkward)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const [row] = await test.db.read<{ list: unknown; count: number }[]>`
          select l as list, cardinality(l) as count from (select ${list}::text[] as l) x`;
        expect(row).toEqual({ list, count: list.length });
      }),
      { numRuns: 200 },
    );
  });

  it("of each other type that is used have the form of a value alone", async () => {
    const id = "019a0000-0000-7000-8000-000000000001";
    const at = new Date("2026-01-02T03:04:05.678Z");
    const large = 9_007_199_254_740_993n;
    const [row] = await test.db.read<Record<string, unknown>[]>`select
      ${[1, null, -2]}::int[] as ints, ${[1, "9007199254740993"]}::bigint[] as longs, ${[0.5, -1e300]}::float8[] as floats,
      ${["true", "false"]}::text[]::bool[] as booleans, ${[id, null]}::uuid[] as ids,
      ${[at.toISOString()]}::timestamptz[] as times, ${["1.50"]}::numeric[] as numerics,
      array['\\x00ff'::bytea] as bytes, array['{"a": [1, "}"]}'::json, null] as jsons, ${[]}::text[] as none`;
    expect(row).toEqual({
      ints: [1, null, -2],
      longs: [1, large],
      floats: [0.5, -1e300],
      booleans: [true, false],
      ids: [id, null],
      times: [at],
      numerics: ["1.50"],
      bytes: [Buffer.from([0, 255])],
      jsons: [{ a: [1, "}"] }, null],
      none: [],
    });
  });

  it("with undefined are refused", async () => {
    // A hole that a type does not show.
    const list = Array.from<string>({ length: 1 });
    await expect(test.db.read`select ${list}::text[]`.execute()).rejects.toThrow(/undefined/);
  });

  it("need no question to a new connection", async () => {
    // The client would ask for the types of lists, and leave a failure of that unhandled.
    expect(test.db.write.options.fetch_types).toBe(false);
  });
});
