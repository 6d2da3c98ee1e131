/** Request, Response and Headers of isolates against those of Node: the same text runs in both. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

import { GuestRealm, nativeFunction } from "../../executor/tests/guest-realm.ts";

const realm = new GuestRealm();
afterAll(() => realm.dispose());

/** Runs each line as the body of an async function; what it throws is told by the name of its class. */
const RUN = `async (body) => {
  const report = error => ({ threw: error instanceof DOMException ? error.name : error.constructor.name });
  try { return { gave: JSON.stringify(await Object.getPrototypeOf(async function () {}).constructor(body)()) } } catch (error) { return report(error) }
}`;

const SAME: readonly string[] = [
  "return [...new Headers({ b: '2', a: ' 1\\t', B: '3' })]",
  "return [...new Headers([['Set-Cookie', 'a'], ['x', '1'], ['set-cookie', 'b'], ['X', '2']])]",
  "const h = new Headers(); h.append('set-cookie', 'a=1'); h.append('set-cookie', 'b=2'); return [h.getSetCookie(), h.get('set-cookie'), [...h]]",
  "const h = new Headers({ a: '1' }); h.set('A', '2'); h.append('a', '3'); h.delete('b'); return [h.get('a'), h.has('A'), h.get('zz')]",
  "const h = new Headers({ b: '1', a: '2' }), seen = []; h.forEach((v, k, all) => seen.push(k, v, all === h)); return seen",
  "const h = new Headers({ b: '1', a: '2' }), seen = []; for (const [k] of h) { seen.push(k); if (k === 'a') h.append('c', '3') } return seen",
  "return [[...new Headers({ a: '1' }).keys()], [...new Headers({ a: '1' }).values()], [...new Headers(new Headers({ a: '1' })).entries()]]",
  "new Headers({ 'a b': '1' })",
  "new Headers({ a: 'x\\ny' })",
  "new Headers({ a: '\\u0100' })",
  "new Headers([['a']])",
  "new Headers('a')",
  "new Headers(null)",
  "new Headers().append('a')",
  "Headers()",
  "Headers.prototype.get.call({}, 'a')",
  "return String(new Headers())",
  "return [new Response('x').headers.get('content-type'), new Response('x', { headers: { 'Content-Type': 'a/b' } }).headers.get('content-type')]",
  "return [new Response(new URLSearchParams({ a: 'ü' })).headers.get('content-type'), await new Response(new URLSearchParams({ a: 'ü' })).text()]",
  "return [new Response(new Uint8Array(2)).headers.get('content-type'), new Response().headers.get('content-type'), new Response(null).body]",
  "const r = Response.json({ a: 1 }, { status: 201, statusText: 'Made', headers: { x: 'y' } }); return [r.status, r.statusText, r.ok, [...r.headers], await r.json()]",
  "return Response.json({}, { headers: { 'content-type': 'application/problem+json' } }).headers.get('content-type')",
  "Response.json(undefined)",
  "Response.json({}, { status: 204 })",
  "const r = Response.redirect('https://a.b/c d', 301); return [r.status, [...r.headers]]",
  "Response.redirect('https://a.b', 200)",
  "Response.redirect('https://a.b').headers.set('a', 'b')",
  "const r = Response.error(); return [r.type, r.status, r.ok, r.statusText]",
  "Response.error().headers.set('a', 'b')",
  "new Response('x', { status: 199 })",
  "new Response('x', { status: 600 })",
  "new Response('x', { status: 204 })",
  "return new Response(null, { status: 204 }).status",
  "new Response('', { statusText: 'a\\nb' })",
  "const r = new Response('é'); const t = await r.text(); return [t, r.bodyUsed, await r.text().catch(e => e.name)]",
  "const r = new Response('é'); return [[...new Uint8Array(await r.clone().arrayBuffer())], [...await r.bytes()]]",
  "const r = new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])); return [...await r.text()].map(c => c.charCodeAt(0))",
  "const r = new Response('\\ufeffa'); return (await r.text()).length",
  "const r = new Response('\\ud800x'); return [...await r.bytes()]",
  "return await new Response('{\"a\":[1]}').json()",
  "await new Response('{').json()",
  "await new Response('').json()",
  "const r = new Response(new Uint16Array([1, 2]).buffer); return [...await r.bytes()]",
  "const r = new Response(new DataView(new ArrayBuffer(8), 2, 3)); return (await r.bytes()).length",
  "const b = new Uint8Array([1]); const r = new Response(b); b[0] = 9; return [...await r.bytes()]",
  "return await new Response({ toString() { return 'own' } }).text()",
  "return await new Response(12).text()",
  "const r = new Response('x'); await r.text(); r.clone()",
  "const r = new Response(null); await r.text(); return [r.bodyUsed, await r.text()]",
  "return [new Response() instanceof Response, String(new Response()), new Response().type, new Response().url, new Response().redirected]",
  "const h = new Headers({ a: '1' }), r = new Response('', { headers: h }); h.set('a', '2'); return r.headers.get('a')",
  "const r = new Request('http://a.b/c'); return [r.method, r.url, [...r.headers], r.body, r.bodyUsed, r.redirect, r.credentials, r.cache, r.mode, r.duplex, r.destination, r.integrity, r.keepalive]",
  "const r = new Request('http://a.b', { method: 'post', body: 'x', headers: { y: 'z' } }); return [r.method, [...r.headers], await r.text(), r.bodyUsed]",
  "return ['delete', 'Get', 'patch', 'x-y'].map(method => new Request('http://a.b', { method }).method)",
  "new Request('http://a.b', { method: 'CONNECT' })",
  "new Request('http://a.b', { method: 'a b' })",
  "new Request('http://a.b', { body: 'x' })",
  "new Request('/relative')",
  "new Request('http://u:p@a.b')",
  "new Request()",
  "new Request('http://a.b', { redirect: 'sometimes' })",
  "new Request('http://a.b', { signal: {} })",
  "const a = new Request('http://a.b', { method: 'POST', body: 'x', headers: { y: '1' } }), b = new Request(a, { headers: { z: '2' } }); return [a.bodyUsed, b.method, [...b.headers], await b.text()]",
  "const a = new Request('http://a.b', { method: 'POST', body: 'x' }), b = a.clone(); return [await a.text(), await b.text()]",
  "const a = new Request('http://a.b', { method: 'POST', body: 'x' }); await a.text(); new Request(a)",
  "const c = new AbortController(), r = new Request('http://a.b', { signal: c.signal }); c.abort(); return [r.signal.aborted, new Request('http://a.b').signal.aborted]",
  "return new Request(new URL('http://a.b/x?y#z')).url",
];

describe("Request, Response, Headers", () => {
  test.each(SAME)("%s", async (body) => {
    const native = await nativeFunction(RUN);
    expect(await realm.callAsync(RUN, body)).toEqual(await native(body));
  });

  test("what comes later says so", async () => {
    for (const use of [
      "fetch('http://a.b')",
      "new Blob()",
      "new FormData()",
      "new ReadableStream()",
      "new Response('x').body",
      "new Response('').blob()",
      "new Request('http://a.b').formData()",
      "crypto.subtle",
    ]) {
      const body = `try { await (async () => ${use})() } catch (error) { return [error.name, error.message] }`;
      const name =
        use.startsWith("new Re") && use.includes(").")
          ? use.replaceAll(/new |\(.*?\)/g, "")
          : use.replaceAll(/new |\(.*\)/g, "");
      expect(await realm.callAsync(RUN, body)).toEqual({
        gave: JSON.stringify(["NotSupportedError", `${name} is not available in PiCloud scripts yet`]),
      });
    }
  });

  test("headers after any operations are those of Node", async () => {
    const run = `(operations) => {
      const h = new Headers(), seen = [];
      for (const [name, ...args] of operations) { try { seen.push(h[name](...args) ?? null) } catch (e) { seen.push(e.constructor.name) } }
      return JSON.stringify([seen, [...h], h.getSetCookie()]);
    }`;
    const native = await nativeFunction(run);
    const name = fc.oneof(
      fc.constantFrom("a", "A", "b", "Set-Cookie", "set-cookie", "x-1"),
      fc.string({ maxLength: 3 }),
    );
    const value = fc.oneof(
      fc.constantFrom("1", " 2 ", "", "a, b", "\t\r\n x"),
      fc.string({ maxLength: 6, unit: "binary" }),
    );
    const operation = fc.oneof(
      fc.tuple(fc.constantFrom("append", "set"), name, value),
      fc.tuple(fc.constantFrom("get", "has", "delete"), name),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
        expect(realm.call(run, operations)).toBe(native(operations));
      }),
      { numRuns: 300 },
    );
  });
});
