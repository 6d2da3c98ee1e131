/** Runs of Rhai scripts inside isolates: what they get, what they call, what they give back. The units are written by hand,
 *  in the form that the compiler emits; whole scripts are run in `tests/sandbox/rhai-runs.test.ts`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { afterAll, describe, expect, test } from "vitest";

import type { Artifact, RhaiLimits } from "./sandbox.ts";
import { type Answer, job, type JobOptions, run, TestHost, testSandbox } from "./testing/harness.ts";

const runtime = readFileSync(new URL("../../rhai/src/runtime/runtime.generated.js", import.meta.url), "utf8");
const sandbox = testSandbox({ rhai: { runtime, compiler: "" } });
afterAll(async () => await sandbox.close());

const none: RhaiLimits = { operations: 0, callDepth: 64, stringBytes: 0, arrayItems: 0, mapEntries: 0 };

function unit(body: string): Artifact {
  const code = `(function (rt) { "use strict"; return { positions: "", functions: [], ${body} }; })`;
  return { hash: createHash("sha256").update(code).digest("hex"), name: "test.rhai", code, language: "rhai" };
}

async function answer(body: string, options: JobOptions = {}, host = new TestHost()): Promise<Answer> {
  const { limits } = options;
  return await run(sandbox, job(unit(body), { ...options, limits: { rhai: none, ...limits } }), host);
}

/** A script that gives the value of an expression. */
async function value(expression: string, options: JobOptions = {}): Promise<Answer> {
  return await answer(`suspends: false, main(ctx) { return ${expression}; }`, options);
}

const AT = `const at = (map, ...path) => path.reduce((value, key) => value.entries.get(key), map);`;
async function inCtx(path: readonly string[], options: JobOptions = {}): Promise<string> {
  const names = path.map((name) => JSON.stringify(name)).join(", ");
  const made = await answer(`suspends: false, main(ctx) { ${AT} return at(ctx, ${names}); }`, options);
  return made.error === undefined ? made.body : `${made.error.code}: ${made.error.message}`;
}

describe("ctx", () => {
  const options: JobOptions = {
    method: "POST",
    url: "http://test/a/b%20c?x=1&x=%C3%A9+z&y&=&bad=%ff%4",
    headers: ["X-Twice", "1", "x-twice", "2", "Content-Type", "application/json; charset=utf-8"],
    body: `{"four":4,"float":4.0,"big":9007199254740993,"__proto__":1}`,
    ctx: { route: "/a/{id}", params: { id: "1" }, remote_addr: "::1", deadline: 5 },
  };

  test("has the request in snake_case, parsed exactly", async () => {
    expect(await inCtx(["execution_id"], options)).toBe(`"execution"`);
    expect(await inCtx(["request", "method"], options)).toBe(`"POST"`);
    expect(await inCtx(["request", "path"], options)).toBe(`"/a/b%20c"`);
    expect(await inCtx(["request", "route"], options)).toBe(`"/a/{id}"`);
    expect(await inCtx(["request", "params"], options)).toBe(`{"id":"1"}`);
    expect(await inCtx(["request", "remote_addr"], options)).toBe(`"::1"`);
    expect(await inCtx(["request", "headers", "x-twice"], options)).toBe(`"1, 2"`);
    expect(await inCtx(["request", "query"], options)).toBe(`{"":"","bad":"\ufffd%4","x":"\u00e9 z","y":""}`);
    expect(await inCtx(["request", "query_all", "x"], options)).toBe(`["1","\u00e9 z"]`);
    expect(await inCtx(["request", "body"], options)).toBe(
      `{"__proto__":1,"big":9007199254740993,"float":4.0,"four":4}`,
    );
  });

  test("has the exact bytes beside the body, whatever its type", async () => {
    const bytes = new Uint8Array([0, 255, 195, 40]);
    const length = async (name: string, more: JobOptions): Promise<string> => {
      const expression = `new rt.Arr([...(ctx.entries.get("request").entries.get("${name}").bytes ?? [])])`;
      return (await value(expression, more)).body;
    };
    const type = (name: string): JobOptions => ({ body: bytes, headers: ["content-type", name] });
    expect(await length("body_raw", type("text/plain"))).toBe("[0,255,195,40]");
    expect(await length("body_raw", { body: "\u00e9" })).toBe("[195,169]");
    expect(await length("body", type("image/png"))).toBe("[0,255,195,40]");
    expect(await inCtx(["request", "body"], type("text/plain"))).toBe(`"\\u0000\ufffd\ufffd("`);
    expect(await inCtx(["request", "body"], { body: "a=1", headers: ["content-type", "text/x"] })).toBe(
      `"a=1"`,
    );
    expect(await inCtx(["request", "body"], {})).toBe("null");
  });

  test("a body that is no JSON is 400", async () => {
    const headers = ["content-type", "application/vnd.api+json"];
    for (const body of [`{"a":`, `[1,]`, `{"a":1}x`, "[".repeat(100_000), new Uint8Array([34, 255, 34])]) {
      expect((await value("1", { body, headers })).error?.code).toBe("malformed_request");
    }
  });

  test("has the event", async () => {
    const event = { id: "e", source: "kv", op: "insert", kv: { value: 1 } };
    const { error, host } = await answer(
      `suspends: false, main(ctx) { rt.S.output.print(rt.toJson(ctx.entries.get("event"))); return 1; }`,
      { event },
    );
    expect(error).toBeUndefined();
    expect(host.lines[0]).toMatchObject({
      level: "info",
      message: `{"id":"e","kv":{"value":1},"op":"insert","source":"kv"}`,
    });
  });

  test("the deadline is on the clock of timestamp()", async () => {
    const expression = `ctx.entries.get("deadline").ms - performance.now()`;
    const deadline = Date.now() + 60_000;
    const left = Number((await value(`new rt.Float(${expression})`, { ctx: { deadline } })).body);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(61_000);
  });
});

describe("what a script gives back", () => {
  const map = (members: string): string => `new rt.Dict(new Map(Object.entries({ ${members} })))`;
  test.each([
    ["4", 200, "application/json", "4"],
    ["new rt.Float(4)", 200, "application/json", "4.0"],
    ["9007199254740993n", 200, "application/json", "9007199254740993"],
    ["undefined", 200, "application/json", "null"],
    [`"text"`, 200, "application/json", `"text"`],
    [map(`status: "new"`), 200, "application/json", `{"status":"new"}`],
    [map(`b: 1, a: new rt.Arr([])`), 200, "application/json", `{"a":[],"b":1}`],
    [map(`status: 201`), 201, undefined, ""],
    [map(`body: "x"`), 200, "text/plain; charset=utf-8", "x"],
    [map(`body: new rt.Blob(new Uint8Array([0, 255]))`), 200, "application/octet-stream", "\u0000\u00ff"],
    [map(`status: 202, body: ${map("a: new rt.Float(1)")}`), 202, "application/json", `{"a":1.0}`],
    [map(`headers: ${map(`"Content-Type": "text/css", x: 1`)}, body: "b{}"`), 200, "text/css", "b{}"],
  ])("%s", async (expression, status, type, body) => {
    const made = await value(expression);
    expect([made.error, made.status, made.body]).toEqual([undefined, status, body]);
    const at = made.headers.indexOf("content-type");
    expect(at === -1 ? undefined : made.headers[at + 1]).toBe(type);
  });

  test.each([
    ["new rt.Float(NaN)", "result is NaN"],
    ["new rt.Blob(new Uint8Array(2))", "a blob can't be an answer"],
    [map("status: 99, body: 1"), "from 200 to 599"],
    [map(`headers: ${map(`x: "a\\nb"`)}`), "no header may have"],
    [map(`headers: 1`), "must be a map"],
  ])("%s is a bad response", async (expression, message) => {
    const { error } = await value(expression);
    expect(error).toMatchObject({ code: "bad_response", message: expect.stringContaining(message) });
  });

  test("a result that is long by what it shares is refused before it is made", async () => {
    const { error } = await answer(`suspends: false, main(ctx) {
      const thousand = new rt.Arr(Array.from({ length: 1000 }, () => "x".repeat(1000)));
      return new rt.Arr(Array.from({ length: 1000 }, () => rt.copy(thousand)));
    }`);
    expect(error).toMatchObject({
      code: "size_limit",
      message: expect.stringContaining("longer than 6291456"),
    });
  });
});

describe("calls of services", () => {
  const script = `suspends: true, *main(ctx) {
    const c = new rt.Handle("kv collection", { service: "kv", name: "c" });
    const got = rt.reply(yield rt.handleCall(c, "get", ["k"]));
    rt.reply(yield rt.handleCall(c, "set", ["k", new rt.Arr([got, new rt.Float(4), 9007199254740993n])]));
    return new rt.Arr([got, rt.reply(yield rt.hostCall("invented::do_it", []))]);
  }`;

  test("travel exactly, and wait", async () => {
    const host = new TestHost(async ({ method }) =>
      method === "get" ? `{"a":[4.0,12345678901234567]}` : undefined,
    );
    const made = await answer(script, {}, host);
    expect(made.body).toBe(`[{"a":[4.0,12345678901234567]},null]`);
    expect(host.calls).toEqual([
      { service: "kv", method: "get", args: [`"c"`, `"k"`] },
      {
        service: "kv",
        method: "set",
        args: [`"c"`, `"k"`, `[{"a":[4.0,12345678901234567]},4.0,9007199254740993]`],
      },
      { service: "invented", method: "do_it", args: [] },
    ]);
  });

  test("a refusal is an error with code, message and retryable, which has its status when nobody catches it", async () => {
    const refusing = new TestHost(async () => {
      throw Object.assign(new Error("try later"), {
        code: "unavailable",
        retryable: true,
        details: { a: 4.5 },
      });
    });
    const { error } = await answer(script, {}, refusing);
    expect(error).toMatchObject({ code: "unavailable", message: "try later", name: "Unavailable" });
    const caught = `suspends: true, *main(ctx) {
      try { rt.reply(yield rt.hostCall("invented::do_it", [])); } catch (error) { return error.thrown; }
    }`;
    expect((await answer(caught, {}, refusing)).body).toBe(
      `{"code":"unavailable","details":{"a":4.5},"message":"try later","name":"Unavailable","retryable":true}`,
    );
  });

  test("an argument that can't travel is an error where it is given, however often", async () => {
    const stubborn = `suspends: true, *main(ctx) {
      let count = 0;
      for (; count < 10000; count++) {
        try { rt.reply(yield rt.hostCall("invented::do_it", [new rt.Blob(new Uint8Array(1))])); }
        catch (error) { if (error.thrown.entries.get("code") !== "invalid") throw error; }
      }
      return count;
    }`;
    const host = new TestHost();
    expect((await answer(stubborn, {}, host)).body).toBe("10000");
    expect(host.calls).toEqual([]);
  });

  test("log lines and prints are lines of the run, and end at its limit", async () => {
    const { host } = await answer(
      `suspends: false, main(ctx) {
        rt.findHost("log::warn", 2)("careful", new rt.Dict(new Map([["n", new rt.Float(1)]])));
        rt.S.output.debug("seen", 3, 5);
        for (let i = 0; i < 100; i++) rt.S.output.print("x".repeat(1000));
        return 1;
      }`,
      { limits: { logBytes: 5_000 } },
    );
    expect(host.lines[0]).toMatchObject({ level: "warn", message: "careful", fields: `{"n":1.0}` });
    expect(host.lines[1]).toMatchObject({ level: "debug", message: "3:5 | seen" });
    expect(host.lines.length).toBeLessThan(8);
    expect(host.lines.at(-1)?.message).toContain("log limit");
  });
});

describe("limits", () => {
  const throwing = (variant: string): string =>
    `suspends: false, main(ctx) { throw new rt.RhaiError("${variant}", "it is over"); }`;
  test.each([
    ["ErrorTooManyOperations", "operations_limit"],
    ["ErrorStackOverflow", "depth_limit"],
    ["ErrorDataTooLarge", "size_limit"],
    ["ErrorArithmetic", "script_error"],
  ])("%s is %s", async (variant, code) => {
    expect((await answer(throwing(variant))).error).toMatchObject({
      code,
      name: variant,
      message: "it is over",
    });
  });

  test("are those of the script, and a changed limit holds at once", async () => {
    const show = `suspends: false, main(ctx) { return new rt.Arr([rt.S.fuel, rt.S.limits.callDepth]); }`;
    const limits = (operations: number): JobOptions => ({ limits: { rhai: { ...none, operations } } });
    expect((await answer(show, limits(1000))).body).toBe("[1000,64]");
    expect((await answer(show, limits(2000))).body).toBe("[2000,64]");
  });

  test("the stack of the engine itself is the depth limit", async () => {
    const deep = `suspends: false, main(ctx) { const f = () => 1 + f(); return f(); }`;
    expect((await answer(deep)).error?.code).toBe("depth_limit");
  });
});

test("a unit that does not evaluate is compile_error, and without the runtime none does", async () => {
  const broken = { ...unit("suspends: false"), code: "(function (rt) { return nothing; })", hash: "broken" };
  expect((await run(sandbox, job(broken))).error?.code).toBe("compile_error");
});

test("hundreds of runs wait at the same time in one isolate, each with its own state", async () => {
  const script = `suspends: true, *main(ctx) {
    const id = ctx.entries.get("execution_id");
    rt.S.fuel -= id.length; rt.S.depth++;
    const a = rt.reply(yield rt.hostCall("invented::do_it", [id]));
    rt.S.fuel -= id.length; rt.S.output.print(id + a);
    const b = rt.reply(yield rt.hostCall("invented::do_it", [a]));
    return new rt.Arr([id, a, b, 1000000 - rt.S.fuel, rt.S.depth]);
  }`;
  const limits = { rhai: { ...none, operations: 1_000_000 }, hostCalls: 10 };
  const answers = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const id = "i".repeat(1 + (i % 40));
      const host = new TestHost(async ({ args }) => {
        await new Promise((resolve) => setTimeout(resolve, (i * 7919) % 13));
        return `"<${JSON.parse(args[0] ?? '""')}>"`;
      });
      const made = await run(sandbox, job(unit(script), { limits, ctx: { execution_id: id } }), host);
      return [made.body, made.host.lines.map(({ message }) => message)];
    }),
  );
  for (const [i, given] of answers.entries()) {
    const id = "i".repeat(1 + (i % 40));
    expect(given).toEqual([`["${id}","<${id}>","<<${id}>>",${2 * id.length},1]`, [`${id}<${id}>`]]);
  }
});

test("many scripts share a context of V8, come and go, and keep their limits, names and units apart", async () => {
  const script = (i: number): string => `suspends: true, *main(ctx) {
    const got = rt.reply(yield rt.hostCall("invented::do_it", [${i}]));
    if (${i} % 7 === 0) throw new rt.RhaiError("ErrorArithmetic", "script ${i}");
    return new rt.Arr([${i}, got, rt.S.limits.callDepth]);
  }`;
  const host = (): TestHost => new TestHost(async ({ args }) => args[0]);
  const ask = async (i: number): Promise<string> => {
    const limits = { rhai: { ...none, callDepth: i + 1 } };
    const made = await answer(script(i), { app: "many", limits }, host());
    return made.error === undefined ? made.body : made.error.message;
  };
  const expected = (i: number): string => (i % 7 === 0 ? `script ${i}` : `[${i},${i},${i + 1}]`);
  const numbers = Array.from({ length: 300 }, (_, i) => i);
  const width = 20;
  for (let from = 0; from < numbers.length; from += width) {
    const some = numbers.slice(from, from + width);
    expect(await Promise.all(some.map(ask))).toEqual(some.map(expected));
  }
  // The first ones had to go for the last ones, and come back.
  expect(await Promise.all([1, 2, 299].map(ask))).toEqual([1, 2, 299].map(expected));
});
