/** What code costs in operations: about what native counts, one for each statement and expression that it visits. Bodies of
 *  loops, functions and closures count for themselves; of branches, only the cheapest is part of what is around them. */
import {
  type Block,
  type Expression,
  type IfExpression,
  type Statement,
  type SwitchExpression,
} from "../syntax/tree.ts";
import { children, type Piece } from "./effects.ts";
import { armStatement, operands } from "./walk.ts";

export function costOf(body: readonly Statement[]): number {
  let sum = 0;
  for (const statement of body) sum += cost(statement);
  return sum;
}

/** One pass of a loop. */
export function costOfLoop(condition: Expression | undefined, block: Block): number {
  return 1 + (condition === undefined ? 0 : cost(condition)) + costOf(block.body);
}

/** What the two branches of an `if` cost beyond the part that is counted around it. */
export function extraOfBranches({ then, otherwise }: IfExpression): readonly [number, number] {
  const costs = [costOf(then.body), otherwise === undefined ? 0 : costOf(otherwise.body)] as const;
  const least = Math.min(...costs);
  return [costs[0] - least, costs[1] - least];
}

/** The same for each arm of a `switch`. */
export function extraOfArms(node: SwitchExpression): readonly number[] {
  const costs = node.arms.map((arm) => cost(armStatement(arm)));
  const least = leastOfArms(node, costs);
  return costs.map((one) => one - least);
}

function leastOfArms({ arms }: SwitchExpression, costs: readonly number[]): number {
  const hasDefault = arms.some((arm) => arm.patterns.length === 0);
  return hasDefault ? Math.min(...costs) : 0;
}

function cost(piece: Piece): number {
  switch (piece.kind) {
    case "expression":
      return (isCounted(piece.expression) ? 0 : 1) + cost(piece.expression);
    case "assign":
      // A variable that gets a value is not evaluated.
      return 1 + cost(piece.value) + (piece.target.kind === "variable" ? 0 : cost(piece.target));
    case "try":
      return 1 + costOf(piece.body.body);
    case "if": {
      const { then, otherwise } = piece;
      const least = otherwise === undefined ? 0 : Math.min(costOf(then.body), costOf(otherwise.body));
      return 1 + cost(piece.condition) + least;
    }
    case "switch": {
      const costs = piece.arms.map((arm) => cost(armStatement(arm)));
      return 1 + cost(piece.value) + leastOfArms(piece, costs);
    }
    case "while":
    case "do":
    case "loop":
    case "for":
      return sumOf(operands(piece));
    default:
      return sumOf(children(piece));
  }
}

/** One for the piece itself. */
function sumOf(pieces: readonly Piece[]): number {
  let sum = 1;
  for (const piece of pieces) sum += cost(piece);
  return sum;
}

/** Expressions that are statements of their own. */
function isCounted({ kind }: Expression): boolean {
  return (
    kind === "if" ||
    kind === "switch" ||
    kind === "while" ||
    kind === "do" ||
    kind === "loop" ||
    kind === "for" ||
    kind === "block-expression"
  );
}
