/** Statements. */
import { bindingOf } from "../analysis/tags.ts";
import { type AssignStatement, type Expression, type LetStatement, type Statement } from "../syntax/tree.ts";
import { emitValues, flatten, heldStep, isStep } from "./chain.ts";
import { boxed, type Code, effect, quote } from "./code.ts";
import { discard, type Frame, type Target } from "./frame.ts";
import { emitExport, emitImport } from "./module.ts";
import { emitOperation } from "./operator.ts";
import { touches } from "./operands.ts";
import { reach, readStep, rootOf, type Root, store } from "./place.ts";
import { type Step, type Stored } from "./step.ts";
import { declareVariable, settle } from "./settle.ts";
import { emitThrow, emitTry } from "./try.ts";
import { assignTag, carryTag } from "./tag.ts";
import { rawFloat, refined } from "./typed.ts";

/** Statements one after the other; the value of the last one is that of the whole. */
export function emitBody(frame: Frame, body: readonly Statement[], target: Target): void {
  const real = body.filter((node) => node.kind !== "empty");
  real.forEach((node, index) => {
    frame.chapters.statement(frame, node, index === real.length - 1 ? target : discard);
  });
}

// oxlint-disable-next-line complexity -- one case per kind of node
export function emitStatement(frame: Frame, node: Statement, target: Target): void {
  switch (node.kind) {
    case "expression":
      frame.chapters.into(frame, node.expression, target);
      return;
    case "let":
      emitLet(frame, node);
      return;
    case "assign":
      emitAssign(frame, node);
      return;
    case "return":
      emitReturn(frame, node.value);
      return;
    case "throw":
      emitThrow(frame, node);
      return;
    case "break":
      emitBreak(frame, node.value);
      return;
    case "continue":
      frame.line(frame.loops.at(-1)?.next ?? "");
      return;
    case "try":
      emitTry(frame, node);
      return;
    case "import":
      emitImport(frame, node);
      return;
    case "export":
      emitExport(frame, node);
      return;
    case "empty":
  }
}

function emitLet(frame: Frame, node: LetStatement): void {
  const binding = frame.output.scopes.declared.get(node);
  const code = node.value === undefined ? undefined : frame.expression(node.value);
  if (binding === undefined) return;
  const text = code === undefined ? "undefined" : frame.isRaw(binding) ? rawFloat(code) : frame.copied(code);
  frame.checkVariables(node.at);
  declareVariable(frame, binding, text);
  carryTag(frame, binding, node.value);
  if (node.isConst && binding.isGlobal && frame.output.needsGlobals) {
    const value = frame.isDynamic
      ? frame.call(node.at, "readName", "d", quote(binding.name), "G")
      : frame.valueOf(binding);
    frame.line(`${frame.rt("setGlobal")}(G, ${quote(binding.name)}, ${frame.rt("copy")}(${value}));`);
  }
  if (node.isExported) emitExport(frame, { name: node.name, alias: undefined, at: node.at }, binding);
}

function emitReturn(frame: Frame, value: Expression | undefined): void {
  const code = value === undefined ? undefined : frame.expression(value);
  frame.line(`r = ${code === undefined ? "undefined" : frame.copied(code)};`);
  frame.leave();
}

function emitBreak(frame: Frame, value: Expression | undefined): void {
  const loop = frame.loops.at(-1);
  if (value !== undefined) {
    const code = frame.expression(value);
    settle(frame, code, loop?.result === undefined ? discard : { kind: "store", name: loop.result });
  }
  frame.line(loop?.stop ?? "");
}

function emitAssign(frame: Frame, node: AssignStatement): void {
  const { base, links } = flatten(node.target);
  const steps = links.filter(isStep);
  const value = frame.expression(node.value);
  const code: Code = {
    ...value,
    text: value.form === "float" ? value.text : frame.copied(value),
    isPlace: false,
  };
  if (steps.length === 0) {
    const isHeld = node.operator !== "" && touches(frame, node.value, node.target);
    assignRoot(frame, node, isHeld ? frame.hold(code) : code);
    return;
  }
  const isHeld =
    steps.length > 1 ||
    (node.operator !== "" && value.isPlace) ||
    steps.some((step) => step.kind === "index" && step.index.kind !== "literal");
  const held = isHeld || touches(frame, node.value, base) ? frame.hold(code) : code;
  const values = emitValues(frame, base, steps);
  const walked = steps.map((step) => heldStep(frame, step, values));
  const root = rootOf(frame, base);
  assignElement(frame, node, { base, root, steps: walked }, held);
}

/** `variable = value`, `this = value`. */
function assignRoot(frame: Frame, node: AssignStatement, value: Code): void {
  const { target } = node;
  const root = rootOf(frame, target);
  if (root === undefined || root.constant !== undefined) {
    frame.line(`${boxed(value)};`);
    frame.line(`${refusal(frame, target, root)};`);
    return;
  }
  if (node.operator === "") {
    if (target.kind === "this") frame.line(`${root.code.text};`);
    root.write(value);
    carryTag(frame, bindingOf(frame.output.scopes, target), node.value);
    return;
  }
  root.write(emitOperation(frame, node, root.code, value));
}

/** Text that throws, for what can't be assigned to. */
function refusal(frame: Frame, target: Expression, root: Root | undefined): string {
  if (root?.constant !== undefined) return frame.call(target.at, "constAssign", quote(root.constant));
  if (target.kind !== "variable") return frame.call(target.at, "constAssign", '""');
  const use = frame.output.scopes.uses.get(target);
  return frame.call(
    target.at,
    use?.kind === "function" ? "constAssign" : "variableNotFound",
    quote(target.name),
  );
}

interface Element {
  readonly base: Expression;
  readonly root: Root | undefined;
  readonly steps: readonly Step[];
}

/** `base.name[index] = value`. */
function assignElement(
  frame: Frame,
  node: AssignStatement,
  { base, root, steps }: Element,
  value: Code,
): void {
  const last = steps.at(-1);
  if (last === undefined || assignTag(frame, node, value)) return;
  const stored = (code: Code): Stored => ({ code, operatorAt: node.operatorAt });
  const own = root?.code ?? frame.expression(base);
  if (root?.constant !== undefined) {
    // What can't be stored at all is a more telling error.
    const copied = steps.slice(0, -1).reduce((text, step) => readStep(frame, text, step), frame.copied(own));
    store(frame, { object: `${frame.rt("copy")}(${copied})`, outer: undefined }, last, stored(value));
    frame.line(`${refusal(frame, base, root)};`);
    return;
  }
  const start = { code: own, write: root?.write };
  const reached = reach(frame, start, steps.slice(0, -1));
  const container = { object: reached.text, outer: root === undefined ? undefined : reached.write };
  if (node.operator === "") {
    store(frame, container, last, stored(value));
    return;
  }
  const place = refined(effect(readStep(frame, reached.text, last, "Ref")), frame.type(node.target));
  store(frame, container, last, stored(emitOperation(frame, node, place, value)));
}
