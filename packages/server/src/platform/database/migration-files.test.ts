import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StartError } from "../start-error.ts";
import { parseMigration, readMigrations, splitStatements } from "./migration-files.ts";

describe("a migration file", () => {
  it("has a stamp in its name and marks in lines of its own", () => {
    expect(parseMigration("202611250900-users.sql", "create table a ();\n")).toMatchObject({
      name: "202611250900-users",
      stamp: 202_611_250_900,
      isBreaking: false,
      isInTransaction: true,
    });
    const marked = parseMigration("202611250900-a.sql", "--! breaking\n--! no-transaction\nselect 1;");
    expect(marked).toMatchObject({ isBreaking: true, isInTransaction: false });
    expect(parseMigration("202611250900-a.sql", "select '--! breaking';").isBreaking).toBe(false);
  });

  it.each([
    "users.sql",
    "20261125-users.sql",
    "202611250900_users.sql",
    "202611250900-Users.sql",
    "202611250900-.sql",
  ])("named %s is refused", (name) => {
    expect(() => parseMigration(name, "")).toThrow(
      `the migration ${name} is not named YYYYMMDDHHMM-name.sql`,
    );
  });

  it("with an unknown mark is refused", () => {
    expect(() => parseMigration("202611250900-a.sql", "--! braking\n")).toThrow(
      'has the unknown mark "--! braking"',
    );
  });

  it("of any text is read or refused in words", () => {
    const check = fc.check(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, sql) => {
        try {
          const migration = parseMigration(name, sql);
          return migration.sql === sql && /^[0-9a-f]{64}$/.test(migration.sha256);
        } catch (error) {
          return error instanceof StartError;
        }
      }),
    );
    expect(check.failed ? fc.defaultReportMessage(check) : "").toBe("");
  });

  it("without a transaction is split at its marks, and comments alone are no statement", () => {
    const sql =
      "--! no-transaction\ncreate index concurrently a on t (x);\n--! next\n-- more\n--! next\nselect 2;";
    const statements = splitStatements(parseMigration("202611250900-a.sql", sql));
    expect(statements.map((statement) => statement.replaceAll(/^--.*\n/gm, "").trim())).toEqual([
      "create index concurrently a on t (x);",
      "select 2;",
    ]);
  });
});

describe("the migrations of this build", () => {
  it("are found in all folders, in the order of their stamps", () => {
    const names = readMigrations().map((migration) => migration.name);
    expect(names).toContain("202611250900-users");
    expect(names).toContain("202611250906-outbox");
    expect(names).toEqual(names.toSorted());
  });
});
