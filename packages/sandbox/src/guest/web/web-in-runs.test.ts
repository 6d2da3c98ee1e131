/** The web standards where a run is needed: requests as they come, answers as they go, chance, timers, abort. */
import { createHash, createHmac } from "node:crypto";

import { afterAll, describe, expect, test } from "vitest";

import { artifact, handler, job, type JobOptions, run, testSandbox } from "../../testing/harness.ts";

const sandbox = testSandbox();
afterAll(async () => await sandbox.close());

async function answerOf(fn: string, options: JobOptions = {}): Promise<Awaited<ReturnType<typeof run>>> {
  return await run(sandbox, job(handler(fn), options));
}

async function jsonOf(fn: string, options: JobOptions = {}): Promise<unknown> {
  const answer = await answerOf(fn, options);
  expect(answer.error).toBeUndefined();
  return JSON.parse(answer.body) as unknown;
}

describe("the incoming request", () => {
  test("has method, URL, headers and body as they were sent", async () => {
    const fn = `async req => ({ method: req.method, url: req.url, path: new URL(req.url).pathname, x: req.headers.get("X-A"), cookies: [...req.headers], is: req instanceof Request,
      signal: req.signal.aborted, text: await req.text(), used: req.bodyUsed })`;
    const options = {
      method: "POST",
      url: "http://app/a%20b?c=1",
      headers: ["x-a", "1", "X-A", "2", "Set-Cookie", "c=d"],
      body: "grüße",
    };
    expect(await jsonOf(fn, options)).toEqual({
      method: "POST",
      url: "http://app/a%20b?c=1",
      path: "/a%20b",
      x: "1, 2",
      cookies: [
        ["set-cookie", "c=d"],
        ["x-a", "1, 2"],
      ],
      is: true,
      signal: false,
      text: "grüße",
      used: true,
    });
  });

  test("bytes that are no UTF-8 arrive as they are, and go back so", async () => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(
      await jsonOf("async req => [...await req.clone().bytes(), (await req.text()).length]", {
        method: "POST",
        body,
      }),
    ).toEqual([...body, new TextDecoder().decode(body).length]);
    const echoed = await answerOf("async req => new Response(await req.arrayBuffer())", {
      method: "POST",
      body,
    });
    expect(Buffer.from(echoed.body, "latin1")).toEqual(Buffer.from(body));
  });

  test("no JSON is the caller's fault, unless the script catches it or made the request itself", async () => {
    expect(
      (await answerOf("async req => await req.json()", { method: "POST", body: "{" })).error,
    ).toMatchObject({ code: "malformed_request" });
    expect(
      await jsonOf("async req => { try { await req.json() } catch (error) { return error.name } }", {
        method: "POST",
        body: "{",
      }),
    ).toBe("SyntaxError");
    expect(
      (await answerOf("async () => await new Request('http://a', { method: 'POST', body: '{' }).json()"))
        .error,
    ).toMatchObject({ code: "script_error" });
  });

  test("ctx.signal is the request's", async () => {
    expect(
      await jsonOf(
        "(req, ctx) => [req.signal === ctx.signal, ctx.signal instanceof AbortSignal, new Request(req).signal === ctx.signal]",
      ),
    ).toEqual([true, true, true]);
  });
});

describe("the answer", () => {
  test.each([
    ["() => new Response('hé')", 200, ["content-type", "text/plain;charset=UTF-8"], "hé"],
    [
      "() => Response.json({ a: 1 }, { status: 201, headers: { 'X-A': 'b' } })",
      201,
      ["x-a", "b", "content-type", "application/json"],
      '{"a":1}',
    ],
    ["() => new Response(null, { status: 204 })", 204, [], ""],
    [
      "() => { const r = new Response('x'); r.headers.append('set-cookie', 'a=1'); r.headers.append('set-cookie', 'b=2'); return r }",
      200,
      ["content-type", "text/plain;charset=UTF-8", "set-cookie", "a=1", "set-cookie", "b=2"],
      "x",
    ],
    ["() => Response.redirect('http://a.b/c', 303)", 303, ["location", "http://a.b/c"], ""],
    [
      "() => ({ status: 201, headers: new Headers({ a: 'b' }), body: 'x' })",
      201,
      ["a", "b", "content-type", "text/plain; charset=utf-8"],
      "x",
    ],
  ])("%s", async (fn, status, headers, body) => {
    const answer = await answerOf(fn);
    const sorted = (list: readonly string[]): string[] =>
      list.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${list[i + 1]}`] : [])).toSorted();
    expect([answer.error, answer.status, sorted(answer.headers), answer.body]).toEqual([
      undefined,
      status,
      sorted(headers),
      body,
    ]);
  });

  test("an answer whose body was read, or that is an error, is a bad response", async () => {
    expect(
      (await answerOf("async () => { const r = new Response('x'); await r.text(); return r }")).error,
    ).toMatchObject({ code: "bad_response" });
    expect((await answerOf("() => Response.error()")).error).toMatchObject({ code: "bad_response" });
  });

  test("a Response that a module keeps can be sent again", async () => {
    const kept = artifact("const kept = new Response('kept'); return { default: () => kept };");
    expect((await run(sandbox, job(kept))).body).toBe("kept");
    expect((await run(sandbox, job(kept))).body).toBe("kept");
  });
});

describe("chance, time and abort", () => {
  test("chance is a function of the run's seed, and within its bounds", async () => {
    const fn =
      "() => [crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(8))], crypto.getRandomValues(new Uint16Array(3)).length]";
    const [first, again, other] = [
      await jsonOf(fn),
      await jsonOf(fn),
      await jsonOf(fn, { seed: new Uint8Array(32).fill(8) }),
    ];
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(first).toEqual([
      expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      expect.any(Array),
      3,
    ]);
    const refused =
      "() => [new Uint8Array(65537), new Float32Array(1), {}].map(value => { try { crypto.getRandomValues(value) } catch (error) { return error.name } })";
    expect(await jsonOf(refused)).toEqual(["QuotaExceededError", "TypeMismatchError", "TypeMismatchError"]);
  });

  test("AbortSignal.timeout aborts after its time", async () => {
    const fn = `async () => { const signal = AbortSignal.timeout(5), any = AbortSignal.any([signal, new AbortController().signal]); await new Promise(done => any.addEventListener("abort", done)); return [signal.reason.name, any.reason === signal.reason] }`;
    expect(await jsonOf(fn)).toEqual(["TimeoutError", true]);
  });

  test("a listener runs in the run that added it", async () => {
    const code = artifact(`const target = new EventTarget(); let added = 0;
      return { default: async (req) => {
        const id = new URL(req.url).searchParams.get("id");
        if (id !== "3") { added++; const done = new Promise(resolve => target.addEventListener("go", () => { log.info("heard by " + id); resolve(id) })); return await done }
        while (added < 2) await new Promise(resolve => setTimeout(resolve, 1));
        target.dispatchEvent(new Event("go")); return "sent";
      } };`);
    const answers = await Promise.all(
      ["1", "2", "3"].map(async (id) => await run(sandbox, job(code, { url: `http://app/?id=${id}` }))),
    );
    expect(answers.map(({ host }) => host.lines.map(({ message }) => message))).toEqual([
      ["heard by 1"],
      ["heard by 2"],
      [],
    ]);
  });
});

describe("a hostile neighbour in the same script", () => {
  test("changed prototypes do not change what the platform does", async () => {
    const fn = `async (req) => {
      const tried = [];
      const attempt = (name, change) => { try { change(); tried.push(name) } catch {} };
      attempt("regexp", () => { RegExp.prototype.exec = () => null; RegExp.prototype.test = () => false; RegExp.prototype[Symbol.replace] = () => "x"; RegExp.prototype[Symbol.split] = () => [] });
      attempt("array", () => { Array.prototype.push = () => 0 });
      attempt("headers", () => { Headers.prototype.get = () => "stolen" });
      attempt("response", () => { Response.prototype.text = () => "stolen" });
      attempt("global", () => { Response = null });
      const headers = new Headers({ b: "2", a: "1" });
      return [tried, [...headers], headers.get("a"), await new Response("t").text(), new TextDecoder().decode(new TextEncoder().encode("é")), structuredClone({ d: new Date(1) }).d.getTime(), atob(btoa("x"))];
    }`;
    expect(await jsonOf(fn)).toEqual([
      ["regexp"],
      [
        ["a", "1"],
        ["b", "2"],
      ],
      "1",
      "t",
      "é",
      1,
      "x",
    ]);
  });

  test("a body read by a proxy, a subclass and a wrong receiver", async () => {
    const fn = `async () => {
      class Mine extends Response { get status() { return 299 } }
      const seen = [];
      for (const use of [() => new Proxy(new Response("x"), {}).status, () => Response.prototype.clone.call({}), () => Headers.prototype.get.call(new Response(), "a"), () => new Request(new Proxy({}, { get() { throw new RangeError("trap") } }))]) {
        try { seen.push(use()) } catch (error) { seen.push(error.name) }
      }
      return [seen, await new Mine("y").text()];
    }`;
    expect(await jsonOf(fn)).toEqual([["TypeError", "TypeError", "TypeError", "RangeError"], "y"]);
  });
});

test("hash, base64 and hex verify a webhook's signature", async () => {
  const body = JSON.stringify({ action: "opened", emoji: "é😀" });
  const signature = `sha256=${createHmac("sha256", "It's a Secret").update(body).digest("hex")}`;
  const code = artifact(`const { hash, base64, hex } = $p.import("picloud");
    return { default: async (req) => { const text = await req.text(); return [hash.equal(req.headers.get("x-hub-signature-256"), "sha256=" + hash.hmacSha256("It's a Secret", text)), hash.equal("sha256=0", "sha256=1"), hash.sha512(text), base64.decode(base64.encode(text)).length, hex.encode(new Uint8Array([255]))] } };`);
  const answer = await run(
    sandbox,
    job(code, { method: "POST", body, headers: ["x-hub-signature-256", signature] }),
  );
  expect(JSON.parse(answer.body)).toEqual([
    true,
    false,
    createHash("sha512").update(body).digest("hex"),
    Buffer.byteLength(body),
    "ff",
  ]);
});

test("services that come later say so when they are used", async () => {
  const code = artifact(`const { docs, queue, Retry, deadLetters } = $p.import("picloud");
    const attempt = (use) => { try { use(); return "no error" } catch (error) { return error.name + ": " + error.message } };
    return { default: async () => [attempt(() => docs.collection("a")), attempt(() => new Retry()), attempt(() => { docs.x = 1 }), attempt(() => deadLetters.list()), (await queue) === undefined, new Error() instanceof Retry] };`);
  const answer = await run(sandbox, job(code));
  expect(JSON.parse(answer.body)).toEqual([
    "NotSupportedError: docs.collection is not available in PiCloud scripts yet",
    "NotSupportedError: Retry is not available in PiCloud scripts yet",
    expect.stringContaining("TypeError"),
    "NotSupportedError: deadLetters.list is not available in PiCloud scripts yet",
    false,
    false,
  ]);
});
