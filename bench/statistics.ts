/** Numbers that are shown: medians with their spread, quantiles, ratios. */

/** Value below which `share` (0–1) of the values lie; of an even number of values the middle of the two. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) throw new Error("a quantile of nothing");
  return low + (high - low) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Three digits that mean something. */
export function shown(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { maximumFractionDigits: digits, useGrouping: true });
}

/** `median (lowest–highest)`. */
export function withSpread(values: readonly number[]): string {
  return `${shown(median(values))} (${shown(Math.min(...values))}–${shown(Math.max(...values))})`;
}

/** `p50 1.2 ms, p99 3.4 ms`. */
export function p50And99(values: readonly number[]): string {
  return `p50 ${shown(median(values))} ms, p99 ${shown(quantile(values, 0.99))} ms`;
}
