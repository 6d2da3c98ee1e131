/** Library methods and properties as inline JavaScript, where the type of the receiver is known. */
import { type Type } from "../analysis/type.ts";
import { type MethodExpression } from "../syntax/tree.ts";
import { boxed, type Code, constant } from "./code.ts";
import { type Frame } from "./frame.ts";
import { atom, numberOf, rawFloat } from "./typed.ts";

/** Functions of JavaScript that are the library's own. */
const floatFunctions: Readonly<Record<string, string>> = {
  sqrt: "Math.sqrt",
  floor: "Math.floor",
  ceiling: "Math.ceil",
  abs: "Math.abs",
  sin: "Math.sin",
  cos: "Math.cos",
  exp: "Math.exp",
  ln: "Math.log",
};

/** A method without arguments; undefined if it must be called. */
export function emitIntrinsic(frame: Frame, node: MethodExpression, receiver: Code): Code | undefined {
  if (node.args.length > 0) return undefined;
  const type = frame.type(node.target);
  const { name } = node;
  if (name === "to_float" && type.tag === "int") {
    return { ...constant(numberOf({ code: receiver, type }), "float"), weight: receiver.weight };
  }
  const js = type.tag === "float" ? floatFunctions[name] : undefined;
  if (js !== undefined)
    return { ...constant(`${js}(${rawFloat(receiver)})`, "float"), weight: receiver.weight };
  return emitProperty(frame, type, name, receiver);
}

/** A property of a value of a known type; undefined if it must be read by the runtime. */
export function emitProperty(frame: Frame, type: Type, name: string, object: Code): Code | undefined {
  const text = propertyText(frame, type, name, object);
  // What is in an array changes in place: its length is of the moment.
  return text === undefined ? undefined : { ...text, weight: "effect", isPlace: false };
}

function propertyText(frame: Frame, type: Type, name: string, object: Code): Code | undefined {
  const text = boxed(object);
  if (type.tag === "string") {
    if (name === "len") return constant(`${frame.rt("charCount")}(${text})`, "int");
    return name === "is_empty" ? constant(`(${text} === "")`, "bool") : undefined;
  }
  if (type.tag !== "array") return undefined;
  if (name === "len") return constant(`${atom(text)}.items.length`, "int");
  return name === "is_empty" ? constant(`(${atom(text)}.items.length === 0)`, "bool") : undefined;
}

/** Types of receivers whose library functions are looked up when the text is instantiated, by the names of the library. */
const receivers: Readonly<Record<string, string>> = {
  int: "int",
  float: "float",
  bool: "bool",
  string: "string",
  char: "char",
  array: "array",
  blob: "blob",
  range: "range",
};

/** A library function for a receiver of this type; undefined if it is not known, or a map (that may hold functions). */
export function typedFunction(frame: Frame, type: Type, name: string, arity: number): string | undefined {
  const receiver = receivers[type.tag];
  if (receiver === undefined) return undefined;
  return frame.output.constant(`${frame.rt("nativeOf")}("${receiver}", ${JSON.stringify(name)}, ${arity})`);
}
