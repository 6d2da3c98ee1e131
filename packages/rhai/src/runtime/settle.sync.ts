/** How a call of compiled code ends in functions that can't wait. Twin of `settle.co.ts`. */
import { native, type NativeFn } from "./native.ts";
import { type Compiled, type Value } from "./value.ts";

/** What a function of a `.co.ts` text gives here: the value itself. */
export type Co<T> = T;

/** A function that may suspend can't be called here; the analysis of colours has failed if it happens. */
export function settle(compiled: Compiled, result: unknown): Value {
  if (compiled.isColoured) throw new Error(`internal: colour of ${compiled.name}`);
  return result as Value;
}

export function callNative(name: string, args: readonly Value[]): Value {
  const fn: NativeFn = native(name, args.length);
  return fn(...args);
}
