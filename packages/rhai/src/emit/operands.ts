/** The order of evaluation among the operands of one expression. */
import { hasEffects, mayTouch } from "../analysis/effects.ts";
import { baseOf } from "../analysis/scope.ts";
import { type Expression } from "../syntax/tree.ts";
import { type Code } from "./code.ts";
import { type Frame } from "./frame.ts";

/** Operands whose influence on each other is looked at one by one. */
const PAIRS_MAX = 64;

/** Values of several expressions in order. What one of them writes to the frame, or does to a variable, comes after the
 *  values before it are taken. All up to the index `forced` are evaluated here and now. */
export function emitOperands(frame: Frame, nodes: readonly Expression[], forced = -1): Code[] {
  const parts = nodes.map((node) => frame.collect(() => frame.expression(node)));
  const lastEffect = nodes.findLastIndex((node) => hasEffects(node));
  const touched = nodes.map((node, index) => {
    if (index >= lastEffect || parts[index]?.result.isPlace !== true) return false;
    // Every pair is looked at: for long literals the answer is the careful one.
    if (nodes.length > PAIRS_MAX) return true;
    return nodes.slice(index + 1, lastEffect + 1).some((later) => touches(frame, later, node));
  });
  const last = parts.findLastIndex((part) => part.lines.length > 0);
  // What is taken early must not overtake what stands before it.
  const held = Math.max(last - 1, forced, touched.lastIndexOf(true));
  return parts.map(({ lines, result }, index) => {
    for (const line of lines) frame.line(line);
    if (index > held || (result.weight === "constant" && !result.isPlace)) return result;
    return frame.hold(result, touched[index]);
  });
}

/** Arguments of a call by name. A variable in front is read after the others, as native does. */
export function emitArguments(frame: Frame, nodes: readonly Expression[]): Code[] {
  const [first, ...others] = nodes;
  if (first?.kind !== "variable" || !others.some((other) => touches(frame, other, first)))
    return emitOperands(frame, nodes);
  const rest = emitOperands(frame, others).map((code) => frame.hold(code));
  return [frame.expression(first), ...rest];
}

/** May evaluating `later` change the variable that `place` starts from? */
export function touches(frame: Frame, later: Expression, place: Expression): boolean {
  const base = baseOf(place);
  if (base.kind === "this") return hasEffects(later);
  if (base.kind !== "variable") return false;
  if (frame.isDynamic) return hasEffects(later);
  const { uses } = frame.output.scopes;
  const use = uses.get(base);
  return use?.kind === "binding" && mayTouch(later, use.binding, uses);
}
