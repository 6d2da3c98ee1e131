/** Blocks, and passes of loops. */
import { type Block, type Statement } from "../syntax/tree.ts";
import { discard, type Frame, type Target } from "./frame.ts";

/** Statements of a block, between JavaScript braces that the caller writes. */
export function emitBlock(frame: Frame, block: Block, target: Target): void {
  const scope = frame.markScope();
  const { variables } = frame;
  frame.chapters.body(frame, block.body, target);
  frame.variables = variables;
  frame.rewindScope(scope);
}

/** The body of a loop: pays for a pass, then the statements. `next` is the JavaScript of `continue`. */
export function emitPass(
  frame: Frame,
  block: Block,
  pass: { readonly cost: number; readonly target: Target; readonly next?: string },
): void {
  frame.pay(pass.cost, firstPlace(block));
  const scope = frame.markScope();
  const result = pass.target.kind === "store" ? pass.target.name : undefined;
  frame.loops.push({ result, next: pass.next ?? "continue;", stop: "break;" });
  const { variables } = frame;
  if (scope !== undefined) frame.rewindScope(scope);
  frame.chapters.body(frame, block.body, discard);
  frame.variables = variables;
  frame.loops.pop();
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
