/** Runs that wait for the host take turns in one instance of the runtime. None may notice. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toTagged } from "../src/cli/tagged.ts";
import { rowErrorOf } from "../src/cli/row-error.ts";
import { compile } from "../src/compile.ts";
import { instantiate } from "../src/instantiate.ts";
import { type HostReply, type HostRequest } from "../src/runtime/host.ts";
import { Run } from "../src/runtime/run.ts";
import { type Runnable, type Step } from "../src/runtime/run.ts";
import { S } from "../src/runtime/state.ts";
import { Dict, Handle } from "../src/runtime/value.ts";
import { type Value } from "../src/runtime/value.ts";
import { modules, programs } from "./interleaving-programs.ts";

const LIMITS = { operations: 5_000, callDepth: 20 };
const AT_A_TIME = 16;

/** What must not depend on the others. */
interface Story {
  readonly outcome: unknown;
  readonly calls: readonly string[];
  readonly printed: readonly string[];
  readonly operations: number;
  readonly depth: number;
}

const units: readonly (readonly [string, Runnable])[] = Array.from(programs, ([name, source]) => {
  const made = compile(source, {
    scope: ["seed", "box"],
    host: {
      functions: new Map([
        ["host::get/1", { suspends: true }],
        ["host::fail/1", { suspends: true }],
      ]),
      methods: new Map([["read/1", { suspends: true }]]),
    },
    resolve: (path) => modules.get(path),
  });
  if (!made.ok) throw new Error(`${name}: ${made.diagnostics[0]?.message}`);
  return [name, instantiate(made.code)] as const;
});

/** The host's answers depend on nothing but the question. */
function answer({ fn, args }: HostRequest): HostReply {
  const x = Number(args[0]);
  const value = Math.abs((x * 31 + 7) % 10);
  if (fn !== "host::fail" || x % 3 !== 0) return { ok: true, value };
  return { ok: false, error: new Dict(new Map<string, Value>([["code", `failed ${x}`]])) };
}

/** A run that is told step by step. */
class Teller {
  readonly #run: Run;
  readonly #calls: string[] = [];
  readonly #printed: string[] = [];
  #step: Step | undefined;
  #outcome: unknown;

  constructor(unit: Runnable, seed: number) {
    const output = { print: (text: string) => void this.#printed.push(text), debug: () => {} };
    this.#run = new Run(unit, [seed, new Handle("box", seed)], { limits: LIMITS, output });
  }

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  advance(): void {
    try {
      const step = this.#step;
      if (step === undefined) this.#step = this.#run.start();
      else if (!step.done) this.#step = this.#run.resume(answer(step.request));
      if (this.#step?.done === false)
        this.#calls.push(`${this.#step.request.fn}(${this.#step.request.args.map(String).join()})`);
      else this.#outcome = { value: toTagged(this.#step?.value) };
    } catch (error) {
      this.#outcome = { error: rowErrorOf(error) };
    }
  }

  get story(): Story {
    const { operations, depth } = this.#run;
    return { outcome: this.#outcome, calls: this.#calls, printed: this.#printed, operations, depth };
  }
}

function tellAlone(unit: Runnable, seed: number): Story {
  const teller = new Teller(unit, seed);
  while (!teller.isOver) teller.advance();
  return teller.story;
}

/** All at the same time; `order` says who goes next. */
function tellTogether(all: readonly { unit: Runnable; seed: number }[], order: Iterator<number>): Story[] {
  const tellers = all.map(({ unit, seed }) => new Teller(unit, seed));
  const open = [...tellers];
  while (open.length > 0) {
    const at = Number(order.next().value) % open.length;
    open[at]?.advance();
    if (open[at]?.isOver === true) open.splice(at, 1);
  }
  return tellers.map(({ story }) => story);
}

const seeds = fc.nat(20);
const orders = fc.infiniteStream(fc.nat(1_000));

describe("a run among fifteen others tells the story that it tells alone", () => {
  test.each(units)("%s", (_name, unit) => {
    fc.assert(
      fc.property(fc.array(seeds, { minLength: AT_A_TIME, maxLength: AT_A_TIME }), orders, (all, order) => {
        const together = tellTogether(
          all.map((seed) => ({ unit, seed })),
          order,
        );
        expect(together).toEqual(all.map((seed) => tellAlone(unit, seed)));
      }),
      { numRuns: 5 },
    );
  });

  test("different programs", () => {
    const choices = fc.record({ unit: fc.constantFrom(...units.map(([, unit]) => unit)), seed: seeds });
    fc.assert(
      fc.property(fc.array(choices, { minLength: AT_A_TIME, maxLength: AT_A_TIME }), orders, (all, order) => {
        expect(tellTogether(all, order)).toEqual(all.map(({ unit, seed }) => tellAlone(unit, seed)));
      }),
    );
  });
});

test("no program fails by a fault of ours, and the endless one by its limit", () => {
  const outcomes = new Map(units.map(([name, unit]) => [name, JSON.stringify(tellAlone(unit, 4).outcome)]));
  expect([...outcomes].filter(([, outcome]) => outcome.includes("InternalError"))).toEqual([]);
  expect(outcomes.get("endless")).toContain("ErrorTooManyOperations");
  expect(outcomes.get("too deep")).toContain("ErrorStackOverflow");
});

test("a driver that forgets to swap the state would be found out", () => {
  const [, unit] = units.find(([name]) => name === "recursion") ?? [];
  if (unit === undefined) throw new Error("no such program");
  const careless = (seed: number): Iterator<HostRequest, unknown, HostReply> =>
    unit.main(seed, undefined) as Generator<HostRequest, unknown, HostReply>;
  const before = { ...S };
  try {
    Object.assign(S, { fuel: 5_000, rest: 0, depth: 0, limits: { ...S.limits, callDepth: 20 } });
    const runs = [11, 11, 11].map((seed) => ({
      run: careless(seed),
      next: undefined as HostReply | undefined,
    }));
    const together = (): void => {
      for (let turn = 0; turn < 10; turn++)
        for (const one of runs) {
          const { done, value } = one.next === undefined ? one.run.next() : one.run.next(one.next);
          if (done !== true) one.next = answer(value);
        }
    };
    // Together they are deeper than any of them alone.
    expect(together).toThrow("Stack overflow");
  } finally {
    Object.assign(S, before);
  }
});
