import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";
import { effectiveLimits } from "./script-limits.ts";
import { findScriptByName, loadLiveScript } from "./scripts.service.ts";
import { unifiedDiff } from "./unified-diff.ts";

let api: TestApi;
let app: string;
let count = 0;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_LIMIT_CPU_MS_MAX: "9000" } });
  app = textOf((await api.call("POST /apps", { body: { slug: "scripts-app" } })).body["id"]);
});
afterAll(async () => await api.close());

const answer = (text: string): string => `export default () => ${JSON.stringify(text)};\n`;

/** A new script with a name of its own. */
async function make(fields: Record<string, unknown> = {}): Promise<Answer & { id: string; name: string }> {
  const name = `s${++count}`;
  const made = await api.call(`POST /apps/${app}/scripts`, {
    body: { name, source: answer("one"), ...fields },
  });
  expect(made.status).toBe(201);
  return { ...made, id: textOf(made.body["id"]), name };
}

const codeOf = (result: Answer): unknown[] => [result.status, result.body["error"]?.["code"]];

test("a script has the fields and defaults of the API page, and its version is the entity tag", async () => {
  const { body, headers, name } = await make();
  expect(body).toEqual({
    id: body["id"],
    app_id: app,
    app_slug: "scripts-app",
    name,
    language: "typescript",
    kind: "endpoint",
    source: answer("one"),
    version: 1,
    enabled: true,
    invoke: "public",
    limits: {},
    created_at: expect.stringMatching(/Z$/),
    updated_at: expect.stringMatching(/Z$/),
  });
  expect(headers.get("etag")).toBe('"1"');
});

test("a source that does not compile is 422 with line, column and excerpt, and the live version stays", async () => {
  const { id } = await make();
  const broken = await api.call(`PATCH /scripts/${id}`, {
    body: { source: "export default () => {\n  return 1 +;\n}" },
  });
  expect(codeOf(broken)).toEqual([422, "compile_error"]);
  expect(broken.body["error"]?.["details"]).toMatchObject({ line: 2, excerpt: expect.stringContaining("^") });
  expect(broken.body["error"]?.["details"]?.["column"]).toBeGreaterThan(1);
  expect(broken.body["error"]?.["fields"]?.[0]?.["path"]).toBe("source");
  expect((await api.call(`GET /scripts/${id}`)).body).toMatchObject({ version: 1, source: answer("one") });
  const created = await api.call(`POST /apps/${app}/scripts`, {
    body: { name: "never", source: "nonsense(" },
  });
  expect(codeOf(created)).toEqual([422, "compile_error"]);
  expect((await api.call(`GET /apps/${app}/scripts?name=never`)).body["items"]).toEqual([]);
});

test("each new source is a version; the same source is none; a rollback is a new version", async () => {
  const { id } = await make();
  const save = async (source: string) =>
    (await api.call(`PATCH /scripts/${id}`, { body: { source } })).body["version"];
  expect(await save(answer("two"))).toBe(2);
  expect(await save(answer("two"))).toBe(2);
  expect((await api.call(`POST /scripts/${id}/rollback`, { body: { version: 1 } })).body).toMatchObject({
    version: 3,
    source: answer("one"),
  });
  const versions = await api.call(`GET /scripts/${id}/versions?limit=2`);
  expect((versions.body["items"] as unknown as { version: number }[]).map(({ version }) => version)).toEqual([
    3, 2,
  ]);
  const rest = await api.call(
    `GET /scripts/${id}/versions?limit=2&cursor=${textOf(versions.body["next_cursor"])}`,
  );
  expect(rest.body).toMatchObject({ items: [{ version: 1 }], next_cursor: null });
  expect((await api.call(`GET /scripts/${id}/versions/2`)).body["source"]).toBe(answer("two"));
  expect((await api.call(`GET /scripts/${id}/versions/4`)).status).toBe(404);
  expect((await api.call(`POST /scripts/${id}/rollback`, { body: { version: 9 } })).status).toBe(404);
  const { body } = await api.call(`GET /scripts/${id}/diff?from=1&to=2`);
  expect(body["diff"]).toContain('-export default () => "one";\n+export default () => "two";\n');
});

test("If-Match refuses to overwrite another version", async () => {
  const { id } = await make();
  const save = async (version: string, text: string) =>
    await api.call(`PATCH /scripts/${id}`, {
      headers: { "if-match": version },
      body: { source: answer(text) },
    });
  expect((await save('"1"', "a")).status).toBe(200);
  expect(codeOf(await save('"1"', "b"))).toEqual([409, "stale"]);
  expect(codeOf(await save("1", "b"))).toEqual([400, "malformed_request"]);
  expect((await save("*", "b")).body["version"]).toBe(3);
  const both = await Promise.all([save('"3"', "c"), save('"3"', "d")]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
});

test("names are unique in the app and have the form of names", async () => {
  const { name, id } = await make();
  expect(
    codeOf(await api.call(`POST /apps/${app}/scripts`, { body: { name, source: answer("x") } })),
  ).toEqual([409, "already_exists"]);
  const other = await make();
  expect(codeOf(await api.call(`PATCH /scripts/${other.id}`, { body: { name } }))).toEqual([
    409,
    "already_exists",
  ]);
  const renamed = await api.call(`PATCH /scripts/${id}`, { body: { name: `${name}-new` } });
  expect(renamed.body).toMatchObject({ name: `${name}-new`, version: 2 });
  for (const bad of ["", "A", "1a", "a b", "a".repeat(64)]) {
    expect((await api.call(`POST /apps/${app}/scripts`, { body: { name: bad, source: "" } })).status).toBe(
      422,
    );
  }
});

test("a limit above the ceiling is 422 and names it; runs get defaults and ceilings", async () => {
  const { id } = await make({ limits: { cpu_ms: 9_000, timeout_seconds: 5 } });
  const above = await api.call(`PATCH /scripts/${id}`, { body: { limits: { cpu_ms: 9_001 } } });
  expect(codeOf(above)).toEqual([422, "invalid"]);
  expect(above.body["error"]?.["fields"]?.[0]?.["path"]).toBe("limits.cpu_ms");
  for (const limits of [{ cpu_ms: 0 }, { cpu_ms: 1.5 }, { cpu_ms: "1" }, { other: 1 }]) {
    expect((await api.call(`PATCH /scripts/${id}`, { body: { limits } })).status).toBe(422);
  }
  const live = await loadLiveScript(api.platform, id);
  expect(live?.limits).toMatchObject({ cpu_ms: 9_000, timeout_seconds: 5, memory_mb: 64 });
  expect(effectiveLimits(api.platform.config, { cpu_ms: 60_000 }).cpu_ms).toBe(9_000);
});

test("1 MiB of source is taken, one byte more is 413", async () => {
  const fill = (bytes: number): string =>
    `${answer("x")}//${"é".repeat((bytes - answer("x").length - 2) / 2)}`;
  const { id } = await make();
  const most = await api.call(`PATCH /scripts/${id}`, { body: { source: fill(1_048_576) } });
  expect(most.status).toBe(200);
  const more = await api.call(`PATCH /scripts/${id}`, { body: { source: `${fill(1_048_576)}.` } });
  expect(codeOf(more)).toEqual([413, "too_large"]);
});

test("a source with NUL or half a surrogate pair is 422, and so is a language that is not there", async () => {
  const { id } = await make();
  expect((await api.call(`PATCH /scripts/${id}`, { body: { source: "// \u0000" } })).status).toBe(422);
  expect((await api.call(`PATCH /scripts/${id}`, { body: '{"source":"// \\ud800"}' })).status).toBe(422);
  const python = await api.call(`POST /apps/${app}/scripts`, {
    body: { name: "p", language: "python", source: "1" },
  });
  expect(python.status).toBe(422);
  expect(python.body["error"]?.["fields"]?.[0]).toMatchObject({
    path: "language",
    message: 'must be "rhai" or "typescript"',
  });
});

test("Rhai is compiled at save: a mistake is shown with its place, and the old version stays", async () => {
  const script = { name: `rhai-${++count}`, language: "rhai", source: "1 + 1" };
  const made = await api.call(`POST /apps/${app}/scripts`, { body: script });
  expect([made.status, made.body["language"], made.body["version"]]).toEqual([201, "rhai", 1]);
  const id = textOf(made.body["id"]);
  const source = "// é\nlet x = 1;\n\tlet y = x +;\n";
  const wrong = await api.call(`PATCH /scripts/${id}`, { body: { source } });
  expect(codeOf(wrong)).toEqual([422, "compile_error"]);
  expect(wrong.body["error"]?.["message"]).toBe(`${script.name} at 3:13: Unexpected ';'`);
  expect(wrong.body["error"]?.["details"]).toMatchObject({
    line: 3,
    column: 13,
    excerpt: "3 | \tlet y = x +;\n  | \t           ^",
    diagnostics: [{ code: "BadInput", line: 3, column: 13 }],
  });
  expect((await api.call(`GET /scripts/${id}`)).body["source"]).toBe("1 + 1");
});

test("a setting is a constant that a Rhai script exports", async () => {
  const save = async (source: string) =>
    await api.call(`POST /apps/${app}/scripts`, {
      body: { name: `set-${++count}`, language: "rhai", source },
    });
  expect((await save("export const transaction = true; 1")).status).toBe(201);
  const wrong = await save("let on = true;\nexport let transaction = on;");
  expect(codeOf(wrong)).toEqual([422, "compile_error"]);
  expect(wrong.body["error"]?.["details"]).toMatchObject({
    line: 2,
    column: 12,
    hint: "Write `export const transaction = true;`.",
  });
});

test("a script can change its language with its source, and go back", async () => {
  const { id } = await make();
  const alone = await api.call(`PATCH /scripts/${id}`, { body: { language: "rhai" } });
  expect([...codeOf(alone), alone.body["error"]?.["fields"]?.[0]?.["path"]]).toEqual([
    422,
    "invalid",
    "source",
  ]);
  const rhai = await api.call(`PATCH /scripts/${id}`, { body: { language: "rhai", source: "40 + 2" } });
  expect([rhai.status, rhai.body["language"], rhai.body["version"]]).toEqual([200, "rhai", 2]);
  const back = await api.call(`POST /scripts/${id}/rollback`, { body: { version: 1 } });
  expect([back.status, back.body["language"], back.body["version"]]).toEqual([200, "typescript", 3]);
});

test("an endpoint with routes does not become a module; a module gets no routes", async () => {
  const { id } = await make();
  await api.call(`POST /scripts/${id}/routes`, { body: { method: "GET", path: `/m${count}` } });
  expect(codeOf(await api.call(`PATCH /scripts/${id}`, { body: { kind: "module" } }))).toEqual([
    409,
    "in_use",
  ]);
  const module = await make({ kind: "module" });
  const route = await api.call(`POST /scripts/${module.id}/routes`, {
    body: { method: "GET", path: "/module" },
  });
  expect(codeOf(route)).toEqual([400, "target_is_module"]);
});

test("the live script has the artifact of the live version, and equal sources equal hashes", async () => {
  const { id, name } = await make();
  const first = await loadLiveScript(api.platform, id);
  expect(first).toMatchObject({ id, name, version: 1, enabled: true, kind: "endpoint", invoke: "public" });
  expect(first?.app).toEqual({ id: app, slug: "scripts-app", state: "active" });
  expect(first?.artifact).toContain("one");
  await api.call(`PATCH /scripts/${id}`, { body: { source: answer("two"), enabled: false } });
  const second = await loadLiveScript(api.platform, id);
  expect(second).toMatchObject({ version: 2, enabled: false });
  expect(second?.artifactHash).not.toBe(first?.artifactHash);
  await api.call(`POST /scripts/${id}/rollback`, { body: { version: 1 } });
  expect((await loadLiveScript(api.platform, id))?.artifactHash).toBe(first?.artifactHash);
  expect(await findScriptByName(api.platform.db.read, "scripts-app", name)).toBe(id);
  expect(await findScriptByName(api.platform.db.read, app, name)).toBe(id);
  expect(await findScriptByName(api.platform.db.read, app, "nobody")).toBeUndefined();
});

test("deleting a script tells and removes its routes, triggers and waiting deliveries", async () => {
  const { id } = await make();
  await api.call(`POST /scripts/${id}/routes`, { body: { method: "GET", path: "/gone" } });
  const { db } = api.platform;
  await db.write`insert into triggers (app_id, id, script_id, kind, pattern, max_attempts, backoff, base_ms, max_ms,
      jitter_pct, registered_by)
    select ${app}, gen_random_uuid(), ${id}, 'kv', '*', 5, 'exponential', 1, 1, 0, id from users`;
  await db.write`insert into outbox (app_id, id, event_id, script_id, execution_id, root_execution_id, depth)
    select ${app}, gen_random_uuid(), gen_random_uuid(), ${id}, gen_random_uuid(), gen_random_uuid(), 1
    from generate_series(1, 3)`;
  const deleted = await api.call(`DELETE /scripts/${id}`);
  expect(deleted.body).toEqual({ id, routes_deleted: 1, triggers_deleted: 1, deliveries_dropped: 3 });
  expect((await api.call(`GET /scripts/${id}`)).status).toBe(404);
  expect((await api.call(`DELETE /scripts/${id}`)).status).toBe(404);
});

test("a disabled script's deliveries are held with the reason, and freed when it is enabled", async () => {
  const { id } = await make();
  const { db, signals } = api.platform;
  await db.write`insert into outbox (app_id, id, event_id, script_id, execution_id, root_execution_id, depth)
    values (${app}, gen_random_uuid(), gen_random_uuid(), ${id}, gen_random_uuid(), gen_random_uuid(), 1)`;
  const state = async () => (await db.read`select state, held_reason from outbox where script_id = ${id}`)[0];
  await api.call(`PATCH /scripts/${id}`, { body: { enabled: false } });
  expect(await state()).toEqual({ state: "held", held_reason: "script_disabled" });
  let woken = 0;
  const stop = signals.on("outbox", () => woken++);
  await api.call(`PATCH /scripts/${id}`, { body: { enabled: true } });
  expect(await state()).toEqual({ state: "ready", held_reason: null });
  expect(woken).toBe(1);
  stop();
});

test("lists of an app go by name, of all apps by app and name, without sources", async () => {
  await make();
  await make();
  const { body } = await api.call("GET /scripts");
  const items = body["items"] as unknown as { app_slug: string; name: string; source?: string }[];
  const keys = items.map((item) => `${item.app_slug} ${item.name}`);
  expect(keys).toContain("default hello");
  expect(items.every((item) => item.source === undefined)).toBe(true);
  const first = await api.call(`GET /apps/${app}/scripts?limit=1`);
  const cursor = textOf(first.body["next_cursor"]);
  const second = await api.call(`GET /apps/${app}/scripts?limit=1&cursor=${cursor}`);
  const nameOf = (page: Answer): string => textOf(page.body["items"]?.[0]?.["name"]);
  expect(nameOf(second) > nameOf(first)).toBe(true);
});

test("a diff applied to the old text gives the new one", () => {
  const line = fc.constantFrom("a", "b", "c", "", "d d");
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((each) => `${each}\n`).join(""));
  fc.assert(
    fc.property(text, text, (from, to) => {
      const diff = unifiedDiff({ name: "from", text: from }, { name: "to", text: to });
      expect(applyDiff(from, diff)).toBe(to);
      expect(diff === "").toBe(from === to);
    }),
  );
});

/** As `patch` does it, for texts whose lines all end. */
function applyDiff(from: string, diff: string): string {
  const old = from.split("\n").slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (hunk !== null) {
      const start = hunk[2] === "0" ? Number(hunk[1]) : Number(hunk[1]) - 1;
      result.push(...old.slice(at, start));
      at = start;
    } else if (line.startsWith("+")) result.push(line.slice(1));
    else if (line.startsWith("-")) at++;
    else if (line.startsWith(" ")) result.push(old[at++] ?? "");
  }
  return [...result, ...old.slice(at)].map((each) => `${each}\n`).join("");
}
