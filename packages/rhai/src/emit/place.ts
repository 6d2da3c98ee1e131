/** Places: variables, `this`, and elements inside of them, read and changed. */
import { type Expression, type IndexExpression, type PropertyExpression } from "../syntax/tree.ts";
import { type Binding } from "../analysis/binding.ts";
import { boxed, type Code, constant, effect, mark, quote } from "./code.ts";
import { emitProperty } from "./intrinsics.ts";
import { readEntry, readItem, storeItem } from "./items.ts";
import { indexAt, type Step, type Stored } from "./step.ts";
import { rawFloat } from "./typed.ts";
import { type Frame } from "./frame.ts";

/** A variable or `this`. */
export interface Root {
  readonly code: Code;
  /** Writes a statement that gives it a new value. */
  readonly write: (value: Code) => void;
  /** Name of a constant: whatever changes it throws. */
  readonly constant: string | undefined;
  /** A captured variable: functions in call style get a copy of it. */
  readonly isShared: boolean;
}

/** An element that has been reached for a change in place. */
export interface Reached {
  /** A name or another text that may stand twice. */
  readonly text: string;
  /** Writes statements that store a new value at the place, outward as far as it takes. */
  readonly write: (value: Code) => void;
}

/** The root of a place; undefined if the expression is none (a temporary value). */
export function rootOf(frame: Frame, node: Expression): Root | undefined {
  if (node.kind === "this") {
    return {
      code: frame.expression(node),
      write: (value) => frame.line(`self = ${boxed(value)};`),
      constant: undefined,
      isShared: false,
    };
  }
  if (node.kind !== "variable") return undefined;
  const code = frame.expression(node);
  const use = frame.output.scopes.uses.get(node);
  if (node.namespace.length > 0) return { code, write: () => {}, constant: node.name, isShared: false };
  if (frame.isDynamic) {
    const write = (value: Code): void =>
      frame.line(`${frame.call(node.at, "writeName", "d", quote(node.name), boxed(value))};`);
    return { code, write, constant: undefined, isShared: false };
  }
  if (use?.kind !== "binding") return undefined;
  const { binding } = use;
  return {
    code,
    write: (value) =>
      frame.line(`${placeText(frame, binding)} = ${frame.isRaw(binding) ? rawFloat(value) : boxed(value)};`),
    constant: binding.isConst ? binding.name : undefined,
    isShared: binding.isShared,
  };
}

/** JavaScript of the variable itself, to the left of `=`. */
function placeText(frame: Frame, binding: Binding): string {
  return binding.isShared ? `${frame.name(binding)}.v` : frame.name(binding);
}

/** Text of reading one step of a value. */
export function readStep(
  frame: Frame,
  object: string,
  { node, key }: Step,
  way: "" | "Ref" | "Elvis" = "",
): string {
  const entry = way === "Elvis" ? undefined : readEntry(frame, object, { node, key }, way);
  if (entry !== undefined) return entry;
  if (node.kind === "property" && way === "") {
    const inline = emitProperty(frame, frame.type(node.target), node.name, constant(object));
    if (inline !== undefined) return inline.text;
  }
  if (key === undefined) return frame.call(node.at, `getProp${way}`, object, quote(nameOf(node)));
  const inline = way === "Elvis" ? undefined : readItem(frame, object, { node, key }, way);
  return inline ?? `${mark(indexAt(node), node.at)}${frame.rt(`getIndex${way}`)}(${object}, ${key})`;
}

/** Text of storing a value; it gives the container, or a new one. */
export function writeStep(frame: Frame, object: string, { node, key }: Step, value: Stored): string {
  const [name, by] = key === undefined ? ["setProp", quote(nameOf(node))] : ["setIndex", key];
  const start = mark(indexAt(node), value.operatorAt ?? node.at, node.at);
  return `${start}${frame.rt(name)}(${object}, ${by}, ${boxed(value.code)})`;
}

function nameOf(node: PropertyExpression | IndexExpression): string {
  return node.kind === "property" ? node.name : "";
}

/** Walks to an element so that it can be changed in place: every container on the way becomes the only owner of its
 *  items. `start` without `write` is a temporary value. */
export function reach(
  frame: Frame,
  start: {
    readonly code: Code;
    readonly write: ((value: Code) => void) | undefined;
    /** Writes what must be known of a value before the step is taken. */
    readonly check?: (node: Step["node"], text: string) => void;
  },
  steps: readonly Step[],
): Reached {
  let { write } = start;
  let text = hold(frame, start.code);
  for (const step of steps) {
    const object = text;
    start.check?.(step.node, object);
    const outer = write;
    text = frame.hold(effect(readStep(frame, object, step, "Ref"))).text;
    if (outer !== undefined) write = (value) => store(frame, { object, outer }, step, { code: value });
  }
  return { text, write: write ?? (() => {}) };
}

/** Stores into a container; a container that is replaced (a string, an int) goes back to its own place. */
export function store(
  frame: Frame,
  container: { readonly object: string; readonly outer: ((value: Code) => void) | undefined },
  step: Step,
  value: Stored,
): void {
  const { object, outer } = container;
  if (storeItem(frame, object, step, value)) return;
  const text = writeStep(frame, object, step, value);
  if (outer === undefined) {
    frame.line(`${text};`);
    return;
  }
  const made = frame.temp();
  frame.line(`const ${made} = ${text};`);
  frame.line(`if (${made} !== ${object}) {`);
  outer(constant(made));
  frame.line("}");
}

/** A text that may stand twice. */
function hold(frame: Frame, code: Code): string {
  const text = boxed(code);
  const isName = /^[\w$]+(\.v)?$/.test(text);
  return isName ? text : frame.hold({ ...code, form: "value", text }).text;
}
