/** Blocks, and passes of loops. */
import { some } from "../analysis/effects.ts";
import { type Block, type Expression, type Statement } from "../syntax/tree.ts";
import { type Code } from "./code.ts";
import { discard, type Frame, type Loop, type Target } from "./frame.ts";

/** Statements of a block, between JavaScript braces that the caller writes. */
export function emitBlock(frame: Frame, block: Block, target: Target): void {
  const scope = frame.markScope();
  const { variables } = frame;
  frame.chapters.body(frame, block.body, target);
  frame.variables = variables;
  frame.rewindScope(scope);
}

/** The body of a loop: pays for a pass, then the statements. `next` is the JavaScript of `continue`; `header` is the line that
 *  opens the loop, which may get a label. */
export function emitPass(
  frame: Frame,
  block: Block,
  pass: {
    readonly cost: number;
    readonly target: Target;
    readonly header: number;
    readonly next?: string;
  },
): void {
  frame.pay(pass.cost, firstPlace(block));
  const scope = frame.markScope();
  const result = pass.target.kind === "store" ? pass.target.name : undefined;
  const loop: Loop = { result, next: pass.next ?? "continue;", stop: "break;" };
  frame.loops.push(loop);
  const { variables } = frame;
  if (scope !== undefined) frame.rewindScope(scope);
  frame.chapters.body(frame, block.body, discard);
  frame.variables = variables;
  frame.loops.pop();
  if (loop.label !== undefined) frame.lines[pass.header] = `${loop.label}: ${frame.lines[pass.header] ?? ""}`;
}

/** A condition that is evaluated inside the braces of its loop: its jumps are those of the loop around. */
export function emitLoopCondition(frame: Frame, node: Expression): Code {
  const outer = frame.loops.at(-1);
  if (outer === undefined || !hasJump(node)) return frame.chapters.condition(frame, node);
  outer.label ??= `${frame.temp()}J`;
  const next = outer.next === "continue;" ? `continue ${outer.label};` : outer.next;
  frame.loops.push({ ...outer, next, stop: `break ${outer.label};` });
  const code = frame.chapters.condition(frame, node);
  frame.loops.pop();
  return code;
}

/** Is there a `break` or `continue` inside? It may be one of a loop that is inside too. */
export function hasJump(node: Expression): boolean {
  return some(node, (piece) => piece.kind === "break" || piece.kind === "continue");
}

/** Where native notices that the operations are used up, more often than not: at what a pass evaluates first. */
function firstPlace(block: Block): number {
  const [first] = block.body;
  return first === undefined ? block.at : placeOf(first);
}

function placeOf(node: Statement): number {
  if (node.kind === "assign") return node.value.at;
  return node.at;
}
