/** What the tables of the standard library are made of. */

/** What an argument has to be: `text` any string, `words` one without unpaired surrogates, `bytes` such a string or bytes,
 *  `whole` a whole number within ±(2^53-1), `int` one of 64 bits, `fields` the names and values of a query. */
export type StandardArgument = "text" | "words" | "bytes" | "whole" | "int" | "fields" | "value";

/** What a function gives: `…?` may be absent, `groups` has absent members, `named` is a map of names of the user, `listed`
 *  one of lists, a record has names of PiCloud. */
export type StandardResult =
  | "text"
  | "text?"
  | "texts"
  | "groups?"
  | "named"
  | "named?"
  | "listed"
  | "record"
  | "bytes"
  | "bool"
  | "float"
  | "int"
  | "value";

export interface StandardFunction {
  /** As in Rhai. */
  readonly name: string;
  readonly summary: string;
  readonly args: readonly {
    readonly name: string;
    readonly type: StandardArgument;
    readonly optional?: true;
  }[];
  readonly result: StandardResult;
  /** Members of a record: name → TypeScript type. */
  readonly record?: Readonly<Record<string, string>>;
  /** Each is an expression whose value as JSON is `gives`; without `gives` it differs from run to run. */
  readonly example: { readonly typescript?: string; readonly rhai: string; readonly gives?: string };
}

export interface StandardNamespace {
  /** As in Rhai. */
  readonly name: string;
  /** Name in `import … from "picloud"`; undefined: the language has its own. */
  readonly typescript: string | undefined;
  readonly summary: string;
  readonly functions: readonly StandardFunction[];
}
