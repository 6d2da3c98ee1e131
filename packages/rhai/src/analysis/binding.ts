/** What names mean: variables, units of code, and the tables that tell them from the tree. */
import {
  type CallExpression,
  type ClosureExpression,
  type ExportStatement,
  type ForExpression,
  type FunctionDeclaration,
  type ImportStatement,
  type LetStatement,
  type MethodExpression,
  type Name,
  type Program,
  type Statement,
  type TryStatement,
  type VariableExpression,
} from "../syntax/tree.ts";

export type BindingKind = "let" | "const" | "param" | "loop" | "counter" | "catch" | "given" | "capture";

/** One variable. Shadowing makes a second one. */
export interface Binding {
  /** Unique in the program, from 0. */
  readonly id: number;
  readonly name: string;
  readonly kind: BindingKind;
  readonly isConst: boolean;
  /** The unit whose frame holds it. */
  readonly unit: Unit;
  readonly at: number;
  /** Of a capture: the variable of the enclosing unit; undefined if it is found by name when the closure is made. */
  readonly outer: Binding | undefined;
  /** Declared at the top of main: a constant that functions can read as `global::NAME`. */
  readonly isGlobal: boolean;
  /** A closure captures it, or it is a capture: it lives in a `Cell`. A captured const is copied, so it stays plain. */
  isShared: boolean;
  /** Something may change it after its declaration. */
  isAssigned: boolean;
}

/** Main, a function or a closure. */
export interface Unit {
  /** Unique in the program, from 0; 0 is main. */
  readonly id: number;
  readonly kind: "main" | "function" | "closure";
  /** Of functions; "" otherwise. */
  readonly name: string;
  readonly node: Program | FunctionDeclaration | ClosureExpression;
  readonly body: readonly Statement[];
  /** Unit around a closure. */
  readonly parent: Unit | undefined;
  readonly params: Binding[];
  /** Of a closure, in the order of first use: each has `outer`. */
  readonly captures: Binding[];
  /** Of a closure: names that it wants to capture and that are not there, nor functions. Making the closure fails. */
  readonly missing: Name[];
  /** All variables that live in the frame, parameters and captures included. */
  readonly bindings: Binding[];
  /** Has `eval` or `f!(…)` directly inside: all its variables are found by name at run time. */
  isDynamic: boolean;
  /** May change `this` itself: `this = 1`, `this.trim()`. */
  changesThis: boolean;
}

/** What a use of a variable means. */
export type Use =
  | { readonly kind: "binding"; readonly binding: Binding }
  /** The name of script functions as a value. */
  | { readonly kind: "function"; readonly units: readonly Unit[] }
  /** `global::NAME`. */
  | { readonly kind: "global"; readonly name: string }
  /** `alias::NAME`, `alias::sub::NAME`. */
  | { readonly kind: "module"; readonly alias: Alias }
  /** Not found when compiled; a dynamic unit looks again at run time. */
  | { readonly kind: "missing" };

/** `import … as name`. */
export interface Alias {
  readonly id: number;
  readonly name: string;
  readonly node: ImportStatement;
  readonly unit: Unit;
  /** At the top level of main: functions see it, and so do importers of a module. */
  readonly isTop: boolean;
}

export type Declaring = LetStatement | ForExpression | TryStatement;

export interface Scopes {
  /** By id. */
  readonly units: readonly Unit[];
  readonly main: Unit;
  /** `name/arity` → functions: several if they differ in the type of `this`. */
  readonly functions: ReadonlyMap<string, readonly Unit[]>;
  readonly unitOf: ReadonlyMap<FunctionDeclaration | ClosureExpression, Unit>;
  readonly uses: ReadonlyMap<VariableExpression, Use>;
  /** Variable of a `let`, loop variable, catch variable. */
  readonly declared: ReadonlyMap<Declaring, Binding>;
  readonly counters: ReadonlyMap<ForExpression, Binding>;
  readonly exported: ReadonlyMap<ExportStatement, Binding>;
  readonly aliases: ReadonlyMap<ImportStatement, Alias>;
  /** Calls with a namespace that is an alias. */
  readonly modules: ReadonlyMap<CallExpression, Alias>;
  /** Variables that can be seen at an `is_def_var` call, or at a capturing call. */
  readonly visible: ReadonlyMap<CallExpression, readonly Binding[]>;
  /** Unit that holds a call, for calls and methods. */
  readonly owner: ReadonlyMap<CallExpression | MethodExpression, Unit>;
  /** Variables given from outside. */
  readonly given: readonly Binding[];
}

/** The variable that a chain of captures starts from. */
export function rootOf(binding: Binding): Binding {
  let root = binding;
  while (root.outer !== undefined) root = root.outer;
  return root;
}
