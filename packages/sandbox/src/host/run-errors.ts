/** How a run failed, in the words of the public surface. */
import { ERROR, type FromExecutor, LIMIT } from "../protocol.ts";
import type { Job, RunError, RunLimits } from "../sandbox.ts";

const STACK_LINES_MAX = 20;
/** Codes of services and limits that a run keeps when its script did not catch them. */
const KEPT = new Set([
  "upstream_failed",
  "unavailable",
  "timeout",
  "cpu_timeout",
  "memory_limit",
  "operations_limit",
  "depth_limit",
  "size_limit",
  "host_calls_limit",
]);

export function runError(code: string, message: string, retryable: boolean): RunError {
  return { code, name: pascalCase(code), message, retryable };
}

/** The executor or isolate was lost and the run can't be run again. */
export function lostError(reason: string, hasWritten: boolean): RunError {
  return runError("executor_lost", `the run was lost: ${reason}`, !hasWritten);
}

export function limitError(limit: number, limits: RunLimits, reason: string): RunError {
  const why = reason === "" ? "" : ` (${reason})`;
  if (limit === LIMIT.cpu)
    return runError("cpu_timeout", `more than ${limits.cpuMs} ms of CPU time${why}`, false);
  if (limit === LIMIT.memory)
    return runError("memory_limit", `more than ${limits.memoryMb} MiB of memory${why}`, false);
  return runError("internal", `its isolate failed${why}`, false);
}

/** From an `error` frame. */
export function errorOf(frame: FromExecutor & { kind: "error" }, job: Job): RunError {
  const { name, message, code } = frame;
  const stack = ownFrames(frame.stack, job.artifact);
  const base = { name, message, retryable: false, ...(stack === "" ? {} : { stack }) };
  switch (frame.errorClass) {
    case ERROR.load:
      return { ...base, code: "compile_error" };
    case ERROR.malformed:
      return { ...base, code: "malformed_request" };
    case ERROR.response:
      return { ...base, code: "bad_response" };
    case ERROR.size:
      return runError("size_limit", message, false);
    default:
      return code === ""
        ? { ...base, code: "script_error" }
        : { ...base, code: KEPT.has(code) ? code : "script_error", causeCode: code };
  }
}

/** A line of Rhai's driver: it names the files of modules too. */
const RHAI_FRAME = /^at (?:[^()]{1,200} \()?[\w-]{1,63}\.rhai(?::\d{1,9}:\d{1,9})?\)?$/;

/** The lines of a stack that are of the script's own file. Those of JavaScript modules have its name too, and lines of
 *  the text that they are linked in. */
function ownFrames(stack: string, { name: file, language }: Job["artifact"]): string {
  const isJavascript = language === undefined || language === "javascript";
  const lines: string[] = [];
  for (const line of stack.split("\n")) {
    const text = line.trim();
    const isOwn = isJavascript
      ? text.startsWith("at ") &&
        (text.includes(`(${file}:`) || text.startsWith(`at ${file}:`) || text.startsWith(`at async ${file}:`))
      : RHAI_FRAME.test(text);
    if (isOwn && lines.push(text) === STACK_LINES_MAX) break;
  }
  return lines.join("\n");
}

function pascalCase(code: string): string {
  return code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
