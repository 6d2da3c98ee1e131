/** Operators whose operands have known types: inline JavaScript instead of calls. */
import { INT, isSafe, type Type } from "../analysis/type.ts";
import { type BinaryOperator } from "../syntax/tree.ts";
import { bitOperation } from "./bits.ts";
import { type Code, constant } from "./code.ts";
import { type Frame } from "./frame.ts";

/** A piece of code with its static type. */
export interface Typed {
  readonly code: Code;
  readonly type: Type;
}

/** Code of a value whose type is known: a float is unboxed, a bool or a small int is JavaScript's own, and what has no
 *  identity needs no copies. */
export function refined(code: Code, type: Type): Code {
  if (code.form !== "value") return code;
  const { tag } = type;
  if (tag === "float") {
    return { ...code, text: `${atom(code.text)}.v`, form: "float", isPlace: false, box: code.text };
  }
  if (tag === "bool") return { ...code, form: "bool", isPlace: false };
  if (tag === "int") return { ...code, form: isSafe(type) ? "int" : "value", isPlace: false };
  return tag === "string" || tag === "char" || tag === "unit" ? { ...code, isPlace: false } : code;
}

const NAME = /^[\w$]+(\.v)?$/;
const SIMPLE = /^([\w$]+(\.v)?|\(-\d+\))$/;

/** May stand in front of a dot. */
export function atom(text: string): string {
  return NAME.test(text) ? text : `(${text})`;
}

/** A text that may stand more than once: itself, or a name that `first` gives it. */
export function twice(frame: Frame, text: string): { readonly first: string; readonly name: string } {
  if (SIMPLE.test(text)) return { first: "", name: text };
  const name = frame.scratch();
  return { first: `${name} = ${text}, `, name };
}

/** JavaScript number of a float or an int. */
export function numberOf({ code, type }: Typed): string {
  if (code.form === "float" || code.form === "int") return code.text;
  return type.tag === "float" ? `${atom(code.text)}.v` : `Number(${code.text})`;
}

/** Text of a float as a JavaScript number. */
export function rawFloat(code: Code): string {
  return code.form === "float" ? code.text : `${atom(code.text)}.v`;
}

function isNumeric(type: Type): boolean {
  return type.tag === "int" || type.tag === "float";
}

interface Operation {
  readonly operator: BinaryOperator;
  readonly at: number;
  /** Of `place op= value`: its arithmetic errors carry a position. */
  readonly isAssignment: boolean;
  /** Static type of the result. */
  readonly result: Type;
}

/** The operator inline; undefined if the types don't say enough. */
export function typedOperation(frame: Frame, operation: Operation, a: Typed, b: Typed): Code | undefined {
  if (isNumeric(a.type) && isNumeric(b.type)) {
    if (a.type.tag === "int" && b.type.tag === "int") return intOperation(frame, operation, a, b);
    return floatOperation(frame, operation, a, b);
  }
  const { operator } = operation;
  if (operator === "+") return concatenation(frame, operation, a, b);
  if (a.type.tag !== b.type.tag) return undefined;
  if (a.type.tag === "string" || a.type.tag === "bool") {
    if (operator === "==") return pure(`(${a.code.text} === ${b.code.text})`, "bool", a, b);
    if (operator === "!=") return pure(`(${a.code.text} !== ${b.code.text})`, "bool", a, b);
  }
  return undefined;
}

/** `+` with a string. Errors of two strings carry no position, unless it is an assignment. */
function concatenation(frame: Frame, { at, isAssignment }: Operation, a: Typed, b: Typed): Code | undefined {
  if (a.type.tag !== "string" && b.type.tag !== "string") return undefined;
  const left = pieceText(a);
  const right = pieceText(b);
  if (left === undefined || right === undefined) return undefined;
  const isPlaceless = !isAssignment && isText(a.type) && isText(b.type);
  const args = [`${left} + ${right}`, ...(isPlaceless ? ["true"] : [])];
  return { ...constant(frame.call(at, "checkString", ...args)), weight: "effect" };
}

function isText(type: Type): boolean {
  return type.tag === "string" || type.tag === "char";
}

/** A value as JavaScript's `+` with a string shows it. */
export function pieceText({ code, type }: Typed): string | undefined {
  if (type.tag === "char") return `${atom(code.text)}.text`;
  return type.tag === "string" || type.tag === "int" || type.tag === "bool" ? code.text : undefined;
}

/** Code that can't throw: what it depends on says when it may be evaluated. */
function pure(text: string, form: Code["form"], a: Typed, b: Typed): Code {
  const weights = [a.code.weight, b.code.weight];
  const weight = weights.includes("effect") ? "effect" : weights.includes("read") ? "read" : "constant";
  return { ...constant(text, form), weight };
}

const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">="]);
const arithmetic: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%"]);

function floatOperation(frame: Frame, { operator }: Operation, a: Typed, b: Typed): Code | undefined {
  const x = numberOf(a);
  const y = numberOf(b);
  if (operator === "**") return pure(`${frame.rt("powFloats")}(${x}, ${y})`, "float", a, b);
  if (arithmetic.has(operator)) return pure(`(${x} ${operator} ${y})`, "float", a, b);
  if (comparisons.has(operator)) return pure(`(${x} ${operator} ${y})`, "bool", a, b);
  const distance = `Math.abs(${x} - ${y})`;
  if (operator === "==") return pure(`(${distance} <= 2.220446049250313e-16)`, "bool", a, b);
  return operator === "!=" ? pure(`(${distance} > 2.220446049250313e-16)`, "bool", a, b) : undefined;
}

/** `-x` of a float or of an int that is a number. */
export function typedNegation(operator: string, operand: Code, result: Type): Code | undefined {
  if (operator !== "-") return undefined;
  if (operand.form === "float") return { ...constant(`(-${operand.text})`, "float"), weight: operand.weight };
  if (operand.form === "int" && isSafe(result)) return { ...operand, text: `(0 - ${operand.text})` };
  return undefined;
}

type Int = Type & { tag: "int" };

function intOf(type: Type): Int {
  return type.tag === "int" ? type : (INT as Int);
}

const slow: Readonly<Record<string, string>> = {
  "+": "addSlow",
  "-": "subSlow",
  "*": "mulSlow",
  "/": "divSlow",
  "%": "modSlow",
};

function intOperation(frame: Frame, operation: Operation, a: Typed, b: Typed): Code | undefined {
  const { operator } = operation;
  const [x, y] = [a.code.text, b.code.text];
  // JavaScript compares numbers and bigints exactly.
  if (comparisons.has(operator)) return pure(`(${x} ${operator} ${y})`, "bool", a, b);
  if (operator === "==" || operator === "!=") return pure(`(${x} ${operator}= ${y})`, "bool", a, b);
  if (operator === "+" || operator === "-" || operator === "*")
    return checkedOperation(frame, operation, a, b);
  if (operator === "/" || operator === "%") return quotient(frame, operation, a, b);
  const bits = bitOperation(operator, { text: x, type: a.type }, { text: y, type: b.type });
  return bits === undefined ? undefined : pure(bits, "int", a, b);
}

function isNumberForm({ code, type }: Typed): boolean {
  return code.form === "int" || isSafe(type);
}

/** Can a product be -0? */
function mayBeMinusZero(a: Int, b: Int): boolean {
  return (a.lo < 0 && b.lo <= 0 && b.hi >= 0) || (b.lo < 0 && a.lo <= 0 && a.hi >= 0);
}

function checkedOperation(frame: Frame, operation: Operation, a: Typed, b: Typed): Code {
  const { operator, result } = operation;
  const plus = operator === "*" && mayBeMinusZero(intOf(a.type), intOf(b.type)) ? " + 0" : "";
  const compute = (x: string, y: string): string => `${x} ${operator} ${y}${plus}`;
  if (isSafe(result) && isNumberForm(a) && isNumberForm(b)) {
    return pure(`(${compute(a.code.text, b.code.text)})`, "int", a, b);
  }
  const x = twice(frame, a.code.text);
  const y = twice(frame, b.code.text);
  const sum = frame.scratch();
  const { lo, hi } = intOf(result);
  const guards = [...guardOf(a, x.name), ...guardOf(b, y.name)];
  const bounds: string[] = [];
  const assigned = `(${sum} = ${compute(x.name, y.name)})`;
  if (!Number.isFinite(hi)) bounds.push(`${assigned} <= 9007199254740991`);
  if (!Number.isFinite(lo)) bounds.push(`${bounds.length === 0 ? assigned : sum} >= -9007199254740991`);
  if (bounds.length === 0) bounds.push(`(${assigned}, true)`);
  return whole(frame, operation, { first: x.first + y.first, test: [...guards, ...bounds], value: sum }, [
    x.name,
    y.name,
  ]);
}

function guardOf(operand: Typed, name: string): string[] {
  return isNumberForm(operand) ? [] : [`typeof ${name} === "number"`];
}

interface Fast {
  readonly first: string;
  readonly test: readonly string[];
  readonly value: string;
}

/** The fast value if the test holds, else what the helper gives. */
function whole(frame: Frame, operation: Operation, fast: Fast, names: readonly [string, string]): Code {
  const helper = frame.call(
    operation.at,
    slow[operation.operator] ?? "",
    ...names,
    String(!operation.isAssignment),
  );
  const text = `(${fast.first}${fast.test.join(" && ")} ? ${fast.value} : ${helper})`;
  return { ...constant(text, isSafe(operation.result) ? "int" : "value"), weight: "effect" };
}

/** `/` and `%`: exact on numbers if the divisor is not 0. */
function quotient(frame: Frame, operation: Operation, a: Typed, b: Typed): Code | undefined {
  const { operator, result } = operation;
  const divisor = intOf(b.type);
  const plus = intOf(a.type).lo < 0 || (operator === "/" && divisor.lo < 0) ? " + 0" : "";
  const compute = (x: string, y: string): string =>
    operator === "/" ? `Math.trunc(${x} / ${y})${plus}` : `${x} % ${y}${plus}`;
  const isNonzero = divisor.lo > 0 || divisor.hi < 0;
  if (isNonzero && isNumberForm(a) && isNumberForm(b)) {
    return pure(`(${compute(a.code.text, b.code.text)})`, isSafe(result) ? "int" : "value", a, b);
  }
  const x = twice(frame, a.code.text);
  const y = twice(frame, b.code.text);
  const test = [...guardOf(a, x.name), ...guardOf(b, y.name), ...(isNonzero ? [] : [`${y.name} !== 0`])];
  return whole(frame, operation, { first: x.first + y.first, test, value: compute(x.name, y.name) }, [
    x.name,
    y.name,
  ]);
}
