import fc from "fast-check";
import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("one app alone may take every slot, and no more", () => {
  const gate = createGate(8);
  expect(Array.from({ length: 10 }, () => gate.acquire("a"))).toEqual([
    ...Array<boolean>(8).fill(true),
    false,
    false,
  ]);
  gate.release("a");
  expect(gate.acquire("a")).toBe(true);
});

test("the last quarter is for apps below their share", () => {
  const gate = createGate(8);
  gate.acquire("b");
  expect(Array.from({ length: 7 }, () => gate.acquire("a"))).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect([gate.acquire("b"), gate.acquire("c"), gate.acquire("b")]).toEqual([true, true, false]);
});

test("never over the limit, and every slot comes back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()), { maxLength: 200 }),
      (limit, steps) => {
        const gate = createGate(limit);
        const mine: string[] = [];
        for (const [app, isAcquire] of steps) {
          if (isAcquire) {
            if (gate.acquire(app)) mine.push(app);
          } else if (mine.includes(app)) {
            mine.splice(mine.indexOf(app), 1);
            gate.release(app);
          }
          expect(gate.held()).toBe(mine.length);
          expect(mine.length).toBeLessThanOrEqual(limit);
        }
        for (const app of mine) gate.release(app);
        expect(gate.free()).toBe(limit);
      },
    ),
  );
});
