/** What emitted `catch` blocks do first. */
import { caughtValue } from "./caught.ts";
import { RhaiError, uncatchable } from "./error.ts";
import { asRhaiError } from "./overflow.ts";
import { traceOf } from "./position.ts";
import { S } from "./state.ts";
import { type Value } from "./value.ts";

/** How deep in calls each error was thrown and is caught. */
const depths = new WeakMap<RhaiError, { thrown: number; caught: number }>();

/** The error of a `catch`; what a script may not catch is thrown on. `depth` is that of the `try`. */
export function caught(thrown: unknown, depth: number): RhaiError {
  const error = asRhaiError(thrown);
  if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
  // Nobody counts down while an error passes, so the depth is still that of the throw.
  depths.set(error, { thrown: depths.get(error)?.thrown ?? S.depth, caught: depth });
  S.depth = depth;
  return error;
}

/** A bare `throw`: an error that had no place gets this one. */
export function rethrow(error: RhaiError): never {
  if (!error.isPlaceless) throw error;
  const { variant, text, fields, thrown } = error;
  throw new RhaiError(variant, text, { fields, thrown });
}

/** The value of the variable of `catch`. */
export function caughtValueOf(error: RhaiError): Value {
  if (error.variant === "ErrorRuntime") return error.thrown;
  const { thrown = 0, caught: here = 0 } = depths.get(error) ?? {};
  const trace = traceOf(error, thrown - here);
  return caughtValue(trace.error, trace.place);
}
