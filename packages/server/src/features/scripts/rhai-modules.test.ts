/** Modules in Rhai as their author sees them (SCR-4); what holds for both languages is in `modules.test.ts`. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, Json, TestApi } from "../../../../../tests/support/test-api.ts";
import { compileRhai } from "./compile-rhai.ts";
import { loadLiveScript } from "./scripts.service.ts";

let api: TestApi;
let app = "";
let count = 0;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());
beforeEach(async () => {
  app = `rhai-modules-${++count}`;
  await api.call("POST /apps", { body: { slug: app } });
});

const create = async (name: string, source: string, kind = "module", language = "rhai"): Promise<Answer> =>
  await api.call(`POST /apps/${app}/scripts`, { body: { name, source, kind, language } });

async function make(name: string, source: string, kind = "module"): Promise<string> {
  const made = await create(name, source, kind);
  expect(made.text).toContain(`"name":"${name}"`);
  return textOf(made.body["id"]);
}

/** Status, message and hint. */
function failure(answer: Answer): unknown[] {
  const error: Json = answer.body["error"] ?? {};
  return [answer.status, error["message"], error["details"]?.["hint"]];
}

test("a script has the modules that it imports inside, wherever it imports them", async () => {
  const base = await make("base", "export const VAT = 19;");
  await make("util", 'import "base" as base;\nfn gross(n) { n * (100 + base::VAT) / 100 }');
  const main = await make("main", 'fn f(n) { import "util" as u; u::gross(n) }\nf(100)', "endpoint");
  const before = await loadLiveScript(api.platform, main);
  expect(before?.artifact).toContain("gross");
  const saved = await api.call(`PATCH /scripts/${base}`, { body: { source: "export const VAT = 7;" } });
  expect(saved.body).toMatchObject({ version: 2, affected: [{ name: "main", version: 1 }] });
  expect((await loadLiveScript(api.platform, main))?.artifactHash).not.toBe(before?.artifactHash);
  expect((await api.call(`DELETE /scripts/${base}`)).status).toBe(409);
});

test("a module has functions, constants and imports only: the statement and its place are named", async () => {
  await make("base", "fn f() { let x = 1; x += 1; x }");
  expect(
    (
      await create(
        "good",
        '// doc\nimport "base" as b;\nconst A = 1 + 1;\nexport const B = [A];;\nprivate fn f() {}\nfn g() { f() }',
      )
    ).status,
  ).toBe(201);
  const refusal = async (source: string): Promise<string> => {
    const [status, message] = failure(await create("bad", source));
    expect(status).toBe(422);
    return String(message).replace(
      "The body of a module has functions, constants and imports only; this is ",
      "",
    );
  };
  expect(await refusal("fn f() {}\nlet x = 1;")).toBe("bad at 2:1: a `let` statement.");
  expect(await refusal("const A = 1;\n\nA.foo().bar();")).toBe("bad at 3:1: a method call.");
  expect(await refusal('// é\n/* é */ print("hi");')).toBe("bad at 2:9: a function call.");
  expect(await refusal("if true { 1 }")).toBe("bad at 1:1: an `if` statement.");
  expect(await refusal("const A = 1; A")).toBe("bad at 1:14: an expression.");
  expect(await refusal("throw 1;")).toBe("bad at 1:1: a `throw` statement.");
  expect(await refusal("while false {}")).toBe("bad at 1:1: a `while` loop.");
  const [, , hint] = failure(await create("bad", "let x = 1;"));
  expect(hint).toBe("Write `const`, or put it into a function.");
});

test("missing modules, other names and other languages are refused with their place", async () => {
  await make("util", "fn f() { 1 }");
  await create("page", "export const a = 1;", "module", "typescript");
  const refusal = async (source: string): Promise<unknown[]> =>
    failure(await create("bad", source, "endpoint"));
  expect(await refusal('\nimport "utils" as u; 1')).toEqual([
    422,
    'bad at 2:8: There is no module "utils".',
    "Did you mean util?",
  ]);
  expect(await refusal('"é"; import "page" as p; 1')).toEqual([
    422,
    'bad at 1:13: "page" is a module in TypeScript: a script in Rhai can\'t import it.',
    undefined,
  ]);
  expect(await refusal('import "./util" as u; 1')).toEqual([
    422,
    'bad at 1:8: Can\'t import "./util": it is not the name of a module.',
    expect.stringContaining("no folders"),
  ]);
  expect(await refusal('import "kv" as u; 1')).toEqual([
    422,
    'bad at 1:8: Can\'t import "kv": that is the name of a service, and no module can have it.',
    "Services are there without an import: `kv::…`.",
  ]);
  expect(await refusal('let n = "util"; import n as u; 1')).toEqual([
    422,
    "bad at 1:24: The name of a module is a text in quotes, so that it is known when the script is saved.",
    'Write `import "name" as name;`.',
  ]);
  const typescript = await create(
    "ts",
    'import { f } from "./util"; export default () => f();',
    "endpoint",
    "typescript",
  );
  expect(failure(typescript)[1]).toBe(
    'ts at 1:19: "./util" is a module in Rhai: a script in TypeScript can\'t import it.',
  );
});

test("circles and depth", async () => {
  const names = ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"];
  await make("m9", "fn f() { 1 }");
  for (const [i, name] of names.slice(0, -1).toReversed().entries())
    await make(name, `import "${names[7 - i + 1]}" as m;\nfn f() { m::f() }`);
  expect((await create("fits", 'import "m2" as m; m::f()', "endpoint")).status).toBe(201);
  expect(failure(await create("deep", 'import "m1" as m; m::f()', "endpoint"))[1]).toBe(
    `deep at 1:8: Modules are imported more than 8 levels deep: deep → ${names.join(" → ")}.`,
  );
  const m9 = textOf((await api.call(`GET /apps/${app}/scripts?name=m9`)).body["items"]?.[0]?.["id"]);
  const circle = await api.call(`PATCH /scripts/${m9}`, {
    body: { source: 'import "m7" as m; fn f() { 1 }' },
  });
  expect(failure(circle)[1]).toBe("m9 at 1:8: Modules import each other in a circle: m9 → m7 → m8 → m9.");
});

test("a module that would stop to be one is refused whoever imports it", async () => {
  const util = await make("util", "fn f() { 1 }");
  await make("main", 'import "util" as u; u::f()', "endpoint");
  const wrong = await api.call(`PATCH /scripts/${util}`, { body: { source: "fn f() { 1 }\nf();" } });
  expect(failure(wrong).slice(0, 2)).toEqual([
    422,
    "util at 2:1: The body of a module has functions, constants and imports only; this is a function call.",
  ]);
  const other = await api.call(`PATCH /scripts/${util}`, {
    body: { source: "export const f = () => 1;", language: "typescript" },
  });
  expect(failure(other)[1]).toContain('main at 1:8: "util" is a module in TypeScript');
});

test("any text is a module or is not, and never an exception", () => {
  const host = { plain: [], suspending: [], methods: [] };
  for (const source of [
    "",
    "import",
    'import "',
    "import x as",
    "const",
    "fn f( {",
    "export",
    '"'.repeat(99),
    "import `a` as b;",
    "import `a${1}` as b;",
  ]) {
    expect(typeof compileRhai({ source, kind: "module", host }).ok).toBe("boolean");
  }
});
