import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { emptyDatabase, type EmptyDatabase } from "../../../../../tests/support/template-database.ts";
import { silentLogger } from "../logger.ts";
import { connect, openDatabase, type Sql } from "./database.ts";
import { migrate } from "./migrate.ts";
import { parseMigration, type Migration } from "./migration-files.ts";

let test: EmptyDatabase;
let sql: Sql;
beforeAll(async () => {
  test = await emptyDatabase();
  sql = connect(test.target, { max: 1, session: {}, log: silentLogger });
});
afterAll(async () => {
  await sql.end({ timeout: 5 });
  await test.drop();
});
beforeEach(async () => {
  await sql.unsafe("drop schema if exists public cascade; create schema public");
});

const a = parseMigration("202601010000-a.sql", "create table a (id int);");
const b = parseMigration("202601020000-b.sql", "create table b (id int); insert into b values (1);");
const c = parseMigration("202601030000-c.sql", "create table c (id int);");

async function run(
  migrations: readonly Migration[],
  more: { releasedThrough?: number } = {},
): Promise<readonly string[]> {
  return await migrate(test.target, { migrations, log: silentLogger, nodeId: "n", ...more });
}

async function tables(): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations' order by 1`;
  return rows.map((row) => row.name);
}

describe("migrations", () => {
  it("run once each, in order, and more of them later", async () => {
    expect(await run([a, b])).toEqual([a.name, b.name]);
    expect(await run([a, b])).toEqual([]);
    expect(await run([a, b, c])).toEqual([c.name]);
    expect(await tables()).toEqual(["a", "b", "c"]);
  });

  it("that fail leave nothing behind and keep what ran before", async () => {
    const broken = parseMigration("202601020000-b.sql", "create table half (id int); select 1 / 0;");
    await expect(run([a, broken, c])).rejects.toThrow(
      "the migration 202601020000-b failed: division by zero",
    );
    expect(await tables()).toEqual(["a"]);
    expect(await run([a, b, c])).toEqual([b.name, c.name]);
  });

  it("that were edited after they ran are refused", async () => {
    await run([a, b]);
    const edited = parseMigration("202601020000-b.sql", `${b.sql} `);
    await expect(run([a, edited])).rejects.toThrow("202601020000-b was changed after it had run");
  });

  it("older than a released one that ran are refused; before a release the order of merging is free", async () => {
    await run([a, c]);
    await expect(run([a, b, c], { releasedThrough: c.stamp })).rejects.toThrow(
      "the migration 202601020000-b is older than the newest released one",
    );
    expect(await run([a, b, c], { releasedThrough: a.stamp })).toEqual([b.name]);
  });

  it("of a newer build are told, and nothing is changed", async () => {
    await run([a, b, c]);
    const d = parseMigration("202601040000-d.sql", "create table d ();");
    await run([a, b, c, d]);
    await expect(run([a, b, c])).rejects.toThrow(
      /is newer than this build: it has the migration 202601040000-d;/,
    );
    expect(await tables()).toEqual(["a", "b", "c", "d"]);
  });

  it("without a transaction run by statement, and again from the start when they were cut short", async () => {
    const concurrently = parseMigration(
      "202601020000-index.sql",
      "--! no-transaction\ndrop index if exists a_id;\n--! next\ncreate index concurrently a_id on a (id);\n--! next\nselect 1 / (select count(*) from a);",
    );
    await expect(run([a, concurrently])).rejects.toThrow("division by zero");
    const [row] = await sql`select finished_at from schema_migrations where name = ${concurrently.name}`;
    expect(row).toEqual({ finished_at: null });
    await sql`insert into a values (1)`;
    expect(await run([a, concurrently])).toEqual([concurrently.name]);
    expect(await run([a, concurrently])).toEqual([]);
    expect(await sql`select 1 from pg_indexes where indexname = 'a_id'`).toHaveLength(1);
  });

  it("that are breaking wait until no other node is live", async () => {
    const breaking = parseMigration("202601020000-breaking.sql", "--! breaking\ndrop table a;");
    await run([a]);
    const other = await openDatabase(test.target, {
      nodeId: "other",
      log: silentLogger,
      connections: { write: 1, read: 1 },
    });
    await other.write`select 1`;
    const waiting = run([a, breaking]);
    await sleep(700);
    expect(await tables()).toEqual(["a"]);
    await other.close();
    expect(await waiting).toEqual([breaking.name]);
    expect(await tables()).toEqual([]);
  });

  it("do not hold the lock after an error", async () => {
    const failing = migrate(test.target, {
      migrations: [a],
      log: silentLogger,
      nodeId: "n",
      underLock: async () => await Promise.reject(new Error("bootstrap failed")),
    });
    await expect(failing).rejects.toThrow("bootstrap failed");
    expect(await run([a])).toEqual([]);
    const [held] = await sql<{ count: number }[]>`select count(*) from pg_locks where locktype = 'advisory'`;
    expect(held?.count).toBe(0);
  });

  it("a role that may not create tables is told so in one line", async () => {
    await sql.unsafe("drop schema public cascade");
    await expect(run([a])).rejects.toThrow(/cannot be migrated: no schema has been selected to create in$/);
  });
});

describe("six processes that start at once", () => {
  it("apply each file once, and one of them prepares the empty database", async () => {
    const database = path.join(import.meta.dirname, "migrate.ts");
    const text = `
      import { migrate } from ${JSON.stringify(database)};
      import { parseMigration } from ${JSON.stringify(path.join(import.meta.dirname, "migration-files.ts"))};
      import { silentLogger } from ${JSON.stringify(path.join(import.meta.dirname, "../logger.ts"))};
      const migrations = ["a", "b", "c", "d", "e"].map((name, at) =>
        parseMigration("20260101000" + at + "-" + name + ".sql", "create table " + name + " (id int); insert into " + name + " values (1);"));
      let made = false;
      const applied = await migrate(JSON.parse(process.env.TARGET), { migrations, log: silentLogger, nodeId: String(process.pid),
        underLock: async (sql) => {
          const [row] = await sql\`select count(*) as count from a\`;
          if (row.count === 1) { await sql\`insert into a values (2)\`; made = true; }
        } });
      console.log(JSON.stringify({ applied: applied.length, made }));`;
    const results = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", text], {
          env: { PATH: process.env["PATH"], TARGET: JSON.stringify(test.target) },
          stdio: ["ignore", "pipe", "inherit"],
        });
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
        await once(child, "close");
        return JSON.parse(output) as { applied: number; made: boolean };
      }),
    );
    expect(results.map((result) => result.applied).toSorted((x, y) => x - y)).toEqual([0, 0, 0, 0, 0, 5]);
    expect(results.filter((result) => result.made)).toHaveLength(1);
    expect(await tables()).toEqual(["a", "b", "c", "d", "e"]);
    expect(await sql`select * from e`).toHaveLength(1);
  });
});
