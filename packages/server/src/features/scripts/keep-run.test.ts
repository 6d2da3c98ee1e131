/** Interleaves 16 runs over every construct that lets go of the thread; each host call must name its own run. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
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
const host = (tag: string): Promise<unknown> => (log as any).call(tag), later = (log as any).later, quiet = () => 0;
let shared: Promise<unknown> | null = null, sharedRejection: Promise<unknown> | null = null;
const started = await host('0:module'); host('0:module-after');
class Query { constructor(private id: string) {} then(a: any, b: any) { return host(this.id + ':thenable').then(a, b) } }
async function* gen(id: string) { for (let i = 0; i < 3; i++) { await host(id + ':gen'); yield i; host(id + ':gen-after').catch(quiet); } }
async function* outer(id: string): AsyncGenerator<number, void> {
  try { const r = yield* gen(id); host(id + ':after-delegate').catch(quiet); yield* [7, 8]; host(id + ':after-list').catch(quiet); yield host(id + ':yield-promise') as any; host(id + ':after-yield-promise').catch(quiet);
    try { yield host(id + ':yield:reject') as any } catch { host(id + ':yield-caught').catch(quiet) } }
  finally { host(id + ':gen-finally').catch(quiet); await host(id + ':gen-finally2'); host(id + ':gen-finally3').catch(quiet) }
}
const arrow = async (id: string) => (await host(id + ':arrow'), { v: await host(id + ':arrow2') });
const arrow2 = async (id: string) => (await host(id + ':a3') as any) + (await host(id + ':a4')) + host(id + ':a5').catch(quiet);
async function deep(id: string, n: number): Promise<void> { 'use strict'; if (n === 0) { await host(id + ':deep'); throw new Error('x') } try { await deep(id, n - 1) } finally { await host(id + ':fin' + n); host(id + ':fin-after' + n).catch(quiet) } }
class Service { #p = 1; static made = (() => { try { throw 1 } catch { return 2 } })(); static { try { throw 1 } catch {} }
  field = async (id: string) => { await host(id + ':field'); host(id + ':field2').catch(quiet) };
  async m(id: string) { await host(id + ':method'); return this.#p }
  static async s(id: string) { const f = async () => { await host(id + ':inner'); host(id + ':inner2').catch(quiet) }; await Promise.all([f(), f(), host(id + ':all')]); } }
async function* patterns(id: string) { for (let i = 0; i < 2; i++) { await host(id + ':p'); yield { i } as any } }
export default async function (id: string, other = async (x: string) => { await host(x + ':default'); host(x + ':default2').catch(quiet) }) {
  await host(id + ':1'); host(id + ':unawaited').then(() => host(id + ':in-then')).catch(() => host(id + ':in-catch'));
  shared ??= later(1); await shared; host(id + ':after-shared').catch(quiet);
  sharedRejection ??= later(1).then(() => { throw new Error('shared') }); try { await sharedRejection } catch { host(id + ':after-shared-rejection').catch(quiet) }
  try { await host(id + ':reject'); } catch (e) { host(id + ':in-catch2').catch(quiet); } finally { host(id + ':in-finally').catch(quiet); }
  try { await host(id + ':again:reject'); } catch ({ message = host(id + ':never'), [(host(id + ':in-pattern').catch(quiet), 'name')]: n }: any) { let other = 1; host(id + ':pattern-body').catch(quiet); }
  try { await deep(id, 3) } catch { await host(id + ':deep-caught') }
  l: for await (const x of gen(id)) { if (x === 1) continue l; host(id + ':body').catch(quiet); }
  host(id + ':after-for').catch(quiet);
  up: for (const n of [1, 2]) { for await (const x of outer(id)) { if (x === 7) continue up; if (n === 2 && x === 0) break up } }
  host(id + ':after-up').catch(quiet);
  for await (const x of outer(id)) host(id + ':outer-body').catch(quiet);
  for await (const { i, [(host(id + ':loop-pattern').catch(quiet), 'i')]: j, k = await host(id + ':loop-default') } of patterns(id)) host(id + ':loop-body').catch(quiet);
  let target: any = {}; for await (target.x of gen(id)) { host(id + ':target').catch(quiet) }
  const g = gen(id), both = await Promise.all([g.next(), g.next(), g.next(), g.next()]); host(id + ':after-both').catch(quiet);
  const t = outer(id); await t.next(); await t.throw(new Error('in')).catch(quiet); host(id + ':after-throw').catch(quiet);
  const u = outer(id); await u.next(); await u.return(); host(id + ':after-return').catch(quiet);
  await arrow(id); await arrow2(id); await other(id); await new Service().m(id); await new Service().field(id); await Service.s(id); await new Query(id); host(id + ':after-q').catch(quiet);
  await (async () => new Query(id))(); host(id + ':after-returned-q').catch(quiet);
  const r = await Promise.race([host(id + ':r1'), host(id + ':r2')]).finally(() => host(id + ':pf').catch(quiet)); host(id + ':after-race').catch(quiet);
  const o = { async ['x' + 1]() { return await host(id + ':computed') }, get y() { return 1 } } as any; await o.x1();
  for (const p of [host(id + ':p1'), host(id + ':p2')]) await p; if (id) for await (const z of [host(id + ':z')]) host(id + ':z-body').catch(quiet);
  switch (await host(id + ':switch')) { case await host(id + ':case'): host(id + ':in-case').catch(quiet) }
  while (!(await host(id + ':while'))); host(id + ':end').catch(quiet);
  return id;
}`;

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
        expect(host.calls.length).toBeGreaterThan(RUNS * 90);
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
