import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "../../../../../tests/support/template-database.ts";
import type { TestDatabase } from "../../../../../tests/support/template-database.ts";
import { run, sql } from "./statement.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => await database.drop());

test("parts nest, and values are parameters in their order", async () => {
  const inner = sql`select ${"it's"}::text as a, ${null}::int as b`;
  const rows = await run<{ a: string; b: null; c: number; n: number }>(
    database.db.write,
    sql`with x as (${inner}) select x.*, ${7}::int as c, cardinality(${["p", "q"]}::text[]) as n from x ${sql``}`,
  );
  expect([...rows]).toEqual([{ a: "it's", b: null, c: 7, n: 2 }]);
});

test("the same parts are one prepared statement", async () => {
  const count = async (): Promise<number> =>
    await database.db.write.begin(async (tx) => {
      for (const value of [1, 2, 3]) await run(tx, sql`select ${value}::int as only_this_statement`);
      const rows =
        await tx`select from pg_prepared_statements where statement like '%as only_this_statement'`;
      return rows.length;
    });
  expect(await count()).toBe(1);
});
