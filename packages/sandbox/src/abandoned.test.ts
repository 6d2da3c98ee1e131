/** Runs that are given up while their isolate is busy: what they still say reaches nobody else. */
import { afterAll, describe, expect, test } from "vitest";

import { handler, job, run, TestHost, testSandbox, until } from "./testing/harness.ts";

const sandbox = testSandbox();
afterAll(async () => await sandbox.close());

/** Spins for so many ms of the machine's clock after one call, then answers with its own id. */
const echo = handler(`async (req, ctx) => {
  const $k = $g();
  await $r($k, await kv.collection('c').get('k'));
  for (let i = 0; i < ctx.params.spins; i++) Math.sqrt(i);
  return ctx.params.id;
}`);
/** Some hundred ms, whatever the machine. */
const LONG = 1.5e8;

async function ask(id: string, spins: number, timeoutMs: number) {
  return await run(
    sandbox,
    job(echo, { limits: { timeoutMs, cpuMs: 20_000 }, ctx: { params: { id, spins } } }),
  );
}

describe("a run that is given up in the queue of a busy isolate", () => {
  test("its late answer goes to no other run", { timeout: 60_000 }, async () => {
    // From now on every frame of this script is an entry of its own.
    await ask("first", 5e7, 20_000);
    const busy = ask("busy", LONG, 20_000);
    const late = ask("late", 0, 100);
    expect((await late).error?.code).toBe("timeout");
    const [next, after] = await Promise.all([ask("next", 0, 20_000), ask("after", 0, 20_000)]);
    expect(next.error).toBeUndefined();
    expect(next.body).toBe('"next"');
    expect(after.body).toBe('"after"');
    expect((await busy).body).toBe('"busy"');
  });

  test("its place is free once its executor has let go of it", { timeout: 60_000 }, async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => await ask(`run-${i}`, 0, i % 2 === 0 ? 1 : 20_000)),
    );
    const wrong = answers.filter(({ body, error }, i) =>
      error === undefined ? body !== `"run-${i}"` : error.code !== "timeout",
    );
    expect(wrong).toEqual([]);
  });

  test("one whose turn never came costs the others of its isolate nothing", { timeout: 60_000 }, async () => {
    await ask("first", 5e7, 20_000);
    let open: (value: string) => void = () => undefined;
    const host = new TestHost(async () => await new Promise<string>((resolve) => (open = resolve)));
    const waiting = run(sandbox, job(echo, { ctx: { params: { id: "waiting", spins: 0 } } }), host);
    await until(() => host.calls.length === 1);
    const busy = ask("busy", LONG, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const late = await Promise.all([1, 2, 3].map(async (i) => await ask(`late-${i}`, 0, 50)));
    expect(late.map(({ error }) => error?.code)).toEqual(["timeout", "timeout", "timeout"]);
    expect((await busy).body).toBe('"busy"');
    await ask("next", 0, 20_000);
    open("null");
    expect((await waiting).body).toBe('"waiting"');
    expect(host.restarts).toEqual([]);
  });
});

test("runs that are aborted before they start leave the isolate as it was", async () => {
  const app = "aborted";
  const kept = new TestHost(async () => await new Promise((resolve) => setTimeout(() => resolve("1"), 600)));
  const waiting = run(sandbox, job(handler("() => kv.collection('c').get('k')"), { app }), kept);
  await until(() => kept.calls.length === 1);
  const busy = run(
    sandbox,
    job(handler("() => { for (let i = 0; i < 1e8; i++) Math.sqrt(i); return 'busy' }"), { app }),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  const queued = Array.from({ length: 3 }, (_, i) =>
    sandbox.start(job(handler(`() => ${i}`), { app }), new TestHost()),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const one of queued) one.abort("aborted", "the client left");
  for (const one of queued) expect((await one.done).error?.code).toBe("aborted");
  expect((await busy).body).toBe('"busy"');
  const answer = await waiting;
  expect([answer.body, answer.host.restarts]).toEqual(["1", []]);
  expect((await run(sandbox, job(handler("() => 0"), { app }))).body).toBe("0");
});
