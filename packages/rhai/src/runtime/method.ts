/** Calls in method style: `x.name(…)`. A function that a map holds under that name comes before the library's. */
import { callFn as callFnA } from "./call.co.ts";
import { callFn } from "./call.sync.ts";
import { native, nativeA, type NativeFn, type NativeGenerator } from "./native.ts";
import { dataRace } from "./raise.ts";
import { type Cell, Dict, FnPtr, type Value } from "./value.ts";

/** The function that a map holds under this name. */
function held(receiver: Value, name: string): FnPtr | undefined {
  if (!(receiver instanceof Dict)) return undefined;
  const value = receiver.entries.get(name);
  return value instanceof FnPtr ? value : undefined;
}

/** `arity` counts the receiver. Called with the receiver first. */
export function method(name: string, arity: number): NativeFn {
  const plain = native(name, arity);
  if (arity === 1) {
    return (self) => {
      if (self instanceof Dict) {
        const fn = held(self, name);
        if (fn !== undefined) return callFn(fn, self, []);
      }
      return plain(self);
    };
  }
  if (arity === 2) {
    return (self, a) => {
      if (self instanceof Dict) {
        const fn = held(self, name);
        if (fn !== undefined) return callFn(fn, self, [a]);
      }
      return plain(self, a);
    };
  }
  if (arity === 3) {
    return (self, a, b) => {
      if (self instanceof Dict) {
        const fn = held(self, name);
        if (fn !== undefined) return callFn(fn, self, [a, b]);
      }
      return plain(self, a, b);
    };
  }
  return (...args) => {
    const fn = held(args[0], name);
    return fn === undefined ? plain(...args) : callFn(fn, args[0], args.slice(1));
  };
}

/** Twin of `method` for calls that may suspend. */
export function methodA(name: string, arity: number): NativeGenerator {
  const plain = nativeA(name, arity);
  return function* (...args) {
    const fn = held(args[0], name);
    return fn === undefined ? yield* plain(...args) : yield* callFnA(fn, args[0], args.slice(1));
  };
}

/** `variable.call(fn, …)` where `fn` has captured that variable too: native has it borrowed already. */
export function checkRace(cell: Cell, fn: Value): void {
  if (!(fn instanceof FnPtr)) return;
  const at = fn.cells.indexOf(cell);
  if (at >= 0) dataRace(`argument #${at + 1} of function '${fn.name}'`);
}
