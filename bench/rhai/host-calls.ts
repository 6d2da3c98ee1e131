/** Host calls in an isolate: 64 runs at the same time, each with three `kv::get` one after the other, which take 20 ms. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import ivm from "isolated-vm";
import { compile } from "../../packages/rhai/src/compile.ts";
import { LIMITS } from "./script.ts";

const CONCURRENT = 64;
const LATENCY_MS = 20;
const WINDOW_MS = 3_000;
const SOURCE = `
let a = kv::get("a");
let b = kv::get(\`b\${a}\`);
let c = kv::get(\`c\${b}\`);
a + b + c
`;

/** Inside the isolate: `step([[run, value]…])` starts or resumes runs; gives the requests, and which runs ended. */
const DRIVER = `(function (rt, main, limits) {
  const unit = main(rt);
  const runs = new Map();
  return function (frames) {
    const answers = [];
    for (const [id, value] of JSON.parse(frames)) {
      let run = runs.get(id), step;
      if (run === undefined) {
        runs.set(id, (run = new rt.Run(unit, [], { limits })));
        step = run.start();
      } else step = run.resume({ ok: true, value: rt.fromJson(value) });
      if (step.done) runs.delete(id);
      answers.push([id, step.done, step.done ? rt.toJson(step.value) : step.request.args.map((arg) => rt.toJson(arg))]);
    }
    return JSON.stringify(answers);
  };
})`;

type Answer = readonly [id: number, done: boolean, what: string | readonly string[]];

/** Runs per second. */
export async function measureHostCalls(root: string): Promise<Record<string, number>> {
  const step = await makeIsolate(root);
  let next = 0;
  let ended = 0;
  let ready: [number, string | null][] = [];
  let isScheduled = false;
  const began = performance.now();
  const flush = (): void => {
    isScheduled = false;
    const frames = ready;
    ready = [];
    for (const [id, done, what] of JSON.parse(step(JSON.stringify(frames))) as Answer[]) {
      if (!done) {
        setTimeout(() => push(id, "7"), LATENCY_MS);
        continue;
      }
      if (what !== "21") throw new Error(`a run gave ${String(what)}`);
      ended += 1;
      if (performance.now() - began < WINDOW_MS) push(next++, null);
    }
  };
  const push = (id: number, value: string | null): void => {
    ready.push([id, value]);
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  };
  while (next < CONCURRENT) push(next++, null);
  await sleep(WINDOW_MS);
  return { "runs/s": ended / ((performance.now() - began) / 1_000) };
}

async function makeIsolate(root: string): Promise<(frames: string) => string> {
  const made = compile(SOURCE, {
    host: { functions: new Map([["kv::get/1", { suspends: true }]]), methods: new Map() },
  });
  if (!made.ok) throw new Error(made.diagnostics[0]?.message);
  const runtime = readFileSync(join(root, "packages/rhai/src/runtime/runtime.generated.js"), "utf8");
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const context = await isolate.createContext();
  const text = `${DRIVER}((${runtime.trim()})(), ${made.code}
, ${JSON.stringify(LIMITS)})`;
  const step = (await context.eval(text, { reference: true })) as ivm.Reference<(frames: string) => string>;
  return (frames) => step.applySync(undefined, [frames]);
}
