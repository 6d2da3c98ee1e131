import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../../../../../tests/support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.call("POST /apps", { body: { slug: "here" } });
});
afterAll(async () => await api.close());

const TYPE = { "content-type": "application/x-ndjson" };
const importInto = async (collection: string, body: string) =>
  await api.call(`POST /apps/here/docs/${collection}`, { body, headers: TYPE });
const exportOf = async (collection: string, token?: null) =>
  await api.call(`GET /apps/here/docs/${collection}`, {
    headers: { accept: "text/html, Application/X-NDJSON;q=1" },
    ...(token === undefined ? {} : { token }),
  });
const id = (n: number): string => `0190a0a0-0000-7000-8000-${String(n).padStart(12, "0")}`;

describe("lines", () => {
  it("go in and come out, times and digits included, oldest first", async () => {
    const line = (n: number): string =>
      `{"id":"${id(n)}","data":{"n": ${n}.50},"created_at":"2026-01-0${n}T00:00:00.000Z","updated_at":"2026-02-01T00:00:00.000Z"}`;
    const answer = await importInto("times", `${line(2)}\r\n\n${line(1)}\n{"data":{"last":true}}`);
    expect(answer).toMatchObject({ status: 200, body: { imported: 3, created: 3, replaced: 0 } });
    const exported = await exportOf("times");
    expect(exported.headers.get("content-type")).toBe("application/x-ndjson");
    expect(exported.text.split("\n").slice(0, 2)).toEqual([line(1), line(2)]);
    expect(exported.text.trimEnd().split("\n")).toHaveLength(3);
    expect((await exportOf("nothing")).text).toBe("");
  });

  it("that name a document twice replace it in their order, and leave an entry in the audit log", async () => {
    const line = (n: number): string => JSON.stringify({ id: id(7), data: { n } });
    const answer = await importInto("twice", [line(1), line(2), line(3)].join("\n"));
    expect(answer.body).toEqual({ imported: 3, created: 1, replaced: 2 });
    const { body } = await api.call(`GET /apps/here/docs/twice/${id(7)}`);
    expect(body).toMatchObject({ data: { n: 3 }, written_by: null });
    const entries = await api.platform.db.read`
      select after from audit where action = 'docs.import' and resource_name = 'twice'`;
    expect(entries).toHaveLength(3);
  });

  it.each([
    [`{"data":{}}\n7`, "line 2"],
    [`{"data":{}}\n\n{"id":"x","data":{}}`, "line 3: id"],
    [`{"data":[]}`, "line 1: data"],
    [`{"id":"${id(1)}"}`, "line 1: data"],
    [`{"data":{},"extra":1}`, "line 1"],
    [`{"data":{},"created_at":"today"}`, "line 1: created_at"],
    [`{"data":{"a":1e999}}`, "line 1: data"],
    [`not json`, "line 1"],
  ])("that are wrong are refused by their number: %j", async (body, path) => {
    const { status, body: answer } = await importInto("wrong", body);
    expect({ status, path: answer["error"]?.["fields"]?.[0]?.["path"] }).toEqual({ status: 422, path });
  });

  it("before one that is refused stay when their batch was full, and the answer says how many", async () => {
    const lines = Array.from({ length: 700 }, (_, n) => `{"data":{"n":${n}}}`);
    const answer = await importInto("partly", [...lines, "{}"].join("\n"));
    expect(answer.body).toMatchObject({ error: { code: "invalid", details: { imported: 500 } } });
    const { body } = await api.call("POST /apps/here/docs/partly/count", { body: {} });
    expect(body).toEqual({ count: 500 });
  });

  it("need what the endpoint needs", async () => {
    expect((await exportOf("times", null)).status).toBe(401);
    const there = await api.call("GET /apps/nowhere/docs/c", { headers: { accept: "application/x-ndjson" } });
    expect(there.status).toBe(404);
    const long = await importInto("long", `{"data":{"a":"${"x".repeat(5 * 1_048_576)}"}}`);
    expect(long.body).toMatchObject({ error: { code: "too_large" } });
    const plain = await api.call("GET /apps/here/docs/times", { headers: { accept: "application/json" } });
    expect(plain.body).toMatchObject({ next_cursor: null });
  });
});
