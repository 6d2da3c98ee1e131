import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { findSql } from "./sql-strings.ts";
import { rules } from "./tidy-rules.ts";

const file = (path: string, text = ""): { path: string; text: string } => ({ path, text });

test("names: kebab-case, none that says nothing, stamped migrations", () => {
  expect(rules.names([file("packages/x/src/index.ts")])).toEqual([
    `packages/x/src/index.ts: "index.ts" says nothing: name the file for what is in it`,
  ]);
  expect(rules.names([file("packages/x/src/common/a.ts")])).toHaveLength(1);
  expect(rules.names([file("packages/x/src/kvService.ts")])).toEqual([
    "packages/x/src/kvService.ts: file names are kebab-case",
  ]);
  expect(rules.names([file("packages/server/src/features/kv/1-kv.sql")])).toHaveLength(1);
  const good = [
    "README.md",
    "bench/README.md",
    "LICENSE",
    ".oxlintrc.json",
    "packages/server/src/features/kv/202611250908-kv.sql",
    "packages/server/src/features/dead-letters/dead-letters.repository.ts",
    "package-lock.json",
    ".ci/run",
  ];
  expect(rules.names(good.map((path) => file(path)))).toEqual([]);
});

test("lengths: 500 lines pass, 501 do not, generated files may", () => {
  const lines = (count: number): string => "x;\n".repeat(count);
  expect(rules.lengths([file("packages/sandbox/src/guest/a.js", lines(500))])).toEqual([]);
  expect(rules.lengths([file("packages/sandbox/src/guest/a.js", lines(501))])).toHaveLength(1);
  expect(rules.lengths([file("docs/reference/a.sql", lines(501))])).toEqual([]);
});

test("debts: a note to self is named with its line", () => {
  const text = `const a = 1;\n// ${["TO", "DO"].join("")}: later\n`;
  expect(rules.debts([file("packages/x/src/a.ts", text)])).toEqual([
    "packages/x/src/a.ts:2: no notes to self: do it, or file an issue",
  ]);
});

describe("SQL", () => {
  const statements = [
    "select id from users",
    "  SELECT *\n from apps where id = $1",
    "select 1",
    "select pg_advisory_lock(1)",
    "insert into kv values (1)",
    "update kv set value = 1",
    "delete from kv",
    "with k as (select 1) select 2",
    "with recursive t as (select 1) select 2",
    "create table x (a int)",
    "begin;",
    "begin isolation level serializable",
    "listen picloud;",
  ];
  test.each(statements)("statement: %s", (text) => {
    expect(findSql(file("a.ts", `const a = ${JSON.stringify(text)};`))).toHaveLength(1);
    expect(findSql(file("a.ts", `const a = \`${text}\`;`))).toHaveLength(1);
  });

  const prose = [
    "Select an app first",
    "select",
    "update the script and deploy it again",
    "Delete the app with its data",
    "Create a script",
    "with",
    "rollback",
    "notify users",
    "begin a run before its answer",
    "listen on another port",
  ];
  test.each(prose)("prose: %s", (text) => {
    expect(findSql(file("a.ts", `const a = ${JSON.stringify(text)};`))).toEqual([]);
  });

  test("a template tagged sql is SQL whatever it holds, also with a row type", () => {
    const text = "const a = sql`x ${y}`;\nconst b = await sql<Row[]>`values (1)`;";
    expect(findSql(file("a.ts", text)).map(({ line }) => line)).toEqual([1, 2]);
  });

  test("only repositories, platform/database, tests, tools and bench hold it", () => {
    const at = (path: string): number => rules.sqlPlaces([file(path, "f(`select 1 from x`);")]).length;
    expect(at("packages/server/src/features/kv/kv.service.ts")).toBe(1);
    expect(at("packages/server/src/features/kv/kv.repository.ts")).toBe(0);
    expect(at("packages/server/src/platform/database/migrate.ts")).toBe(0);
    expect(at("packages/server/src/features/kv/kv.test.ts")).toBe(0);
    expect(at("tests/support/x.ts")).toBe(0);
  });
});

test("features: a folder with a contract lacks nothing, one without has a test", () => {
  const folder = "packages/server/src/features/kv";
  const parts = ["contract.ts", "server.ts", "md", "test.ts"].map((end) => file(`${folder}/kv.${end}`));
  const missing = (kept: readonly { path: string; text: string }[]): string[] =>
    rules.features(kept).map((line) => line.split(":")[0] ?? "");
  expect(missing(parts)).toEqual([]);
  expect(missing(parts.slice(0, 1))).toEqual([
    `${folder}/kv.server.ts`,
    `${folder}/kv.md`,
    `${folder}/kv.test.ts`,
  ]);
  expect(missing(parts.slice(3))).toEqual([]);
  expect(missing([file(`${folder}/kv.repository.ts`)])).toEqual([`${folder}/kv.test.ts`]);
});

describe("migrations", () => {
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
  const sql = (name: string, text: string): { path: string; text: string } =>
    file(`packages/server/src/features/x/${name}`, text);
  const lock = (text: string): { path: string; text: string } =>
    file("packages/server/migrations.lock", text);
  const released = `# released\n${hash("a")}  202601010000-a.sql\n`;

  test("unreleased ones are free; the lock must exist", () => {
    expect(rules.migrations([lock("# none\n"), sql("202601010000-a.sql", "a")])).toEqual([]);
    expect(rules.migrations([sql("202601010000-a.sql", "a")])).toHaveLength(1);
  });
  test("released ones are frozen, kept, and followed by newer stamps only", () => {
    const a = sql("202601010000-a.sql", "a");
    expect(rules.migrations([lock(released), a, sql("202601010001-b.sql", "b")])).toEqual([]);
    expect(rules.migrations([lock(released), sql("202601010000-a.sql", "edited")])[0]).toContain(
      "never edited",
    );
    expect(rules.migrations([lock(released)])[0]).toContain("never removed");
    expect(rules.migrations([lock(released), a, sql("202512010000-b.sql", "b")])[0]).toContain("not newer");
    expect(rules.migrations([lock("nonsense\n"), a])[0]).toContain('not "<sha256>');
  });
});

test("changelog: keep-a-changelog form", () => {
  const check = (text: string): string[] => rules.changelog([file("CHANGELOG.md", text)]);
  const head = "# Changelog\n\n## [Unreleased]\n";
  expect(check(`${head}\n### Added\n- x\n\n## [0.2.0] - 2026-02-01\n\n## [0.1.0] - 2026-01-01\n`)).toEqual(
    [],
  );
  expect(rules.changelog([])).toEqual(["CHANGELOG.md: missing"]);
  expect(check("# Changelog\n\n## [0.1.0] - 2026-01-01\n")).toHaveLength(1);
  expect(check(`${head}\n### New\n`)).toHaveLength(1);
  expect(check(`${head}\n## 0.1.0\n`)).toHaveLength(1);
  expect(check(`${head}\n## [0.1.0] - 2026-01-01\n\n## [0.2.0] - 2026-02-01\n`)).toHaveLength(1);
});

test("manifests: one version, exact dependencies, exports that exist, no private host in the lock file", () => {
  const root = file("package.json", `{"version":"1.0.0","license":"MIT","type":"module"}`);
  const check = (manifest: object, ...others: { path: string; text: string }[]): string[] =>
    rules.manifests([
      root,
      file(
        "packages/x/package.json",
        JSON.stringify({ name: "@picloud/x", version: "1.0.0", license: "MIT", type: "module", ...manifest }),
      ),
      ...others,
    ]);
  expect(check({ exports: { ".": "./src/x.ts" } }, file("packages/x/src/x.ts"))).toEqual([]);
  expect(check({ exports: { ".": "./src/x.ts" } })).toHaveLength(1);
  expect(check({ version: "1.0.1" })).toHaveLength(1);
  expect(check({ name: "x" })).toHaveLength(1);
  expect(check({ dependencies: { zod: "^4.0.0" } })).toHaveLength(1);
  const resolved = (url: string): { path: string; text: string } =>
    file("package-lock.json", `"resolved": "${url}"`);
  expect(check({}, resolved("packages/x"))).toEqual([]);
  expect(check({}, resolved("http://10.0.0.1/a.tgz"))).toHaveLength(1);
});

test("links: to files and folders that exist; addresses and anchors are left alone", () => {
  const check = (text: string): string[] => rules.links([file("docs/a.md", text), file("tools/x.ts")]);
  expect(
    check("[x](../tools/x.ts) [y](../tools) [z](https://a.b/c) [self](a.md#part) [here](#part)"),
  ).toEqual([]);
  expect(check("[x](../tools/y.ts)")).toEqual(["docs/a.md: a link to ../tools/y.ts, which does not exist"]);
});
