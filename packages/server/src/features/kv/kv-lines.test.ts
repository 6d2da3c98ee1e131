import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resourcesOf } from "../../../../../tests/support/resources.ts";
import { startTestApi, textOf, type TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
let appId: string;
beforeAll(async () => {
  api = await startTestApi();
  appId = textOf((await api.call("POST /apps", { body: { slug: "here" } })).body["id"]);
});
afterAll(async () => await api.close());

const TYPE = { "content-type": "application/x-ndjson" };
const importInto = async (collection: string, lines: readonly string[] | string) =>
  await api.call(`POST /apps/here/kv/${collection}`, {
    body: typeof lines === "string" ? lines : lines.join("\n"),
    headers: TYPE,
  });
const exportOf = async (collection: string, token?: null) =>
  await api.call(`GET /apps/here/kv/${collection}`, {
    headers: { accept: "application/x-ndjson" },
    ...(token === undefined ? {} : { token }),
  });
const line = (key: string, value: unknown): string => JSON.stringify({ key, value });

describe("lines of entries", () => {
  it("go in and come out in the order of keys, with their digits and expiry", async () => {
    const lines = [
      `{"key":"ä","value":9007199254740993}`,
      `{"key":"b","value":{"z":4.0,"a":[1E5,null]},"expires_at":"2099-01-02T03:04:05.678Z"}`,
      `{"key":"B","value":"ü"}`,
      `{"key":"..","value":null}`,
    ];
    const answer = await importInto("all", `${lines.join("\r\n")}\n\n`);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({ imported: 4, created: 4, replaced: 0, expired: 0 });
    const exported = await exportOf("all");
    expect(exported.headers.get("content-type")).toBe("application/x-ndjson");
    expect(exported.text).toBe([3, 2, 1, 0].map((n) => `${lines[n]}\n`).join(""));
    expect((await exportOf("nothing")).text).toBe("");

    await importInto("copy", exported.text);
    expect((await exportOf("copy")).text).toBe(exported.text);
    const { body } = await api.call("GET /apps/here/kv/copy/b");
    expect(body).toMatchObject({ version: 1, expires_at: "2099-01-02T03:04:05.678Z", written_by: null });
  });

  it("replace what is there with its expiry; those that have expired are left out", async () => {
    await api.call("PUT /apps/here/kv/times/a", { body: { value: 1, ttl: "1h" } });
    await api.call("PUT /apps/here/kv/times/b", { body: { value: 1 } });
    await api.platform.db.write`
      insert into kv (app_id, collection, key, value, version, expires_at)
      values (${appId}, 'times', 'gone', '1', 7, now() - interval '1 second'),
        (${appId}, 'times', 'back', '1', 7, now() - interval '1 second')`;
    expect((await exportOf("times")).text).not.toMatch(/gone|back/);
    const old = `{"key":"b","value":2,"expires_at":"2020-01-01T00:00:00+01:00"}`;
    const answer = await importInto("times", [line("a", 2), old, line("back", 2)]);
    expect(answer.body).toEqual({ imported: 2, created: 1, replaced: 1, expired: 1 });
    expect((await exportOf("times")).text).toBe(
      `${[line("a", 2), line("b", 1), line("back", 2)].join("\n")}\n`,
    );
  });

  it("that name a key twice are written in their order; batches leave entries in the audit log", async () => {
    const answer = await importInto("twice", [line("k", 1), line("j", 1), line("k", 2), line("k", 3)]);
    expect(answer.body).toEqual({ imported: 4, created: 2, replaced: 2, expired: 0 });
    expect((await api.call("GET /apps/here/kv/twice/k")).body).toMatchObject({ value: 3, version: 3 });
    const entries = await api.platform.db.read<{ after: unknown }[]>`
      select after from audit where action = 'kv.import' and resource_name = 'twice' order by id`;
    expect(entries.map(({ after }) => after)).toEqual([{ entries: 2 }, { entries: 1 }, { entries: 1 }]);
  });

  it("make an event for each key that a trigger matches", async () => {
    const script_id = await resourcesOf(api, "here").script();
    const body = { script_id, collection_glob: "watched:*", ops: ["update"] };
    expect((await api.call("POST /apps/here/triggers/kv", { body })).status).toBe(201);
    await importInto("watched:a", [line("old", 1)]);
    await importInto("elsewhere", [line("old", 1), line("new", 1)]);
    await importInto("watched:a", [line("new", 1), line("old", 2)]);
    await importInto("watched:a", [line("new", 3), line("old", 3)]);
    const events = await api.platform.db.read<{ op: string; payload: unknown }[]>`
      select e.op, e.payload from outbox o join events e on e.app_id = o.app_id and e.id = o.event_id
      where o.app_id = ${appId} order by e.payload ->> 'key', (e.payload ->> 'value')::int`;
    const event = (key: string, value: number): object => ({
      op: "update",
      payload: { collection: "watched:a", key, value },
    });
    expect(events.map((row) => ({ ...row }))).toEqual([event("new", 3), event("old", 2), event("old", 3)]);
  });

  it.each([
    [`{"key":"a","value":1}\n7`, "line 2"],
    [`{"key":"a","value":1}\n\n{"key":7,"value":1}`, "line 3: key"],
    [`{"key":"","value":1}`, "line 1: key"],
    [`{"key":"a"}`, "line 1: value"],
    [`{"key":"a","value":1,"ttl":"1h"}`, "line 1"],
    [`{"key":"a","value":1,"expires_at":"today"}`, "line 1: expires_at"],
    [`{"key":"a","value":1,"expires_at":"2099-02-30T00:00:00Z"}`, "line 1: expires_at"],
    [`{"key":"a","value":"\\u0000"}`, "line 1.value"],
    [`4.0`, "line 1"],
    [`not json`, "line 1"],
  ])("that are wrong are refused by their number: %j", async (body, path) => {
    const { status, body: answer } = await importInto("wrong", body);
    expect({ status, path: answer["error"]?.["fields"]?.[0]?.["path"] }).toEqual({ status: 422, path });
    expect((await exportOf("wrong")).text).toBe("");
  });

  it("before one that is refused stay when their batch was full, and the answer says how many", async () => {
    const lines = Array.from({ length: 700 }, (_, n) => line(`k${n}`, n));
    const answer = await importInto("partly", [...lines, "{}"]);
    expect(answer.body).toMatchObject({ error: { code: "invalid", details: { imported: 500 } } });
    expect((await exportOf("partly")).text.split("\n")).toHaveLength(501);
  });

  it("come back in pages of few bytes: large values, nested as deep as a value may be", async () => {
    const deep = `${"[".repeat(64)}${"]".repeat(64)}`;
    const large = JSON.stringify("x".repeat(1_048_574));
    const lines = ["a", "b", "c", "d", "e"].map((key) => `{"key":"${key}","value":${large}}`);
    lines.push(`{"key":"f","value":${deep}}`);
    for (const one of lines) expect((await importInto("large", one)).status).toBe(200);
    expect((await exportOf("large")).text === `${lines.join("\n")}\n`).toBe(true);
    const more = await importInto("large", `{"key":"g","value":${large.slice(0, -1)}x"}`);
    expect(more.body).toMatchObject({ error: { code: "too_large" } });
    const page = await api.call("GET /apps/here/kv/large");
    expect(page.body["items"]).toHaveLength(4);
    const rest = await api.call(`GET /apps/here/kv/large?cursor=${textOf(page.body["next_cursor"])}`);
    expect(rest.body).toMatchObject({ items: [{ key: "e" }, { key: "f" }], next_cursor: null });
  });

  it("may be an array of JSON", async () => {
    const call = async (entries: unknown) =>
      await api.call("POST /apps/here/kv/array", { body: { entries } });
    const answer = await api.call("POST /apps/here/kv/array", {
      body: `{"entries":[{"key":"a","value":4.0},{"key":"b","value":[]}]}`,
      headers: { "content-type": "application/json" },
    });
    expect(answer).toMatchObject({ status: 200, body: { imported: 2, created: 2 } });
    expect((await exportOf("array")).text).toBe(`{"key":"a","value":4.0}\n{"key":"b","value":[]}\n`);
    for (const [entries, path] of [
      [7, "entries"],
      [[{ key: "a", value: 1 }, null], "entries[1]"],
    ] as const) {
      const { status, body } = await call(entries);
      expect({ status, path: body["error"]?.["fields"]?.[0]?.["path"] }).toEqual({ status: 422, path });
    }
  });

  it("need what the endpoint needs", async () => {
    expect((await exportOf("all", null)).status).toBe(401);
    expect((await importInto("a*", line("a", 1))).status).toBe(422);
    const there = await api.call("GET /apps/nowhere/kv/c", { headers: { accept: "application/x-ndjson" } });
    expect(there.status).toBe(404);
    const plain = await api.call("GET /apps/here/kv/all", { headers: { accept: "application/json" } });
    expect(plain.body).toMatchObject({ next_cursor: null });
  });
});
