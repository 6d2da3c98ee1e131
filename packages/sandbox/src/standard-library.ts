/** The standard library of scripts as data: one table for both languages, from which their bindings, the typings and the
 *  reference page are made. What the functions do is in `guest/std/`. */
import { base64, crypto, hex, json, url } from "./standard/codecs.ts";
import { random } from "./standard/random.ts";
import { regex } from "./standard/regex.ts";
import type { StandardNamespace } from "./standard/table.ts";
import { time } from "./standard/time.ts";

/** In the order of the reference page. */
export const standardLibrary: readonly StandardNamespace[] = [
  regex,
  random,
  time,
  json,
  base64,
  hex,
  url,
  crypto,
];

/** `namespace::name/arity` of every form of every function, as a compiler needs it. None of them suspends. */
export function standardFunctionNames(): string[] {
  return standardLibrary.flatMap(({ name: space, functions }) =>
    functions.flatMap(({ name, args }) => {
      const least = args.filter((arg) => arg.optional !== true).length;
      return Array.from({ length: args.length - least + 1 }, (_, i) => `${space}::${name}/${least + i}`);
    }),
  );
}
