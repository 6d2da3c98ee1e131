/** Options of `parse`. */

/** Limits on literals and nesting, known while parsing. 0: none. */
export interface ParseLimits {
  /** Nesting of expressions at the top level and in functions: native Rhai's "expression depth". */
  readonly expr: number;
  readonly fn_expr: number;
  /** Functions in a script. */
  readonly fns: number;
  /** Bytes (UTF-8) of a string literal. */
  readonly str: number;
  /** Items of an array literal. */
  readonly arr: number;
  /** Properties of a map literal. */
  readonly map: number;
}

export interface ParseOptions {
  /** Variables and modules have to be known. */
  readonly strict?: boolean;
  /** False: no second variable of a name. */
  readonly shadowing?: boolean;
  /** False: no loops. */
  readonly looping?: boolean;
  readonly limits?: Partial<ParseLimits>;
  /** Names of variables given from outside; only strict mode asks. */
  readonly scope?: readonly string[];
  /** Names of modules given from outside; only strict mode asks. */
  readonly modules?: readonly string[];
  /** Reserved words that are names all the same behind a `::`, because the host has a function of that name
   *  (`log::debug`). */
  readonly qualifiedWords?: readonly string[];
  /** Longest source in UTF-16 units. */
  readonly sourceMax?: number;
  readonly tokensMax?: number;
  /** Diagnostics kept; the rest is not looked for. */
  readonly diagnosticsMax?: number;
  /** A first line that starts with `#!` is a comment, as in files. */
  readonly shebang?: boolean;
}

/** Native Rhai's limits in release builds: only nesting. */
export const defaultLimits: ParseLimits = { expr: 64, fn_expr: 32, fns: 0, str: 0, arr: 0, map: 0 };
