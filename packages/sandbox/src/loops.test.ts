/** Two traps of V8 and isolated-vm, to be tried at each change of Node or isolated-vm: limits that do not fire in hot
 *  loops, and unhandled rejections that are read outside of the time limit. */
import { afterAll, expect, test } from "vitest";

import { handler, job, run, testSandbox } from "./testing/harness.ts";

const LOOPS: Readonly<Record<string, string>> = {
  empty: "for (;;);",
  count: "let x = 0; for (;;) x++;",
  nested: "let s = 0; for (;;) for (let i = 0; i < 1e3; i++) s += i;",
  alloc: "let o; for (;;) o = { o: 1 };",
  push: "const a = []; for (;;) { a.push(1); if (a.length > 1e4) a.length = 0; }",
  arr1000: "let a; for (;;) a = new Array(1000).fill(1);",
  arrgrow: "const a = []; for (;;) a.push(new Array(1000).fill(1));",
  strcat: "let s = ''; for (;;) { s += 'x'; if (s.length > 1e5) s = ''; }",
  call: "const f = x => x + 1; let x = 0; for (;;) x = f(x);",
  json: "for (;;) JSON.parse('[1,2,3]');",
  regex: "for (;;) /a+b/.test('aaaaac');",
  tryc: "for (;;) try { throw 1 } catch {}",
  gen: "function* g() { for (;;) yield 1 } for (const x of g());",
  sort: "const a = Array.from({ length: 1e4 }, (_, i) => -i); for (;;) a.sort();",
  typed: "const u = new Uint8Array(1000); for (;;) for (let i = 0; i < 1000; i++) u[i] ^= i;",
  map: "const m = new Map(); for (let i = 0; ; i++) m.set(i % 100, i);",
  date: "for (;;) Date.now();",
  indexof: "const a = new Array(1e5).fill(1); for (;;) a.indexOf(2);",
};

const REJECTIONS: Readonly<Record<string, string>> = {
  "message getter":
    "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); Promise.reject(e);",
  "stack getter":
    "const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); Promise.reject(e);",
  "name getter":
    "const e = new Error('x'); Object.defineProperty(e, 'name', { get() { for (;;); } }); Promise.reject(e);",
  proxy: "Promise.reject(new Proxy(new Error('x'), { get() { for (;;); } }));",
  toString: "Promise.reject({ toString() { for (;;); } });",
  "thrown in a microtask": "queueMicrotask(() => { throw { get message() { for (;;); } }; });",
  "async function": "(async () => { throw { get stack() { for (;;); } }; })();",
};

const sandbox = testSandbox();
afterAll(async () => await sandbox.close());
const CPU_MS = 60;

test.each(Object.entries(LOOPS))("loop %s stops in time, cold and hot", async (name, loop) => {
  const code = handler(
    `(_req, ctx) => { let z = 0; for (let i = 0; i < 2000; i++) z += i; if (ctx.params.loop) { ${loop} } return z; }`,
  );
  for (const warmUps of [0, 20, 200]) {
    const options = { app: `loop-${name}`, limits: { memoryMb: 32 } };
    for (let i = 0; i < warmUps; i++) {
      expect((await run(sandbox, job(code, { ...options, ctx: { params: {} } }))).error).toBeUndefined();
    }
    const started = performance.now();
    const answer = await run(
      sandbox,
      job(code, { ...options, limits: { memoryMb: 32, cpuMs: CPU_MS }, ctx: { params: { loop: true } } }),
    );
    expect(["cpu_timeout", "memory_limit"]).toContain(answer.error?.code);
    expect(performance.now() - started).toBeLessThan(2_500);
  }
});

test.each(Object.entries(REJECTIONS))(
  "unhandled rejection with a looping %s harms no one",
  async (name, statement) => {
    const answer = await run(
      sandbox,
      job(handler(`() => { ${statement} return 'answered'; }`), {
        app: `rejection-${name}`,
        limits: { cpuMs: 300 },
      }),
    );
    expect([answer.error?.code, answer.body]).toEqual([undefined, '"answered"']);
    const next = await run(sandbox, job(handler("() => 'next'"), { app: `rejection-${name}` }));
    expect(next.body).toBe('"next"');
  },
);

test("no executor was lost over all this", () => {
  expect(sandbox.events.filter((event) => event.includes("executor_gone"))).toEqual([]);
});
