/** `try`, `catch`, `throw`. */
import { costOf } from "../analysis/cost.ts";
import { type ThrowStatement, type TryStatement } from "../syntax/tree.ts";
import { discard, type Frame } from "./frame.ts";
import { declareVariable } from "./settle.ts";

/** Always `()`. Errors that a script may not catch pass through; the depth of calls is that of before. */
export function emitTry(frame: Frame, node: TryStatement): void {
  const depth = frame.temp();
  const error = frame.temp();
  frame.line(`const ${depth} = ${frame.rt("S")}.depth;`);
  const mark = frame.markScope();
  frame.line("try {");
  frame.tries++;
  frame.chapters.body(frame, node.body.body, discard);
  frame.tries--;
  frame.rewindScope(mark);
  frame.line(`} catch (${error}x) {`);
  frame.line(`const ${error} = ${frame.rt("caught")}(${error}x, ${depth});`);
  frame.rewindScope(mark);
  const binding = frame.output.scopes.declared.get(node);
  if (binding !== undefined) declareVariable(frame, binding, `${frame.rt("caughtValueOf")}(${error})`);
  frame.charge(costOf(node.handler.body));
  frame.caught.push(error);
  frame.chapters.body(frame, node.handler.body, discard);
  frame.caught.pop();
  frame.rewindScope(mark);
  frame.line("}");
}

/** A bare `throw` in a handler throws the caught error once more. */
export function emitThrow(frame: Frame, node: ThrowStatement): void {
  const caught = frame.caught.at(-1);
  if (node.value === undefined && caught !== undefined) {
    frame.line(`${frame.call(node.at, "rethrow", caught)};`);
    return;
  }
  const text = node.value === undefined ? "undefined" : frame.copied(frame.expression(node.value));
  frame.line(`${frame.call(node.at, "runtimeError", text)};`);
}
