/** Names of functions as `Fn("name")` takes them. */
import { tick } from "./fuel.ts";
import { RhaiError } from "./error.ts";
import { functionNotFoundText, mismatchValue } from "./raise.ts";
import { FnPtr, type Value } from "./value.ts";

const words =
  "as break catch const continue do else export false fn for if import in let loop private return switch throw true try " +
  "until while this Fn call curry debug eval is_def_fn is_def_var is_shared print type_of async await case default go " +
  "goto is match module new nil null package protected public shared spawn static super sync thread use var void with " +
  "yield _ global";
const symbols =
  "{ } ( ) [ ] + - * / % ** << >> & | ^ = += -= *= /= %= **= <<= >>= &= |= ^= == != < <= > >= && || ! ? ?? ?. ?[ . .. " +
  "..= , ; : :: => -> <- === !== := :; ::< ~ @ $ # #! #{ ... (* *) !. <| |> ++ --";
const reserved: ReadonlySet<string> = new Set(`${words} ${symbols}`.split(" "));

const identifier = /^_*[A-Za-z][A-Za-z0-9_]*$/;

/** Throws what native throws for a text that is no function's name. */
export function checkFnName(name: string): void {
  if (reserved.has(name)) {
    const kind = identifier.test(name) ? "keyword" : "symbol";
    const message = `'${name}' is a reserved ${kind}`;
    throw new RhaiError("ErrorParsing", `Syntax error: ${message}`, { parse: { code: "Reserved", message } });
  }
  if (!identifier.test(name)) functionNotFoundText(name);
}

/** `Fn(name)`. */
export function makeFn(name: Value): FnPtr {
  if (typeof name !== "string") return mismatchValue(name, "string");
  checkFnName(name);
  return new FnPtr(name, undefined);
}

/** `fn.curry(…)`: the values go before all arguments of later calls. */
export function curryFn(fn: Value, values: readonly Value[]): FnPtr {
  if (!(fn instanceof FnPtr)) return mismatchValue(fn, "Fn");
  tick(fn.curry.length >> 3);
  return new FnPtr(fn.name, fn.compiled, fn.cells, [...fn.curry, ...values]);
}
