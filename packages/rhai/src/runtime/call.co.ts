/** Calls of function pointers. `call.sync.ts` is made from this text by `npm run generate`. */
import { type Plan } from "./callback.ts";
import { RhaiError } from "./error.ts";
import { hasNative, setsSelf } from "./native.ts";
import { functionNotFound, mismatchAssigned, mismatchValue } from "./raise.ts";
import { callNative, type Co, settle } from "./settle.co.ts";
import { S } from "./state.ts";
import { type Compiled, FnPtr, type Self, UNIT, type Value } from "./value.ts";

/** `fn.call(…)` and `value.call(fn, …)`. `self` is `this`, undefined if there is none, UNIT for `()`; afterwards `S.self` is
 *  what it has become. The arguments belong to the callee. */
export function* callFn(fn: Value, self: Self, args: readonly Value[]): Co<Value> {
  if (!(fn instanceof FnPtr)) return mismatchAssigned(fn, "Fn");
  const { compiled, cells, curry } = fn;
  if (compiled === undefined || compiled.arity !== curry.length + args.length) {
    return yield* callNamed(fn, self === UNIT ? undefined : self, self !== undefined, args);
  }
  let result: Value;
  if (curry.length === 0 && args.length < 3) result = yield* callShort(compiled, cells, self, args);
  else result = yield* settle(compiled, compiled.code(self, ...cells, ...curry, ...args));
  if (compiled.setsThis !== true) S.self = self === UNIT ? undefined : self;
  return result;
}

/** Few arguments, without a spread. */
function* callShort(
  compiled: Compiled,
  cells: readonly unknown[],
  self: Self,
  args: readonly Value[],
): Co<Value> {
  const { code } = compiled;
  if (cells.length === 0) {
    if (args.length === 0) return yield* settle(compiled, code(self));
    if (args.length === 1) return yield* settle(compiled, code(self, args[0]));
    return yield* settle(compiled, code(self, args[0], args[1]));
  }
  if (cells.length === 1) {
    if (args.length === 0) return yield* settle(compiled, code(self, cells[0]));
    if (args.length === 1) return yield* settle(compiled, code(self, cells[0], args[0]));
    return yield* settle(compiled, code(self, cells[0], args[0], args[1]));
  }
  return yield* settle(compiled, code(self, ...cells, ...args));
}

/** `x.call(…)`: calls `x` if it is a function, else calls the first argument with `x` as `this`. */
export function* callMethod(target: Value, args: readonly Value[]): Co<Value> {
  if (target instanceof FnPtr) {
    const result = yield* callFn(target, undefined, args);
    S.self = target;
    return result;
  }
  if (args.length === 0) return mismatchValue(target, "Fn");
  return yield* callFn(args[0], target ?? UNIT, args.slice(1));
}

/** Looks the function up by name and number of arguments: functions of the script first, then the library. With a receiver
 *  that is `this` of a script's function and the first argument of the library's. */
export function* callNamed(fn: FnPtr, self: Value, hasSelf: boolean, args: readonly Value[]): Co<Value> {
  const all = [...fn.curry, ...args];
  const script = S.functions?.get(`${fn.name}/${all.length}`);
  if (script !== undefined) {
    const result = yield* settle(script, script.code(hasSelf ? (self ?? UNIT) : undefined, ...all));
    if (script.setsThis !== true) S.self = self;
    return result;
  }
  if (!hasSelf) return yield* callNative(fn.name, all);
  // Behind curried values the receiver is a copy: what the function makes of it is lost.
  const isCopied = fn.curry.length > 0;
  const full = isCopied ? [...fn.curry, self, ...args] : [self, ...args];
  const result = yield* callNative(fn.name, full);
  if (isCopied || !setsSelf(fn.name, full.length)) S.self = self;
  return result;
}

/** Calls a callback by its name, in one form after the other until there is such a function. */
export function* callByName(
  plan: Plan,
  self: Value,
  hasSelf: boolean,
  forms: readonly (readonly Value[])[],
): Co<Value> {
  const depth = S.depth;
  for (let at = 0; ; at++) {
    const args = forms[at] ?? [];
    const isLast = at === forms.length - 1;
    try {
      const withSelf = hasSelf && at === 0;
      if (!canCall(plan.fn, withSelf, args)) functionNotFound(plan.fn.name, [...plan.fn.curry, ...args]);
      return yield* callNamed(plan.fn, self, withSelf, args);
    } catch (error) {
      if (!(error instanceof RhaiError)) throw error;
      if (isLast || isScripted(plan.fn, args) || !isMissing(error, plan.fn.name)) {
        throw inCallOf(plan.caller, error);
      }
      S.depth = depth;
    }
  }
}

function isScripted(fn: FnPtr, args: readonly Value[]): boolean {
  return S.functions?.has(`${fn.name}/${fn.curry.length + args.length}`) === true;
}

function canCall(fn: FnPtr, withSelf: boolean, args: readonly Value[]): boolean {
  const count = fn.curry.length + args.length;
  return isScripted(fn, args) || hasNative(fn.name, withSelf ? count + 1 : count);
}

/** Is this the error of a missing function of that name, and not one from inside of it? */
function isMissing(error: RhaiError, name: string): boolean {
  return error.variant === "ErrorFunctionNotFound" && error.fields.function?.startsWith(`${name} (`) === true;
}

/** Native wraps errors of callbacks that it finds by name in the call of the library function. */
function inCallOf(caller: string, inner: RhaiError): RhaiError {
  if (inner.variant === "ErrorTooManyOperations" || inner.variant === "ErrorStackOverflow") return inner;
  return new RhaiError("ErrorInFunctionCall", `${inner.text}\nin call to function '${caller}'`, {
    fields: { function: caller, source: "" },
    inner,
  });
}

/** The code of a plan, with `this` and up to three arguments. */
export function* apply0(plan: Plan, self: Self): Co<Value> {
  const { compiled, code, head } = plan;
  if (head.length === 0) return yield* settle(compiled, code(self));
  return yield* settle(compiled, code(self, ...head));
}

export function* apply1(plan: Plan, self: Self, a: Value): Co<Value> {
  const { compiled, code, head } = plan;
  if (head.length === 0) return yield* settle(compiled, code(self, a));
  if (head.length === 1) return yield* settle(compiled, code(self, head[0], a));
  return yield* settle(compiled, code(self, ...head, a));
}

export function* apply2(plan: Plan, a: Value, b: Value): Co<Value> {
  const { compiled, code, head } = plan;
  if (head.length === 0) return yield* settle(compiled, code(undefined, a, b));
  if (head.length === 1) return yield* settle(compiled, code(undefined, head[0], a, b));
  return yield* settle(compiled, code(undefined, ...head, a, b));
}

export function* apply3(plan: Plan, a: Value, b: Value, c: Value): Co<Value> {
  const { compiled, code, head } = plan;
  if (head.length === 0) return yield* settle(compiled, code(undefined, a, b, c));
  return yield* settle(compiled, code(undefined, ...head, a, b, c));
}
