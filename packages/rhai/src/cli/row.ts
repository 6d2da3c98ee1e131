/** What `rhai eval --jsonl` reads and prints. */

/** A value with its type: `{"i":"123"}` int, `{"f":"1.5"}` float, `{"b":true}`, `{"s":"…"}` string, `{"c":"x"}` char,
 *  `{"u":1}` unit, `{"a":[…]}` array, `{"m":{…}}` map, `{"blob":"00ff"}`, `{"range":["1","3"]}` `1..3`,
 *  `{"rangei":["1","3"]}` `1..=3`, `{"fn":"name","curry":[…]}`, `{"other":"<type>","display":"…"}`. */
export type Tagged =
  | { readonly i: string }
  | { readonly f: string }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly c: string }
  | { readonly u: 1 }
  | { readonly a: readonly Tagged[] }
  | { readonly m: Readonly<Record<string, Tagged>> }
  | { readonly blob: string }
  | { readonly range: readonly [string, string] }
  | { readonly rangei: readonly [string, string] }
  | { readonly fn: string; readonly curry: readonly Tagged[] }
  | { readonly other: string; readonly display: string };

/** Limits of one row. Absent: the default. */
export interface RowLimits {
  readonly ops?: number;
  readonly calls?: number;
  readonly str?: number;
  readonly arr?: number;
  readonly map?: number;
  readonly vars?: number;
  readonly fns?: number;
  readonly expr?: number;
  readonly fn_expr?: number;
}

/** One line of the input. */
export interface Row {
  readonly id: string;
  readonly code: string;
  readonly limits?: RowLimits;
  /** Unknown variables and modules are errors of the parser. */
  readonly strict?: boolean;
  readonly shadowing?: boolean;
  readonly looping?: boolean;
  readonly fail_on_invalid_map_property?: boolean;
  /** Values of variables that the code finds. */
  readonly scope?: Readonly<Record<string, unknown>>;
  /** Sources of modules, by the path that `import` names. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** `msg` has the position only for errors of a running script; `line` and `col` are null without one. */
export interface RowError {
  readonly kind: "parse" | "runtime" | "row";
  readonly variant: string;
  /** Of BadInput. */
  readonly lex?: string;
  readonly msg: string;
  readonly line: number | null;
  readonly col: number | null;
  /** Value of `throw`. */
  readonly thrown?: Tagged;
  /** Of ErrorInFunctionCall. */
  readonly fn?: string;
  readonly inner?: RowError;
}

export type Printed = string | { readonly debug: string; readonly line: number; readonly col: number };

/** What came of the code, without the id. */
export type Outcome =
  | {
      readonly ok: true;
      readonly type: string;
      readonly value: Tagged;
      readonly printed: readonly Printed[];
    }
  | { readonly ok: false; readonly error: RowError; readonly printed: readonly Printed[] };

/** One line of the output. */
export type Answer = { readonly id: string } & Outcome;
