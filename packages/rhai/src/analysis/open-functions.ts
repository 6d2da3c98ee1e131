/** Functions that may be called from places that the compiler does not see as calls: through function pointers, by name,
 *  or by `eval`. */
import { type Expression, type Statement } from "../syntax/tree.ts";
import { type Scopes, type Unit } from "./binding.ts";
import { type Piece, some } from "./effects.ts";

export function openFunctions(scopes: Scopes): ReadonlySet<Unit> | "all" {
  if (scopes.units.some((unit) => unit.isDynamic)) return "all";
  const open = new Set<Unit>();
  for (const [key, units] of scopes.functions) {
    // Several functions of one name: which is called depends on `this`.
    if (units.length > 1) for (const unit of units) open.add(unit);
    const name = key.slice(0, key.lastIndexOf("/"));
    if (isNamed(scopes, name)) for (const unit of units) open.add(unit);
  }
  return makesNames(scopes) ? "all" : open;
}

function anywhere(scopes: Scopes, test: (piece: Piece) => boolean): boolean {
  return scopes.units.some((unit) => unit.body.some((statement: Statement) => some(statement, test)));
}

/** Is the name of the function a value somewhere? */
function isNamed(scopes: Scopes, name: string): boolean {
  return anywhere(scopes, (piece) => {
    if (piece.kind === "variable") return scopes.uses.get(piece)?.kind === "function" && piece.name === name;
    return piece.kind === "literal" && piece.literal.type === "string" && piece.literal.value === name;
  });
}

/** Library functions that take a callback: a string that is made at run time could name a function. */
const callers = new Set(
  (
    "Fn call curry map filter reduce reduce_rev some all find find_map for_each index_of sort sort_by order " +
    "order_by dedup drain retain zip"
  ).split(" "),
);

function makesNames(scopes: Scopes): boolean {
  return anywhere(scopes, (piece) => {
    if (piece.kind !== "call" && piece.kind !== "method") return false;
    if (!callers.has(piece.name)) return false;
    return piece.args.some((arg) => !isHarmless(scopes, arg));
  });
}

/** A callback that is written out, or a name that `isNamed` finds. */
function isHarmless(scopes: Scopes, arg: Expression): boolean {
  if (arg.kind === "closure" || arg.kind === "literal") return true;
  return arg.kind === "variable" && scopes.uses.get(arg)?.kind === "function";
}
