/** Where values go: targets and new variables. */
import { type Binding } from "../analysis/binding.ts";
import { type Code, quote } from "./code.ts";
import { type Frame, type Target } from "./frame.ts";

/** Puts a value where the target says. */
export function settle(frame: Frame, code: Code, target: Target): void {
  if (target.kind === "store") {
    frame.line(`${target.name} = ${frame.copied(code)};`);
    return;
  }
  if (code.weight === "effect") frame.line(`${code.text};`);
}

/** A new variable with a value of its own. */
export function declareVariable(frame: Frame, binding: Binding, text: string): void {
  if (frame.isDynamic) {
    frame.line(`${frame.rt("declareName")}(d, ${quote(binding.name)}, ${text}, ${String(binding.isConst)});`);
    return;
  }
  if (binding.isShared) {
    frame.line(`const ${frame.name(binding)} = new ${frame.rt("Cell")}(${text});`);
    return;
  }
  frame.line(`${binding.isAssigned ? "let" : "const"} ${frame.name(binding)} = ${text};`);
}
