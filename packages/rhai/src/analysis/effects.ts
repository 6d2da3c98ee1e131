/** What evaluating a piece of a program may do to its surroundings. */
import { type Expression, type Statement } from "../syntax/tree.ts";
import { type Binding, type Use } from "./binding.ts";
import { baseOf } from "./scope.ts";
import { armStatement, blocksOf, expressionsOf, operands } from "./walk.ts";

export type Piece = Expression | Statement;

/** Does `test` hold for the piece or anything inside it? Bodies of closures are not entered. */
export function some(piece: Piece, test: (piece: Piece) => boolean): boolean {
  if (test(piece)) return true;
  return children(piece).some((child) => some(child, test));
}

export function children(piece: Piece): readonly Piece[] {
  switch (piece.kind) {
    case "expression":
    case "let":
    case "assign":
    case "return":
    case "throw":
    case "break":
    case "continue":
    case "import":
    case "export":
    case "empty":
      return expressionsOf(piece);
    case "try":
      return [...piece.body.body, ...piece.handler.body];
    case "switch":
      return [
        piece.value,
        ...piece.arms.flatMap((arm) => [...(arm.guard === undefined ? [] : [arm.guard]), armStatement(arm)]),
      ];
    default: {
      const blocks = blocksOf(piece);
      return blocks.length === 0
        ? operands(piece)
        : [...operands(piece), ...blocks.flatMap((block) => block.body)];
    }
  }
}

const known = new WeakMap<Piece, boolean>();

/** May it change something or print? Errors don't count. */
export function hasEffects(piece: Piece): boolean {
  switch (piece.kind) {
    case "call":
    case "method":
    case "assign":
      return true;
    case "literal":
    case "variable":
    case "this":
    case "closure":
      return false;
    default: {
      let answer = known.get(piece);
      if (answer === undefined) known.set(piece, (answer = children(piece).some(hasEffects)));
      return answer;
    }
  }
}

/** May evaluating `node` change the variable, or the container in it? */
export function mayTouch(node: Expression, binding: Binding, uses: ReadonlyMap<Expression, Use>): boolean {
  if (!hasEffects(node)) return false;
  // A closure that has the variable may be called from anywhere.
  if (binding.isShared) return true;
  return some(node, (piece) => {
    const place = changedPlace(piece);
    if (place === undefined) return false;
    const base = baseOf(place);
    if (base.kind !== "variable") return false;
    const use = uses.get(base);
    return use?.kind === "binding" && use.binding === binding;
  });
}

function changedPlace(piece: Piece): Expression | undefined {
  if (piece.kind === "assign" || piece.kind === "method") return piece.target;
  return piece.kind === "call" ? piece.args[0] : undefined;
}
