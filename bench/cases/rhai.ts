/** Rhai as JavaScript against native Rhai, whose times are scaled to this machine by the yardstick of `rhai/`. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, ResultRow } from "../bench-case.ts";
import { readNative } from "../rhai/script.ts";
import { series, sideBySide } from "../side-by-side.ts";
import type { Rounds, Sample, Variant } from "../side-by-side.ts";
import { median, shown, withSpread } from "../statistics.ts";

const GOALS = { warm: 15, warmEach: 5, cold: 2, mandelbrot: 30, loop: 0.9, runsPerSecond: 900 } as const;
const COMPILE_MS_MAX = 1;
const IDLE_KB_MAX = 300;
const COLD_PROCESSES = 5;
const MEASURE_MS_MAX = 120_000;
const script = join(import.meta.dirname, "..", "rhai", "measure.ts");

async function measured(what: string, program: string, flags: readonly string[]): Promise<Sample> {
  // isolated-vm needs the flag.
  const args = ["--no-node-snapshot", ...flags, script, what, program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: MEASURE_MS_MAX });
  return JSON.parse(stdout) as Sample;
}

function measurement(what: string, program = "", flags: readonly string[] = []): Variant {
  return {
    name: program === "" ? what : `${what} ${program}`,
    measure: async () => await measured(what, program, flags),
  };
}

/** The shortest times of several fresh processes: each has one first run only. */
function coldMeasurement(program: string): Variant {
  const measure = async (): Promise<Sample> => {
    const samples: Sample[] = [];
    for (let at = 0; at < COLD_PROCESSES; at++) samples.push(await measured("cold", program, []));
    const least = (number: string): number =>
      Math.min(...samples.map((sample) => sample[number] ?? Number.NaN));
    return { ns: least("ns"), "yardstick ns": least("yardstick ns") };
  };
  return { name: `cold ${program}`, measure };
}

const native = readNative();
const programs = Object.keys(native.programs);

function variants(): Variant[] {
  return [
    ...programs.flatMap((program) => [measurement("warm", program), coldMeasurement(program)]),
    measurement("compile"),
    measurement("loop"),
    measurement("memory", "", ["--expose-gc"]),
    measurement("host-calls"),
  ];
}

/** Of each round: native's time, scaled by the yardstick of the same process, as a multiple of ours. */
function againstNative(rounds: Rounds, kind: "warm" | "cold", program: string): number[] {
  const { ns: nativeNs = Number.NaN, compileNs = Number.NaN } = native.programs[program] ?? {};
  const there = (kind === "warm" ? nativeNs : nativeNs + compileNs) / native.yardstickNs;
  const variant = `${kind} ${program}`;
  const yardsticks = series(rounds, variant, "yardstick ns");
  return series(rounds, variant, "ns").map((ns, at) => (there * (yardsticks[at] ?? Number.NaN)) / ns);
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function goalRow(what: string, values: readonly number[], goal: number, unit = ""): ResultRow {
  return {
    what,
    value: unit === "" ? "" : `${withSpread(values)} ${unit}`,
    ...(unit === "" ? { ratio: withSpread(values) } : {}),
    goal: `at least ${goal}`,
    isGoalMet: median(values) >= goal,
  };
}

function boundRow(what: string, values: readonly number[], most: number, unit: string): ResultRow {
  return {
    what,
    value: `${withSpread(values)} ${unit}`,
    goal: `under ${most} ${unit}`,
    isGoalMet: median(values) < most,
  };
}

function programRows(rounds: Rounds): ResultRow[] {
  return programs.map((program) => {
    const warm = againstNative(rounds, "warm", program);
    const cold = againstNative(rounds, "cold", program);
    const ms = median(series(rounds, `warm ${program}`, "ns")) / 1e6;
    const goal = program === "mandelbrot" ? GOALS.mandelbrot : GOALS.warmEach;
    return {
      what: program,
      value: `${shown(ms)} ms, cold × ${withSpread(cold)}, warm`,
      ratio: withSpread(warm),
      goal: `at least ${goal}`,
      isGoalMet: median(warm) >= goal,
    };
  });
}

function meanRow(rounds: Rounds, kind: "warm" | "cold"): ResultRow {
  const perRound = programs.map((program) => againstNative(rounds, kind, program));
  const means = (perRound[0] ?? []).map((_, round) =>
    geometricMean(perRound.map((all) => all[round] ?? Number.NaN)),
  );
  return goalRow(`geometric mean, ${kind}`, means, GOALS[kind]);
}

function rowsOf(rounds: Rounds): ResultRow[] {
  const yardsticks = programs.flatMap((program) => series(rounds, `warm ${program}`, "yardstick ns"));
  return [
    { what: "yardstick", value: `${withSpread(yardsticks.map((ns) => ns / 1e6))} ms` },
    ...programRows(rounds),
    meanRow(rounds, "warm"),
    meanRow(rounds, "cold"),
    goalRow(
      "a loop beside host calls, to the loop alone",
      series(rounds, "loop", "alone ns").map(
        (ns, at) => ns / (series(rounds, "loop", "beside ns")[at] ?? Number.NaN),
      ),
      GOALS.loop,
    ),
    goalRow(
      "64 runs with 3 kv::get of 20 ms",
      series(rounds, "host-calls", "runs/s"),
      GOALS.runsPerSecond,
      "runs/s",
    ),
    boundRow("compile time of 100 lines", series(rounds, "compile", "compile ms"), COMPILE_MS_MAX, "ms"),
    {
      what: "the same, instantiated",
      value: `${withSpread(series(rounds, "compile", "compile and instantiate ms"))} ms`,
    },
    boundRow(
      "resident memory of an idle script",
      series(rounds, "memory", "resident KB per script"),
      IDLE_KB_MAX,
      "KB",
    ),
    { what: "of it in the heap", value: `${withSpread(series(rounds, "memory", "heap KB per script"))} KB` },
  ];
}

export const rhai: BenchCase = {
  name: "rhai",
  about: "Rhai as JavaScript against native Rhai; its host calls, compile time and memory",
  run: async ({ rounds, tell }) => {
    const all = await sideBySide(variants(), rounds, tellRound(tell));
    return { rows: rowsOf(all), raw: all };
  },
};
