/** `node measure.ts WHAT [PROGRAM]`: one measurement in a fresh process; prints its numbers as JSON. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { instantiate } from "../../packages/rhai/src/instantiate.ts";
import { compile } from "../../packages/rhai/src/compile.ts";
import type { Script } from "../../packages/rhai/src/engine.ts";
import { measureHostCalls } from "./host-calls.ts";
import { newEngine, readNative, readScript, runAnswered, runOnce } from "./script.ts";
import { runYardstick } from "./yardstick.ts";

const WARM_UP_MS = 400;
const WARM_UP_RUNS = 10;
/** The compiler is more code than a program: it takes longer to be warm. */
const COMPILE_WARM_UP_RUNS = 500;
const RUNS = 41;

function nanoseconds(body: () => void): number {
  const started = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - started);
}

/** Shortest time after warm-up: what else runs on the machine only makes times longer. */
function warm(body: () => void, warmUpRuns = WARM_UP_RUNS): number {
  let spent = 0;
  for (let run = 0; run < warmUpRuns || spent < WARM_UP_MS * 1e6; run++) spent += nanoseconds(body);
  return Math.min(...Array.from({ length: RUNS }, () => nanoseconds(body)));
}

function yardstick(): number {
  return warm(runYardstick);
}

/** The yardstick stands before and after. */
function warmProgram(name: string): Record<string, number> {
  const engine = newEngine();
  const script = engine.compile(readScript(`programs/${name}.rhai`));
  const { value } = readNative().programs[name] ?? {};
  const before = yardstick();
  const ns = warm(() => runOnce(engine, script, value));
  return { ns, "yardstick ns": Math.min(before, yardstick()) };
}

/** From the source to the value, the first time in this process. */
function coldProgram(name: string): Record<string, number> {
  const source = readScript(`programs/${name}.rhai`);
  const { value } = readNative().programs[name] ?? {};
  const engine = newEngine();
  const ns = nanoseconds(() => {
    const step = engine.start(engine.compile(source)).start();
    if (!step.done) throw new Error("a program of the benchmark waits for the host");
  });
  runOnce(engine, engine.compile(source), value);
  return { ns, "yardstick ns": yardstick() };
}

function compileTime(): Record<string, number> {
  const source = readScript("hundred-lines.rhai");
  const compiled = (): string => {
    const made = compile(source, {});
    if (!made.ok) throw new Error(made.diagnostics[0]?.message);
    return made.code;
  };
  const code = compiled();
  return {
    "compile ms": warm(() => void compiled(), COMPILE_WARM_UP_RUNS) / 1e6,
    "compile and instantiate ms": warm(() => void instantiate(compiled())) / 1e6,
    "run ms": warm(() => void newEngine().eval(source)) / 1e6,
    "code chars": code.length,
  };
}

const HOST_LOOP = readScript("programs/nested-sum.rhai");

/** The same loop in a script that calls nothing of the host, and between two host calls of a script's body. */
function loopBesideHostCalls(): Record<string, number> {
  const engine = newEngine();
  engine.registerAsyncFn("kv::get", async (_key: unknown) => await Promise.resolve(1));
  const reply = { ok: true, value: 1 } as const;
  const alone = engine.compile(HOST_LOOP);
  const beside = engine.compile(
    `let a = kv::get("a");\n${HOST_LOOP.replace(/sum\s*$/, "")}\nlet b = kv::get("b");\nsum + a - b`,
  );
  const time = (script: Script): number => warm(() => runAnswered(engine, script, reply));
  return { "alone ns": time(alone), "beside ns": time(beside) };
}

const SCRIPTS = 400;

/** What a compiled script holds while it does nothing: its text and its functions, after one run. */
function idleMemory(): Record<string, number> {
  if (globalThis.gc === undefined) throw new Error("start with --expose-gc");
  const engine = newEngine();
  const source = readScript("hundred-lines.rhai");
  const variant = (at: number): string => source.replace("9973", String(9_000 + at));
  const start = (at: number): Script => {
    const script = engine.compile(variant(at));
    engine.start(script).start();
    return script;
  };
  for (let at = 0; at < 50; at++) start(at);
  const before = memory();
  const scripts = Array.from({ length: SCRIPTS }, (_, at) => start(100 + at));
  const after = memory();
  if (scripts.length !== SCRIPTS) throw new Error("unreachable: keeps the scripts alive");
  return {
    "heap KB per script": (after.heap - before.heap) / 1_024 / SCRIPTS,
    "resident KB per script": (after.resident - before.resident) / 1_024 / SCRIPTS,
  };
}

function memory(): { heap: number; resident: number } {
  for (let round = 0; round < 4; round++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

const [what, program = ""] = process.argv.slice(2);
const measurements: Readonly<Record<string, () => Record<string, number> | Promise<Record<string, number>>>> =
  {
    warm: () => warmProgram(program),
    cold: () => coldProgram(program),
    compile: compileTime,
    loop: loopBesideHostCalls,
    memory: idleMemory,
    "host-calls": async () => await measureHostCalls(join(fileURLToPath(import.meta.url), "../../..")),
  };
const measure = measurements[what ?? ""];
if (measure === undefined) throw new Error(`unknown: ${what}`);
console.log(JSON.stringify(await measure()));
