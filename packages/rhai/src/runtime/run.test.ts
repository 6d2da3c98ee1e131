import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exit, RhaiError } from "./error.ts";
import { Run } from "./run.ts";
import { type HostReply, type HostRequest } from "./host.ts";
import { type Runnable } from "./run.ts";
import { S } from "./state.ts";

/** What emitted code of `for i in 0..passes { let r = host(i); work(); }` does to the state. */
const waiting = (passes: number): Runnable => ({
  suspends: true,
  *main(): Generator<HostRequest, unknown, HostReply> {
    const replies: unknown[] = [];
    S.depth += 1;
    for (let pass = 0; pass < passes; pass++) {
      S.fuel -= 7;
      replies.push(yield { fn: "host", args: [pass] });
      S.fuel -= pass;
      S.output.print(`pass ${pass}`);
    }
    S.depth -= 1;
    return replies.length;
  },
});

function print(lines: string[]): { print(text: string): void; debug(): void } {
  return { print: (text) => void lines.push(text), debug: () => {} };
}

describe("a run", () => {
  test("that does not suspend is done at once, and counts its operations", () => {
    const run = new Run({ suspends: false, main: (a) => ((S.fuel -= 12), a) }, [5], {
      limits: { operations: 100 },
    });
    expect(run.start()).toEqual({ done: true, value: 5 });
    expect(run.operations).toBe(12);
  });

  test("that suspends gives its requests, and gets the answers", () => {
    const run = new Run(waiting(2));
    expect(run.start()).toEqual({ done: false, request: { fn: "host", args: [0] } });
    expect(run.depth).toBe(1);
    expect(run.resume({ ok: true, value: 5 })).toEqual({ done: false, request: { fn: "host", args: [1] } });
    expect(run.resume({ ok: true, value: 5 })).toEqual({ done: true, value: 2 });
    expect(run.depth).toBe(0);
  });

  test("leaves the state as it was, also when it throws", () => {
    const before = { ...S };
    const failing = new Run({
      suspends: false,
      main: () => {
        S.depth = 5;
        S.fuel = 3;
        throw new RhaiError("ErrorRuntime", "no");
      },
    });
    expect(() => failing.start()).toThrow("no");
    expect({ ...S }).toEqual(before);
  });

  test("may be inside another one", () => {
    const inner = new Run({ suspends: false, main: () => (S.fuel -= 3) });
    const outer = new Run({
      suspends: false,
      main: () => {
        S.fuel -= 10;
        S.depth = 4;
        inner.start();
        return S.depth;
      },
    });
    expect(outer.start()).toEqual({ done: true, value: 4 });
    expect([outer.operations, inner.operations]).toEqual([10, 3]);
  });

  test("can't be entered while it is inside", () => {
    const runs: Run[] = [];
    runs.push(new Run({ suspends: false, main: () => runs[0]?.start() }));
    expect(() => runs[0]?.start()).toThrow("inside already");
  });

  test("that exits is done with the value", () => {
    const exit = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error -- not an error: it ends the script from anywhere
      throw new Exit(7);
    };
    expect(new Run({ suspends: false, main: exit }).start()).toEqual({ done: true, value: 7 });
  });

  test("that exhausts the stack of JavaScript fails as one that is too deep", () => {
    const deep = (): number => deep() + 1;
    expect(() => new Run({ suspends: false, main: deep }).start()).toThrow(
      expect.objectContaining({ variant: "ErrorStackOverflow" }),
    );
  });

  test("does not see what others do, whatever the order of the answers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (sizes, order) => {
          const runs = sizes.map((passes) => {
            const lines: string[] = [];
            return { passes, lines, run: new Run(waiting(passes), [], { output: print(lines) }) };
          });
          const open = runs.map(({ run }) => ({ run, step: run.start() })).filter(({ step }) => !step.done);
          while (open.length > 0) {
            const at = (order.next().value ?? 0) % open.length;
            const [next] = open.splice(at, 1);
            if (next !== undefined && !next.run.resume({ ok: true, value: 1 }).done) open.push(next);
          }
          for (const { passes, lines, run } of runs) {
            expect(lines).toEqual(Array.from({ length: passes }, (_, pass) => `pass ${pass}`));
            expect(run.operations).toBe(7 * passes + (passes * (passes - 1)) / 2);
          }
        },
      ),
    );
  });
});
