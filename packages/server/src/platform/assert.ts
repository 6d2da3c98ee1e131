/** Checks for programmer errors: what fails here is a bug of ours, never caught except at the process edge. */

/** A broken invariant. It is not an operating error and has no code of the API. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Throws {@link AssertionError} unless the condition holds. The message says what must be true.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
