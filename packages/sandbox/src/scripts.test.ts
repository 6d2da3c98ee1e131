/** What a script sees and what may come of it: arguments, ctx, events, results, errors, logs, calls, time and chance. */
import { afterAll, describe, expect, test } from "vitest";

import { artifact, handler, job, type JobOptions, run, TestHost, testSandbox } from "./testing/harness.ts";

const sandbox = testSandbox();
afterAll(async () => await sandbox.close());

async function answerOf(fn: string, options: JobOptions = {}, host = new TestHost()) {
  return await run(sandbox, job(handler(fn, "hello.ts"), options), host);
}

async function bodyOf(fn: string, options: JobOptions = {}, host = new TestHost()): Promise<unknown> {
  const answer = await answerOf(fn, options, host);
  expect(answer.error).toBeUndefined();
  return JSON.parse(answer.body);
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  const at = headers.indexOf(name);
  return at < 0 ? undefined : headers[at + 1];
}

describe("request", () => {
  test("method, url, headers and body arrive", async () => {
    const fn =
      "async (req) => { let $k = $g(); return [req.method, req.url, req.headers.get('X-A'), req.headers.get('b'), $r($k, await req.json())] }";
    const options = {
      method: "POST",
      url: "http://h/p?q=1",
      headers: ["x-a", "1", "B", "2", "b", "3"],
      body: '{"é":"😀"}',
    };
    expect(await bodyOf(fn, options)).toEqual(["POST", "http://h/p?q=1", "1", "2, 3", { é: "😀" }]);
  });

  test.each([
    ["text", Buffer.from("héllo 😀\uFEFF")],
    ["bytes that are no UTF-8", Buffer.from([0, 255, 128, 10, 13])],
    ["nothing", Buffer.alloc(0)],
    ["a BOM and NULs", Buffer.from("\uFEFFa\0b")],
  ])("a body of %s survives to the byte, both ways", async (_, body) => {
    const fn =
      "async (req) => { let $k = $g(); return new Response($r($k, await req.bytes()), { headers: { 'content-type': 'a/b' } }) }";
    const answer = await answerOf(fn, { method: "POST", body });
    expect(Buffer.from(answer.body, "latin1").equals(body) || Buffer.from(answer.body).equals(body)).toBe(
      true,
    );
  });

  test("a body that is not JSON is malformed_request if the script does not catch it", async () => {
    const options = { method: "POST", body: "{nope" };
    const uncaught = await answerOf(
      "async (req) => { let $k = $g(); return $r($k, await req.json()) }",
      options,
    );
    expect(uncaught.error?.code).toBe("malformed_request");
    const caught = await bodyOf(
      "async (req) => { let $k = $g(); try { return $r($k, await req.json()) } catch (e) { return e.name } }",
      options,
    );
    expect(caught).toBe("SyntaxError");
  });
});

test("ctx is there in camelCase, what users named is untouched", async () => {
  const ctx = {
    request_id: "r",
    root_execution_id: "root",
    trigger_depth: 2,
    is_dead_letter_handler: false,
    script: { id: "s", name: "n", version: 3 },
    principal: { kind: "api_key", id: "p", name: "some_key" },
    deadline: Date.parse("2026-01-01T00:00:00.000Z"),
    params: { user_id: "1" },
    route: "/users/:user_id",
    remote_addr: "127.0.0.1",
  };
  const fn = `(req, ctx) => ({ a: ctx.executionId, b: ctx.requestId, c: ctx.rootExecutionId, d: ctx.parentExecutionId ?? 'none', e: ctx.triggerDepth, f: ctx.isDeadLetterHandler,
    g: ctx.app, h: ctx.script, i: ctx.principal, j: ctx.deadline instanceof Date && ctx.deadline.toISOString(), k: ctx.params, l: ctx.route, m: ctx.remoteAddr, n: 'event' in ctx, o: ctx.signal.aborted })`;
  expect(await bodyOf(fn, { ctx })).toEqual({
    a: "execution",
    b: "r",
    c: "root",
    d: "none",
    e: 2,
    f: false,
    g: { id: "app", slug: "app" },
    h: ctx.script,
    i: ctx.principal,
    j: new Date(ctx.deadline).toISOString(),
    k: { user_id: "1" },
    l: "/users/:user_id",
    m: "127.0.0.1",
    n: false,
    o: false,
  });
});

test("an event is the first argument and ctx.event, with the names of PiCloud in camelCase only", async () => {
  const event = {
    id: "e",
    source: "docs",
    op: "update",
    trigger_id: "t",
    attempt: 1,
    occurred_at: "2026-01-01T00:00:00.000Z",
    docs: { collection: "c", id: "d", data: { user_name: { first_name: "x" } }, prev_data: { user_name: 1 } },
  };
  const host = new TestHost();
  const answer = await answerOf(
    "(event, ctx) => { log.info('event', { event, same: event === ctx.event, has: 'event' in ctx }) ; return 'ignored' }",
    { event },
    host,
  );
  expect(answer).toMatchObject({ status: undefined, wrote: false });
  expect(answer.error).toBeUndefined();
  expect(JSON.parse(host.lines[0]?.fields ?? "")).toEqual({
    same: true,
    has: true,
    event: {
      id: "e",
      source: "docs",
      op: "update",
      triggerId: "t",
      attempt: 1,
      occurredAt: "2026-01-01T00:00:00.000Z",
      docs: {
        collection: "c",
        id: "d",
        data: { user_name: { first_name: "x" } },
        prevData: { user_name: 1 },
      },
    },
  });
});

describe("results", () => {
  test.each([
    [
      "a value",
      "({ status: 'new', n: [1, null] })",
      200,
      "application/json",
      '{"status":"new","n":[1,null]}',
    ],
    ["undefined", "undefined", 200, "application/json", "null"],
    ["a bigint", "({ n: 12345678901234567890n })", 200, "application/json", '{"n":12345678901234567890}'],
    ["a map with a status", "({ status: 201 })", 201, undefined, ""],
    ["a map with text", "({ body: 'é' })", 200, "text/plain; charset=utf-8", "é"],
    ["a map with bytes", "({ body: new Uint8Array([65, 255]) })", 200, "application/octet-stream", "A\xff"],
    ["a map with JSON", "({ status: 404, body: { a: 1 } })", 404, "application/json", '{"a":1}'],
    ["a map with its own type", "({ headers: { 'Content-Type': 'a/b' }, body: 'x' })", 200, "a/b", "x"],
    [
      "a map with one more key is data",
      "({ status: 201, body: 'x', extra: 1 })",
      200,
      "application/json",
      '{"status":201,"body":"x","extra":1}',
    ],
    ["a Response", "new Response('x', { status: 202 })", 202, "text/plain;charset=UTF-8", "x"],
    ["Response.json", "Response.json({ a: 1 })", 200, "application/json", '{"a":1}'],
  ])("%s", async (_, ...[value, status, type, body]) => {
    const answer = await answerOf(`() => (${value})`);
    expect(answer.error).toBeUndefined();
    expect([answer.status, headerOf(answer.headers, "content-type"), answer.body]).toEqual([
      status,
      type,
      body,
    ]);
  });

  test("several headers of one name", async () => {
    const answer = await answerOf("() => ({ headers: { 'Set-Cookie': ['a=1', 'b=2'] }, body: '' })");
    expect(answer.headers).toEqual([
      "content-type",
      "text/plain; charset=utf-8",
      "set-cookie",
      "a=1",
      "set-cookie",
      "b=2",
    ]);
  });

  test("an object with fetch is called as Hono's apps are", async () => {
    const code = artifact(
      "return { default: { name: 'app', fetch(req, env, ctx) { return [this.name, req.method, env === undefined, typeof ctx.waitUntil] } } };",
    );
    expect((await run(sandbox, job(code))).body).toBe('["app","GET",true,"function"]');
  });
});

describe("errors", () => {
  test("what a script throws comes with its own frames only", async () => {
    const { error } = await answerOf("\nfunction handler() {\n  throw new RangeError('no') }");
    expect(error).toMatchObject({
      code: "script_error",
      name: "RangeError",
      message: "no",
      retryable: false,
    });
    expect(error?.stack?.split("\n")[0]).toBe("at handler (hello.ts:3:9)");
    expect(error?.stack).not.toContain("picloud:");
  });

  test("an error of a service says where the script called", async () => {
    const failing = new TestHost(async () => {
      throw Object.assign(new Error("no"), { code: "invalid" });
    });
    const { error } = await answerOf(
      "\nasync function handler() {\n  return await kv.collection('c').get('k') }",
      {},
      failing,
    );
    expect(error?.stack?.split("\n")[0]).toBe("at handler (hello.ts:3:35)");
  });

  test("errors of services have code, name, retryable and details; uncaught they are the cause", async () => {
    const failing = new TestHost(async () => {
      throw Object.assign(new Error("value: is too large"), {
        code: "too_large",
        retryable: true,
        details: { max: 1 },
      });
    });
    const fn =
      "async () => { let $k = $g(); try { $r($k, await $t(kv.collection('c').get('k'))) } catch (e) { return [e instanceof Error, e instanceof PicloudError, e.code, e.name, e.message, e.retryable, e.details] } }";
    expect(await bodyOf(fn, {}, failing)).toEqual([
      true,
      true,
      "too_large",
      "TooLarge",
      "value: is too large",
      true,
      { max: 1 },
    ]);
    const uncaught = await answerOf("() => kv.collection('c').get('k')", {}, failing);
    expect(uncaught.error).toMatchObject({ code: "script_error", causeCode: "too_large", name: "TooLarge" });
    expect(failing.lines).toEqual([]);
  });

  test("upstream_failed stays what it is; an error of ours tells nothing", async () => {
    const upstream = new TestHost(async () => {
      throw Object.assign(new Error("down"), { code: "upstream_failed" });
    });
    expect((await answerOf("() => kv.collection('c').get('k')", {}, upstream)).error?.code).toBe(
      "upstream_failed",
    );
    const ours = new TestHost(async () => {
      throw new Error("password is hunter2");
    });
    expect((await answerOf("() => kv.collection('c').get('k')", {}, ours)).error).toMatchObject({
      causeCode: "internal",
      message: "internal error",
    });
  });
});

describe("calls", () => {
  test("arguments travel as JSON, absent ones at the end are left out, replies come back exactly", async () => {
    const host = new TestHost(async ({ method }) =>
      method === "get"
        ? '{"big":9007199254740993,"neg":-12345678901234567890,"float":1.5e300,"n":9007199254740991}'
        : undefined,
    );
    const fn = `async () => { let $k = $g(); const c = kv.collection('c');
      const set = $r($k, await c.set('k', { n: 12345678901234567890n, u: undefined }, undefined));
      const got = $r($k, await c.get('k'));
      return [set === undefined, typeof got.big, String(got.big), String(got.neg), got.float, typeof got.n] }`;
    expect(await bodyOf(fn, {}, host)).toEqual([
      true,
      "bigint",
      "9007199254740993",
      "-12345678901234567890",
      1.5e300,
      "number",
    ]);
    expect(host.calls[0]).toEqual({
      service: "kv",
      method: "set",
      args: ['"c"', '"k"', '{"n":12345678901234567890}'],
    });
  });

  test("a failed call that nobody waits for is told in the log", async () => {
    const host = new TestHost(async ({ args }) => {
      if (args[1] === '"ok"') return "1";
      throw Object.assign(new Error("value: is too large"), { code: "too_large" });
    });
    const fn = `async () => { let $k = $g(); const c = kv.collection('c'); c.set('a', 1); c.set('b', () => 1); c.set('c', 1).catch(() => 0); const seen = c.set('d', 1);
      $r($k, await $t(c.get('ok'))); try { $r($k, await $t(seen)) } catch { $s($k) } return 'end' }`;
    expect(await bodyOf(fn, {}, host)).toBe("end");
    expect(host.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "error uncaught Invalid: kv.set: argument 2: a function is no JSON value",
      "error uncaught TooLarge: value: is too large",
    ]);
  });

  test("pages have PiCloud's names in camelCase; entries goes over all of them", async () => {
    const host = new TestHost(async ({ args }) =>
      args[1]?.includes("second") === true
        ? '{"items":[{"key":"c","value":{"a_b":3},"expires_at":"t"}],"next_cursor":null}'
        : '{"items":[{"key":"a","value":{"a_b":1}},{"key":"b","value":{"a_b":2}}],"next_cursor":"second"}',
    );
    const fn = `async () => { let $k = $g(); const c = kv.collection('c'); const page = $r($k, await c.list({ prefix: 'p' })); const all = [];
      for await (const item of c.entries({ prefix: 'p' })) { $s($k); all.push(item) } $s($k);
      return [page.nextCursor, all] }`;
    expect(await bodyOf(fn, {}, host)).toEqual([
      "second",
      [
        { key: "a", value: { a_b: 1 } },
        { key: "b", value: { a_b: 2 } },
        { key: "c", value: { a_b: 3 }, expiresAt: "t" },
      ],
    ]);
    expect(host.calls.map(({ args }) => args[1])).toEqual([
      '{"prefix":"p"}',
      '{"prefix":"p"}',
      '{"prefix":"p","cursor":"second"}',
    ]);
  });

  test("services without collections are plain functions", async () => {
    const host = new TestHost(async () => "true");
    expect(await bodyOf("() => invented.doIt(1, 'x')", {}, host)).toBe(true);
    expect(host.calls).toEqual([{ service: "invented", method: "do_it", args: ["1", '"x"'] }]);
  });
});

test("console and log give lines with level and fields", async () => {
  const fn = `() => { console.log('%s is %d', 'a', 1, { b: [1, { c: 'x' }] }); console.debug(new Map([['k', new Set([1])]])); console.warn('w'); console.error(null, undefined, 5n); console.trace('t');
    log.info('msg', { n: 1 }); log.error('bad', new Error('x').message); class K { a = 1 } console.info(new K(), [1, , 2], () => 1, Symbol('s'), new Date(0)) }`;
  const { host } = await answerOf(fn);
  expect(host.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'info a is 1 { b: [ 1, { c: "x" } ] }',
    'debug Map(1) { "k" => Set(1) { 1 } }',
    "warn w",
    "error null undefined 5n",
    "trace t",
    "info msg",
    "error bad",
    "info K { a: 1 } [ 1, undefined, 2 ] [Function: (anonymous)] Symbol(s) 1970-01-01T00:00:00.000Z",
  ]);
  expect(host.lines[5]?.fields).toBe('{"n":1}');
  expect(Math.abs((host.lines[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
});

describe("time and chance", () => {
  test("the clock stands still inside an entry, in UTC", async () => {
    const fn = `() => { const a = Date.now(); let n = 0; while (n < 1e7) n++; return [a === Date.now(), a === new Date().getTime(), performance.now(), Temporal.Now.instant().epochMilliseconds === Math.trunc(a), new Date(0).getHours(), new Date(2020, 0, 1).toISOString(), new Date(5) instanceof Date, Date.UTC(1970, 0), typeof Date(), new Intl.DateTimeFormat('en').format() === new Intl.DateTimeFormat('en').format(a)] }`;
    expect(await bodyOf(fn)).toEqual([
      true,
      true,
      0,
      true,
      0,
      "2020-01-01T00:00:00.000Z",
      true,
      0,
      "string",
      true,
    ]);
  });

  test("chance is a function of the seed", async () => {
    const fn =
      "() => [Math.random(), Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(5))]]";
    const first = await bodyOf(fn, { seed: new Uint8Array(32).fill(1) });
    expect(await bodyOf(fn, { seed: new Uint8Array(32).fill(1) })).toEqual(first);
    expect(await bodyOf(fn, { seed: new Uint8Array(32).fill(2) })).not.toEqual(first);
  });

  test("the first block of the generator is that of ChaCha20 (RFC 8439, key and nonce zero)", async () => {
    const fn =
      "() => [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, '0')).join('')";
    expect(await bodyOf(fn, { seed: new Uint8Array(32) })).toBe("76b8e0ada0f13d90405d6ae55386bd28");
  });

  test("timers fire in order, can be cleared, and keep their arguments", async () => {
    const fn = `() => new Promise(done => { const seen = []; const c = setTimeout(() => seen.push('never'), 5); clearTimeout(c); setTimeout((a, b) => seen.push(a + b), 20, 'x', 'y'); let n = 0;
      const i = setInterval(() => { seen.push(n); if (++n === 2) clearInterval(i) }, 4); setTimeout(() => done(seen), 60) })`;
    expect(await bodyOf(fn)).toEqual([0, 1, "xy"]);
  });
});

describe("kept state", () => {
  const counting = (extra: string) => artifact(`let n = 0; return { default: () => ++n${extra} };`);

  test("variables of a module survive; context_call counts", async () => {
    const code = counting("");
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await run(sandbox, job(code, { app: "kept" })));
    expect(answers.map(({ body, contextCall }) => [body, contextCall])).toEqual([
      ["1", 0],
      ["2", 1],
      ["3", 2],
    ]);
  });

  test("fresh gives every call a context of its own, also at the same time", async () => {
    const code = counting(", fresh: true");
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => await run(sandbox, job(code, { app: "fresh" }))),
    );
    expect(answers.map(({ body, contextCall }) => [body, contextCall])).toEqual(
      Array.from({ length: 5 }, () => ["1", 0]),
    );
  });

  test("a script that adds a global loses its context", async () => {
    const code = artifact(
      "let n = 0; return { default: () => { globalThis.x = (globalThis.x ?? 0) + 1; return [++n, globalThis.x] } };",
    );
    for (let i = 0; i < 3; i++) expect((await run(sandbox, job(code, { app: "global" }))).body).toBe("[1,1]");
  });

  test("many scripts and versions of an app share its memory limit", async () => {
    for (let i = 0; i < 60; i++) {
      const code = handler(`(req) => new URL(req.url).pathname + ${i}`);
      const answer = await run(sandbox, job(code, { app: "versions", limits: { memoryMb: 32 } }));
      expect([answer.error, answer.body]).toEqual([undefined, `"/${i}"`]);
    }
  });

  test("waitUntil keeps the run open after its answer", async () => {
    const host = new TestHost(async () => await new Promise((resolve) => setTimeout(() => resolve("1"), 50)));
    const fn =
      "(req, ctx) => { ctx.waitUntil((async () => { let $k = $g(); $r($k, await kv.collection('c').set('k', 1)); console.log('late') })()); ctx.waitUntil(Promise.reject(new Error('lost'))); return 'sent' }";
    const started = sandbox.start(job(handler(fn)), host);
    expect((await started.head)?.body).toBe('"sent"');
    expect(host.lines.some(({ message }) => message === "late")).toBe(false);
    expect(await started.done).toMatchObject({ wrote: true });
    expect(host.lines.map(({ message }) => message)).toEqual(["uncaught Error: lost", "late"]);
  });
});
