/** Which run is it? 16 runs of one compiled script share a context in a real executor, over every construct that lets go of
 *  the thread; the host answers in random order. Each call and each log line has to come from the run that made it. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";

import { createSandbox, type HostCall, type LogLine, type Outcome } from "@picloud/sandbox";

import { compileTypescript } from "../../packages/server/src/features/scripts/compile-typescript.ts";

const RUNS = 16;
const sandbox = createSandbox({
  services: [{ service: "kv", method: "get", on: "collection", effect: "read" }],
  executors: 1,
  isolation: "shared",
  now: Date.now,
  log: () => undefined,
});
afterAll(async () => await sandbox.close());

const SCRIPT = `
import { kv, log } from "picloud";
const host = (tag: string): Promise<unknown> => { log.info(tag); return kv.collection("c").get(tag) };
const quiet = () => 0;
let shared: Promise<unknown> | null = null, sharedRejection: Promise<unknown> | null = null;
const later = (ms: number) => new Promise(ok => setTimeout(ok, ms));
class Query { constructor(private id: string) {} then(a: any, b: any) { return host(this.id + ':thenable').then(a, b) } }
async function* gen(id: string) { for (let i = 0; i < 3; i++) { await host(id + ':gen'); yield i; host(id + ':gen-after').catch(quiet); } }
async function* outer(id: string): AsyncGenerator<number, void> {
  try { yield* gen(id); host(id + ':after-delegate').catch(quiet); yield* [7, 8]; yield host(id + ':yield-promise') as any; host(id + ':after-yield-promise').catch(quiet);
    try { yield host(id + ':yield:reject') as any } catch { host(id + ':yield-caught').catch(quiet) } }
  finally { host(id + ':gen-finally').catch(quiet); await host(id + ':gen-finally2'); host(id + ':gen-finally3').catch(quiet) }
}
const arrow = async (id: string) => (await host(id + ':arrow'), { v: await host(id + ':arrow2') });
async function deep(id: string, n: number): Promise<void> { if (n === 0) { await host(id + ':deep'); throw new Error('x') } try { await deep(id, n - 1) } finally { await host(id + ':fin' + n); host(id + ':fin-after' + n).catch(quiet) } }
class Service { #p = 1;
  field = async (id: string) => { await host(id + ':field'); host(id + ':field2').catch(quiet) };
  async m(id: string) { await host(id + ':method'); return this.#p }
  static async s(id: string) { const f = async () => { await host(id + ':inner'); host(id + ':inner2').catch(quiet) }; await Promise.all([f(), f(), host(id + ':all')]); } }
export default async function (req: Request, ctx: any) {
  const id = String(ctx.params.id);
  await host(id + ':1'); host(id + ':unawaited').then(() => host(id + ':in-then')).catch(() => host(id + ':in-catch'));
  shared ??= later(1); await shared; host(id + ':after-shared').catch(quiet);
  sharedRejection ??= later(1).then(() => { throw new Error('shared') }); try { await sharedRejection } catch { host(id + ':after-shared-rejection').catch(quiet) }
  try { await host(id + ':reject'); } catch (e) { host(id + ':in-catch2').catch(quiet); } finally { host(id + ':in-finally').catch(quiet); }
  try { await deep(id, 3) } catch { await host(id + ':deep-caught') }
  l: for await (const x of gen(id)) { if (x === 1) continue l; host(id + ':body').catch(quiet); }
  up: for (const n of [1, 2]) { for await (const x of outer(id)) { if (x === 7) continue up; if (n === 2 && x === 0) break up } }
  host(id + ':after-up').catch(quiet);
  for await (const x of outer(id)) host(id + ':outer-body').catch(quiet);
  const g = gen(id); await Promise.all([g.next(), g.next(), g.next(), g.next()]); host(id + ':after-both').catch(quiet);
  const t = outer(id); await t.next(); await t.throw(new Error('in')).catch(quiet); host(id + ':after-throw').catch(quiet);
  const u = outer(id); await u.next(); await u.return(); host(id + ':after-return').catch(quiet);
  await arrow(id); await new Service().m(id); await new Service().field(id); await Service.s(id); await new Query(id); host(id + ':after-q').catch(quiet);
  await (async () => new Query(id))(); host(id + ':after-returned-q').catch(quiet);
  await Promise.all([new Query(id), new Query(id)]); host(id + ':after-all-q').catch(quiet);
  await Promise.race([host(id + ':r1'), host(id + ':r2')]).finally(() => host(id + ':pf').catch(quiet)); host(id + ':after-race').catch(quiet);
  await new Promise<void>(ok => setTimeout(() => { host(id + ':timer').catch(quiet); ok() }, 1)); queueMicrotask(() => { host(id + ':micro').catch(quiet) });
  await Array.fromAsync([1, 2], async x => { host(id + ':from-async').catch(quiet); await host(id + ':from-async2'); host(id + ':from-async3').catch(quiet) });
  for (const p of [host(id + ':p1'), host(id + ':p2')]) await p; for await (const z of [host(id + ':z')]) host(id + ':z-body').catch(quiet);
  ctx.signal.addEventListener('abort', () => host(id + ':aborted').catch(quiet));
  await req.text(); host(id + ':after-text').catch(quiet);
  while (!(await host(id + ':while'))); host(id + ':end').catch(quiet);
  return id;
}`;

interface Ran {
  readonly calls: string[];
  readonly lines: string[];
  readonly outcome: Outcome;
  readonly body: unknown;
}

/** Answers calls of all runs in an order that `choose` picks. */
class Answers {
  readonly #waiting: {
    readonly tag: string;
    readonly ok: (text: string) => void;
    readonly no: (error: Error) => void;
  }[] = [];

  async take(tag: string): Promise<string> {
    return await new Promise((ok, no) => this.#waiting.push({ tag, ok, no }));
  }

  give(choose: (below: number) => number): void {
    for (let i = choose(4); i >= 0 && this.#waiting.length > 0; i--) {
      const [one] = this.#waiting.splice(choose(this.#waiting.length), 1);
      if (one?.tag.endsWith(":reject") === true)
        one.no(Object.assign(new Error("refused"), { code: "unavailable" }));
      else one?.ok("1");
    }
  }
}

async function runOne(code: string, id: number, answers: Answers): Promise<Ran> {
  const calls: string[] = [];
  const lines: string[] = [];
  const started = sandbox.start(
    {
      executionId: `e${id}`,
      appId: "app",
      scriptId: "script",
      artifact: { hash: "which-run", name: "which-run.ts", code },
      limits: {
        timeoutMs: 60_000,
        cpuMs: 30_000,
        memoryMb: 128,
        hostCalls: 10_000,
        responseBytes: 1_000_000,
        logBytes: 1_000_000,
      },
      seed: new Uint8Array(32),
      input: { kind: "http", method: "POST", url: "http://h/", headers: [], body: Buffer.from("x") },
      ctx: JSON.stringify({ params: { id } }),
    },
    {
      call: async ({ args }: HostCall) => {
        const tag = String(JSON.parse(args[1] ?? "null"));
        calls.push(tag);
        return await answers.take(tag);
      },
      log: (line: LogLine) => lines.push(line.message),
      restart: () => undefined,
    },
  );
  const head = await started.head;
  return { calls, lines, outcome: await started.done, body: head?.body };
}

test("each call and each line names its own run", async () => {
  const compiled = compileTypescript(SCRIPT, "which-run.ts");
  const code = compiled.ok ? compiled.code : JSON.stringify(compiled.diagnostics);
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(0xffff)), async (chance) => {
      const answers = new Answers();
      const timer = setInterval(() => answers.give((below) => (chance.next().value ?? 0) % below), 1);
      const runs = await Promise.all(
        Array.from({ length: RUNS }, async (_, id) => await runOne(code, id, answers)),
      );
      clearInterval(timer);
      for (const [id, { calls, lines, outcome, body }] of runs.entries()) {
        expect(outcome.error).toBeUndefined();
        expect(body).toBe(JSON.stringify(String(id)));
        expect([...calls, ...lines].filter((tag) => Number(tag.split(":")[0]) !== id)).toEqual([]);
        expect(calls.length).toBeGreaterThan(90);
      }
    }),
    { numRuns: 4 },
  );
});
