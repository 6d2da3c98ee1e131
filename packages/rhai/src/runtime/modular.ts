/** `(a * b + c) % m` in one: random numbers and hashes are made of it, and the product is often beyond 2^53. */
import { addInts, type Int, modInts, mulInts, SAFE_MAX } from "./integer.ts";

const HALF = 0x1_0000;
const MODULUS_MAX = 2 ** 31;
/** Sums of this size surely fit into 64 bits. */
const SUM_MAX = 2 ** 62;

/** Exact, with the errors of the three operators. */
export function mulAddMod(a: Int, b: Int, c: Int, m: Int): Int {
  if (typeof a !== "number" || typeof b !== "number" || typeof c !== "number" || typeof m !== "number")
    return exact(a, b, c, m);
  if (!(a >= 0 && b >= 0 && c >= 0 && m > 0)) return exact(a, b, c, m);
  const sum = a * b + c;
  if (sum <= SAFE_MAX) return rest(sum, m);
  if (m > MODULUS_MAX || sum > SUM_MAX) return exact(a, b, c, m);
  // By halves, so that no product is beyond 2^48.
  const x = rest(a, m);
  const y = rest(b, m);
  return rest(rest((x >>> 16) * y, m) * HALF + (x & 0xffff) * y + rest(c, m), m);
}

/** `value % m` of safe integers, neither negative: several times faster than JavaScript's for floats. The quotient is off
 *  by one at most. */
function rest(value: number, m: number): number {
  const left = value - Math.floor(value / m) * m;
  return left < 0 ? left + m : left >= m ? left - m : left;
}

function exact(a: Int, b: Int, c: Int, m: Int): Int {
  return modInts(addInts(mulInts(a, b, true), c, true), m, true);
}
