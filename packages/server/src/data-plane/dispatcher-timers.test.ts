import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createWakeTimer } from "./dispatcher-timers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a timer fires at each moment that was asked for, an earlier one does not take a later one away", () => {
  const start = performance.now();
  const fired: number[] = [];
  const timer = createWakeTimer(2_000, () => fired.push(performance.now() - start));
  for (const ms of [90, 50, 70, 70, 2_001]) timer.within(ms);
  vi.advanceTimersByTime(60);
  timer.within(0);
  vi.advanceTimersByTime(5_000);
  expect(fired).toHaveLength(4);
  for (const [i, ms] of [50, 60, 70, 90].entries()) {
    expect(fired[i]).toBeGreaterThanOrEqual(ms);
    expect(fired[i]).toBeLessThanOrEqual(ms + 3);
  }
});

test("a timer that was stopped fires no more", () => {
  let count = 0;
  const timer = createWakeTimer(2_000, () => void count++);
  timer.within(10);
  timer.stop();
  timer.within(10);
  vi.advanceTimersByTime(5_000);
  expect(count).toBe(0);
});
