/** Bit operators of ints whose bounds are known. JavaScript's own take the low 32 bits of their operands. */
import { isSafe, type Type } from "../analysis/type.ts";
import { type BinaryOperator } from "../syntax/tree.ts";

const bitwise: ReadonlySet<string> = new Set(["&", "|", "^"]);

function isWithin(type: Type, lo: number, hi: number): boolean {
  return type.tag === "int" && type.lo >= lo && type.hi <= hi;
}

const INT_32: readonly [number, number] = [-(2 ** 31), 2 ** 31 - 1];

export interface BitOperand {
  readonly text: string;
  readonly type: Type;
}

/** Text of the operator inline; undefined if the bounds don't allow it. */
export function bitOperation(operator: BinaryOperator, a: BitOperand, b: BitOperand): string | undefined {
  if (operator === "<<" || operator === ">>") return shift(operator, a, b);
  if (!bitwise.has(operator) || !isSafe(a.type) || !isSafe(b.type)) return undefined;
  const text = `${a.text} ${operator} ${b.text}`;
  if (isWithin(a.type, ...INT_32) && isWithin(b.type, ...INT_32)) return `(${text})`;
  // A mask without the sign bit: the other bits of the operand don't matter.
  const isMask = isWithin(a.type, 0, 2 ** 31 - 1) || isWithin(b.type, 0, 2 ** 31 - 1);
  if (operator === "&" && isMask) return `(${text})`;
  const isUnsigned = isWithin(a.type, 0, 2 ** 32 - 1) && isWithin(b.type, 0, 2 ** 32 - 1);
  return isUnsigned ? `((${text}) >>> 0)` : undefined;
}

/** By a number of bits that is written out. */
function shift(operator: "<<" | ">>", a: BitOperand, b: BitOperand): string | undefined {
  if (!isSafe(a.type) || b.type.tag !== "int" || b.type.lo < 0 || b.type.hi > 31) return undefined;
  if (operator === ">>" && isWithin(a.type, ...INT_32)) return `(${a.text} >> ${b.text})`;
  if (!/^\d+$/.test(b.text) || a.type.tag !== "int") return undefined;
  const factor = 2 ** b.type.lo;
  if (operator === ">>") return `Math.floor(${a.text} / ${factor})`;
  const isExact =
    a.type.lo * factor >= Number.MIN_SAFE_INTEGER && a.type.hi * factor <= Number.MAX_SAFE_INTEGER;
  return isExact ? `(${a.text} * ${factor})` : undefined;
}
