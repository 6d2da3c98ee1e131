/** Every hostile script runs beside a neighbour in another app and is followed by a run of its own app. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { artifact, handler, job, run, TestHost, testSandbox } from "./testing/harness.ts";
import { BOMBS } from "./testing/hostile-bombs.ts";
import { HOSTILE_SCRIPTS, type HostileScript } from "./testing/hostile-scripts.ts";

const sandbox = testSandbox();
const NEIGHBOUR_PAUSE_MS = 10;
const neighbour = handler(
  "async (req) => { let $k = $g(); return { url: req.url, v: $r($k, await kv.collection('c').get('k')) } }",
);
const times: number[] = [];
const failures: string[] = [];
let isRunning = true;
let neighbours: Promise<void>;

/** Codes of errors and texts of bodies that may come of a script. */
function allowed(gives: HostileScript["gives"]): readonly string[] {
  if ("codes" in gives) return gives.codes;
  return ["answer" in gives ? JSON.stringify(gives.answer) : gives.body];
}

beforeAll(async () => {
  await run(sandbox, job(neighbour, { app: "neighbour" }), new TestHost(async () => "1"));
  neighbours = (async () => {
    for (let i = 0; isRunning; i++) {
      const started = performance.now();
      const answer = await run(
        sandbox,
        job(neighbour, { app: "neighbour", url: `http://n/${i}` }),
        new TestHost(async () => "1"),
      );
      times.push(performance.now() - started);
      if (answer.body !== `{"url":"http://n/${i}","v":1}`)
        failures.push(JSON.stringify(answer.error ?? answer.body));
      await new Promise((resolve) => setTimeout(resolve, NEIGHBOUR_PAUSE_MS));
    }
  })();
});

afterAll(async () => {
  isRunning = false;
  await neighbours;
  await sandbox.close();
});

describe("hostile scripts", { shuffle: false }, () => {
  test.each([...HOSTILE_SCRIPTS, ...BOMBS].map((script) => [script.name, script] as const))(
    "%s",
    async (name, { fn, gives }) => {
      const app = `hostile ${name}`;
      // Where no time limit is expected it is generous: the machine may be busy with other things.
      const cpuMs = allowed(gives).includes("cpu_timeout") ? 400 : 10_000;
      const limits = { cpuMs, timeoutMs: 20_000, memoryMb: 32 };
      const code = handler(fn);
      const answer = await run(sandbox, job(code, { app, limits }), new TestHost(async () => "1"));
      expect(allowed(gives)).toContain(answer.error?.code ?? answer.body);

      // The same app, in the same isolate: another script, and the same context once more.
      const honest = handler(
        `async (req) => { let $k = $g(); const v = $r($k, await kv.collection('c').get('k')); return [req.method, v, typeof leak, typeof leak2, new Response('x').status] }`,
      );
      const after = await run(
        sandbox,
        job(honest, { app, limits: { memoryMb: 32 } }),
        new TestHost(async () => "12345678901234567890"),
      );
      expect([after.error, after.body]).toEqual([
        undefined,
        '["GET",12345678901234567890,"undefined","undefined",200]',
      ]);
    },
  );

  test("the neighbour saw nothing of it, and no executor broke the protocol", () => {
    times.sort((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
    const p50 = times[Math.floor(times.length * 0.5)] ?? 0;
    process.stdout.write(
      `neighbour beside hostile scripts: ${times.length} runs, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms\n`,
    );
    expect(failures).toEqual([]);
    expect(times.length).toBeGreaterThan(10);
    expect(p99).toBeLessThan(1_000);
    expect(sandbox.events.filter((event) => event.includes("broke_protocol"))).toEqual([]);
  });
});

test("code that does not keep to the compiled form", async () => {
  const forms = [
    ["})); for (;;); ((async function ($p) {", ["cpu_timeout", "compile_error"]],
    ["return { get default() { for (;;); } };", ["cpu_timeout"]],
    ["return { default: 5 };", ["compile_error"]],
    ["throw new Error('while it loads');", ["compile_error"]],
    ["await new Promise(() => {});", ["compile_error"]],
    ["await kv.collection('c').get('k');", ["compile_error"]],
    ["return new Proxy({}, { get() { throw 1 } });", ["compile_error"]],
    ["this is no script", ["compile_error"]],
  ] as const;
  for (const [body, codes] of forms) {
    const answer = await run(sandbox, job(artifact(body), { app: "forms", limits: { cpuMs: 300 } }));
    expect([...codes]).toContain(answer.error?.code);
  }
});
