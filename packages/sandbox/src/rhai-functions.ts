/** What every isolate has for Rhai beside the services, as a compiler needs it. */
import { LOG_LEVELS } from "./protocol.ts";
import { standardFunctionNames } from "./standard-library.ts";

/** Functions that wait, without the server: what native Rhai does by blocking its thread is a timer here. */
export const rhaiWaitingFunctionNames: readonly string[] = ["sleep/1"];

/** `namespace::name/arity`. None of them waits. */
export function rhaiFunctionNames(): string[] {
  const log = LOG_LEVELS.flatMap((level) => [`log::${level}/1`, `log::${level}/2`]);
  return [...log, ...standardFunctionNames()];
}
