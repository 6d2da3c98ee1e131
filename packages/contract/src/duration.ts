/** Durations in options: `"250ms"`, `"30s"`, `"5m"`, `"12h"`, `"3d"` or a number of milliseconds. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds (a whole number from 0 on), or `undefined` when the value has none of the accepted forms. */
export function parseDuration(value: unknown): number | undefined {
  const ms = typeof value === "string" ? fromText(value) : value;
  if (typeof ms !== "number" || !Number.isFinite(ms) || ms < 0 || ms > 100 * 365 * 86_400_000)
    return undefined;
  return Math.round(ms);
}

function fromText(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text);
  const unit = unitMs[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}
