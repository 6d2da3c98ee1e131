/** Programs of the benchmark, compiled and run as an embedder would: 20 million operations and 64 calls inside each other
 *  for each run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { toTagged } from "../../packages/rhai/src/cli/tagged.ts";
import { Engine } from "../../packages/rhai/src/engine.ts";
import type { Script } from "../../packages/rhai/src/engine.ts";
import type { HostReply } from "../../packages/rhai/src/runtime/host.ts";

export const LIMITS = { operations: 20_000_000, callDepth: 64 } as const;

export interface Native {
  /** Shortest time of the yardstick on the machine of native's times, which are shortest times too. */
  readonly yardstickNs: number;
  readonly programs: Readonly<
    Record<string, { readonly ns: number; readonly compileNs: number; readonly value: unknown }>
  >;
}

export function readNative(): Native {
  return JSON.parse(readFileSync(join(import.meta.dirname, "native.json"), "utf8")) as Native;
}

export function readScript(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8");
}

export function newEngine(): Engine {
  return new Engine({ limits: LIMITS });
}

/** One run; the value must be native's. */
export function runOnce(engine: Engine, script: Script, expected: unknown): void {
  const step = engine.start(script).start();
  if (!step.done) throw new Error("a program of the benchmark waits for the host");
  if (!isDeepStrictEqual(toTagged(step.value), expected))
    throw new Error(
      `${JSON.stringify(toTagged(step.value))} is not what native answers: ${JSON.stringify(expected)}`,
    );
}

/** A run whose requests are all answered at once with the same value. */
export function runAnswered(engine: Engine, script: Script, reply: HostReply): void {
  const run = engine.start(script);
  let step = run.start();
  while (!step.done) step = run.resume(reply);
}
