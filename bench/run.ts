/** `npm run bench -- [case…] [--rounds N] [--seconds N] [--load wrk|own]`: measures, prints a table, keeps the numbers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { acquireBenchLock } from "./bench-lock.ts";
import type { BenchCase, CaseResult, ResultRow } from "./bench-case.ts";
import { auth } from "./cases/auth.ts";
import { deploy } from "./cases/deploy.ts";
import { docs } from "./cases/docs.ts";
import { drain } from "./cases/drain.ts";
import { event } from "./cases/event.ts";
import { hello } from "./cases/hello.ts";
import { idle } from "./cases/idle.ts";
import { kv } from "./cases/kv.ts";
import { memory } from "./cases/memory.ts";
import { neighbour } from "./cases/neighbour.ts";
import { paging } from "./cases/paging.ts";
import { pic } from "./cases/pic.ts";
import { pubsub } from "./cases/pubsub.ts";
import { rhai } from "./cases/rhai.ts";
import { start } from "./cases/start.ts";
import { findLoadTool } from "./http-load.ts";
import { describeMachine } from "./machine.ts";

const CASES: readonly BenchCase[] = [
  hello,
  deploy,
  kv,
  docs,
  event,
  drain,
  idle,
  pubsub,
  neighbour,
  memory,
  start,
  rhai,
  auth,
  pic,
  paging,
];
const root = join(import.meta.dirname, "..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    load: { type: "string" },
  },
});

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    console.error(`--${name} must be a whole number from 1 on, not ${text}`);
    process.exit(2);
  }
  return value;
}

function chosenCases(): BenchCase[] {
  const unknown = positionals.filter((name) => !CASES.some((candidate) => candidate.name === name));
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(", ")}. The cases are:`);
    for (const { name, about } of CASES) console.error(`  ${name.padEnd(10)} ${about}`);
    process.exit(2);
  }
  return CASES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
}

function showRow({ what, value, ratio, goal, isGoalMet }: ResultRow): string {
  const parts = [value, ratio === undefined ? "" : `× ${ratio}`, goal === undefined ? "" : `goal: ${goal}`];
  const mark = isGoalMet === undefined ? "" : isGoalMet ? "  ✔" : "  ✘ missed";
  return `  ${what.padEnd(44)} ${parts.filter((part) => part !== "").join("  ")}${mark}`;
}

const rounds = positive("rounds", values.rounds);
const seconds = positive("seconds", values.seconds);
const cases = chosenCases();
const found = findLoadTool();
const load = values.load === "own" || values.load === "wrk" ? values.load : found;
if (found === "own")
  console.error("wrk is not installed: our own load generator stands in (on Debian: apt-get install wrk)");

const lock = await acquireBenchLock();
const machine = describeMachine(root);
console.log(
  `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}, load by ${load}`,
);
const results: Record<string, CaseResult> = {};
const failed: string[] = [];
try {
  for (const chosen of cases) {
    const { name } = chosen;
    console.log(`\n${name}: ${chosen.about}`);
    try {
      const result = await chosen.run({ rounds, seconds, load, tell: (line) => console.error(line) });
      results[name] = result;
      for (const row of result.rows) console.log(showRow(row));
    } catch (error) {
      // The other cases are worth having all the same; the exit code tells.
      failed.push(name);
      console.error(error);
    }
  }
} finally {
  lock.release();
}
const at = new Date().toISOString();
const path = join(root, "bench", "results", `${at.slice(0, 19).replaceAll(":", "-")}.json`);
mkdirSync(join(root, "bench", "results"), { recursive: true });
writeFileSync(path, `${JSON.stringify({ at, machine, load, rounds, seconds, results }, undefined, 1)}\n`);
console.log(`\nAll numbers: ${path}`);
if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
