import fc from "fast-check";
import { expect, it } from "vitest";
import { retryDelayMs, type RetryPolicy } from "./retry.ts";

const policy: RetryPolicy = {
  maxAttempts: 5,
  backoff: "exponential",
  baseMs: 1000,
  maxMs: 6000,
  jitterPct: 0,
};
const delays = (changes: Partial<RetryPolicy>): unknown[] =>
  [1, 2, 3, 4, 5].map((attempts) => retryDelayMs({ ...policy, ...changes }, attempts, 0.5));

it("grows as the policy says and ends with the last attempt", () => {
  expect(delays({})).toEqual([1000, 2000, 4000, 6000, undefined]);
  expect(delays({ backoff: "linear" })).toEqual([1000, 2000, 3000, 4000, undefined]);
  expect(delays({ backoff: "constant" })).toEqual([1000, 1000, 1000, 1000, undefined]);
});

it("stays within the jitter and the longest wait", () => {
  fc.assert(
    fc.property(
      fc.record({
        maxAttempts: fc.constant(100),
        backoff: fc.constantFrom("exponential" as const, "linear" as const, "constant" as const),
        baseMs: fc.integer({ min: 0, max: 86_400_000 }),
        maxMs: fc.integer({ min: 0, max: 604_800_000 }),
        jitterPct: fc.integer({ min: 0, max: 100 }),
      }),
      fc.integer({ min: 1, max: 99 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (any, attempts, random) => {
        const delay = retryDelayMs(any, attempts, random);
        const plain = retryDelayMs({ ...any, jitterPct: 0, maxMs: Number.MAX_VALUE }, attempts, random) ?? 0;
        expect(delay).toBeLessThanOrEqual(any.maxMs);
        expect(delay).toBeGreaterThanOrEqual(
          Math.min(any.maxMs, Math.floor(plain * (1 - any.jitterPct / 100))),
        );
      },
    ),
  );
});
