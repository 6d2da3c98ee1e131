/** Functions for values of every type, of function pointers and of time. */
import { Exit } from "../error.ts";
import { toDebug, toText, typeName } from "../format.ts";
import { curryFn } from "../fn-name.ts";
import { type Int, isInt } from "../integer.ts";
import { tick } from "../fuel.ts";
import { checkString } from "../limits.ts";
import { define, defineAny, defineGetter, defineNone, NONE, type Result } from "../native.ts";
import { arithmetic } from "../raise.ts";
import { S } from "../state.ts";
import { getTag, setTag } from "../tag.ts";
import { Arr, Dict, Float, Timestamp, type Value } from "../value.ts";
import { now, sleepMs } from "./clock.ts";

function print(value: Value): undefined {
  S.output.print(checkString(toText(value)));
}

/** Calls that know their place pass it themselves. */
function debug(text: string): undefined {
  S.output.debug(checkString(text), 0, 0);
}

function take(value: Value): Value {
  S.self = undefined;
  return value;
}

function exit(value: Value): never {
  // oxlint-disable-next-line typescript/only-throw-error -- no error: the end of the script
  throw new Exit(value);
}

/** Seconds since the timestamp. */
function elapsed(timestamp: Timestamp): Result {
  const ms = now() - timestamp.ms;
  return ms < 0 ? arithmetic("Time-stamp is later than now") : new Float(ms / 1000);
}

/** What a millisecond of sleep costs: about what a script could do meanwhile, so that the limit bounds it. */
const OPERATIONS_PER_MS = 10_000;
const NAP_MS = 20;

function sleep(seconds: number): undefined {
  for (let left = seconds * 1000; left > 0; left -= NAP_MS) {
    const ms = Math.min(left, NAP_MS);
    tick(Math.ceil(ms * OPERATIONS_PER_MS));
    sleepMs(ms);
  }
}

function writeTag(value: Value, tag: Value): Result {
  if (!isInt(tag)) return NONE;
  S.self = setTag(value, tag);
  return undefined;
}

/** What is known of the script's functions, or of those with a name, or with a number of parameters as well. */
function metadata(name?: string, arity?: Int): Arr {
  const found: Value[] = [];
  for (const fn of S.functions?.values() ?? []) {
    if (
      (name !== undefined && fn.name !== name) ||
      (arity !== undefined && BigInt(arity) !== BigInt(fn.arity))
    )
      continue;
    tick(1);
    const entries = new Map<string, Value>([
      ["name", fn.name],
      ["access", fn.isPrivate === true ? "private" : "public"],
      ["is_anonymous", false],
      ["params", new Arr([...(fn.params ?? [])])],
    ]);
    found.push(new Dict(entries));
  }
  return new Arr(found);
}

export function defineCore(): void {
  defineAny("print", print);
  defineNone("print", () => print(""));
  defineAny("debug", (value) => debug(toDebug(value)));
  defineNone("debug", () => debug(""));
  defineAny("to_string", (value) => checkString(toText(value)));
  defineAny("to_debug", (value) => checkString(toDebug(value)));
  defineAny("type_of", (value) => typeName(value));
  defineAny("is_shared", (_value) => false);
  defineAny("take", take, "replaces");
  defineAny("exit", exit);
  defineNone("exit", () => exit(undefined));
  defineAny("tag", (value) => getTag(value));
  defineAny("set_tag", writeTag, "replaces");
  defineNone("timestamp", () => new Timestamp(now()));
  defineGetter("timestamp", "elapsed", elapsed);
  define("int", "sleep", (seconds) => sleep(Number(seconds)));
  define("float", "sleep", (seconds) => sleep(Number.isNaN(seconds.v) ? 0 : seconds.v));
  defineNone("get_fn_metadata_list", () => metadata());
  define("string", "get_fn_metadata_list", (name) => metadata(name));
  define("string", "get_fn_metadata_list", (name, arity: Value) =>
    isInt(arity) ? metadata(name, arity) : NONE,
  );
  defineFns();
}

function defineFns(): void {
  defineGetter("fn", "name", (fn) => fn.name);
  defineGetter("fn", "is_anonymous", (fn) => fn.name.startsWith("anon$"));
  define("fn", "curry", (fn, a: Value) => curryFn(fn, [a]));
  define("fn", "curry", (fn, a: Value, b: Value) => curryFn(fn, [a, b]));
}
