/** `rhai bench`: how long scripts take. */
import { compile } from "../compile.ts";
import { CompileError } from "../engine.ts";
import { instantiate } from "../instantiate.ts";
import { Run } from "../runtime/run.ts";
import { benchPrograms } from "./bench-programs.ts";
import { type Io } from "./io.ts";
import { type SourceFile, readSource } from "./source-file.ts";

const WARM_UP_MS = 300;
const RUNS_MIN = 15;
const RUNS_MAX = 200;
const MEASURED_MS = 500;

export async function benchFiles(io: Io, paths: readonly string[]): Promise<number> {
  const sources: SourceFile[] = [];
  for (const path of paths) sources.push(await readSource(io, path));
  if (sources.length === 0)
    for (const [name, text] of benchPrograms) sources.push({ name, text, resolve: () => undefined });
  await io.write(
    `${"script".padEnd(28)} ${"compile".padStart(12)} ${"first run".padStart(12)} ${"warm".padStart(12)}\n`,
  );
  for (const source of sources) {
    const { compileMs, firstMs, warmMs } = measure(source);
    const cells = [compileMs, firstMs, warmMs].map((ms) => `${ms.toFixed(3)} ms`.padStart(12));
    await io.write(`${source.name.padEnd(28)} ${cells.join(" ")}\n`);
  }
  return 0;
}

function measure({ text, resolve }: SourceFile): { compileMs: number; firstMs: number; warmMs: number } {
  const started = performance.now();
  const made = compile(text, { resolve });
  if (!made.ok) throw new CompileError(made.diagnostics);
  const unit = instantiate(made.code);
  const compileMs = performance.now() - started;
  const once = (): number => {
    const before = performance.now();
    new Run(unit).start();
    return performance.now() - before;
  };
  const firstMs = once();
  for (let spent = firstMs; spent < WARM_UP_MS;) spent += once();
  const times: number[] = [];
  for (let spent = 0; times.length < RUNS_MIN || (spent < MEASURED_MS && times.length < RUNS_MAX);) {
    const ms = once();
    times.push(ms);
    spent += ms;
  }
  return { compileMs, firstMs, warmMs: times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN };
}
