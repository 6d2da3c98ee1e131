/** Operations of a run: what every loop, call and library function pays. */
import { RhaiError } from "./error.ts";
import { S } from "./state.ts";

/** Operations of a slice: `fuel` stays a small integer for V8. */
export const SLICE: number = 2 ** 30 - 1;

/** The slice is used up: the next one, or the end of the run. */
export function refuel(): void {
  const left = S.fuel + S.rest;
  if (left < 0) {
    S.fuel = 0;
    S.rest = 0;
    throw new RhaiError("ErrorTooManyOperations", "Too many operations");
  }
  S.fuel = Math.min(left, SLICE);
  S.rest = left - S.fuel;
}

/** Pays for `n` operations of a library loop. */
export function tick(n: number): void {
  if ((S.fuel -= n) < 0) refuel();
}
