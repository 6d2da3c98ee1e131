/** Whole Rhai scripts, compiled and run in the real sandbox: errors and their places, limits, names that mean something to
 *  JavaScript, and hundreds of runs that wait beside those of TypeScript. */
import { createHash } from "node:crypto";

import { afterAll, describe, expect, test } from "vitest";

import {
  type Artifact,
  rhaiFunctionNames,
  type RhaiLimits,
  rhaiWaitingFunctionNames,
} from "../../packages/sandbox/src/sandbox.ts";
import {
  type Answer,
  job,
  type JobOptions,
  run,
  TestHost,
  testSandbox,
} from "../../packages/sandbox/src/testing/harness.ts";
import { compileRhai } from "../../packages/server/src/features/scripts/compile-rhai.ts";
import { compileTypescript } from "../../packages/server/src/features/scripts/compile-typescript.ts";
import { readRhaiTexts } from "../../packages/server/src/platform/rhai-texts.ts";

const host = {
  plain: ["kv::collection/1", ...rhaiFunctionNames()],
  suspending: [...rhaiWaitingFunctionNames, "invented::do_it/0", "invented::do_it/1"],
  methods: ["get/1", "set/2", "set/3", "list/0", "list/1"],
};
const usual: RhaiLimits = {
  operations: 1_000_000,
  callDepth: 64,
  stringBytes: 100_000,
  arrayItems: 10_000,
  mapEntries: 10_000,
};
const sandbox = testSandbox({ rhai: readRhaiTexts() });
afterAll(async () => await sandbox.close());

function artifactOf(name: string, code: string, language: Artifact["language"] = "javascript"): Artifact {
  return { hash: createHash("sha256").update(code).digest("hex"), name, code, language };
}

function rhai(source: string): Artifact {
  const compiled = compileRhai({ source, kind: "endpoint", host });
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join("\n"));
  return artifactOf("test.rhai", compiled.code, compiled.settings.eval === true ? "rhai-eval" : "rhai");
}

function typescript(source: string): Artifact {
  const compiled = compileTypescript(source, "test.ts");
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join("\n"));
  return artifactOf("test.ts", compiled.code);
}

async function answer(source: string, options: JobOptions = {}, testHost = new TestHost()): Promise<Answer> {
  const limits = { rhai: usual, ...options.limits };
  return await run(sandbox, job(rhai(source), { ...options, limits }), testHost);
}

const echo = (): TestHost => new TestHost(async ({ args }) => args.at(-1) ?? "null");

describe("values and calls", () => {
  test("numbers are exact from the request to the answer and through kv", async () => {
    const source = `
      let c = kv::collection("n");
      c.set("k", ctx.request.body);
      let back = c.get("k");
      #{ given: ctx.request.body, sum: ctx.request.body.big + 1, float: ctx.request.body.float + 1, back: back }`;
    const body = `{"big":9007199254740993,"float":4.0,"int":4}`;
    const kept = new Map<string, string>();
    const kv = new TestHost(async ({ method, args: [, key = "", value = "null"] }) => {
      if (method === "set") kept.set(key, value);
      return kept.get(key);
    });
    const made = await answer(
      source,
      {
        body,
        headers: ["content-type", "application/json"],
      },
      kv,
    );
    expect(made.error).toBeUndefined();
    expect(made.body).toBe(`{"back":${body},"float":5.0,"given":${body},"sum":9007199254740994}`);
  });

  test("exit ends the run with its value, from any depth", async () => {
    expect(
      (await answer(`fn f(n) { if n == 0 { exit(#{ status: 203, body: "bye" }) } f(n - 1) } f(10); 1`)).body,
    ).toBe("bye");
    expect((await answer(`kv::collection("x").get("k"); exit(7); 8`, {}, echo())).body).toBe("7");
  });

  test("sleep waits and holds up nobody", async () => {
    const started = performance.now();
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => (await answer("let t = 0.1; t.sleep(); sleep(0.1); 1")).body),
    );
    expect(new Set(all)).toEqual(new Set(["1"]));
    expect(performance.now() - started).toBeGreaterThan(190);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("handles pass through variables, functions, containers and closures", async () => {
    const source = `
      fn load(c, key) { c.get(key) }
      let held = #{ c: kv::collection("a") };
      let keys = ["x", "y"];
      let all = keys.map(|key| load(held.c, key));
      all.push(invented::do_it("z"));
      all.push(type_of(held.c));
      all`;
    const made = await answer(source, {}, echo());
    expect(made.error).toBeUndefined();
    expect(made.body).toBe(`["x","y","z","kv collection"]`);
  });

  test("an error of a service is a map that catch gets", async () => {
    const refusing = new TestHost(async () => {
      throw Object.assign(new Error("by: must be whole"), { code: "invalid" });
    });
    const source = `try { invented::do_it(1) } catch (e) { return [e.code, e.message, e.retryable, e.name]; }`;
    expect((await answer(source, {}, refusing)).body).toBe(`["invalid","by: must be whole",false,"Invalid"]`);
    const { error } = await answer(`fn f() { invented::do_it(1) } f()`, {}, refusing);
    expect(error).toMatchObject({ code: "script_error", causeCode: "invalid", message: "by: must be whole" });
    expect(error?.stack).toBe("at f (test.rhai:1:20)\nat test.rhai:1:31");
  });

  test("print, debug and log write to the run's log", async () => {
    const { host: seen } = await answer(
      `print(4.0); debug("x");\nlog::debug(#{ a: 1 }, #{ n: 1.0 }); log::error("e")`,
    );
    expect(seen.lines.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      ["info", "4.0", undefined],
      ["debug", `1:13 | "x"`, undefined],
      ["debug", `#{"a": 1}`, `{"n":1.0}`],
      ["error", "e", undefined],
    ]);
  });
});

describe("errors", () => {
  test("have native's words, and the line, column and calls of the source", async () => {
    const source = `fn inner(a) {\n    a / 0\n}\nfn outer(a) {\n    let x = [1].map(|b| inner(b));\n    x\n}\n\nouter(1);`;
    const { error } = await answer(source);
    expect(error).toMatchObject({ code: "script_error", message: "Division by zero: 1 / 0" });
    expect(error?.stack).toContain("at inner (test.rhai:");
    expect(error?.stack).toMatch(/\nat outer \(test\.rhai:5:\d+\)\nat test\.rhai:9:1$/);
  });

  test.each([
    ["let x = 1;\nx.foo();", "Function not found: foo (i64)", "at test.rhai:2:3"],
    ["\n  y", "Variable not found: y", "at test.rhai:2:3"],
    ["throw `a ${1 + 1}`;", "Runtime error: a 2", "at test.rhai:1:1"],
    ["kv::collection(1)", "Function not found: kv::collection (i64)", "at test.rhai:1:5"],
  ])("%s", async (source, message, stack) => {
    const { error } = await answer(source, {}, echo());
    expect([error?.code, error?.message, error?.stack]).toEqual(["script_error", message, stack]);
  });

  test("after waiting they still have all their calls", async () => {
    const source = `fn f(n) {\n  if n == 0 { throw "deep"; }\n  invented::do_it(n);\n  f(n - 1)\n}\nf(3);`;
    const { error } = await answer(source, {}, echo());
    expect(error?.stack?.split("\n")).toEqual([
      "at f (test.rhai:2:15)",
      "at f (test.rhai:4:3)",
      "at f (test.rhai:4:3)",
      "at f (test.rhai:4:3)",
      "at test.rhai:6:1",
    ]);
  });
});

describe("hostile scripts end at their limits", () => {
  test.each([
    ["an endless loop", "loop {}", "operations_limit"],
    ["an endless while", "let i = 0; while true { i += 1; }", "operations_limit"],
    [
      "an endless loop that waits",
      "loop { invented::do_it(1); let i = 0; while i < 100000 { i += 1 } }",
      "operations_limit",
    ],
    ["a huge range", "let n = 0; for i in 0..9223372036854775807 { n += i % 7; }", "operations_limit"],
    ["a loop that catches", `loop { try { throw 1; } catch { } }`, "operations_limit"],
    ["an endless eval", `eval("loop {}")`, "operations_limit"],
    ["recursion", "fn f(n) { f(n + 1) } f(0)", "depth_limit"],
    ["recursion that waits", "fn f(n) { invented::do_it(n); f(n + 1) } f(0)", "depth_limit"],
    ["recursion by a closure", "let f = |g, n| g.call(g, n + 1); f.call(f, 0)", "depth_limit"],
    ["recursion that catches", "fn f(n) { try { f(n + 1) } catch { 0 } } f(0)", "depth_limit"],
    ["a string that doubles", `let s = "x"; loop { s += s; }`, "size_limit"],
    ["pad", `let s = "x"; s.pad(1000000000, "y"); s.len`, "size_limit"],
    ["an array that grows", "let a = []; loop { a.push(1); }", "size_limit"],
    ["an array that doubles", "let a = [1]; loop { a += a; a = a + a; }", "size_limit"],
    ["array pad", "let a = []; a.pad(1000000000, 0); a.len", "size_limit"],
    ["a blob", "blob(1000000000)", "size_limit"],
    ["a map that grows", "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }", "size_limit"],
    ["text of what is shared", "let a = [1]; for i in 0..60 { a.push(a); } print(a);", "size_limit"],
    ["an endless row of evals", `loop { eval("1") }`, "operations_limit"],
  ])("%s", { timeout: 30_000 }, async (_, source, code) => {
    const made = await answer(source, { app: "hostile" }, echo());
    expect(made.error?.code).toBe(code);
  });

  test("a limit can't be caught", async () => {
    const source = `try { let s = "x"; loop { s += s; } } catch { return "caught"; }`;
    expect((await answer(source)).error?.code).toBe("size_limit");
  });

  test("a result that is long by what it shares is refused", async () => {
    const source = `let s = "x"; s.pad(90000, "x"); let a = []; a.pad(5000, s); #{ body: [a, a] }`;
    const limits = { rhai: { ...usual, stringBytes: 0, arrayItems: 0 }, responseBytes: 1_000_000 };
    expect((await answer(source, { limits })).error?.code).toBe("size_limit");
  });
});

test("names that mean something to JavaScript are names", async () => {
  const source = `
    let __proto__1 = 1; let constructor = 2; let arguments = 3; let then = 4; let prototype = 5; let rt = 6; let S = 7;
    fn toString(valueOf) { valueOf + 1 }
    fn hasOwnProperty() { "own" }
    let m = #{ "__proto__": 1, constructor: 2, toString: 3, then: 4 };
    m["valueOf"] = 5;
    m.__defineGetter__ = 6;
    m.remove("constructor");
    #{ sum: __proto__1 + constructor + arguments + then + prototype + rt + S, f: toString(1), g: hasOwnProperty(), m: m,
       missing: m.hasOwnProperty }`
    .replaceAll("__proto__1", "proto1")
    .replace("__defineGetter__", "lookup_getter");
  const made = await answer(source);
  expect(made.error).toBeUndefined();
  expect(made.body).toBe(
    `{"f":2,"g":"own","m":{"__proto__":1,"lookup_getter":6,"then":4,"toString":3,"valueOf":5},"missing":null,"sum":28}`,
  );
});

test("eval works, with the scope of its caller, and is bounded", async () => {
  expect((await answer(`let x = 40; eval("x += 1; let y = 1;"); x + y`)).body).toBe("42");
  const { error } = await answer(`eval("let x = ;")`);
  expect(error?.code).toBe("script_error");
  expect(error?.message).toContain("Unexpected ';'");
});

test("100 runs wait at the same time in one isolate, between those of TypeScript", async () => {
  const script = rhai(`
    fn twice(id) { invented::do_it(id + "!") + invented::do_it(id + "?") }
    let id = ctx.execution_id;
    let n = 0;
    let parts = ["a", "b", "c"].map(|part| { n += 1; invented::do_it(id + part) });
    print(id);
    #{ id: id, parts: parts, twice: twice(id), n: n }`);
  const other = typescript(`
    import { kv, log } from "picloud";
    export default async (request, ctx) => {
      const parts = [];
      for (const part of ["a", "b", "c"]) parts.push(await kv.collection("c").get(ctx.executionId + part));
      log.info(ctx.executionId);
      return { id: ctx.executionId, parts };
    };`);
  const slow = (i: number): TestHost =>
    new TestHost(async ({ args }) => {
      await new Promise((resolve) => setTimeout(resolve, (i * 7919) % 17));
      return args.at(-1);
    });
  const ids = Array.from({ length: 150 }, (_, i) => `run-${i}`);
  const answers = await Promise.all(
    ids.map(async (id, i) => {
      const work = job(i % 3 === 2 ? other : script, { ctx: { execution_id: id }, limits: { rhai: usual } });
      const made = await run(sandbox, work, slow(i));
      return { body: made.body, lines: made.host.lines.map(({ message }) => message) };
    }),
  );
  for (const [i, id] of ids.entries()) {
    const parts = `["${id}a","${id}b","${id}c"]`;
    const body =
      i % 3 === 2
        ? `{"id":"${id}","parts":${parts}}`
        : `{"id":"${id}","n":3,"parts":${parts},"twice":"${id}!${id}?"}`;
    expect(answers[i]).toEqual({ body, lines: [id] });
  }
});

describe("runs that wait", () => {
  test("end at their deadline, and others of their isolate go on", async () => {
    const slow = answer("sleep(60); 1", { app: "waits", limits: { timeoutMs: 300 } });
    const loops = answer("loop { sleep(0.01); }", { app: "waits", limits: { timeoutMs: 300 } });
    const well = answer("sleep(0.6); invented::do_it(2)", { app: "waits" }, echo());
    expect((await slow).error?.code).toBe("timeout");
    expect((await loops).error?.code).toBe("timeout");
    expect((await well).body).toBe("2");
  });

  test("a flood of calls ends at the limit of calls", async () => {
    const { error } = await answer("loop { invented::do_it(1); }", { limits: { hostCalls: 50 } }, echo());
    expect(error?.code).toBe("host_calls_limit");
  });

  test("nothing of a run is left for the next one", async () => {
    const source = `
      const SEEN = ctx.execution_id;
      fn keep() { global::SEEN }
      let cell = 0;
      let add = |n| { cell += n; cell };
      add.call(1);
      invented::do_it(1);
      [keep(), add.call(1), is_def_var("left")]`;
    const ids = Array.from({ length: 40 }, (_, i) => `e${i}`);
    const answers = await Promise.all(
      ids.map(async (id) => (await answer(source, { ctx: { execution_id: id } }, echo())).body),
    );
    expect(answers).toEqual(ids.map((id) => `["${id}",2,false]`));
  });

  test("the time that is left is a difference of times", async () => {
    const source = `let left = ctx.deadline - timestamp(); left > 10.0 && left < 31.0`;
    expect((await answer(source, { ctx: { deadline: Date.now() + 30_000 } })).body).toBe("true");
  });

  test("chance is of the run: the same seed gives the same, another one another", async () => {
    const source = `[random::int(0, 1000000), random::uuid(), time::now() > 0]`;
    const seeded = async (n: number): Promise<string> =>
      (await answer(source, { seed: new Uint8Array(32).fill(n) })).body;
    expect(await seeded(1)).toBe(await seeded(1));
    expect(await seeded(1)).not.toBe(await seeded(2));
  });
});
