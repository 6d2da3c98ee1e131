/** Calls by name. */
import { isMutating, isReplacing } from "../analysis/mutators.ts";
import { type CallExpression, type Expression } from "../syntax/tree.ts";
import { boxed, type Code, constant, effect, quote } from "./code.ts";
import { type Frame } from "./frame.ts";
import { emitHostCall, emitModuleCall } from "./module.ts";
import { libraryArguments, thisType } from "./method.ts";
import { emitArguments } from "./operands.ts";
import { rootOf } from "./place.ts";

export function emitCall(frame: Frame, node: CallExpression): Code {
  if (node.namespace.length > 0) return emitModuleCall(frame, node);
  const special = specials.get(`${node.name}/${node.args.length}`);
  const own = frame.output.scopes.functions
    .get(`${node.name}/${node.args.length}`)
    ?.find((unit) => thisType(unit) === undefined);
  if (own === undefined && special !== undefined) return special(frame, node);
  if (node.isCapturing) return emitCapturing(frame, node);
  if (node.name === "call" && node.args.length > 0) return emitPointerCall(frame, node);
  if (own !== undefined) {
    const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
    return effect(frame.callFunction(node.at, own, ["undefined", ...args]));
  }
  const host = frame.output.hostFunction(`${node.name}/${node.args.length}`);
  if (host !== undefined) return emitHostCall(frame, node, { name: node.name, host });
  if (frame.output.options.isEvaluated) return emitByName(frame, node);
  return emitNative(frame, node, emitArguments(frame, node.args));
}

/** `call(f, …)`. */
function emitPointerCall(frame: Frame, node: CallExpression): Code {
  const [pointer = "", ...args] = emitArguments(frame, node.args).map((code) => frame.copied(code));
  const at = [node.at, node.args[0]?.at ?? node.at];
  return effect(frame.callTwin(node, "callFn", [pointer, "undefined", `[${args.join(", ")}]`], at));
}

/** In a text of `eval` a function of the script is found when it is called. */
function emitByName(frame: Frame, node: CallExpression): Code {
  const key = quote(`${node.name}/${node.args.length}`);
  const codes = emitArguments(frame, node.args).map((code) => frame.hold(code));
  const result = frame.temp();
  frame.line(`let ${result};`);
  frame.line(`if (${frame.rt("S")}.functions?.has(${key}) === true) {`);
  const args = codes.map((code) => frame.copied(code));
  const pointer = `new ${frame.rt("FnPtr")}(${quote(node.name)}, undefined)`;
  frame.line(`${result} = ${frame.callPointer(node, pointer, "undefined", args)};`);
  frame.line("} else {");
  const plain = emitNative(frame, node, codes);
  frame.line(`${result} = ${boxed(plain)};`);
  frame.line("}");
  return constant(result);
}

/** A library function. A variable in front is given by reference, unless it is captured or constant. */
function emitNative(frame: Frame, node: CallExpression, codes: readonly Code[]): Code {
  const [first] = node.args;
  const [receiver] = codes;
  const { isDynamic } = frame.output.site(node);
  const name = frame.output.native(node.name, node.args.length, isDynamic);
  if (receiver === undefined || first === undefined)
    return effect(frame.waited(node.at, name, [], isDynamic));
  const rest = libraryArguments(frame, node.name, codes.slice(1));
  const root = first.kind === "variable" && isMutating(node.name) ? rootOf(frame, first) : undefined;
  const isOwnCopy =
    isMutating(node.name) && (root === undefined || root.isShared || root.constant !== undefined);
  const self = isOwnCopy ? frame.copied(receiver) : boxed(receiver);
  const text = frame.waited(node.at, name, [self, ...rest], isDynamic);
  if (root === undefined || isOwnCopy || !isReplacing(node.name)) return effect(text);
  const result = frame.hold(effect(text));
  root.write(constant(`${frame.rt("S")}.self`));
  return result;
}

/** `name!(…)`: the function runs in the scope of its caller. */
function emitCapturing(frame: Frame, node: CallExpression): Code {
  const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
  const own = frame.output.scopes.functions.get(`${node.name}/${node.args.length}`)?.[0];
  if (own === undefined)
    return effect(frame.call(node.at, "functionNotFound", quote(node.name), `[${args.join(", ")}]`));
  frame.output.capturing.add(own);
  const callee = `${frame.functionName(own)}D`;
  return effect(frame.waited(node.at, callee, ["undefined", "d", ...args], frame.output.isColoured(own)));
}

type Special = (frame: Frame, node: CallExpression) => Code;

/** Functions that need more than values: the place of the call, the variable itself, the scope. By name and arity. */
const specials = new Map<string, Special>([
  ["print/1", (frame, node) => effect(frame.call(node.at, "print", values(frame, node)))],
  ["print/0", (frame, node) => effect(frame.call(node.at, "print", '""'))],
  [
    "debug/1",
    (frame, node) => {
      const { line, column } = frame.output.options.locate(node.at);
      return effect(frame.call(node.at, "debug", values(frame, node), String(line), String(column)));
    },
  ],
  [
    "debug/0",
    (frame, node) => {
      const { line, column } = frame.output.options.locate(node.at);
      return effect(frame.call(node.at, "debugText", '""', String(line), String(column)));
    },
  ],
  ["type_of/1", (frame, node) => effect(`${frame.rt("typeName")}(${values(frame, node)})`)],
  ["Fn/1", (frame, node) => effect(frame.call(node.args[0]?.at ?? node.at, "makeFn", values(frame, node)))],
  ["exit/0", (frame, node) => effect(frame.call(node.at, "exit", "undefined"))],
  [
    "exit/1",
    (frame, node) => {
      const code = emitArguments(frame, node.args)[0] ?? constant("undefined");
      return effect(frame.call(node.at, "exit", frame.copied(code)));
    },
  ],
  ["is_shared/1", emitIsShared],
  ["is_def_var/1", emitIsDefinedVariable],
  [
    "is_def_fn/2",
    (frame, node) => effect(frame.call(node.at, "isDefinedFunction", values(frame, node)), "bool"),
  ],
  ["eval/1", emitEval],
]);

function values(frame: Frame, node: CallExpression): string {
  return emitArguments(frame, node.args).map(boxed).join(", ");
}

function emitIsShared(frame: Frame, node: CallExpression): Code {
  const [first] = node.args;
  const binding = first === undefined ? undefined : bindingOf(frame, first);
  if (binding === undefined || !binding.isShared) {
    const text = values(frame, node);
    return effect(`(${text}, false)`, "bool");
  }
  return effect(`${frame.name(binding)}.isShared`, "bool");
}

function bindingOf(frame: Frame, node: Expression): ReturnType<typeof lookUp> {
  return node.kind === "variable" ? lookUp(frame, node) : undefined;
}

function lookUp(frame: Frame, node: Extract<Expression, { kind: "variable" }>) {
  const use = frame.output.scopes.uses.get(node);
  return use?.kind === "binding" ? use.binding : undefined;
}

function emitIsDefinedVariable(frame: Frame, node: CallExpression): Code {
  const [first] = node.args;
  const text = values(frame, node);
  if (frame.isDynamic) return effect(frame.call(node.at, "isDefinedName", "d", text), "bool");
  const names = new Set((frame.output.scopes.visible.get(node) ?? []).map((binding) => binding.name));
  if (first?.kind === "literal" && first.literal.type === "string")
    return constant(String(names.has(first.literal.value)), "bool");
  const list = [...names].map(quote).join(", ");
  return effect(frame.call(node.at, "isDefinedVariable", text, `[${list}]`), "bool");
}

function emitEval(frame: Frame, node: CallExpression): Code {
  const at = node.args[0]?.at ?? node.at;
  frame.output.usesEval = true;
  const waits = frame.output.site(node).isDynamic;
  const args = [values(frame, node), "d", ...(waits ? [frame.output.hostNames()] : [])];
  return effect(frame.waited(at, frame.rt(waits ? "evaluateA" : "evaluate"), args, waits));
}
