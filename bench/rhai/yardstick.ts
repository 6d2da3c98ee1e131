/** How fast this machine is: fib(24) in JavaScript, ints as numbers, with the checks that compiled Rhai makes (operations,
 *  call depth, overflow). Native's times were taken beside such a function, so the ratio of its times, here and there,
 *  scales native's times to this machine. It stays as it was then, slow counters included: a better one would measure
 *  another thing. */

const INT_MAX = Number.MAX_SAFE_INTEGER;
const DEPTH_MAX = 64;
const OPERATIONS_PER_CALL = 20;

class Failure extends Error {}

let fuel = 1e15;
let depth = 0;

function add(a: unknown, b: unknown): unknown {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (sum <= INT_MAX && sum >= -INT_MAX) return sum;
  }
  throw new Failure("beyond what the yardstick needs");
}

function sub(a: unknown, b: unknown): unknown {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (difference <= INT_MAX && difference >= -INT_MAX) return difference;
  }
  throw new Failure("beyond what the yardstick needs");
}

function isLess(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw new Failure("beyond what the yardstick needs");
}

/** One run. */
export function runYardstick(): void {
  fuel = 1e15;
  depth = 0;
  function fib(n: unknown): unknown {
    if ((fuel -= OPERATIONS_PER_CALL) < 0) throw new Failure("too many operations");
    if (++depth > DEPTH_MAX) throw new Failure("stack overflow");
    let result;
    if (isLess(n, 2)) result = n;
    else result = add(fib(sub(n, 1)), fib(sub(n, 2)));
    depth -= 1;
    return result;
  }
  if (fib(24) !== 46_368) throw new Failure("the yardstick is wrong");
}
