/** Chains: `base.name[index].method(args)…`. Native evaluates all indices and arguments first, left to right; then the
 *  base; then it walks. */
import { hasEffects, some } from "../analysis/effects.ts";
import { isCalling, isRefused, mayChange } from "../analysis/mutators.ts";
import {
  type Expression,
  type IndexExpression,
  type MethodExpression,
  type PropertyExpression,
} from "../syntax/tree.ts";
import { boxed, type Code, constant, effect } from "./code.ts";
import { type Frame } from "./frame.ts";
import { emitMethod } from "./method.ts";
import { emitOperands, touches } from "./operands.ts";
import { emitTag } from "./tag.ts";
import { reach, readStep, type Root, rootOf } from "./place.ts";
import { type Step } from "./step.ts";

export type Link = MethodExpression | PropertyExpression | IndexExpression;

/** Values of indices and arguments, by node. */
type Values = ReadonlyMap<Expression, Code>;

export function emitChain(frame: Frame, node: Link): Code {
  const { base, links } = flatten(node);
  const values = emitValues(frame, base, links);
  const elvis = elvisOf(links);
  const hasElvis = links.some(
    (link, index) => elvis.has(link) && !(index === links.length - 1 && isStep(link)),
  );
  if (!hasElvis) return walk(frame, base, links, { values, elvis, leave: undefined });
  const name = frame.temp();
  frame.line(`let ${name};`);
  frame.line(`${name}L: {`);
  const result = walk(frame, base, links, { values, elvis, leave: `break ${name}L;` });
  frame.line(`${name} = ${boxed(result)};`);
  frame.line("}");
  return { ...constant(name), isPlace: result.isPlace };
}

/** Links with a question mark. In `a?[0].b` it belongs to the dot, as native has it. */
function elvisOf(links: readonly Link[]): ReadonlySet<Link> {
  const found = new Set<Link>();
  let run: Link[] = [];
  for (const link of links) {
    if (link.kind === "index") {
      run.push(link);
      continue;
    }
    if (link.isElvis || run.some((index) => index.isElvis)) found.add(link);
    run = [];
  }
  for (const index of run) if (index.isElvis) found.add(index);
  return found;
}

export function flatten(node: Expression): { base: Expression; links: Link[] } {
  const links: Link[] = [];
  let base = node;
  while (base.kind === "method" || base.kind === "property" || base.kind === "index") {
    links.unshift(base);
    base = base.target;
  }
  return { base, links };
}

/** Evaluates indices and arguments; keeps the texts of those that may as well be evaluated where they stand. */
export function emitValues(frame: Frame, base: Expression, links: readonly Link[]): Values {
  const nodes: Expression[] = [];
  let forced = -1;
  let isLate = hasEffects(base);
  for (const link of links) {
    const own = link.kind === "property" ? [] : link.kind === "index" ? [link.index] : link.args;
    for (const node of own) {
      nodes.push(node);
      if (hasEffects(node) && (isLate || touches(frame, node, base))) forced = nodes.length - 1;
    }
    if (link.kind === "method") isLate = true;
  }
  const codes = emitOperands(frame, nodes, forced);
  const values = new Map<Expression, Code>();
  nodes.forEach((node, index) => {
    const code = codes[index];
    if (code !== undefined) values.set(node, code);
  });
  return values;
}

interface Walk {
  readonly values: Values;
  /** Links that end the chain if what they are taken of is `()`. */
  readonly elvis: ReadonlySet<Link>;
  /** Statement that leaves the chain with `()`. */
  readonly leave: string | undefined;
}

function walk(frame: Frame, base: Expression, links: readonly Link[], how: Walk): Code {
  const root = rootOf(frame, base);
  let current: Code = root?.code ?? frame.expression(base);
  let rest = links;
  let start: Root | undefined = root;
  const [head] = links;
  const tag =
    head?.kind === "property" && head.name === "tag" ? emitTag(frame, base, current, head.at) : undefined;
  if (tag !== undefined) {
    current = tag;
    start = undefined;
    rest = links.slice(1);
  }
  while (rest.length > 0) {
    const count = rest.findIndex((link) => link.kind === "method");
    const link = count === -1 ? undefined : rest[count];
    if (link?.kind !== "method") return readAll(frame, current, rest, how);
    const steps = rest.slice(0, count);
    current = methodAt(frame, { root: start, current, steps }, link, how);
    start = undefined;
    rest = rest.slice(count + 1);
  }
  return current;
}

/** Reads properties and elements. */
function readAll(frame: Frame, from: Code, links: readonly Link[], how: Walk): Code {
  let current = from;
  links.forEach((link, index) => {
    if (link.kind === "method") return;
    const isLast = index === links.length - 1;
    if (how.elvis.has(link) && !isLast) current = leaveIfUnit(frame, current, how);
    const way = how.elvis.has(link) && isLast ? "Elvis" : "";
    current = effect(readStep(frame, boxed(current), stepOf(link, how.values), way), "value", true);
  });
  return current;
}

export function stepOf(link: PropertyExpression | IndexExpression, values: Values): Step {
  const key = link.kind === "index" ? values.get(link.index) : undefined;
  return { node: link, key: key === undefined ? undefined : boxed(key) };
}

/** A step whose index may be written twice. */
export function heldStep(frame: Frame, link: PropertyExpression | IndexExpression, values: Values): Step {
  const key = link.kind === "index" ? values.get(link.index) : undefined;
  if (key === undefined) return { node: link, key: undefined };
  const isSimple = key.weight === "constant" || /^[\w$]+$/.test(key.text);
  return {
    node: link,
    key: isSimple ? boxed(key) : frame.hold({ ...key, form: "value", text: boxed(key) }).text,
  };
}

export function isStep(link: Link): link is PropertyExpression | IndexExpression {
  return link.kind !== "method";
}

function leaveIfUnit(frame: Frame, code: Code, how: Walk): Code {
  if (how.leave === undefined) return code;
  const held = { ...frame.hold({ ...code, text: boxed(code), form: "value" }), isPlace: code.isPlace };
  frame.line(`if (${held.text} === undefined) ${how.leave}`);
  return held;
}

interface From {
  readonly root: Root | undefined;
  readonly current: Code;
  readonly steps: readonly Link[];
}

/** One method call; its receiver is reached from a place or a temporary value by properties and indices. */
function methodAt(frame: Frame, from: From, link: MethodExpression, how: Walk): Code {
  const args = link.args.map((node) => how.values.get(node) ?? constant("undefined"));
  const { root, current, steps } = from;
  if (!changesReceiver(frame, link, root)) {
    let receiver = readAll(frame, current, steps, how);
    if (how.elvis.has(link)) receiver = leaveIfUnit(frame, receiver, how);
    return emitMethod(
      frame,
      link,
      { code: receiver, write: steps.length === 0 ? root?.write : undefined },
      args,
    );
  }
  if (root?.constant !== undefined) {
    let receiver = readAll(frame, current, steps, how);
    if (how.elvis.has(link)) receiver = leaveIfUnit(frame, receiver, how);
    return onConstant(frame, receiver, link, args);
  }
  return onPlace(frame, from, link, { how, args });
}

/** A method that may change its receiver: the place is reached so that it can be changed. */
function onPlace(
  frame: Frame,
  { root, current, steps }: From,
  link: MethodExpression,
  { how, args }: { readonly how: Walk; readonly args: readonly Code[] },
): Code {
  const held = steps.filter(isStep).map((step) => heldStep(frame, step, how.values));
  if (held.length === 0) {
    const code = how.elvis.has(link) ? leaveIfUnit(frame, current, how) : current;
    return emitMethod(frame, link, { code, write: root?.write }, args);
  }
  const check = (node: Link, text: string): void => {
    if (how.elvis.has(node) && how.leave !== undefined) frame.line(`if (${text} === undefined) ${how.leave}`);
  };
  const own = args.map((code) => frame.copyNow(code));
  const reached = reach(frame, { code: current, write: root?.write, check }, held);
  check(link, reached.text);
  const code = { ...constant(reached.text), weight: "read" as const };
  return emitMethod(frame, link, { code, write: root === undefined ? undefined : reached.write }, own);
}

/** Does the call change its receiver, or refuse constants as if it did? */
function changesReceiver(frame: Frame, link: MethodExpression, root: Root | undefined): boolean {
  if (root?.constant !== undefined && isRefused(link.name)) return true;
  const own = frame.output.scopes.functions.get(`${link.name}/${link.args.length}`);
  if (own !== undefined) return own.some((unit) => unit.changesThis);
  if (isCalling(link.name)) return link.args.some(mayUseThis);
  return mayChange(link.name);
}

/** May this argument be a function that has elements as `this`? */
function mayUseThis(argument: Expression): boolean {
  if (argument.kind !== "closure") return argument.kind !== "literal" || argument.literal.type === "string";
  return argument.body.body.some((statement) => some(statement, (piece) => piece.kind === "this"));
}

/** A method of a constant: one that changes it throws, others see a copy. */
function onConstant(frame: Frame, receiver: Code, link: MethodExpression, args: readonly Code[]): Code {
  const text = boxed(receiver);
  const isOwn = frame.output.scopes.functions.has(`${link.name}/${link.args.length}`);
  const name = JSON.stringify(link.name);
  const checked = isOwn ? text : frame.call(link.at, "checkConstant", text, name, String(args.length + 1));
  const code = effect(`${frame.rt("copy")}(${checked})`);
  return emitMethod(frame, link, { code, write: undefined }, args);
}
