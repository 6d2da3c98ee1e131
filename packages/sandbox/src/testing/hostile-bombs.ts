/** Hostile scripts that grow without end: memory, recursion, regular expressions. */
import type { HostileScript } from "./hostile-scripts.ts";

const anyEnd = { codes: ["cpu_timeout", "memory_limit", "script_error"] };

export const BOMBS: readonly HostileScript[] = [
  {
    name: "deep recursion",
    fn: "() => { const f = () => f() + 1; return f() }",
    gives: { codes: ["script_error"] },
  },
  {
    name: "deep recursion into the runtime",
    fn: "() => { let n = 0; const f = () => { n++; try { kv.collection('c').get('k').catch(() => 0) } catch {} f() }; try { f() } catch { return 'end' } }",
    gives: { codes: ['"end"', "cpu_timeout"] },
  },
  {
    name: "deep JSON",
    fn: "() => JSON.parse('['.repeat(1e6))",
    gives: { codes: ["script_error", "memory_limit", "cpu_timeout"] },
  },
  {
    name: "deep result",
    fn: "() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a).length }",
    gives: { answer: 200002 },
  },
  {
    name: "deep getter chain",
    fn: "() => { const o = { get a() { return o.a } }; return o.a }",
    gives: { codes: ["script_error"] },
  },
  {
    name: "doubling string",
    fn: "() => { let s = 'x'; for (;;) s += s }",
    gives: { codes: ["script_error", "memory_limit"] },
  },
  {
    name: "repeat",
    fn: "() => { const a = []; for (;;) a.push('x'.repeat(2 ** 28).charCodeAt(5), 'x'.repeat(2 ** 24) + a.length) }",
    gives: anyEnd,
  },
  { name: "array of the largest length", fn: "() => new Array(2 ** 32 - 1).join('x')", gives: anyEnd },
  {
    name: "array growth",
    fn: "() => { const a = []; for (;;) a.push(new Array(1000).fill(0)) }",
    gives: { codes: ["memory_limit"] },
  },
  { name: "buffers", fn: "() => { const a = []; for (;;) a.push(new ArrayBuffer(2 ** 24)) }", gives: anyEnd },
  { name: "one huge buffer", fn: "() => new Uint8Array(2 ** 32)", gives: anyEnd },
  {
    name: "a growing buffer",
    fn: "() => { const b = new ArrayBuffer(8, { maxByteLength: 2 ** 32 }); b.resize(2 ** 32); return b.byteLength }",
    gives: anyEnd,
  },
  {
    name: "closures",
    fn: "() => { let f = () => 0; for (;;) { const g = f, x = new Array(99).fill(1); f = () => [g, x] } }",
    gives: { codes: ["memory_limit"] },
  },
  {
    name: "backtracking regex",
    fn: "() => /^(a+)+$/.test('a'.repeat(40) + 'b')",
    gives: { codes: ["cpu_timeout", "script_error", "false"] },
  },
  {
    name: "backtracking regex with a back reference",
    fn: "() => /^(a|a|b\\1)*c/.test('a'.repeat(60))",
    gives: { codes: ["cpu_timeout", "memory_limit", "script_error", "false"] },
  },
  {
    name: "huge regex",
    fn: "() => new RegExp('(?:a{1000}){1000}').test('a')",
    gives: { codes: ["script_error", "cpu_timeout", "memory_limit", "false"] },
  },
  { name: "big integers", fn: "() => { let n = 3n; for (;;) n *= n }", gives: anyEnd },
  { name: "symbols", fn: "() => { for (let i = 0; ; i++) Symbol.for('s' + i) }", gives: anyEnd },
  {
    name: "property names",
    fn: "() => { const o = {}; for (let i = 0; ; i++) o['k' + i] = i }",
    gives: anyEnd,
  },
  {
    name: "pending promises",
    fn: "() => { const a = []; for (;;) a.push(new Promise(() => {}).then(() => {})) }",
    gives: anyEnd,
  },
  {
    name: "generators",
    fn: "() => { const a = []; function* g() { yield new Array(100).fill(1) } for (;;) { const i = g(); i.next(); a.push(i) } }",
    gives: anyEnd,
  },
  {
    name: "eval of much",
    fn: "() => { for (let i = 0; ; i++) eval('function f' + i + '() { return ' + i + ' } f' + i + '()') }",
    gives: anyEnd,
  },
  {
    name: "bytes to text",
    fn: "() => { const a = []; for (;;) a.push(new TextDecoder().decode(new Uint8Array(1e6).fill(97))) }",
    gives: anyEnd,
  },
  {
    name: "structuredClone",
    fn: "() => { let a = [1]; for (;;) a = structuredClone([a, a]) }",
    gives: anyEnd,
  },
  {
    name: "sort that changes what it sorts",
    fn: "() => { const a = Array.from({ length: 1e5 }, (_, i) => i); a.sort(() => { a.length = 0; a.push(1); return 1 }); return 'end' }",
    gives: { answer: "end" },
  },
];
