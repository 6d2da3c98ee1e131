import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

import { afterAll, describe, expect, test } from "vitest";

import { handler, job, run, TestHost, testSandbox, until } from "./testing/harness.ts";

const sandboxes: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const sandbox of sandboxes) await sandbox.close();
});

function made(options: Parameters<typeof testSandbox>[0] = {}) {
  const sandbox = testSandbox(options);
  sandboxes.push(sandbox);
  return sandbox;
}

const asking = handler(`async (_req, ctx) => {
  let $k = $g();
  if (ctx.params.write) $r($k, await kv.collection('c').set('k', 1));
  return $r($k, await kv.collection('c').get('wait'));
}`);

describe("an executor that is killed", () => {
  test("is replaced: safe runs run again, one that wrote is lost", async () => {
    const sandbox = made();
    await run(sandbox, job(handler("() => 1")));
    const [serving, standby] = sandbox.pids();
    let isOpen = false;
    const answer = async ({ args }: { args: readonly string[] }): Promise<string> => {
      if (args[1] === '"wait"') await until(() => isOpen);
      return '"value"';
    };
    const reader = new TestHost(answer);
    const writer = new TestHost(answer);
    const reading = run(sandbox, job(asking, { ctx: { params: {} } }), reader);
    const writing = run(sandbox, job(asking, { ctx: { params: { write: true } } }), writer);
    await until(() => reader.calls.length === 1 && writer.calls.length === 2);
    process.kill(serving ?? 0, "SIGKILL");
    const lost = await writing;
    expect(lost.error).toMatchObject({ code: "executor_lost", retryable: false });
    isOpen = true;
    const answered = await reading;
    expect(answered.error).toBeUndefined();
    expect(answered.body).toBe('"value"');
    expect(reader.restarts).toEqual(["its executor ended: SIGKILL"]);
    expect(sandbox.pids()).not.toContain(serving);
    expect(sandbox.pids()).toContain(standby);
    expect(sandbox.pids()).toHaveLength(2);
  });

  test("twice under the same run: it is lost, and may be tried again", async () => {
    const sandbox = made();
    const host = new TestHost(async () => await new Promise(() => undefined));
    const reading = run(sandbox, job(asking, { ctx: { params: {} } }), host);
    for (let i = 1; i <= 2; i++) {
      await until(() => host.calls.length === i);
      process.kill(sandbox.pids()[0] ?? 0, "SIGKILL");
      await until(() => sandbox.ready());
    }
    expect((await reading).error).toMatchObject({ code: "executor_lost", retryable: true });
  });

  test("while the answer was given: what is left of the run is an error in its outcome", async () => {
    const sandbox = made();
    const host = new TestHost(async () => await new Promise(() => undefined));
    const fn = "(_req, ctx) => { ctx.waitUntil(kv.collection('c').get('k')); return 'sent'; }";
    const started = sandbox.start(job(handler(fn)), host);
    expect((await started.head)?.body).toBe('"sent"');
    process.kill(sandbox.pids()[0] ?? 0, "SIGKILL");
    expect((await started.done).error?.code).toBe("executor_lost");
    expect(host.restarts).toEqual([]);
    expect(host.lines.at(-1)?.message).toContain("lost after its answer");
  });
});

test("an executor that does not answer its pings is killed and replaced", async () => {
  const sandbox = made();
  await run(sandbox, job(handler("() => 1")));
  const [serving = 0] = sandbox.pids();
  process.kill(serving, "SIGSTOP");
  const answer = await run(sandbox, job(handler("() => 2")));
  expect(answer.body).toBe("2");
  await until(() => !sandbox.pids().includes(serving));
  expect(sandbox.events.some((event) => event.includes("it did not answer for a second"))).toBe(true);
});

test("a builtin that can't be interrupted costs its own run, not those of other apps", async () => {
  const sandbox = made();
  const host = new TestHost(async () => await new Promise((resolve) => setTimeout(() => resolve("1"), 2500)));
  const other = run(sandbox, job(asking, { app: "other", ctx: { params: {} } }), host);
  await until(() => host.calls.length === 1);
  // One builtin that runs for many seconds without looking whether it should stop.
  const fn = "() => new Array(2 ** 27).fill(1).length";
  const bad = await run(sandbox, job(handler(fn), { app: "bad", limits: { cpuMs: 100, memoryMb: 512 } }));
  expect(bad.error).toMatchObject({ code: "cpu_timeout", retryable: false });
  const answer = await other;
  expect(answer.error).toBeUndefined();
  expect(answer.body).toBe("1");
  await until(() => sandbox.events.some((event) => event.includes("executor_gone")));
});

test.runIf(process.platform === "linux")("an executor has nothing to steal", async () => {
  const sandbox = made({ executors: 2 });
  await run(sandbox, job(handler("() => 1")));
  for (const pid of sandbox.pids()) {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").filter(Boolean);
    expect(environment.map((entry) => entry.split("=")[0])).toEqual(["LIBC"]);
    const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    expect(command).toContain("--permission");
    const rights = command.filter(
      (flag) => flag.startsWith("--allow-") && !flag.startsWith("--allow-fs-read="),
    );
    expect(rights).toEqual(["--allow-addons"]);
  }
});

test.runIf(process.platform === "linux" && process.getuid?.() === 0)(
  "as root each executor has a user of its own",
  async () => {
    const sandbox = made({ executors: 2 });
    await run(sandbox, job(handler("() => 1")));
    const status = (pid: number): string => readFileSync(`/proc/${pid}/status`, "latin1");
    const uidsOf = (pid: number): string[] => /^Uid:\s+(.*)$/m.exec(status(pid))?.[1]?.split(/\s+/) ?? [];
    await until(() => sandbox.pids().every((pid) => uidsOf(pid).every((uid) => Number(uid) > 200_000)));
    expect(new Set(sandbox.pids().flatMap(uidsOf)).size).toBe(sandbox.pids().length);
    for (const pid of sandbox.pids()) expect(status(pid)).toMatch(/^Groups:\s*$/m);
  },
);

test("isolation: process gives each app an executor of its own", async () => {
  const sandbox = made({ isolation: "process" });
  const code = handler("() => 1");
  for (const app of ["a", "b", "a", "b"]) expect((await run(sandbox, job(code, { app }))).body).toBe("1");
  expect(sandbox.pids()).toHaveLength(3);
});

test("executors end with a server that is killed, even while a script burns", async () => {
  const harness = JSON.stringify(new URL("./testing/harness.ts", import.meta.url).href);
  const code = `import { handler, job, run, testSandbox } from ${harness}; const sandbox = testSandbox(); await run(sandbox, job(handler("() => 1")));
    void run(sandbox, job(handler("() => new Array(2 ** 27).fill(1).length"), { limits: { memoryMb: 512 } })); setTimeout(() => console.log(JSON.stringify(sandbox.pids())), 300);`;
  const server = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const pids = (JSON.parse(line.toString()) as unknown[]).map(Number);
  expect(pids).toHaveLength(2);
  server.kill("SIGKILL");
  await until(() => pids.every((pid) => isGone(pid)));
  for (const pid of pids) expect(isGone(pid)).toBe(true);
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  // Without a parent that reaps it a process stays as a zombie.
  return process.platform === "linux" && /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
}

test("close ends runs in flight with aborted, and all executors", async () => {
  const sandbox = made();
  const running = run(sandbox, job(handler("() => new Promise(() => {})")));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const pids = sandbox.pids();
  await sandbox.close();
  expect((await running).error?.code).toBe("aborted");
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect((await run(sandbox, job(handler("() => 1")))).error?.code).toBe("aborted");
});
