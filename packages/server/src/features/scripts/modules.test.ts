/** Modules of an app as its author sees them: what is linked, what is refused, what a change does to importers (SCR-4). */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, Json, TestApi } from "../../../../../tests/support/test-api.ts";
import { loadLiveScript } from "./scripts.service.ts";

let api: TestApi;
let app = "";
let count = 0;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_MODULE_IMPORT_DEPTH: "3" } });
});
afterAll(async () => await api.close());
beforeEach(async () => {
  app = `modules-${++count}`;
  await api.call("POST /apps", { body: { slug: app } });
});

const create = async (name: string, source: string, kind = "module"): Promise<Answer> =>
  await api.call(`POST /apps/${app}/scripts`, { body: { name, source, kind } });
const save = async (id: string, body: object): Promise<Answer> =>
  await api.call(`PATCH /scripts/${id}`, { body });

/** Creates a script and gives its id. */
async function make(name: string, source: string, kind = "module"): Promise<string> {
  const made = await create(name, source, kind);
  expect(made.text).toContain(`"name":"${name}"`);
  return textOf(made.body["id"]);
}
const endpoint = async (name: string, source: string): Promise<string> =>
  await make(name, source, "endpoint");

const errorOf = (answer: Answer): Json => answer.body["error"] ?? {};
/** Status, code and message. */
const failure = (answer: Answer): unknown[] => [
  answer.status,
  errorOf(answer)["code"],
  errorOf(answer)["message"],
];
const names = (answer: Answer): unknown[] =>
  (answer.body["items"] as unknown as { name: string; is_direct: boolean }[]).map(
    ({ name, is_direct: isDirect }) => (isDirect ? name : `(${name})`),
  );
const artifactOf = async (id: string): Promise<string> => {
  const live = await loadLiveScript(api.platform, id);
  return `${live?.artifactHash}\n${live?.artifact}`;
};

test("an endpoint has its modules inside; the graph is seen from both ends", async () => {
  const base = await make("base", "export const vat = 1.19;");
  const util = await make(
    "util",
    'import { vat } from "./base.ts";\nexport const gross = (n: number) => n * vat;',
  );
  const main = await endpoint("main", 'import { gross } from "./util";\nexport default () => gross(100);');
  expect(await artifactOf(main)).toContain("1.19");
  expect(names(await api.call(`GET /scripts/${main}/imports`))).toEqual(["(base)", "util"]);
  expect(names(await api.call(`GET /scripts/${base}/importers`))).toEqual(["(main)", "util"]);
  expect(names(await api.call(`GET /scripts/${util}/importers`))).toEqual(["main"]);
  expect(names(await api.call(`GET /scripts/${main}/importers`))).toEqual([]);
  const page = await api.call(`GET /scripts/${base}/importers?limit=1`);
  const rest = await api.call(`GET /scripts/${base}/importers?cursor=${textOf(page.body["next_cursor"])}`);
  expect([names(page), names(rest)]).toEqual([["(main)"], ["util"]]);
  await save(main, { source: "export default () => 1;" });
  expect(names(await api.call(`GET /scripts/${base}/importers`))).toEqual(["util"]);
});

test("saving a module names the endpoints that now run with it; their versions stay, their artifacts change", async () => {
  const base = await make("base", "export const n = 1;");
  await make("util", 'export { n } from "./base";');
  const main = await endpoint("main", 'import { n } from "./util"; export default () => n;');
  await endpoint("other", "export default () => 1;");
  const before = await artifactOf(main);
  const saved = await save(base, { source: "export const n = 2;" });
  expect(saved.body).toMatchObject({ version: 2, affected: [{ id: main, name: "main", version: 1 }] });
  const after = await artifactOf(main);
  expect(after).not.toBe(before);
  expect(after).toContain("n = 2");
  expect((await api.call(`GET /scripts/${main}`)).body).toMatchObject({ version: 1 });
  const back = await api.call(`POST /scripts/${base}/rollback`, { body: { version: 1 } });
  expect(back.body).toMatchObject({ version: 3, affected: [{ name: "main" }] });
  expect(await artifactOf(main)).toBe(before);
  expect((await save(main, { enabled: true })).body["affected"]).toBeUndefined();
});

test("a save that would break an importer changes nothing and names it", async () => {
  const util = await make("util", "export const a = 1, b = 2;");
  const main = await endpoint(
    "main",
    'import { a } from "./util";\nimport { b } from "./util";\nexport default () => a + b;',
  );
  const before = await artifactOf(main);
  const broken = await save(util, { source: "export const a = 1;" });
  expect(failure(broken)).toEqual([
    422,
    "compile_error",
    'Nothing is saved, because a script that imports what changes would break. main at 2:10: "./util" has no export "b".',
  ]);
  expect(errorOf(broken)["details"]).toMatchObject({
    importer: "main",
    script: "main",
    line: 2,
    column: 10,
    hint: "Did you mean a?",
    excerpt: '2 | import { b } from "./util";\n  |          ^',
  });
  expect(errorOf(broken)["fields"]?.[0]?.["path"]).toBe("source");
  expect((await api.call(`GET /scripts/${util}`)).body["version"]).toBe(1);
  expect(await artifactOf(main)).toBe(before);
});

test("a missing module, an endpoint, and a name that is no module's are refused with place and hint", async () => {
  await make("util", "export const a = 1;");
  await endpoint("page", "export default () => 1;");
  const refusal = async (source: string): Promise<string> => {
    const answer = await create("new", source, "endpoint");
    expect(answer.status).toBe(422);
    const { line, column, hint } = (errorOf(answer)["details"] ?? {}) as Record<string, unknown>;
    const { message } = errorOf(answer) as Record<string, unknown>;
    return `${String(line)}:${String(column)} ${String(message)} | ${String(hint)}`;
  };
  const rest = "\nexport default () => x;";
  expect(await refusal(`\nimport { x } from "./utli";${rest}`)).toBe(
    '2:19 new at 2:19: There is no module "./utli". | Did you mean ./util?',
  );
  expect(await refusal(`import { x } from "./something-else";${rest}`)).toContain("| There are: util.");
  expect(await refusal(`import { x } from "./page";${rest}`)).toContain(
    'new at 1:19: "./page" is an endpoint: only modules can be imported.',
  );
  expect(await refusal(`import { x } from "./util";${rest}`)).toBe(
    '1:10 new at 1:10: "./util" has no export "x". | Did you mean a?',
  );
  expect(await refusal('import { unused } from "./gone"; export default () => 1;')).toContain(
    'no module "./gone"',
  );
});

test("circles and chains that are too long print the chain, and nothing is saved", async () => {
  const c = await make("c", "export const x = 1;");
  await make("b", 'export { x } from "./c";');
  await make("a", 'export { x } from "./b";');
  const circle = await save(c, { source: 'import { x as y } from "./a"; export const x = y;' });
  expect(failure(circle)).toEqual([
    422,
    "compile_error",
    "c at 1:24: Modules import each other in a circle: c → a → b → c.",
  ]);
  expect(errorOf(circle)["details"]?.["chain"]).toEqual(["c", "a", "b", "c"]);
  expect(failure(await save(c, { source: 'import "./c"; export const x = 1;' }))[2]).toContain(
    "circle: c → c.",
  );
  await endpoint("fits", 'import { x } from "./a"; export default () => x;');
  await make("top", 'export { x } from "./a";');
  const deep = await create("main", 'import { x } from "./top"; export default () => x;', "endpoint");
  expect(failure(deep)).toEqual([
    422,
    "compile_error",
    "main at 1:19: Modules are imported more than 3 levels deep: main → top → a → b → c.",
  ]);
  const deeper = await save(c, { source: 'export { z as x } from "./d";' });
  expect(failure(deeper)[2]).toContain('There is no module "./d"');
  await make("d", "export const z = 1;");
  const breaks = await save(c, { source: 'export { z as x } from "./d";' });
  expect(failure(breaks)[2]).toContain("more than 3 levels deep: fits → a → b → c → d.");
  expect(errorOf(breaks)["details"]?.["importer"]).toBe("fits");
});

test("a module in use is not deleted, renamed or made an endpoint: 409 with its importers", async () => {
  const util = await make("util", "export const a = 1; export default () => 1;");
  const main = await endpoint("main", 'import { a } from "./util"; export default () => a;');
  const refused = await api.call(`DELETE /scripts/${util}`);
  expect(failure(refused).slice(0, 2)).toEqual([409, "in_use"]);
  expect(errorOf(refused)["details"]).toEqual({ importers: ["main"] });
  expect(failure(await save(util, { name: "tools" })).slice(0, 2)).toEqual([409, "in_use"]);
  expect(failure(await save(util, { kind: "endpoint" })).slice(0, 2)).toEqual([409, "in_use"]);
  await save(main, { source: "export default () => 2;" });
  expect((await save(util, { name: "tools" })).body).toMatchObject({ name: "tools", affected: [] });
  expect((await save(util, { kind: "endpoint" })).body).toMatchObject({ kind: "endpoint" });
  expect((await api.call(`DELETE /scripts/${util}`)).status).toBe(200);
  expect((await api.call(`DELETE /scripts/${main}`)).status).toBe(200);
});

test("an endpoint without a default export can only be a module, and kinds change what is compiled", async () => {
  const util = await make("util", "export const a = 1;");
  const refused = await save(util, { kind: "endpoint" });
  expect(failure(refused).slice(0, 2)).toEqual([422, "compile_error"]);
  expect(failure(refused)[2]).toContain("has no default export");
  const page = await endpoint("page", "export default () => 1; export const fresh = true;");
  expect((await save(page, { kind: "module" })).body).toMatchObject({ version: 1, kind: "module" });
  const main = await endpoint("main", 'import { fresh } from "./page"; export default () => fresh;');
  expect((await loadLiveScript(api.platform, main))?.settings).toMatchObject({ fresh: false });
  await save(main, { source: "export default () => 1;" });
  expect((await save(page, { kind: "endpoint" })).body).toMatchObject({ version: 1, kind: "endpoint" });
  expect((await loadLiveScript(api.platform, page))?.settings).toMatchObject({ fresh: true });
});

test("names of services are no names of modules", async () => {
  for (const name of ["kv", "docs", "http", "dead_letters", "json", "crypto", "picloud"]) {
    const answer = await create(name, "export const a = 1;");
    expect(failure(answer).slice(0, 2)).toEqual([422, "invalid"]);
    expect(errorOf(answer)["fields"]?.[0]?.["path"]).toBe("name");
  }
  const time = await endpoint("time", "export default () => 1;");
  expect(failure(await save(time, { kind: "module" })).slice(0, 2)).toEqual([422, "invalid"]);
  const fine = await make("fine", "export const a = 1;");
  expect(failure(await save(fine, { name: "files" })).slice(0, 2)).toEqual([422, "invalid"]);
});

test("scripts of other apps are no modules of this one", async () => {
  await make("util", "export const a = 1;");
  const other = `modules-${++count}`;
  await api.call("POST /apps", { body: { slug: other } });
  const answer = await api.call(`POST /apps/${other}/scripts`, {
    body: { name: "main", source: 'import { a } from "./util"; export default () => a;' },
  });
  expect(failure(answer)[2]).toContain('There is no module "./util".');
});

test("importers saved at the same time as their module are linked with what is live then", async () => {
  const util = await make("util", "export const n = 0;");
  const saves = Array.from({ length: 6 }, async (_, i) => {
    if (i % 2 === 0) return await save(util, { source: `export const n = ${i + 1};` });
    return await create(`main${i}`, 'import { n } from "./util"; export default () => n;', "endpoint");
  });
  const statuses = (await Promise.all(saves)).map(({ status }) => status);
  expect(statuses.every((status) => status === 200 || status === 201 || status === 409)).toBe(true);
  const { source } = (await api.call(`GET /scripts/${util}`)).body;
  const importers = (await api.call(`GET /scripts/${util}/importers`)).body["items"] as unknown as {
    id: string;
  }[];
  expect(importers.length).toBeGreaterThan(0);
  for (const { id } of importers) {
    expect(await artifactOf(id)).toContain(textOf(source).slice("export ".length));
  }
});

test("rows that were changed behind the server's back are linked when they are loaded, or fail without a word of why", async () => {
  const util = await make("util", "export const n = 1;");
  const main = await endpoint("main", 'import { n } from "./util"; export default () => n;');
  const { db } = api.platform;
  await db.write`update script_versions set source = 'export const n = 7777;', source_hash = 'other'
    where script_id = ${util}`;
  expect(await artifactOf(main)).toContain("7777");
  await db.write`update script_versions set source = 'export const secret = 1;', source_hash = 'third'
    where script_id = ${util}`;
  const errors: unknown[] = [];
  const log = { ...api.platform.log, error: (name: string, fields: unknown) => errors.push([name, fields]) };
  const loading = loadLiveScript({ ...api.platform, log }, main);
  await expect(loading).rejects.toMatchObject({
    code: "internal",
    message: "The modules of main can't be loaded.",
  });
  expect(errors).toEqual([["script_not_linked", expect.objectContaining({ scriptId: main })]]);
});

test("what an older compiler made is made again when it is loaded", async () => {
  const alone = await endpoint("alone", "export default () => 1;");
  const now = await artifactOf(alone);
  const { db } = api.platform;
  await db.write`update script_versions set artifact = '(old)', artifact_hash = 'old', compiler = 'typescript-0'
    where script_id = ${alone}`;
  expect(await artifactOf(alone)).toBe(now);
});

test("a script with more modules than anyone needs, or too large with them, is refused", async () => {
  const big = `export const big = ${JSON.stringify("x".repeat(1_040_000))};\n`;
  const source = (i: number): string => `${i === 0 ? "" : `import "./big${i - 1}"; `}${big}`;
  await make("big0", source(0));
  await make("big1", source(1));
  await make("big2", source(2));
  const more = Array.from({ length: 6 }, (_, i) => `other${i}`);
  for (const name of more) await make(name, big);
  const all = ["big2", ...more].map((name) => `import "./${name}";`).join("");
  const large = await create("large", `${all} export default () => 1;`, "endpoint");
  expect(failure(large)[2]).toContain("It has more than 8388608 characters with its modules.");
  const less = await create(
    "less",
    `import "./big2"; import "./other0"; export default () => 1;`,
    "endpoint",
  );
  expect(less.status).toBe(201);
});
