/** Blocks, conditions and loops: expressions in statement form. */
import { costOfLoop, extraOfBranches } from "../analysis/cost.ts";
import {
  type DoExpression,
  type Expression,
  type IfExpression,
  type LoopExpression,
  type WhileExpression,
} from "../syntax/tree.ts";
import { emitBlock, emitLoopCondition, emitPass } from "./pass.ts";
import { emitFor } from "./for.ts";
import { type Frame, type Target } from "./frame.ts";
import { canOutline, emitOutlined, type LoopNode } from "./outline.ts";
import { settle } from "./settle.ts";
import { emitSwitch } from "./switch.ts";

export function emitInto(frame: Frame, node: Expression, target: Target): void {
  switch (node.kind) {
    case "block-expression":
      frame.line("{");
      emitBlock(frame, node.block, target);
      frame.line("}");
      return;
    case "if":
      emitIf(frame, node, target);
      return;
    case "switch":
      emitSwitch(frame, node, target);
      return;
    case "while":
    case "loop":
    case "do":
    case "for":
      if (canOutline(frame, node))
        emitOutlined(frame, node, target, (inner, into) => emitLoopHere(inner, node, into));
      else emitLoopHere(frame, node, target);
      return;
    default:
      settle(frame, frame.expression(node), target);
  }
}

function emitLoopHere(frame: Frame, node: LoopNode, target: Target): void {
  switch (node.kind) {
    case "while":
      emitWhile(frame, node, target);
      return;
    case "loop":
      emitLoop(frame, node, target);
      return;
    case "do":
      emitDo(frame, node, target);
      return;
    case "for":
      emitFor(frame, node, target);
  }
}

function emitIf(frame: Frame, node: IfExpression, target: Target): void {
  const condition = frame.chapters.condition(frame, node.condition);
  const [then, otherwise] = extraOfBranches(node);
  frame.line(`if (${condition.text}) {`);
  frame.charge(then);
  emitBlock(frame, node.then, target);
  if (node.otherwise !== undefined) {
    frame.line("} else {");
    frame.charge(otherwise);
    emitBlock(frame, node.otherwise, target);
  }
  frame.line("}");
}

function emitWhile(frame: Frame, node: WhileExpression, target: Target): void {
  const scope = frame.markScope();
  const header = frame.lines.length;
  const { lines, result } = frame.collect(() => emitLoopCondition(frame, node.condition));
  if (lines.length === 0) frame.line(`while (${result.text}) {`);
  else {
    frame.line("for (;;) {");
    frame.append(lines);
    frame.line(`if (!(${result.text})) break;`);
  }
  emitPass(frame, node.body, { cost: costOfLoop(node.condition, node.body), target, header });
  frame.line("}");
  frame.rewindScope(scope);
}

function emitLoop(frame: Frame, node: LoopExpression, target: Target): void {
  const scope = frame.markScope();
  const header = frame.lines.length;
  frame.line("for (;;) {");
  emitPass(frame, node.body, { cost: costOfLoop(undefined, node.body), target, header });
  frame.line("}");
  frame.rewindScope(scope);
}

/** `continue` goes to the condition, so the body is a block that it leaves. */
function emitDo(frame: Frame, node: DoExpression, target: Target): void {
  const scope = frame.markScope();
  const label = `${frame.temp()}L`;
  const header = frame.lines.length;
  frame.line("for (;;) {");
  frame.line(`${label}: {`);
  emitPass(frame, node.body, {
    cost: costOfLoop(node.condition, node.body),
    target,
    header,
    next: `break ${label};`,
  });
  frame.line("}");
  frame.rewindScope(scope);
  const condition = emitLoopCondition(frame, node.condition);
  frame.line(`if (${node.isUntil ? "" : "!"}(${condition.text})) break;`);
  frame.line("}");
  frame.rewindScope(scope);
}
