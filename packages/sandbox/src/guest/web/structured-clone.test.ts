/** structuredClone, events and abort signals of isolates: the same text here and there. */
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

import { GuestRealm, nativeFunction } from "../../executor/tests/guest-realm.ts";

const realm = new GuestRealm();
afterAll(() => realm.dispose());

const RUN = `async (body) => {
  const report = error => ({ threw: error instanceof DOMException ? error.name + ' ' + error.code : error.constructor.name });
  try { return { gave: JSON.stringify(await Object.getPrototypeOf(async function () {}).constructor(body)()) } } catch (error) { return report(error) }
}`;

const CLONES: readonly string[] = [
  "const a = { x: 1 }; a.self = a; const b = structuredClone(a); return [b.self === b, b !== a, b.x]",
  "const d = structuredClone(new Date(5)); return [d instanceof Date, +d]",
  "const r = structuredClone(/a(b)/giu); return [String(r), r.lastIndex, r instanceof RegExp]",
  "const m = structuredClone(new Map([[{ k: 1 }, new Set([1, [2]])]])); return [[...m][0][0], [...[...m][0][1]]]",
  "const e = new RangeError('no', { cause: { a: 1 } }); e.extra = 1; const c = structuredClone(e); return [c.name, c.message, c instanceof RangeError, c.cause, c.extra, typeof c.stack]",
  "const e = new Error('x'); e.name = 'Custom'; const c = structuredClone(e); return [c.name, c instanceof Error]",
  "class A { x = 1; #y = 2; get z() { return 3 } } const c = structuredClone(new A()); return [c, c instanceof A, Object.getPrototypeOf(c) === Object.prototype]",
  "const c = structuredClone({ get x() { return 1 } }); return Object.getOwnPropertyDescriptor(c, 'x')",
  "const a = [1, , 3]; a.extra = 4; const c = structuredClone(a); return [c.length, 1 in c, c.extra, Array.isArray(c)]",
  "const b = new Uint8Array([1, 2, 3]).subarray(1), c = structuredClone({ b, again: b, buffer: b.buffer }); return [[...c.b], c.b === c.again, c.b.buffer === c.buffer, c.b.byteOffset]",
  "const c = structuredClone(new DataView(new ArrayBuffer(4), 1, 2)); return [c.byteLength, c.byteOffset]",
  "const c = structuredClone([Object(1), Object('a'), Object(true)]); return c.map(v => [typeof v, v.valueOf()])",
  "return String(structuredClone(10n)) + String(structuredClone(Object(10n)))",
  'const c = structuredClone(JSON.parse(\'{"__proto__":{"a":1}}\')); return [Object.keys(c), Object.getPrototypeOf(c) === Object.prototype]',
  "const c = structuredClone(Object.create({ inherited: 1 }, { hidden: { value: 1 }, seen: { value: 2, enumerable: true } })); return [Object.keys(c), 'inherited' in c]",
  "const b = new ArrayBuffer(4), c = structuredClone(b, { transfer: [b] }); return [b.byteLength, b.detached, c.byteLength]",
  "const b = new ArrayBuffer(4); structuredClone(1, { transfer: [b] }); return b.detached",
  "const b = new ArrayBuffer(4); structuredClone(b, { transfer: [b, b] })",
  "return structuredClone({ [Symbol('s')]: 1, a: undefined, b: null, c: NaN, d: -0 })",
  "structuredClone(() => 1)",
  "structuredClone({ a: [Symbol('x')] })",
  "structuredClone(Promise.resolve())",
  "structuredClone(new WeakMap())",
  "structuredClone(new WeakSet())",
  "structuredClone()",
];

const EVENTS: readonly string[] = [
  "const t = new EventTarget(), seen = []; const f = e => seen.push(e.type, e.target === t, e.eventPhase); t.addEventListener('a', f); t.addEventListener('a', f); const ok = t.dispatchEvent(new Event('a')); return [ok, seen]",
  "const t = new EventTarget(), seen = []; t.addEventListener('a', { handleEvent(e) { seen.push(this !== undefined, e.currentTarget === t) } }, { once: true }); t.dispatchEvent(new Event('a')); t.dispatchEvent(new Event('a')); return seen",
  "const t = new EventTarget(), seen = []; t.addEventListener('a', e => { seen.push(1); e.stopImmediatePropagation() }); t.addEventListener('a', () => seen.push(2)); t.dispatchEvent(new Event('a')); return seen",
  "const t = new EventTarget(); t.addEventListener('a', e => e.preventDefault()); return [t.dispatchEvent(new Event('a')), t.dispatchEvent(new Event('a', { cancelable: true }))]",
  "const t = new EventTarget(), seen = [], f = () => seen.push(1); t.addEventListener('a', f); t.removeEventListener('a', f); t.dispatchEvent(new Event('a')); return seen",
  "const t = new EventTarget(), c = new AbortController(), seen = []; t.addEventListener('a', () => seen.push(1), { signal: c.signal }); t.dispatchEvent(new Event('a')); c.abort(); t.dispatchEvent(new Event('a')); return seen",
  "new EventTarget().dispatchEvent({})",
  "const e = new Event('a'), t = new EventTarget(); t.addEventListener('a', () => t.dispatchEvent(e)); t.addEventListener('a', () => {}); const b = new Event('b', { bubbles: true, composed: true }); return [b.bubbles, b.composed, b.isTrusted, b.defaultPrevented, Event.AT_TARGET]",
  "class Mine extends EventTarget { x = 1 } const m = new Mine(); let n = 0; m.addEventListener('a', () => n++); m.dispatchEvent(new Event('a')); return [n, m.x]",
  "return new CustomEvent('a', { detail: { b: 1 } }).detail",
  "const c = new AbortController(), seen = []; c.signal.addEventListener('abort', e => seen.push(e.type, e.isTrusted)); c.signal.onabort = () => seen.push('on'); c.abort('why'); c.abort('again'); return [seen, c.signal.aborted, c.signal.reason]",
  "const c = new AbortController(); c.abort(); return [c.signal.reason.name, c.signal.reason.code, c.signal.reason instanceof DOMException, c.signal.reason instanceof Error]",
  "AbortSignal.abort().throwIfAborted()",
  "AbortSignal.abort(new RangeError('x')).throwIfAborted()",
  "return AbortSignal.abort(null).reason",
  "const a = new AbortController(), b = new AbortController(), any = AbortSignal.any([a.signal, b.signal]), both = AbortSignal.any([any]), seen = []; both.onabort = () => seen.push(both.reason); b.abort(2); a.abort(1); return [any.aborted, any.reason, seen]",
  "const any = AbortSignal.any([AbortSignal.abort(7), new AbortController().signal]); return [any.aborted, any.reason]",
  "return AbortSignal.any([]).aborted",
  "AbortSignal.any([{}])",
  "new AbortSignal()",
  "const e = new DOMException('m', 'NotFoundError'); return [e.name, e.message, e.code, String(e), e instanceof Error, DOMException.ABORT_ERR, Object.prototype.toString.call(e)]",
  "const e = new DOMException('m', { name: 'X', cause: 1 }); return [e.name, e.code, e.cause]",
  "return [new DOMException().name, new DOMException().message]",
];

describe("structuredClone, events, abort", () => {
  test.each([...CLONES, ...EVENTS])("%s", async (body) => {
    const native = await nativeFunction(RUN);
    expect(await realm.callAsync(RUN, body)).toEqual(await native(body));
  });

  test("any value comes back equal", () => {
    const value = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withBigInt: true,
      withSparseArray: true,
      withBoxedValues: true,
      maxDepth: 4,
    });
    fc.assert(
      fc.property(value, (given) => {
        const here = structuredClone(given);
        expect(isDeepStrictEqual(realm.call("value => structuredClone(value)", given), here)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
