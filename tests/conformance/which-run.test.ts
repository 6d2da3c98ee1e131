/** The compile pass and the sandbox together: whatever a script does, each of its calls is made in its own run. */
import { createHash } from "node:crypto";

import fc from "fast-check";
import { afterAll, expect, test } from "vitest";

import { createSandbox, type Host, type HostCall, type Job } from "../../packages/sandbox/src/sandbox.ts";
import { compileTypescript } from "../../packages/server/src/features/scripts/compile-typescript.ts";
import { CALLS_MIN, EVERY_CONSTRUCT } from "../support/interleaving-script.ts";

const RUNS = 16;

const SCRIPT = `
import { kv } from "picloud";
const host = (tag: string): Promise<unknown> => kv.collection(tag).get("key");
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
${EVERY_CONSTRUCT}
export default async (req: Request) => {
  const id = new URL(req.url).searchParams.get("id") ?? "";
  const given = await all(id);
  const answer = Promise.resolve({ id: given, log: console.log(id + ":line") });
  return await answer;
};`;

const sandbox = createSandbox({
  services: [{ service: "kv", method: "get", on: "collection", effect: "read" }],
  executors: 1,
  isolation: "shared",
  now: Date.now,
  log: () => undefined,
});
afterAll(async () => await sandbox.close());

/** Answers the calls of all runs in an order of its own, and keeps what each run asked. */
class ShuffledHosts {
  readonly tags: string[][] = Array.from({ length: RUNS }, () => []);
  readonly lines: string[][] = Array.from({ length: RUNS }, () => []);
  readonly #waiting: (() => void)[] = [];

  hostOf(run: number): Host {
    return {
      call: async (call: HostCall) => {
        const tag = JSON.parse(call.args[0] ?? '""') as string;
        this.tags[run]?.push(tag);
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        if (tag.endsWith(":reject")) {
          throw Object.assign(new Error("refused"), { code: "unavailable", retryable: false });
        }
        return "1";
      },
      log: ({ message }) => void this.lines[run]?.push(message),
      restart: () => undefined,
    };
  }

  answer(count: number, choose: (below: number) => number): void {
    for (let answered = 0; answered < count && this.#waiting.length > 0; answered++) {
      this.#waiting.splice(choose(this.#waiting.length), 1)[0]?.();
    }
  }
}

function jobOf(run: number, code: string): Job {
  return {
    executionId: `execution-${run}`,
    appId: "app",
    scriptId: "script",
    artifact: { hash: createHash("sha256").update(code).digest("hex"), name: "interleave.ts", code },
    limits: {
      timeoutMs: 60_000,
      cpuMs: 10_000,
      memoryMb: 64,
      hostCalls: 10_000,
      responseBytes: 1_000_000,
      logBytes: 100_000,
    },
    seed: new Uint8Array(32).fill(run),
    input: {
      kind: "http",
      method: "GET",
      url: `http://app/?id=${run + 1}`,
      headers: [],
      body: new Uint8Array(),
    },
    ctx: JSON.stringify({ execution_id: `execution-${run}`, trigger_depth: 0 }),
  };
}

test("16 runs of every construct, answered in any order: each call and line is its own run's", async () => {
  const compiled = compileTypescript(SCRIPT, "interleave.ts");
  const code = compiled.ok ? compiled.code : JSON.stringify(compiled.diagnostics);
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(0xffff)), async (chance) => {
      const choose = (below: number): number => (chance.next().value ?? 0) % below;
      const hosts = new ShuffledHosts();
      const runs = Array.from({ length: RUNS }, (_, run) =>
        sandbox.start(jobOf(run, code), hosts.hostOf(run)),
      );
      const answering = setInterval(() => hosts.answer(1 + choose(8), choose), 1);
      const heads = await Promise.all(runs.map(async (run) => await run.head));
      const outcomes = await Promise.all(runs.map(async (run) => await run.done));
      clearInterval(answering);
      expect(outcomes.map(({ error }) => error)).toEqual(runs.map(() => undefined));
      expect(heads.map((head) => head?.body)).toEqual(
        runs.map((_, run) => JSON.stringify({ id: String(run + 1) })),
      );
      for (const [run, tags] of hosts.tags.entries()) {
        expect(tags.filter((tag) => !tag.startsWith(`${run + 1}:`))).toEqual([]);
        expect(tags.length).toBeGreaterThan(CALLS_MIN);
        expect(hosts.lines[run]).toEqual([`${run + 1}:line`]);
      }
    }),
    { numRuns: 3 },
  );
});
