/** What JavaScript throws by itself when a script exhausts it. */
import { RhaiError } from "./error.ts";

/** The language's own error for it. Others are faults of ours and stay what they are. */
export function asRhaiError(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  const made = error.message.includes("call stack")
    ? new RhaiError("ErrorStackOverflow", "Stack overflow")
    : new RhaiError("ErrorDataTooLarge", "Length of string too large");
  made.stack = error.stack ?? made.stack ?? "";
  return made;
}
