/** Interleaves 16 runs over every construct that lets go of the thread; each host call must name its own run. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CALLS_MIN, EVERY_CONSTRUCT } from "../../../../../tests/support/interleaving-script.ts";
import { compileTypescript } from "./compile-typescript.ts";

type Callback = (value: unknown) => unknown;
interface Requests {
  readonly runs: number[];
  run: number;
  waits: boolean;
}

/** The current run and what the guest runtime does to keep it, on this process's own prototypes while a test runs. */
class Runs {
  current = 0;
  readonly #undo: (() => void)[] = [];
  readonly #requests = new WeakMap<object, Requests>();
  #starting: Requests | undefined;

  install(): void {
    this.#wrapMethod(
      Promise.prototype,
      "then",
      (native) => (self, args) =>
        native.apply(
          self,
          args.map((callback) => this.#keep(callback)),
        ),
    );
    this.#wrapMethod(
      Promise.prototype,
      "finally",
      (native) => (self, args) =>
        native.apply(
          self,
          args.map((callback) => this.#keep(callback)),
        ),
    );
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf(emptyGenerator())) as object;
    for (const name of ["next", "return", "throw"]) {
      this.#wrapMethod(prototype, name, (native) => (self, args) => {
        const requests = this.#requestsOf(self as object);
        requests.runs.push(this.current);
        const [starting, current] = [this.#starting, this.current];
        this.#starting = requests;
        try {
          return native.apply(self, args);
        } finally {
          this.#starting = starting;
          this.current = current;
        }
      });
    }
  }

  uninstall(): void {
    for (const undo of this.#undo.toReversed()) undo();
  }

  enter<T>(run: number, body: () => T): T {
    const outer = this.current;
    this.current = run;
    try {
      return body();
    } finally {
      this.current = outer;
    }
  }

  keepCallback(callback: Callback): Callback {
    return this.#keep(callback) as Callback;
  }

  /** The parameter of the compiled text. */
  parameter(picloud: object): object {
    const serve = (requests: Requests): void => {
      requests.run = requests.runs.shift() ?? requests.run;
      this.current = requests.run;
    };
    const next = (requests: Requests, value?: unknown): unknown => {
      if (requests.waits) {
        requests.waits = false;
        serve(requests);
      }
      this.current = requests.run;
      return value;
    };
    return {
      g: () => this.current,
      s: (run: number) => {
        this.current = run;
      },
      r: (run: number, value: unknown) => {
        this.current = run;
        return value;
      },
      t: (value: unknown) => {
        if (typeof value !== "object" || value === null || value instanceof Promise || !("then" in value))
          return value;
        const { then } = value;
        return typeof then === "function"
          ? new Promise((yes, no) => Reflect.apply(then, value, [yes, no]))
          : value;
      },
      q: () => {
        const requests = this.#starting ?? { runs: [], run: this.current, waits: false };
        serve(requests);
        return requests;
      },
      n: next,
      w: (requests: Requests, value: unknown) => {
        requests.waits = true;
        return value;
      },
      y: (requests: Requests, iterable: AsyncIterable<unknown>) => {
        const inner = (async function* delegate() {
          return yield* iterable;
        })();
        let first = true;
        const request = (name: "next" | "return" | "throw") => async (value: unknown) => {
          if (first) first = false;
          else serve(requests);
          return await inner[name](value);
        };
        return {
          [Symbol.asyncIterator]: () => ({
            next: request("next"),
            return: request("return"),
            throw: request("throw"),
          }),
        };
      },
      import: () => picloud,
    };
  }

  #requestsOf(generator: object): Requests {
    const known = this.#requests.get(generator);
    if (known !== undefined) return known;
    const requests = { runs: [], run: this.current, waits: false };
    this.#requests.set(generator, requests);
    return requests;
  }

  #keep(callback: unknown): unknown {
    if (typeof callback !== "function") return callback;
    const run = this.current;
    return (...args: unknown[]): unknown =>
      this.enter(run, () => Reflect.apply(callback, undefined, args) as unknown);
  }

  #wrapMethod(
    owner: object,
    name: string,
    wrapped: (native: (...args: unknown[]) => unknown) => (self: unknown, args: unknown[]) => unknown,
  ): void {
    const native = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
    const call = wrapped(native);
    Reflect.set(owner, name, function method(this: unknown, ...args: unknown[]) {
      return call(this, args);
    });
    this.#undo.push(() => Reflect.set(owner, name, native));
  }
}

async function* emptyGenerator(): AsyncGenerator<never> {}

interface Pending {
  readonly yes: Callback;
  readonly no: Callback;
  readonly tag: string;
  readonly run: number;
}

/** A host whose calls wait until the test answers them, and that notes the run in which each was made. */
class WaitingHost {
  readonly calls: { readonly tag: string; readonly run: number }[] = [];
  readonly #pending: Pending[] = [];
  readonly #runs: Runs;

  constructor(runs: Runs) {
    this.#runs = runs;
  }

  readonly call = async (tag: string): Promise<unknown> => {
    const run = this.#runs.current;
    this.calls.push({ tag, run });
    return await new Promise((yes, no) => this.#pending.push({ yes, no, tag, run }));
  };

  /** Answers up to `count` calls, chosen by `choose`, each in its own run. */
  answer(count: number, choose: (below: number) => number): void {
    for (let answered = 0; answered < count && this.#pending.length > 0; answered++) {
      const [pending] = this.#pending.splice(choose(this.#pending.length), 1);
      if (pending === undefined) return;
      this.#runs.enter(pending.run, () =>
        pending.tag.endsWith(":reject") ? pending.no(new Error("refused")) : pending.yes(1),
      );
    }
  }
}

const SCRIPT = `
import { log } from "picloud";
const host = (tag: string): Promise<unknown> => (log as any).call(tag), later = (log as any).later;
const started = await host("0:module"); host("0:module-after");
${EVERY_CONSTRUCT}
export default all;`;

const RUNS = 16;
/** Turns of the event loop after which the test gives up. */
const TURNS_MAX = 20_000;

async function interleave(
  source: string,
  choose: (below: number) => number,
): Promise<{ readonly finished: readonly string[]; readonly host: WaitingHost }> {
  const runs = new Runs();
  const host = new WaitingHost(runs);
  const later = async (ms: number): Promise<void> =>
    await new Promise((yes) => setTimeout(runs.keepCallback(yes as Callback), ms));
  const module = (await import(`data:text/javascript,export default ${encodeURIComponent(source)}`)) as {
    default: (parameter: object) => Promise<{ default: (id: string) => Promise<unknown> }>;
  };
  const { default: evaluate } = module;
  const finished: string[] = [];
  const start = (exports: Awaited<ReturnType<typeof evaluate>>): void => {
    for (let run = 1; run <= RUNS; run++) {
      void runs
        .enter(run, async () => await exports.default(String(run)))
        .then((id) => finished.push(`${run} gave ${String(id)}`));
    }
  };
  runs.install();
  try {
    const loading = evaluate(runs.parameter({ log: { call: host.call, later } }));
    void loading.then(start);
    for (let turn = 0; turn < TURNS_MAX && finished.length < RUNS; turn++) {
      host.answer(1 + choose(4), choose);
      await new Promise((yes) => setImmediate(yes));
    }
  } finally {
    runs.uninstall();
  }
  return { finished, host };
}

function wrongCalls(host: WaitingHost): readonly string[] {
  return host.calls
    .filter(({ tag, run }) => Number(tag.split(":")[0]) !== run)
    .map(({ tag, run }) => `${tag} in run ${run}`);
}

describe("which run is it?", () => {
  const result = compileTypescript(SCRIPT, "interleave.ts");
  const compiled = result.ok ? result.code : JSON.stringify(result.diagnostics);

  test("16 runs, every construct, answers in any order: each call names its own run", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(0xffff)), async (chance) => {
        const { finished, host } = await interleave(compiled, (below) => (chance.next().value ?? 0) % below);
        expect(wrongCalls(host)).toEqual([]);
        expect(finished.toSorted()).toEqual(
          Array.from({ length: RUNS }, (_, i) => `${i + 1} gave ${i + 1}`).toSorted(),
        );
        expect(host.calls.length).toBeGreaterThan(RUNS * CALLS_MIN);
      }),
      { numRuns: 5 },
    );
  });

  test("without the pass most calls name another run, so the test can fail", async () => {
    const plain = compiled
      .replaceAll(/\$[rs]\(\$k,/g, "((0),")
      .replaceAll(/\$s\(\$k\)/g, "0")
      .replaceAll(/\$n\(\$q,/g, "((0),");
    let seed = 1;
    const { host } = await interleave(
      plain,
      (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below,
    );
    expect(wrongCalls(host).length).toBeGreaterThan(RUNS * 10);
  });
});
