/** Calls in method style: functions that a map holds, then functions of the script, then the library. */
import { type Unit } from "../analysis/binding.ts";
import { baseOf } from "../analysis/scope.ts";
import { bindingOf } from "../analysis/tags.ts";
import { isReplacing } from "../analysis/mutators.ts";
import { type FunctionDeclaration, type MethodExpression } from "../syntax/tree.ts";
import { boxed, type Code, constant, effect, quote } from "./code.ts";
import { type Frame } from "./frame.ts";
import { emitIntrinsic, typedFunction } from "./intrinsics.ts";
import { emitSetTag } from "./tag.ts";

export interface Receiver {
  readonly code: Code;
  /** Stores a new receiver at its place; undefined: a temporary value. */
  readonly write: ((value: Code) => void) | undefined;
}

export function emitMethod(
  frame: Frame,
  node: MethodExpression,
  receiver: Receiver,
  args: readonly Code[],
): Code {
  if (node.name === "call") return emitCallMethod(frame, node, receiver, args);
  if (frame.output.site(node).isHandle) return emitHandleMethod(frame, node, receiver, args);
  return emitPlainMethod(frame, node, receiver, args);
}

/** A method of what may be a handle of the host. */
function emitHandleMethod(
  frame: Frame,
  node: MethodExpression,
  receiver: Receiver,
  args: readonly Code[],
): Code {
  const target = held(frame, receiver.code);
  const texts = args.map((code) => held(frame, { ...code, text: frame.copied(code), form: "value" }));
  const result = frame.temp();
  const asked = `yield ${frame.rt("handleCall")}(${target.text}, ${quote(node.name)}, [${texts.map((code) => code.text).join(", ")}])`;
  frame.line(`let ${result};`);
  frame.line(
    `if (${target.text} instanceof ${frame.rt("Handle")}) ${result} = ${frame.call(node.at, "reply", asked)};`,
  );
  frame.line("else {");
  const plain = emitPlainMethod(frame, node, { ...receiver, code: target }, texts);
  frame.line(`${result} = ${boxed(plain)};`);
  frame.line("}");
  return constant(result);
}

function emitPlainMethod(
  frame: Frame,
  node: MethodExpression,
  receiver: Receiver,
  args: readonly Code[],
): Code {
  const own = frame.output.scopes.functions.get(`${node.name}/${args.length}`);
  const [first] = args;
  const tagged =
    own === undefined && node.name === "set_tag" && first !== undefined
      ? emitSetTag(frame, node.target, first, node.at)
      : undefined;
  if (tagged !== undefined) return tagged;
  if (own !== undefined) return emitOwn(frame, node, { receiver, own }, args);
  if (node.name === "is_shared" && args.length === 0) {
    const binding = bindingOf(frame.output.scopes, node.target);
    if (binding?.isShared === true) return effect(`${frame.name(binding)}.isShared`, "bool");
  }
  const key = `${node.name}/${args.length + 1}`;
  const host = frame.output.hostFunction(key);
  if (host !== undefined) {
    const texts = [receiver.code, ...args].map((code) => frame.copied(code));
    if (host.suspends) return effect(frame.askHost(node.at, node.name, texts));
    return effect(frame.call(node.at, "callHost", quote(node.name), `[${texts.join(", ")}]`));
  }
  if (frame.output.options.isEvaluated) return emitByName(frame, node, receiver, args);
  return emitLibrary(frame, node, receiver, args);
}

/** Arguments of a library function. What it may keep is copied; the few that only look get the value itself. */
export function libraryArguments(frame: Frame, name: string, args: readonly Code[]): string[] {
  const looks = name === "contains" || name === "index_of" || name === "join" || name === "elapsed";
  return args.map((code) => (looks ? boxed(code) : frame.copied(code)));
}

/** In a text of `eval` a function of the script is found when it is called. */
function emitByName(frame: Frame, node: MethodExpression, receiver: Receiver, args: readonly Code[]): Code {
  const self = held(frame, receiver.code);
  const texts = args.map((code) => held(frame, { ...code, text: frame.copied(code), form: "value" }));
  const result = frame.temp();
  const pointer = `new ${frame.rt("FnPtr")}(${quote(node.name)}, undefined)`;
  const key = quote(`${node.name}/${args.length}`);
  frame.line(`let ${result};`);
  frame.line(`if (${frame.rt("S")}.functions?.has(${key}) === true) {`);
  const own = texts.map((code) => code.text);
  frame.line(`${result} = ${frame.callPointer(node, pointer, self.text, own)};`);
  receiver.write?.(constant("S.self"));
  frame.line("} else {");
  const plain = emitLibrary(frame, node, { ...receiver, code: self }, texts);
  frame.line(`${result} = ${boxed(plain)};`);
  frame.line("}");
  return constant(result);
}

function emitLibrary(frame: Frame, node: MethodExpression, receiver: Receiver, args: readonly Code[]): Code {
  const { isDynamic } = frame.output.site(node);
  const intrinsic = isDynamic ? undefined : emitIntrinsic(frame, node, receiver.code);
  if (intrinsic !== undefined) return intrinsic;
  const type = frame.type(node.target);
  const direct = isDynamic ? undefined : typedFunction(frame, type, node.name, args.length + 1);
  const name = direct ?? frame.output.method(node.name, args.length + 1, isDynamic);
  const all = [boxed(receiver.code), ...libraryArguments(frame, node.name, args)];
  const text = frame.waited(node.at, name, all, isDynamic);
  const isInPlace = type.tag === "array" || type.tag === "blob";
  if (receiver.write === undefined || isInPlace || !isReplacing(node.name)) return effect(text);
  return storedBack(frame, text, receiver.write);
}

/** Runs a call that leaves its receiver in `S.self`, and stores that at its place. */
function storedBack(frame: Frame, text: string, write: (value: Code) => void): Code {
  const result = frame.hold(effect(text));
  write(constant(`${frame.rt("S")}.self`));
  return result;
}

/** `f.call(…)`, `object.call(f, …)`. */
function emitCallMethod(
  frame: Frame,
  node: MethodExpression,
  receiver: Receiver,
  args: readonly Code[],
): Code {
  const target = args.length === 0 ? receiver.code : held(frame, receiver.code);
  const texts = args.map((code) => frame.copied(code));
  const binding = bindingOf(frame.output.scopes, baseOf(node.target));
  if (binding?.isShared === true && texts[0] !== undefined && !frame.isDynamic) {
    texts[0] = frame.hold(effect(texts[0])).text;
    // Native's place of this error is the dot.
    frame.line(`${frame.call(node.at - 1, "checkRace", frame.name(binding), texts[0])};`);
  }
  // An error about the first argument, which is no function, stands at that argument.
  const at = [node.at, node.args[0]?.at ?? node.at];
  const text = frame.callTwin(node, "callMethod", [boxed(target), `[${texts.join(", ")}]`], at);
  if (receiver.write === undefined || args.length === 0) return effect(text);
  const result = frame.hold(effect(text));
  frame.line(`if (!(${target.text} instanceof ${frame.rt("FnPtr")})) {`);
  receiver.write(constant(`${frame.rt("S")}.self`));
  frame.line("}");
  return result;
}

function held(frame: Frame, code: Code): Code {
  return frame.hold({ ...code, text: boxed(code), form: "value" });
}

interface Own {
  readonly receiver: Receiver;
  readonly own: readonly Unit[];
}

/** A function of the script takes the receiver as `this`; which one may depend on the receiver's type. */
function emitOwn(frame: Frame, node: MethodExpression, { receiver, own }: Own, args: readonly Code[]): Code {
  const texts = args.map((code) => held(frame, { ...code, text: frame.copied(code), form: "value" }).text);
  const self = held(frame, receiver.code).text;
  const inMap = frame.temp();
  const result = frame.temp();
  frame.line(`const ${inMap} = ${frame.rt("functionIn")}(${self}, ${quote(node.name)});`);
  frame.line(`let ${result};`);
  const branches = [
    `if (${inMap} !== undefined) ${result} = ${frame.callPointer(node, inMap, self, texts)};`,
    ...typed(own).map(
      ({ unit, type }) =>
        `else if (${frame.rt("typeName")}(${self}) === ${quote(type)}) ${result} = ${frame.callFunction(node.at, unit, [`${self} ?? ${frame.rt("UNIT")}`, ...texts])};`,
    ),
  ];
  const plain = own.find((unit) => thisType(unit) === undefined);
  if (plain === undefined) {
    const { isDynamic } = frame.output.site(node);
    const native = frame.output.native(node.name, args.length + 1, isDynamic);
    branches.push(`else ${result} = ${frame.waited(node.at, native, [self, ...texts], isDynamic)};`);
  } else {
    const all = [`${self} ?? ${frame.rt("UNIT")}`, ...texts];
    branches.push(`else ${result} = ${frame.callFunction(node.at, plain, all)};`);
  }
  for (const branch of branches) frame.line(branch);
  if (receiver.write !== undefined && own.some((unit) => unit.changesThis)) {
    const after = frame.temp();
    frame.line(`const ${after} = ${frame.rt("S")}.self;`);
    frame.line(`if (${after} !== ${self}) {`);
    receiver.write(constant(after));
    frame.line("}");
  }
  return constant(result);
}

function typed(own: readonly Unit[]): { readonly unit: Unit; readonly type: string }[] {
  return own.flatMap((unit) => {
    const type = thisType(unit);
    return type === undefined ? [] : [{ unit, type }];
  });
}

export function thisType(unit: Unit): string | undefined {
  // Units of that kind stand on declarations.
  return unit.kind === "function" ? (unit.node as FunctionDeclaration).thisType : undefined;
}
