/** Functions that may be called from places that the compiler does not see as calls: through function pointers, by name,
 *  or by `eval`. */
import { type CallExpression, type Expression, type MethodExpression } from "../syntax/tree.ts";
import { type Scopes, type Unit } from "./binding.ts";

/** What is open before any code is looked at. */
export function openUnits(scopes: Scopes): readonly Unit[] | "all" {
  // A module may be given the name of a function as a string.
  if (scopes.aliases.size > 0 || scopes.units.some((unit) => unit.isDynamic)) return "all";
  // Several functions of one name: which is called depends on `this`.
  return [...scopes.functions.values()].filter((units) => units.length > 1).flat();
}

/** The functions that a value opens: it is the name of them. */
export function namedUnits(scopes: Scopes, node: Expression): readonly Unit[] {
  if (node.kind === "literal") {
    return node.literal.type === "string" ? unitsOf(scopes, node.literal.value) : [];
  }
  if (node.kind !== "variable") return [];
  const use = scopes.uses.get(node);
  return use?.kind === "function" ? use.units : [];
}

const byName = new WeakMap<Scopes, ReadonlyMap<string, readonly Unit[]>>();

function unitsOf(scopes: Scopes, name: string): readonly Unit[] {
  let names = byName.get(scopes);
  if (names === undefined) {
    const made = new Map<string, Unit[]>();
    for (const units of scopes.functions.values()) {
      for (const unit of units) made.set(unit.name, [...(made.get(unit.name) ?? []), unit]);
    }
    names = made;
    byName.set(scopes, names);
  }
  return names.get(name) ?? [];
}

/** Library functions that take a callback: a string that is made at run time could name a function. */
const callers = new Set(
  (
    "Fn call curry map filter reduce reduce_rev some all find find_map for_each index_of sort sort_by order " +
    "order_by dedup drain retain zip"
  ).split(" "),
);

/** May the call call any function by its name? */
export function opensAll(scopes: Scopes, node: CallExpression | MethodExpression): boolean {
  return callers.has(node.name) && node.args.some((arg) => !isHarmless(scopes, arg));
}

/** A callback that is written out, or a name that `namedUnits` finds. */
function isHarmless(scopes: Scopes, arg: Expression): boolean {
  if (arg.kind === "closure" || arg.kind === "literal") return true;
  return arg.kind === "variable" && scopes.uses.get(arg)?.kind === "function";
}
