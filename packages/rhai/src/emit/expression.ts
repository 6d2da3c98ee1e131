/** Expressions: the simple ones here, the others in their chapters. */
import {
  type ArrayExpression,
  type ClosureExpression,
  type Expression,
  type InterpolationExpression,
  type Literal,
  type MapExpression,
  type ThisExpression,
  type VariableExpression,
} from "../syntax/tree.ts";
import { emitCall } from "./call.ts";
import { emitChain } from "./chain.ts";
import { boxed, type Code, constant, effect, quote, read, unit } from "./code.ts";
import { type Frame } from "./frame.ts";
import { thisType } from "./method.ts";
import { emitModuleVariable } from "./module.ts";
import { emitOperands } from "./operands.ts";
import { emitBinary, emitUnary } from "./operator.ts";
import { pieceText, refined } from "./typed.ts";

export function emitExpression(frame: Frame, node: Expression): Code {
  return refined(emitAny(frame, node), frame.type(node));
}

// oxlint-disable-next-line complexity -- one case per kind of node
function emitAny(frame: Frame, node: Expression): Code {
  switch (node.kind) {
    case "literal":
      return emitLiteral(frame, node.literal);
    case "interpolation":
      return emitInterpolation(frame, node);
    case "array":
      return emitArray(frame, node);
    case "map":
      return emitMap(frame, node);
    case "variable":
      return emitVariable(frame, node);
    case "this":
      return emitThis(frame, node);
    case "call":
      return emitCall(frame, node);
    case "method":
    case "property":
    case "index":
      return emitChain(frame, node);
    case "unary":
      return emitUnary(frame, node);
    case "binary":
      return emitBinary(frame, node);
    case "closure":
      return emitClosure(frame, node);
    case "block-expression":
    case "if":
    case "switch":
    case "while":
    case "loop":
    case "do":
    case "for": {
      const name = frame.temp();
      frame.line(`let ${name};`);
      frame.chapters.into(frame, node, { kind: "store", name });
      return constant(name);
    }
  }
}

export function emitLiteral(frame: Frame, literal: Literal): Code {
  switch (literal.type) {
    case "unit":
      return unit;
    case "bool":
      return constant(String(literal.value), "bool");
    case "int": {
      const { value } = literal;
      if (typeof value === "bigint")
        return constant(frame.output.constant(value < 0n ? `(${value}n)` : `${value}n`));
      return constant(value < 0 ? `(${value})` : String(value), "int");
    }
    case "float": {
      const text = floatText(literal.value);
      return {
        ...constant(text, "float"),
        box: frame.output.constant(`new ${frame.rt("Float")}(${text})`),
      };
    }
    case "char":
      return constant(frame.output.constant(`${frame.rt("charOf")}(${quote(literal.value)})`));
    case "string":
      return constant(quote(literal.value));
  }
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : String(value);
}

/** Pieces of an interpolation that become one JavaScript expression. */
const PIECES_NESTED = 64;

function emitInterpolation(frame: Frame, node: InterpolationExpression): Code {
  const codes = emitOperands(frame, node.parts);
  let text = "";
  codes.forEach((code, index) => {
    const part = node.parts[index];
    if (part === undefined) return;
    const known = pieceText({ code, type: frame.type(part) });
    const piece = known ?? `${frame.rt("toText")}(${boxed(code)})`;
    // A number in front would be added to the next one.
    const isString =
      known === undefined || frame.type(part).tag === "string" || frame.type(part).tag === "char";
    const first = isString ? piece : `"" + ${piece}`;
    text = text === "" ? first : frame.call(part.at, "checkString", `${text} + ${piece}`);
    // JavaScript's own parser has a limit of nesting.
    if (index % PIECES_NESTED === PIECES_NESTED - 1) text = frame.hold(effect(text)).text;
  });
  return effect(text === "" ? '""' : text);
}

function emitArray(frame: Frame, node: ArrayExpression): Code {
  const items = emitItems(frame, node.items);
  return effect(frame.call(node.at, "makeArray", `[${items.join(", ")}]`));
}

/** Texts of the values in a literal, each its own. */
function emitItems(frame: Frame, nodes: readonly Expression[]): string[] {
  const items = emitOperands(frame, nodes).map((code) => frame.copied(code));
  if (!frame.output.options.countsItems || nodes.length < 2) return items;
  const size = frame.temp();
  frame.line(`const ${size} = { string: 0, array: 0, map: 0 };`);
  return items.map((item, index) => frame.call(nodes[index]?.at ?? 0, "sized", size, item));
}

function emitMap(frame: Frame, node: MapExpression): Code {
  const values = emitItems(
    frame,
    node.entries.map((entry) => entry.value),
  );
  const keys = frame.output.constant(`[${node.entries.map((entry) => quote(entry.key.text)).join(", ")}]`);
  return effect(frame.call(node.at, "makeMap", keys, `[${values.join(", ")}]`));
}

function emitVariable(frame: Frame, node: VariableExpression): Code {
  const use = frame.output.scopes.uses.get(node);
  if (use?.kind === "global")
    return effect(frame.call(node.at, "globalConstant", "G", quote(use.name)), "value", true);
  if (node.namespace.length > 0) return emitModuleVariable(frame, node);
  if (frame.isDynamic)
    return effect(frame.call(node.at, "readName", "d", quote(node.name), "G"), "value", true);
  if (use?.kind === "binding") {
    const { binding } = use;
    const name = frame.name(binding);
    if (binding.isShared) return read(`${name}.v`);
    if (frame.isRaw(binding)) return read(name, "float");
    if (!binding.isAssigned && binding.isConst) return { ...read(name), weight: "constant" };
    return read(name);
  }
  if (use?.kind === "function") return constant(functionValue(frame, node.name));
  return effect(frame.call(node.at, "variableNotFound", quote(node.name)));
}

/** A script function's name as a value: the function itself, or the name if there are several. */
function functionValue(frame: Frame, name: string): string {
  const { output } = frame;
  const found = [...output.scopes.functions.values()].flat().filter((one) => one.name === name);
  const [only] = found;
  if (found.length !== 1 || only === undefined || thisType(only) !== undefined)
    return output.constant(`new ${frame.rt("FnPtr")}(${quote(name)}, undefined)`);
  output.pointed.add(only);
  return `F${only.id}p`;
}

function emitThis(frame: Frame, node: ThisExpression): Code {
  return effect(`(hasThis ? self : ${frame.call(node.at, "unboundThis")})`, "value", true);
}

function emitClosure(frame: Frame, node: ClosureExpression): Code {
  const { scopes } = frame.output;
  const made = scopes.unitOf.get(node);
  if (made === undefined) throw new Error("a closure without a unit");
  const cells = made.captures.map(({ outer, name, at }) => {
    if (frame.isDynamic) return frame.call(at, "shareName", "d", quote(name));
    if (outer === undefined) throw new Error("a capture of nothing");
    const outerName = frame.name(outer);
    return outer.isShared
      ? outerName
      : `new ${frame.rt("Cell")}(${frame.rt("copy")}(${frame.valueOf(outer)}))`;
  });
  const missing = made.missing.map((name) => frame.call(name.at, "variableNotFound", quote(name.text)));
  const table = `F${made.id}`;
  if (cells.length === 0 && missing.length === 0) return constant(`${table}p`);
  return effect(`${frame.rt("closure")}(${[table, ...missing, ...cells].join(", ")})`);
}
