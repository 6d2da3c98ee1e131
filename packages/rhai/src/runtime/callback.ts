/** Function pointers as arguments: what they are, and in which form a library function calls them. */
import { type Code, type Compiled, type FnPtr } from "./value.ts";

/** How a callback wants its arguments, by its number of parameters. Native's order: the element as `this` first, then as a
 *  parameter, then with the index behind; "name" stands for callbacks that are looked up at each call. */
export type Form = "this" | "thisIndex" | "item" | "itemIndex" | "name";

/** A callback, made ready for many calls. */
export interface Plan {
  readonly fn: FnPtr;
  readonly form: Form;
  readonly compiled: Compiled;
  readonly code: Code;
  /** Cells and curried values: they go before everything. */
  readonly head: readonly unknown[];
  /** The library function: it appears in errors. */
  readonly caller: string;
}

const nothing: Compiled = { name: "", code: () => undefined, arity: -1, isColoured: false };

const bare: readonly unknown[] = [];

// By number of parameters.
const itemForms: readonly Form[] = ["this", "item", "itemIndex"];
const thisForms: readonly Form[] = ["this", "thisIndex"];
const foldForms: readonly (Form | undefined)[] = [undefined, "this", "item", "itemIndex"];
const entryForms: readonly (Form | undefined)[] = [undefined, "this", "item"];
const pairForms: readonly (Form | undefined)[] = [undefined, undefined, "item", "itemIndex"];

function planOf(fn: FnPtr, caller: string, forms: readonly (Form | undefined)[]): Plan {
  const compiled = fn.compiled ?? nothing;
  const form = fn.compiled === undefined ? "name" : (forms[compiled.arity - fn.curry.length] ?? "name");
  const isBare = fn.cells.length === 0 && fn.curry.length === 0;
  return {
    fn,
    form,
    compiled,
    code: compiled.code,
    head: isBare ? bare : [...fn.cells, ...fn.curry],
    caller,
  };
}

/** For callbacks of (element) or (element, index). */
export function planItem(fn: FnPtr, caller: string): Plan {
  return planOf(fn, caller, itemForms);
}

/** For `for_each`: the element is always `this`. */
export function planThis(fn: FnPtr, caller: string): Plan {
  return planOf(fn, caller, thisForms);
}

/** For callbacks of (result, element) or (result, element, index). */
export function planFold(fn: FnPtr, caller: string): Plan {
  return planOf(fn, caller, foldForms);
}

/** For callbacks of (key, value). */
export function planEntry(fn: FnPtr, caller: string): Plan {
  return planOf(fn, caller, entryForms);
}

/** For callbacks of (first, second) or (first, second, index). */
export function planPair(fn: FnPtr, caller: string): Plan {
  return planOf(fn, caller, pairForms);
}
