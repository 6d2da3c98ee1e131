/** The error of a value that is larger than a limit. By itself, because texts of values are limited too. */
import { RhaiError } from "./error.ts";

/** `what` as "Length of string". `isPlaceless` as in `arithmetic`. */
export function dataTooLarge(what: string, isPlaceless = false): never {
  throw new RhaiError("ErrorDataTooLarge", `${what} too large`, { fields: { type: what }, isPlaceless });
}
