/** When a failed delivery is tried again. */

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: "exponential" | "linear" | "constant";
  readonly baseMs: number;
  readonly maxMs: number;
  /** The wait is varied by chance by up to this much in both directions, so that failures do not come in step. */
  readonly jitterPct: number;
}

/** Milliseconds until the next attempt after `attempts` failed ones, never over `maxMs`; `undefined` when all are used
 *  up. `random`: from 0 to under 1. */
export function retryDelayMs(policy: RetryPolicy, attempts: number, random: number): number | undefined {
  if (attempts >= policy.maxAttempts) return undefined;
  const spread = 1 + ((2 * random - 1) * policy.jitterPct) / 100;
  return Math.min(policy.maxMs, Math.round(growth(policy.backoff, attempts) * policy.baseMs * spread));
}

function growth(backoff: RetryPolicy["backoff"], attempts: number): number {
  switch (backoff) {
    case "exponential":
      // 2^60 ms is beyond any `maxMs`; the bound keeps the product finite.
      return 2 ** Math.min(attempts - 1, 60);
    case "linear":
      return attempts;
    case "constant":
      return 1;
    default:
      return backoff satisfies never;
  }
}
