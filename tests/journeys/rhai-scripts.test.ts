/** A shop of scripts in Rhai: deployed with `pic`, called over HTTP, run by changes in kv, beside one in TypeScript. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { loggedInPic, type Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** Takes an order, checks it with the standard library, and keeps it. */
const ORDER = String.raw`
fn problem(order) {
    if type_of(order) != "map" { return "order: must be an object"; }
    if !regex::is_match(order.sku ?? "", "^[A-Z]{2}-[0-9]+$") { return "sku: must look like AB-12"; }
    if type_of(order.qty) != "i64" || order.qty < 1 { return "qty: must be a whole number above 0"; }
    ()
}
let found = problem(ctx.request.body);
if found != () { return #{ status: 422, body: #{ error: found } }; }
let order = ctx.request.body;
order.id = random::uuid();
order.at = time::format(time::now());
order.check = crypto::sha256(json::stringify(#{ sku: order.sku, qty: order.qty }));
let orders = kv::collection("orders");
orders.set(order.id, order);
let stored = orders.get(order.id);
log::info("order taken", #{ id: order.id, sku: order.sku });
#{ status: 201, headers: #{ location: "/orders/" + url::encode(order.id) }, body: stored }
`;
/** Runs on every new order: counts by kind of goods; refuses those of kind XX. */
const COUNT =
  String.raw`
let event = ctx.event;
if event.op == "delete" { return; }
let order = event.kv.value;
let kind = regex::captures(order.sku, "^([A-Z]+)-")[1];
if kind == "XX" { throw ` +
  "`no goods of kind ${kind}, attempt ${event.attempt}`" +
  String.raw`; }
let counts = kv::collection("counts");
counts.increment(kind, order.qty);
for name in ["__proto__", "constructor", "then"] { counts.increment(name); }
`;
/** Gives back what it got, by way of kv, with names that mean something to JavaScript. */
const ECHO = String.raw`
let box = kv::collection("box");
box.set("k", ctx.request.body);
let value = box.get("k");
value.__proto__ = #{ polluted: true };
value["constructor"] = 1;
value.then = |x| x;
value.remove("then");
value.hasOwnProperty = "mine";
let prototype = value.__proto__;
value.sum = value.big + 1;
value.half = value.whole / 2;
value.mixed = value.whole + 1;
value.names = value.keys();
value.polluted = prototype.polluted;
value
`;
const ECHO_TYPESCRIPT = `import { kv } from "picloud";
export default async () => {
  const value = await kv.collection("box").get("k");
  return { big: typeof value.big, plus: String(value.big + 1n), whole: value.whole, polluted: {}.polluted ?? "no" };
};
`;
const FAIL = String.raw`
fn third(list) { list[3] }
fn second(list) {
    third(list)
}
let caught = "";
try { kv::collection("counts").increment("x", 0.5); } catch (error) { caught = error.code + ": " + error.message; }
if ctx.request.query.mode == "caught" { return caught; }
if ctx.request.query.mode == "thrown" { throw #{ code: 418, what: "teapot" }; }
if ctx.request.query.mode == "service" { kv::collection("counts").increment("x", 0.5); }
if ctx.request.query.mode == "loop" { loop { } }
if ctx.request.query.mode == "deep" { fn_that_is_not_there(1); }
if ctx.request.query.mode == "regex" { regex::find("a", "("); }
second([1, 2, 3])
`;
const TALLY = String.raw`
let c = kv::collection("tally");
let mine = [];
for i in 0..5 {
    let key = ctx.request.params.who + "/" + i;
    c.set(key, i * 10);
    mine.push(c.get(key));
    c.increment("all");
}
let total = mine.reduce(|sum, x| sum + x, 0);
#{ who: ctx.request.params.who, total: total, again: mine.map(|x| c.get(ctx.request.params.who + "/" + x / 10)) }
`;

let server: RunningServer;
let pic: Pic;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await temporaryFolder("picloud-rhai-");
  pic = await loggedInPic(server, folder);
  const routes: [string, string, string][] = [
    ["order.rhai", ORDER, "POST /orders"],
    ["echo.rhai", ECHO, "POST /echo"],
    ["echo-typescript.ts", ECHO_TYPESCRIPT, "GET /echo"],
    ["fail.rhai", FAIL, "GET /fail"],
    ["tally.rhai", TALLY, "POST /tally/:who"],
  ];
  for (const [name, source, route] of routes) {
    await writeFile(join(folder, name), source);
    await pic.ok(["deploy", name, "--app", "default", "--route", route]);
  }
  await writeFile(join(folder, "count.rhai"), COUNT);
  await pic.ok(["deploy", "count.rhai", "--app", "default"]);
  const trigger = ["triggers", "add", "kv", "--script", "count", "--collection-glob", "orders"];
  trigger.push("--app", "default", "--max-attempts", "2", "--base-ms", "1000");
  await pic.ok(trigger);
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
  await removeFolder(folder);
});

async function post(path: string, body: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return await fetch(`${server.url}${path}`, { method: "POST", body, headers });
}
async function order(sku: string, qty: string): Promise<Response> {
  return await post("/orders", `{"sku":${JSON.stringify(sku)},"qty":${qty}}`);
}
interface Failure {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details?: { readonly cause_code?: string };
  };
}
async function failure(
  mode: string,
): Promise<{ status: number; error: Failure["error"]; execution: string }> {
  const answer = await fetch(`${server.url}/fail?mode=${mode}`);
  const { error } = (await answer.json()) as Failure;
  return { status: answer.status, error, execution: answer.headers.get("x-picloud-execution") ?? "" };
}

test("an order is checked, stored and answered, and what follows it is counted", async () => {
  const wrong = await order("ab-1", "2");
  expect([wrong.status, await wrong.json()]).toEqual([422, { error: "sku: must look like AB-12" }]);
  for (const qty of ["2.0", "0", '"2"', "true"]) expect((await order("AB-1", qty)).status).toBe(422);

  const taken = await order("AB-1", "2");
  const stored = (await taken.json()) as Record<string, unknown>;
  expect([taken.status, taken.headers.get("location")]).toEqual([201, `/orders/${String(stored["id"])}`]);
  expect(stored).toMatchObject({ sku: "AB-1", qty: 2 });
  expect(stored["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
  expect(Math.abs(Date.parse(String(stored["at"])) - Date.now())).toBeLessThan(60_000);
  await order("AB-2", "40");
  await order("CD-1", "5");

  await waitFor("the orders are counted", async () => {
    const items = (await pic.json(["kv", "ls", "counts", "--app", "default"])) as readonly {
      key: string;
      value: number;
    }[];
    const counts = Object.fromEntries(items.map(({ key, value }) => [`.${key}`, value]));
    return counts[".AB"] === 42 && counts[".CD"] === 5 && counts[".__proto__"] === 3 && counts[".then"] === 3;
  });
});

test("a script that keeps failing leaves a dead letter with its own words", async () => {
  expect((await order("XX-1", "1")).status).toBe(201);
  const letter = await waitFor("a dead letter", async () => {
    const items = (await pic.json(["dead-letters", "ls", "--app", "default"])) as readonly {
      last_error: { code: string; message: string };
      attempts: number;
    }[];
    return items[0];
  });
  expect(letter).toMatchObject({ attempts: 2, last_error: { code: "script_error" } });
  expect(letter.last_error.message).toContain("no goods of kind XX, attempt 2");
});

test("numbers and names survive the way through JSON and kv, in both languages", async () => {
  const answer = await post(
    "/echo",
    `{"big":9223372036854775806,"whole":4.0,"small":1e-7,"__proto__":{"x":1},"a":[1,1.0]}`,
  );
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(
    `{"__proto__":{"polluted":true},"a":[1,1.0],"big":9223372036854775806,"constructor":1,"half":2.0,"hasOwnProperty":"mine","mixed":5.0,` +
      `"names":["__proto__","a","big","constructor","half","hasOwnProperty","mixed","small","sum","whole"],"polluted":true,"small":1e-7,"sum":9223372036854775807,"whole":4.0}`,
  );
  const typescript = await fetch(`${server.url}/echo`);
  expect(await typescript.json()).toEqual({
    big: "bigint",
    plus: "9223372036854775807",
    whole: 4,
    polluted: "no",
  });
});

test("errors say what, where and by which way", async () => {
  const caught = await fetch(`${server.url}/fail?mode=caught`);
  expect(await caught.json()).toMatch(/^invalid: by /);

  const thrown = await failure("thrown");
  expect([thrown.status, thrown.error.code]).toEqual([422, "script_error"]);
  expect((await failure("service")).error.details?.cause_code).toBe("invalid");
  expect((await failure("regex")).error.details?.cause_code).toBe("invalid");

  const unknown = await failure("deep");
  expect(unknown.error.message).toContain("Function not found: fn_that_is_not_there (i64)");

  const inside = await failure("none");
  expect(inside.error.message).toContain("Array index 3 out of bounds: only 3 elements in array");
  const lines = await waitFor("its log", async () => {
    const text = await pic.ok(["logs", "fail", "--app", "default", "--output", "json"]);
    return text.includes("Array index 3") && text;
  });
  expect(lines).toMatch(/at third \(fail\.rhai:2:\d+\).*at second \(fail\.rhai:4:\d+\).*fail\.rhai:14:\d+/s);
});

test("a script that never ends is ended, and its neighbours go on", async () => {
  const [loop, neighbour] = await Promise.all([failure("loop"), post("/tally/calm", "{}")]);
  expect([loop.status, loop.error.code]).toEqual([507, "operations_limit"]);
  expect(await neighbour.json()).toMatchObject({ who: "calm", total: 100 });
});

test("runs that wait at the same time do not mix", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `who${i}`);
  const answers = await Promise.all(
    names.map(async (who) => await (await post(`/tally/${who}`, "{}")).json()),
  );
  expect(answers).toEqual(names.map((who) => ({ who, total: 100, again: [0, 10, 20, 30, 40] })));
});

test("a mistake is shown at its place, and the version before stays", async () => {
  await writeFile(join(folder, "order.rhai"), ORDER.replace("let stored = ", "let stored == "));
  const refused = await pic.run(["deploy", "order.rhai", "--app", "default", "--route", "POST /orders"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("let stored == orders.get(order.id);");
  expect(refused.stderr).toMatch(/order\.rhai:16:\d+/);
  expect((await order("AB-9", "1")).status).toBe(201);
});
