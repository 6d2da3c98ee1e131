/** Fuzzes the parser, the emitter and `rhai eval --jsonl`: `node packages/rhai/tests/fuzz.ts [seconds] [seed]`. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { evalJsonl } from "../src/cli/eval-jsonl.ts";
import { readRows } from "./corpus-rows.ts";
import { CaseMaker, type FuzzCase, type FuzzMessage } from "./fuzz-cases.ts";

export interface Finding {
  readonly what: string;
  readonly fuzzCase: FuzzCase;
}

export interface FuzzReport {
  readonly seed: number;
  readonly cases: number;
  readonly findings: readonly Finding[];
}

/** A case that makes no progress for so long hangs. */
const hangMs = 60_000;
const memoryMb = 1_024;

/** Cases in a worker with bounded memory, for `ms`. Ends early with a case that hangs or kills the worker. */
export async function fuzzScripts(ms: number, seed: number): Promise<FuzzReport> {
  const findings: Finding[] = [];
  let current: FuzzCase | undefined;
  let cases = 0;
  const worker = new Worker(new URL("./fuzz-worker.ts", import.meta.url), {
    workerData: { seed, ms },
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const blame = (what: string): void => {
    if (current !== undefined) findings.push({ what, fuzzCase: current });
  };
  let clock = setTimeout(() => {}, 0);
  worker.on("message", (message: FuzzMessage) => {
    clearTimeout(clock);
    if (message.type === "end") cases = message.cases;
    if (message.type === "wrong") findings.push({ what: message.what, fuzzCase: message.fuzzCase });
    if (message.type !== "case") return;
    current = message.fuzzCase;
    clock = setTimeout(() => {
      blame(`no end after ${hangMs} ms`);
      void worker.terminate();
    }, hangMs);
  });
  worker.on("error", (error) => blame(`the worker died: ${String(error)}`));
  await once(worker, "exit");
  clearTimeout(clock);
  return { seed, cases, findings };
}

/** Broken lines and broken scripts through the command: one answer each, in order, in JSON. */
export async function fuzzCommand(count: number, seed: number): Promise<readonly string[]> {
  const maker = new CaseMaker(
    seed,
    readRows().map((row) => row.code),
  );
  const lines = Array.from({ length: count }, (_, at) => lineOf(maker, at));
  const answers: string[] = [];
  const encoder = new TextEncoder();
  await evalJsonl({
    workerUrl: new URL("../src/cli/main.ts", import.meta.url),
    input: pieces(encoder.encode(lines.map(({ line }) => `${line}\n`).join("")), maker),
    // oxlint-disable-next-line typescript/require-await -- the reader of the output is always ready here
    write: async (text) => {
      answers.push(...text.split("\n").filter((one) => one !== ""));
    },
    rowMsMax: 10_000,
  });
  return problemsOf(lines, answers);
}

interface Line {
  readonly line: string;
  readonly id: string | null;
}

function lineOf(maker: CaseMaker, at: number): Line {
  const id = `row ${at}`;
  const { code } = maker.next();
  const limits = { ops: 100_000, str: 100_000, arr: 10_000, map: 10_000 };
  const whole = JSON.stringify({ id, code: code.toWellFormed(), limits });
  switch (maker.below(10)) {
    case 0:
      // Cut in two: no JSON any more.
      return { line: whole.slice(0, maker.below(whole.length - 1) + 1).slice(0, -1) || "x", id: null };
    case 1:
      return { line: JSON.stringify([code.toWellFormed()]), id: null };
    case 2:
      return { line: JSON.stringify({ id, code: maker.below(5), limits: "none" }), id };
    default:
      return { line: whole, id };
  }
}

/** The input in chunks of any length, also inside characters. */
async function* pieces(bytes: Uint8Array, maker: CaseMaker): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + maker.below(10_000);
    yield bytes.subarray(at, end);
    at = end;
  }
}

function problemsOf(lines: readonly Line[], answers: readonly string[]): string[] {
  const problems: string[] = [];
  if (answers.length !== lines.length) problems.push(`${answers.length} answers to ${lines.length} lines`);
  for (const [at, { line, id }] of lines.entries()) {
    const text = answers[at] ?? "null";
    const answer = JSON.parse(text) as { id?: unknown; ok?: unknown; error?: { variant?: unknown } } | null;
    const isFault = answer?.error?.variant === "InternalError" || answer?.error?.variant === "Stopped";
    if (answer?.id !== id || typeof answer.ok !== "boolean" || isFault) {
      problems.push(`${line.slice(0, 500)}\n  ${text.slice(0, 500)}`);
    }
  }
  return problems;
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 60);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  const report = await fuzzScripts(seconds * 1_000, seed);
  const problems = await fuzzCommand(Math.ceil(seconds * 20), seed);
  const show = ({ what, fuzzCase }: Finding): string =>
    `${fuzzCase.kind}: ${what}\n${JSON.stringify(fuzzCase.code.slice(0, 2_000))}`;
  const lines = [
    `seed ${seed}: ${report.cases} cases, ${report.findings.length} wrong, ${problems.length} answers wrong`,
    ...report.findings.slice(0, 20).map(show),
    ...problems.slice(0, 20),
  ];
  process.stdout.write(`${lines.join("\n\n")}\n`);
  process.exitCode = report.findings.length + problems.length > 0 ? 1 : 0;
}
