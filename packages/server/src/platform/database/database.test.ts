import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import { silentLogger } from "../logger.ts";
import { openDatabase, unfitServer } from "./database.ts";
import { isUniqueViolation, isConnectionError, isDataError, violatedConstraint } from "./pg-errors.ts";
import { transaction } from "./transaction.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(async () => {
  await test.drop();
});

describe("types", () => {
  it("reads each type in the documented form", async () => {
    const [row] = await test.db.read<Record<string, unknown>[]>`
      select 9007199254740991::int8 as safe, 9007199254740993::int8 as large, 1.50::numeric as numeric,
        timestamptz '2026-01-02 03:04:05.678Z' as at, '{"a": 4.0}'::json::text as text, '{"a": 4.0}'::json as parsed,
        '\\x00ff'::bytea as bytes, array[1, 2]::int8[] as list, null::int8 as absent`;
    expect(row).toEqual({
      safe: 9007199254740991,
      large: 9007199254740993n,
      numeric: "1.50",
      at: new Date("2026-01-02T03:04:05.678Z"),
      text: '{"a": 4.0}',
      parsed: { a: 4 },
      bytes: Buffer.from([0, 255]),
      list: [1, 2],
      absent: null,
    });
  });

  it("takes lists as parameters", async () => {
    const ids = ["019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002"];
    const rows = await test.db.write<
      { id: string }[]
    >`select * from unnest(${ids}::uuid[]) as t(id) where id = any(${ids}::uuid[])`;
    expect(rows.map((row) => row.id)).toEqual(ids);
  });
});

describe("sessions", () => {
  it("are named after the node and have a time limit", async () => {
    const [row] = await test.db.write<{ name: string; limit: string; role: string; super: boolean }[]>`
      select current_setting('application_name') as name, current_setting('statement_timeout') as limit,
        current_user::text as role, usesuper as super from pg_user where usename = current_user`;
    expect(row).toMatchObject({ name: `picloud/${test.nodeId}`, limit: "10s" });
  });

  it("of the side pool do not wait for the disk", async () => {
    const [row] = await test.db.side<
      { value: string }[]
    >`select current_setting('synchronous_commit') as value`;
    expect(row?.value).toBe("off");
  });
});

describe("transactions", () => {
  beforeAll(async () => {
    await test.db.write`create table things (id int constraint things_pkey primary key)`;
  });

  it("keep nothing of work that throws", async () => {
    const work = transaction(test.db, async (tx) => {
      await tx`insert into things values (1)`;
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(await test.db.read`select * from things where id = 1`).toHaveLength(0);
  });

  it("return what the work returns", async () => {
    const count = await transaction(
      test.db,
      async (tx) => {
        await tx`insert into things values (2)`;
        const [row] = await tx<{ level: string }[]>`select current_setting('transaction_isolation') as level`;
        return row?.level;
      },
      { isolation: "serializable" },
    );
    expect(count).toBe("serializable");
    expect(await test.db.read`select * from things where id = 2`).toHaveLength(1);
  });

  it("tell a second row with one key by the constraint's name", async () => {
    const error = await test.db.write`insert into things values (3), (3)`.catch((caught: unknown) => caught);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, "things_pkey")).toBe(true);
    expect(isUniqueViolation(error, "other_key")).toBe(false);
    expect(violatedConstraint(error)).toBe("things_pkey");
    expect(isDataError(error)).toBe(true);
    expect(isConnectionError(error)).toBe(false);
  });
});

describe("a database that cannot be used", () => {
  it.each([
    [180_004, "UTF8", undefined],
    [150_000, "UTF8", undefined],
    [140_011, "UTF8", "is PostgreSQL 14; PiCloud needs version 15 or newer"],
    [90_624, "UTF8", "is PostgreSQL 9; PiCloud needs version 15 or newer"],
    [160_001, "SQL_ASCII", "stores text as SQL_ASCII; PiCloud needs a database made with encoding UTF8"],
  ])("is told by its version %i and encoding %s", (version, encoding, problem) => {
    expect(unfitServer(version, encoding)).toBe(problem);
  });

  it("is named without its password", async () => {
    const opening = openDatabase(
      { url: "postgres://someone:hidden-word@127.0.0.1:9/things" },
      { nodeId: "n", log: silentLogger },
    );
    const error = await opening.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "StartError", exitCode: 1 });
    expect(String(error)).toMatch(
      /^StartError: DATABASE_URL: the database things at 127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/,
    );
    expect(String(error)).not.toContain("hidden-word");
  });
});
