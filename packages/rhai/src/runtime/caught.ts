/** What `catch (e)` gets. */
import { type RhaiError } from "./error.ts";
import { Dict, type Value } from "./value.ts";

/** A place in the script, both from 1, the column in code points. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The error of a `throw`, under the calls that it came through. */
function thrownBy(error: RhaiError): RhaiError | undefined {
  let inner: RhaiError | undefined = error;
  while (inner !== undefined && inner.variant !== "ErrorRuntime") inner = inner.inner;
  return inner;
}

/** The value of the variable of `catch`: what was thrown, or a map that describes the error. */
export function caughtValue(error: RhaiError, place: Place | undefined): Value {
  const thrown = thrownBy(error);
  return thrown === undefined ? errorMap(error, place) : thrown.thrown;
}

/** The map that describes an error. */
export function errorMap(error: RhaiError, place: Place | undefined): Dict {
  const entries = new Map<string, Value>([
    ["error", error.variant],
    ["message", error.text],
  ]);
  for (const [name, value] of Object.entries(error.fields)) entries.set(name, value as Value);
  if (place !== undefined) {
    entries.set("line", place.line);
    entries.set("position", place.column);
  }
  return new Dict(entries);
}
