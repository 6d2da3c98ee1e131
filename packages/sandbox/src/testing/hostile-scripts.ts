/** Scripts that try to get out, to hurt their neighbours or to fool the server; each with what may come of it. */

export interface HostileScript {
  readonly name: string;
  /** Function expression of the default export. */
  readonly fn: string;
  /** JSON of the answer, or codes of the error of which one has to come. */
  readonly gives:
    | { readonly answer: unknown }
    | { readonly body: string }
    | { readonly codes: readonly string[] };
}

const refused = { answer: "refused" };

/** The statement must throw; the answer says whether it did. */
function attempt(statement: string): string {
  return `() => { try { ${statement} } catch { return 'refused' } return 'done' }`;
}

const ESCAPES: readonly HostileScript[] = [
  {
    name: "host globals",
    fn: "() => [typeof process, typeof require, typeof global, typeof Buffer, typeof setImmediate, typeof module]",
    gives: { answer: Array.from({ length: 6 }, () => "undefined") },
  },
  {
    name: "constructor.constructor",
    fn: "(req, ctx) => [req, ctx, kv.collection('c'), log, new Error('x')].map(o => { const F = (o.constructor ?? Object).constructor; return F('return typeof process')() })",
    gives: { answer: Array.from({ length: 5 }, () => "undefined") },
  },
  {
    name: "this of new Function",
    fn: "() => Object.getOwnPropertyNames(new Function('return this')()).filter(n => /ivm|host|step|drain|core|picloud/i.test(n))",
    gives: { answer: [] },
  },
  {
    name: "removed globals",
    fn: "() => ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry', 'WeakRef'].map(n => typeof Function('return this')()[n])",
    gives: { answer: Array.from({ length: 5 }, () => "undefined") },
  },
  {
    name: "classes of the runtime",
    fn: "(req, ctx) => [ctx.constructor === Object, Object.getPrototypeOf(ctx).constructor === Object, kv.constructor === undefined, Object.isFrozen(kv), Object.isFrozen(log)]",
    gives: { answer: [true, true, true, true, true] },
  },
  {
    name: "a ctx made by hand",
    fn: "(req, ctx) => { const C = Object.getPrototypeOf(ctx).constructor; const fake = new C({ open: true, waiting: 0, who: 'forged' }); try { Object.getPrototypeOf(ctx).waitUntil.call(fake, 1) } catch { return 'refused' } return 'done' }",
    gives: refused,
  },
  {
    name: "private state by way of a fake this",
    fn: "(req, ctx) => { try { return ctx.waitUntil.call({}, 1) } catch { return 'refused' } }",
    gives: refused,
  },
  {
    name: "the run's key",
    fn: "() => { const k = eval('$g')(); return [Object.getPrototypeOf(k) === null || Object.getPrototypeOf(Object.getPrototypeOf(k)) === null, Object.isFrozen(k), Object.keys(k).length, typeof k.constructor] }",
    gives: { answer: [true, true, 0, "undefined"] },
  },
  {
    name: "a key made by hand",
    fn: "() => { $s({ who: 'forged', open: true }); try { console.log('x') } catch {} return 'ok' }",
    gives: { answer: "ok" },
  },
  { name: "the helpers are frozen", fn: attempt("eval('$p').import = () => 1;"), gives: refused },
  {
    name: "something that is not frozen",
    fn: "(req, ctx) => { const seen = new Map([[globalThis, 'globalThis']]), queue = []; const visit = (v, p) => { if ((typeof v === 'object' && v !== null || typeof v === 'function') && !seen.has(v)) { seen.set(v, p); queue.push([v, p]); } }; for (const k of Reflect.ownKeys(globalThis)) { try { visit(globalThis[k], String(k)) } catch {} } for (const h of [async () => {}, function* () {}, async function* () {}, [].values(), new Map().keys(), ''.matchAll(/x/g), (function(){return arguments})()]) visit(Object.getPrototypeOf(h), 'hidden'); visit(kv, 'kv'); visit(log, 'log'); visit(PicloudError, 'PicloudError'); visit(Object.getPrototypeOf(ctx), 'ctx'); visit(Object.getPrototypeOf(req), 'req'); visit(Object.getPrototypeOf(req.headers), 'headers'); visit(Object.getPrototypeOf(kv.collection('c')), 'handle'); const open = []; while (queue.length) { const [v, p] = queue.pop(); if (!Object.isFrozen(v)) open.push(p); visit(Object.getPrototypeOf(v), p + '.__proto__'); for (const k of Reflect.ownKeys(v)) { const d = Object.getOwnPropertyDescriptor(v, k); if ('value' in d) visit(d.value, p + '.' + String(k)); else { visit(d.get, p + '.get ' + String(k)); visit(d.set, p + '.set ' + String(k)); } } } return open }",
    gives: { answer: ["RegExp.prototype"] },
  },
  {
    name: "dynamic import",
    fn: "() => Promise.race([(async () => await Function('return import(\"node:fs\")')())().then(() => 'got it', () => 'refused')])",
    gives: refused,
  },
  {
    name: "callers",
    fn: "() => { function f() { return f.caller } try { return String(f()) } catch { return 'refused' } }",
    gives: refused,
  },
  {
    name: "prepareStackTrace",
    fn: "() => { try { Error.prepareStackTrace = (e, s) => s } catch { return 'refused' } return typeof new Error('x').stack[0].getThis() }",
    gives: refused,
  },
  {
    name: "call sites of an own error class",
    fn: "() => { const o = {}; const f = Function('o', 'Error.captureStackTrace(o); return typeof o.stack'); return f(o) }",
    gives: { answer: "string" },
  },
  {
    name: "getters of globals on another receiver",
    fn: "() => typeof Object.getOwnPropertyDescriptor(globalThis, 'Request').get.call({})",
    gives: { answer: "function" },
  },
  {
    name: "the sentinel's promise",
    fn: "() => Reflect.ownKeys(globalThis).filter(k => typeof k === 'symbol' && !String(k).includes('toStringTag')).length",
    gives: { answer: 0 },
  },
];

const POISON: readonly HostileScript[] = [
  {
    name: "Object.prototype.toJSON",
    fn: attempt("Object.prototype.toJSON = () => 'poison';"),
    gives: refused,
  },
  {
    name: "Object.prototype.then",
    fn: attempt("Object.defineProperty(Object.prototype, 'then', { get() { return 1 } });"),
    gives: refused,
  },
  {
    name: "Array iterator",
    fn: attempt("Array.prototype[Symbol.iterator] = function* () {};"),
    gives: refused,
  },
  {
    name: "ArrayIteratorPrototype.next",
    fn: attempt("Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true });"),
    gives: refused,
  },
  { name: "Promise.prototype.then", fn: attempt("Promise.prototype.then = () => {};"), gives: refused },
  {
    name: "Promise.prototype.constructor",
    fn: attempt(
      "Promise.prototype.constructor = { [Symbol.species]: function (f) { f(() => {}, () => {}) } };",
    ),
    gives: refused,
  },
  { name: "Promise.resolve", fn: attempt("Promise.resolve = () => 1;"), gives: refused },
  { name: "JSON.stringify", fn: attempt("JSON.stringify = () => '\"poison\"';"), gives: refused },
  { name: "Map.prototype.get", fn: attempt("Map.prototype.get = () => undefined;"), gives: refused },
  { name: "String.prototype.slice", fn: attempt("String.prototype.slice = () => 'poison';"), gives: refused },
  {
    name: "Function.prototype.call",
    fn: attempt("Function.prototype.call = () => 'poison';"),
    gives: refused,
  },
  {
    name: "AsyncGenerator next",
    fn: attempt(
      "Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)).next = () => {};",
    ),
    gives: refused,
  },
  { name: "a global replaced", fn: attempt("globalThis.Response = class {};"), gives: refused },
  {
    name: "a global redefined",
    fn: attempt("Object.defineProperty(globalThis, 'JSON', { value: {} });"),
    gives: refused,
  },
  { name: "a global deleted", fn: attempt("delete globalThis.Promise;"), gives: refused },
  {
    name: "prototype of Object.prototype",
    fn: attempt("Object.setPrototypeOf(Object.prototype, { toJSON() { return 1 } });"),
    gives: refused,
  },
  {
    name: "Error.prototype.name by assignment on an instance works",
    fn: "() => { const e = new TypeError('x'); e.name = 'Mine'; e.toString = () => 'mine'; return [e.name, String(e), new TypeError('y').name] }",
    gives: { answer: ["Mine", "mine", "TypeError"] },
  },
  {
    name: "RegExp.prototype.exec, which is open",
    fn: "() => { RegExp.prototype.exec = () => { throw new Error('poison') }; return 'done' }",
    gives: { answer: "done" },
  },
  {
    name: "RegExp.prototype[Symbol.replace]",
    fn: "() => { RegExp.prototype[Symbol.replace] = () => { for (;;); }; RegExp.prototype.test = () => { for (;;); }; return 'done' }",
    gives: { answer: "done" },
  },
  {
    name: "a new global",
    fn: "() => { const before = globalThis.leak; globalThis.leak = 'secret'; return before ?? 'clean' }",
    gives: { answer: "clean" },
  },
  {
    name: "a new global by sloppy code",
    fn: "() => { Function('leak2 = 1')(); return 'done' }",
    gives: { answer: "done" },
  },
  { name: "console replaced", fn: attempt("console.log = () => {};"), gives: refused },
  { name: "service replaced", fn: attempt("kv.collection = () => ({});"), gives: refused },
];

const RESULTS: readonly HostileScript[] = [
  {
    name: "CRLF in a header of a map",
    fn: "() => ({ headers: { a: 'b\\r\\nset-cookie: x=1' }, body: '' })",
    gives: { codes: ["bad_response"] },
  },
  {
    name: "CRLF in a header name",
    fn: "() => ({ headers: { 'a\\r\\nb': 'c' }, body: '' })",
    gives: { codes: ["bad_response"] },
  },
  {
    name: "a NUL in a header",
    fn: "() => ({ headers: { a: 'b\\0c' }, body: '' })",
    gives: { codes: ["bad_response"] },
  },
  {
    name: "wide characters in a header",
    fn: "() => ({ headers: { a: '\\u0100' }, body: '' })",
    gives: { codes: ["bad_response"] },
  },
  ...["content-length", "Transfer-Encoding", "connection", "keep-alive", "upgrade", "trailer", "te"].map(
    (name): HostileScript => ({
      name: `header ${name}`,
      fn: `() => ({ headers: { '${name}': '1' }, body: '' })`,
      gives: { codes: ["bad_response"] },
    }),
  ),
  {
    name: "forbidden header of a Response",
    fn: "() => new Response('x', { headers: { 'content-length': '5' } })",
    gives: { codes: ["bad_response"] },
  },
  {
    name: "headers over 32 KiB",
    fn: "() => ({ headers: { a: 'x'.repeat(40000) }, body: '' })",
    gives: { codes: ["bad_response"] },
  },
  ...["99", "100", "600", "1e9", "-200", "200.5"].map((status): HostileScript => ({
    name: `status ${status}`,
    fn: `() => ({ status: ${status}, body: 'x' })`,
    gives: { codes: ["bad_response"] },
  })),
  {
    name: "frames in the body",
    fn: "() => new Response('r\\x0d\\0\\0\\0\\x01\\0\\0\\0\\0\\0\\0\\0z\\x0d\\0\\0\\0')",
    gives: { body: "r\x0d\0\0\0\x01\0\0\0\0\0\0\0z\x0d\0\0\0" },
  },
  { name: "a cycle", fn: "() => { const a = {}; a.a = a; return a }", gives: { codes: ["bad_response"] } },
  { name: "a function", fn: "() => () => 1", gives: { codes: ["bad_response"] } },
  { name: "a symbol", fn: "() => Symbol('x')", gives: { codes: ["bad_response"] } },
  {
    name: "a toJSON that throws a hostile error",
    fn: "() => ({ toJSON() { throw new Proxy({}, { get() { throw 1 } }) } })",
    gives: { codes: ["bad_response"] },
  },
  {
    name: "a revoked proxy",
    fn: "() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy }",
    gives: { codes: ["script_error", "bad_response"] },
  },
  {
    name: "a thenable that resolves twice",
    fn: "() => ({ then(ok) { ok('one'); ok('two') } })",
    gives: { answer: "one" },
  },
  {
    name: "a thenable that resolves and throws",
    fn: "() => ({ then(ok) { ok('one'); throw new Error('x') } })",
    gives: { answer: "one" },
  },
  {
    name: "a subclass of Promise that swallows",
    fn: "() => { class Q extends Promise { static get [Symbol.species]() { return function (f) { f(() => {}, () => {}) } } } return new Q(ok => ok('one')) }",
    gives: { answer: "one" },
  },
  {
    name: "a fake promise",
    fn: "() => Object.create(Promise.prototype)",
    gives: { codes: ["script_error"] },
  },
  {
    name: "a Response whose getters are shadowed",
    fn: "() => { const r = new Response('real'); Object.defineProperty(r, 'status', { get() { return 999 } }); return r }",
    gives: { body: "real" },
  },
  { name: "lone surrogates", fn: "() => ({ a: '\\ud800' })", gives: { answer: { a: "\ud800" } } },
  {
    name: "a huge result",
    fn: "() => 'x'.repeat(2 ** 24)",
    gives: { codes: ["size_limit", "memory_limit"] },
  },
  {
    name: "a huge result by pieces",
    fn: "() => Array.from({ length: 1e6 }, () => 'xxxxxxxxxx')",
    gives: { codes: ["size_limit", "memory_limit"] },
  },
  ...[
    "null",
    "undefined",
    "Symbol('x')",
    "new Proxy({}, { get() { throw 1 } })",
    "{ get name() { throw 1 } }",
    "Object.freeze({ message: {} })",
    "(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy })()",
  ].map((value): HostileScript => ({
    name: `throw ${value}`,
    fn: `() => { throw ${value} }`,
    gives: { codes: ["script_error"] },
  })),
  {
    name: "an error with an endless message",
    fn: "() => { throw new Error('x'.repeat(5e6)) }",
    gives: { codes: ["script_error"] },
  },
  {
    name: "a faked time limit",
    fn: "() => { throw new Error('Script execution timed out.') }",
    gives: { codes: ["script_error"] },
  },
  {
    name: "a faked memory limit",
    fn: "() => { throw new Error('Isolate was disposed during execution due to memory limit') }",
    gives: { codes: ["script_error"] },
  },
  {
    name: "a thrown sentinel",
    fn: "() => { Promise.reject(0); throw 0 }",
    gives: { codes: ["script_error"] },
  },
];

const FLOODS: readonly HostileScript[] = [
  {
    name: "log flood",
    fn: "() => { for (let i = 0; i < 1e5; i++) console.log('line'); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "log of a huge value",
    fn: "() => { console.log(Array.from({ length: 1e5 }, (_, i) => ({ i }))); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "log of a deep value",
    fn: "() => { let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; console.log(a); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "log of a hostile proxy",
    fn: "() => { console.log(new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 2 } })); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "log of a looping proxy",
    fn: "() => { console.log(new Proxy({}, { ownKeys() { for (;;); } })) }",
    gives: { codes: ["cpu_timeout"] },
  },
  {
    name: "call flood",
    fn: "() => { for (let i = 0; i < 2e4; i++) kv.collection('c').get('k').catch(() => 0); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "call flood over many entries",
    fn: "async () => { let $k = $g(); for (;;) $r($k, await Promise.all(Array.from({ length: 100 }, () => kv.collection('c').get('k')))) }",
    gives: { codes: ["host_calls_limit"] },
  },
  {
    name: "timer flood",
    fn: "() => { for (;;) setInterval(() => {}, 0) }",
    gives: { codes: ["host_calls_limit"] },
  },
  {
    name: "interval without end",
    fn: "() => new Promise(() => setInterval(() => { let i = 0; while (i < 1e6) i++ }, 0))",
    gives: { codes: ["cpu_timeout"] },
  },
  {
    name: "rejection flood",
    fn: "() => { for (let i = 0; i < 1e4; i++) Promise.reject(new Error('x')); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "microtask flood",
    fn: "() => { const f = () => queueMicrotask(f); f(); return 'end' }",
    gives: { codes: ["cpu_timeout", "memory_limit"] },
  },
  {
    name: "going on after the end",
    fn: "() => { (async () => { let $k = $g(); for (let i = 0; i < 5; i++) { $r($k, await null); kv.collection('c').set('late', i).catch(() => 0); console.log('late') } })(); return 'end' }",
    gives: { answer: "end" },
  },
  {
    name: "loop after the end",
    fn: "() => { (async () => { for (;;) await null })(); return 'end' }",
    gives: { codes: ["cpu_timeout"] },
  },
  {
    name: "hostile arguments",
    fn: "async () => { let $k = $g(); const codes = []; for (const v of [() => 1, Symbol('x'), new Uint8Array(1), (() => { const a = []; a.push(a); return a })(), { toJSON() { throw new Error('x') } }]) { try { $r($k, await kv.collection('c').set('k', v)) } catch (e) { $s($k); codes.push(e.code) } } return codes }",
    gives: { answer: ["invalid", "invalid", "invalid", "invalid", "invalid"] },
  },
  {
    name: "a service that does not exist, by a forged frame text",
    fn: "async () => { let $k = $g(); try { return $r($k, await kv.collection('c\\0x').get('\\u{10ffff}\\ud800')) ?? null } catch (e) { return e.code } }",
    gives: { answer: 1 },
  },
];

export const HOSTILE_SCRIPTS: readonly HostileScript[] = [...ESCAPES, ...POISON, ...RESULTS, ...FLOODS];
