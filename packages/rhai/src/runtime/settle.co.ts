/** How a call of compiled code ends in functions that can wait for the host. Twin of `settle.sync.ts`. */
import { nativeA } from "./native.ts";
import { type Compiled, type Value } from "./value.ts";

/** What a function of a `.co.ts` text gives here. */
export type Co<T> = Generator<unknown, T, unknown>;

/** `result` is the generator of a function that may suspend, the value of others. */
export function* settle(compiled: Compiled, result: unknown): Co<Value> {
  if (compiled.isColoured) return yield* result as Generator<unknown, Value, unknown>;
  return result as Value;
}

export function* callNative(name: string, args: readonly Value[]): Co<Value> {
  return yield* nativeA(name, args.length)(...args);
}
