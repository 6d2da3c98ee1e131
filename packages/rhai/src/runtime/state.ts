/** State of the run that is inside now. The driver loads and stores it when runs take turns; nothing else may be kept in
 *  variables of a module across a `yield`. */

import { type ParseFault } from "./error.ts";
import { type HostTable } from "./host.ts";
import { type Compiled, type Value } from "./value.ts";

/** Limits of a run. 0: none. */
export interface Limits {
  readonly operations: number;
  /** Calls of script functions inside each other. */
  readonly callDepth: number;
  /** Bytes of UTF-8. */
  readonly stringBytes: number;
  readonly arrayItems: number;
  readonly mapEntries: number;
  readonly variables: number;
}

export const defaultLimits: Limits = {
  operations: 0,
  callDepth: 64,
  stringBytes: 0,
  arrayItems: 0,
  mapEntries: 0,
  variables: 0,
};

/** What a run prints to. */
export interface Output {
  print(text: string): void;
  /** `line` and `column` of the call, from 1. */
  debug(text: string, line: number, column: number): void;
}

export interface State {
  /** Operations left in this slice: a small integer, refilled from `rest` by the slow path. */
  fuel: number;
  /** Operations left beyond `fuel`. */
  rest: number;
  depth: number;
  /** The receiver after a method that replaced it (`text.trim()`): read by the caller right after the call. */
  self: unknown;
  limits: Limits;
  output: Output;
  /** Reading a key that a map does not have is an error. */
  failsOnMissing: boolean;
  /** Functions of the host that this run has beside those of every run. */
  hosts: HostTable | undefined;
  /** Functions of the script, for function pointers that are only names. The main of a unit sets it. */
  functions: FunctionTable | undefined;
  /** What this run keeps for each text of its script: constants, modules. */
  units: Map<object, UnitState> | undefined;
  /** Finds modules whose path is known at run time only. */
  load: ((path: string) => LoadedModule | undefined) | undefined;
  /** Modules that this run has evaluated, or evaluates now (undefined), by path. */
  modules: Map<string, Module | undefined> | undefined;
  /** The last long text that was looked at, so that loops over its indexes stay linear; and whether its code points are
   *  units. Of the run, as all that operations depend on: a run costs the same whatever runs beside it. */
  lookedAt: string;
  isLookedAtPlain: boolean;
  /** The last long text that was measured, and its bytes: a text that grows piece by piece is not counted from its start
   *  again each time. */
  measured: string;
  measuredBytes: number;
}

/** What one run keeps for one compiled text. */
export interface UnitState {
  /** Constants of the top level so far. */
  readonly constants: Map<string, Value>;
  /** Variables that a module has exported so far. */
  readonly exports: Map<string, Value>;
  /** Modules imported so far, by the number of the import in the text. */
  readonly imports: Map<number, Module>;
  /** Those imported at the top level, by name: `a::b` in importers. */
  readonly inner: Map<string, Module>;
}

/** A compiled module, or why its source is none. */
export type LoadedModule =
  | {
      readonly main: (...scope: Value[]) => unknown;
      readonly suspends: boolean;
      readonly functions: FunctionTable;
      readonly table: object;
    }
  | ParseFault;

/** A module as one run has evaluated it. */
export interface Module {
  readonly functions: FunctionTable;
  readonly state: UnitState;
}

/** Functions of a script by `name/arity`. */
export type FunctionTable = ReadonlyMap<string, Compiled>;

/** The one state of this instance of the runtime. */
export const S: State = {
  // Outside of runs nothing is counted: library functions can be called directly.
  fuel: 2 ** 30 - 1,
  rest: Number.MAX_SAFE_INTEGER - 2 ** 30 + 1,
  depth: 0,
  self: undefined,
  limits: defaultLimits,
  output: { print: () => {}, debug: () => {} },
  failsOnMissing: false,
  hosts: undefined,
  functions: undefined,
  units: undefined,
  load: undefined,
  modules: undefined,
  lookedAt: "",
  isLookedAtPlain: true,
  measured: "",
  measuredBytes: 0,
};
