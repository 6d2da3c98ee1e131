/** Tags of variables that hold values without identity: each such variable has a second one for its tag. */
import { type Binding } from "../analysis/binding.ts";
import { bindingOf } from "../analysis/tags.ts";
import { type AssignStatement, type Expression } from "../syntax/tree.ts";
import { boxed, type Code, effect } from "./code.ts";
import { type Frame } from "./frame.ts";
import { emitOperation } from "./operator.ts";

/** JavaScript name of the variable's tag; undefined for variables without. */
function nameOf(frame: Frame, binding: Binding | undefined): string | undefined {
  if (binding === undefined || frame.isDynamic || !frame.output.tagged.has(binding)) return undefined;
  const name = `${frame.name(binding)}T`;
  const declaration = `${name} = 0`;
  if (!frame.scratches.includes(declaration)) frame.scratches.push(declaration);
  return name;
}

function tagName(frame: Frame, node: Expression | undefined): string | undefined {
  return nameOf(frame, bindingOf(frame.output.scopes, node));
}

/** `x.tag` of such a variable. */
export function emitTag(frame: Frame, base: Expression, value: Code, at: number): Code | undefined {
  const name = tagName(frame, base);
  return name === undefined ? undefined : effect(frame.call(at, "readTag", boxed(value), name));
}

/** `x.tag = value`, `x.tag += value`; false if it is no such variable. */
export function assignTag(frame: Frame, node: AssignStatement, value: Code): boolean {
  const { target } = node;
  if (target.kind !== "property" || target.name !== "tag") return false;
  const name = tagName(frame, target.target);
  if (name === undefined) return false;
  const object = frame.expression(target.target);
  const old = effect(frame.call(target.at, "readTag", boxed(object), name));
  const tag = node.operator === "" ? value : emitOperation(frame, node, old, value);
  frame.line(`${name} = ${frame.call(target.at, "writeTag", boxed(object), name, boxed(tag))};`);
  return true;
}

/** `x.set_tag(value)`. */
export function emitSetTag(frame: Frame, target: Expression, tag: Code, at: number): Code | undefined {
  const name = tagName(frame, target);
  if (name === undefined) return undefined;
  frame.line(`${name} = ${frame.call(at, "writeTag", boxed(frame.expression(target)), name, boxed(tag))};`);
  return { text: "undefined", form: "value", weight: "constant", isPlace: false };
}

/** A variable got the value of an expression: with its tag, if that is a variable that has one. */
export function carryTag(frame: Frame, binding: Binding | undefined, value: Expression | undefined): void {
  const name = nameOf(frame, binding);
  if (name !== undefined) frame.line(`${name} = ${tagName(frame, value) ?? "0"};`);
}
