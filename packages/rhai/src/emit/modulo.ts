/** `(a * b + c) % 2 ** k` where the product may be beyond 2^53, as pseudo-random numbers are made: the low bits are all
 *  that counts, and JavaScript has them without bigints. */
import { isSafe } from "../analysis/type.ts";
import { type BinaryExpression, type Expression } from "../syntax/tree.ts";
import { type Code, constant } from "./code.ts";
import { type Frame } from "./frame.ts";

const INT_END = 2 ** 63;

/** undefined if it is anything else. */
export function emitLowBits(frame: Frame, node: BinaryExpression): Code | undefined {
  const { left, right } = node;
  if (node.operator !== "%" || left.kind !== "binary" || isSafe(frame.type(left))) return undefined;
  const divisor = right.kind === "literal" && right.literal.type === "int" ? Number(right.literal.value) : 0;
  if (divisor < 2 || divisor > 2 ** 32 || !Number.isInteger(Math.log2(divisor))) return undefined;
  // Below 2^63 nothing on the way can overflow, and what is not negative is its own low bits.
  if (!(bound(frame, left) < INT_END)) return undefined;
  const { lines, result } = frame.collect(() => low(frame, left));
  return lines.length > 0 ? undefined : { ...constant(masked(result, divisor), "int"), weight: "effect" };
}

function masked(text: string, divisor: number): string {
  return divisor === 2 ** 32 ? `(${text} >>> 0)` : `(${text} & ${divisor - 1})`;
}

/** An upper bound of sums and products of ints that are not negative; infinite for anything else. */
function bound(frame: Frame, node: Expression): number {
  const type = frame.type(node);
  if (type.tag !== "int" || type.lo < 0) return Infinity;
  if (isSafe(type)) return type.hi;
  if (node.kind !== "binary" || (node.operator !== "+" && node.operator !== "*")) return Infinity;
  const [a, b] = [bound(frame, node.left), bound(frame, node.right)];
  return node.operator === "+" ? a + b : a * b;
}

/** JavaScript of a value with the right low 32 bits. */
function low(frame: Frame, node: Expression): string {
  if (node.kind !== "binary" || isSafe(frame.type(node))) return frame.expression(node).text;
  const [a, b] = [low(frame, node.left), low(frame, node.right)];
  return node.operator === "*" ? `Math.imul(${a}, ${b})` : `((${a} | 0) + (${b} | 0) | 0)`;
}
