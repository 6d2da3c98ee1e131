import { expect, test } from "vitest";
import { median, quantile, shown, withSpread } from "./statistics.ts";

test("quantiles lie between values; the median of an even number is the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([10, 20, 30], 0)).toBe(10);
  expect(quantile([10, 20, 30], 1)).toBe(30);
  expect(() => median([])).toThrow("nothing");
});

test("three digits are shown, with the spread", () => {
  expect(shown(12345.678)).toBe("12,346");
  expect(shown(0.12345)).toBe("0.123");
  expect(shown(1.5)).toBe("1.5");
  expect(shown(0)).toBe("0");
  expect(withSpread([1, 3, 2])).toBe("2 (1–3)");
});
