/** How a run ended: as the row that is kept, and as the error that a caller gets. */
import { isErrorCode, PicloudError } from "@picloud/contract";
import type { LogLine, Outcome, RunError } from "@picloud/sandbox";
import { storable } from "../features/executions/executions.service.ts";
import { mapStack as mapToSource } from "../features/scripts/scripts.service.ts";
import type { ExecutionRef } from "../platform/context.ts";
import type { ExecutionEnd } from "../platform/database/execution-row.ts";
import type { PreparedScript } from "./prepared-script.ts";

/** Most characters of an error's message and stack that are kept. */
const textMax = 4096;

export interface EndedRun {
  readonly ref: ExecutionRef;
  readonly script: PreparedScript;
  readonly outcome: Outcome;
  readonly httpStatus: number | undefined;
  readonly durationMs: number;
  readonly endedAt: Date;
  /** JSON text. */
  readonly receipt: string | undefined;
}

export function executionEnd(ended: EndedRun): ExecutionEnd {
  const { outcome, httpStatus, receipt } = ended;
  const end = {
    ref: ended.ref,
    ...(receipt === undefined ? {} : { receipt }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    endedAt: ended.endedAt,
    // Microseconds are more than enough, and shorter in every list.
    durationMs: Math.round(ended.durationMs * 1000) / 1000,
    cpuMs: outcome.cpuMs,
    heapBytes: Math.round(outcome.heapBytes),
    contextCall: outcome.contextCall,
  };
  if (outcome.error === undefined) return { ...end, status: "ok" };
  const { code, stack } = outcome.error;
  return {
    ...end,
    status: "failed",
    errorCode: code,
    errorMessage: cutText(messageOf(outcome.error)),
    ...(stack === undefined ? {} : { errorStack: cutText(mapStack(stack, ended.script)) }),
  };
}

/** What the caller of an HTTP run gets instead of an answer (EXE-5). The stack only in dev mode. */
export function callerError(error: RunError, script: PreparedScript, isDevMode: boolean): PicloudError {
  // A call of the run found that the app is being deleted, before this node did.
  if (error.causeCode === "app_gone") return new PicloudError("app_gone", "The app is being deleted.");
  const code = isErrorCode(error.code) ? error.code : error.code === "aborted" ? "unavailable" : "internal";
  const details = {
    ...(error.causeCode === undefined ? {} : { cause_code: error.causeCode }),
    ...(isDevMode && error.stack !== undefined ? { stack: mapStack(error.stack, script) } : {}),
    ...(error.code === "executor_lost" && !error.retryable ? { wrote: true } : {}),
  };
  return new PicloudError(code, cutText(messageOf(error)), {
    retryable: error.retryable,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(error.retryable ? { retryAfterMs: 1000 } : {}),
  });
}

/** `TypeError: x is not a function` for what the script threw; PiCloud's own sentences stand alone. */
function messageOf({ code, name, message }: RunError): string {
  return code === "script_error" && name !== "" ? `${name}: ${message}` : message;
}

/** A log line that shows a stack shows it in lines and columns of the source, without the frames of the runtime. */
export function mapLogLine(line: LogLine, script: PreparedScript): LogLine {
  if (!line.message.includes("\n    at ")) return line;
  const own = line.message.replaceAll(/\n {4}at [^\n]*picloud:runtime:[^\n]*/g, "");
  return { ...line, message: mapStack(own, script) };
}

/** In lines and columns of the source that the author wrote. */
function mapStack(stack: string, { live, artifact }: PreparedScript): string {
  return mapToSource(stack, live.sourceMap, artifact.name);
}

export function cutText(text: string): string {
  const kept = storable(text);
  return kept.length <= textMax ? kept : `${kept.slice(0, textMax).toWellFormed()}…`;
}
