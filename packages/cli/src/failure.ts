/** How `pic` fails: exit codes (`api.md` §11) and the five parts of an error. */
import type { ApiError, UnreachableError } from "@picloud/client";
import { PicloudError } from "@picloud/contract/values";
import type { FieldError } from "@picloud/contract/values";

export const exitCodes = {
  ok: 0,
  scriptFailed: 1,
  usage: 2,
  notAllowed: 3,
  notFound: 4,
  conflict: 5,
  unreachable: 6,
  invalid: 7,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Failure {
  readonly code: string;
  /** One sentence: what happened, to what. */
  readonly message: string;
  /** The place in a source, with a caret. */
  readonly frame?: string | undefined;
  readonly cause?: string | undefined;
  /** The exact command that mends it. */
  readonly fix?: string | undefined;
  readonly exitCode: ExitCode;
}

/** A failure that `pic` found by itself. */
export class CliError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = "CliError";
    this.failure = failure;
  }
}

/** Ends a command that has printed all it has to say with an exit code of its own (`invoke`). */
export class ExitWith extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`);
    this.name = "ExitWith";
    this.exitCode = exitCode;
  }
}

export function usageError(message: string, fix: string, cause?: string): CliError {
  return new CliError({ code: "usage", message, cause, fix, exitCode: exitCodes.usage });
}

export function inputError(message: string, parts: Partial<Failure> = {}): CliError {
  return new CliError({ code: "invalid", message, exitCode: exitCodes.invalid, ...parts });
}

/** What is known about the run that failed, for the commands that mend it. */
export interface FailureContext {
  readonly url: string;
  /** ` --profile x` or nothing. */
  readonly profileFlag: string;
  /** The command that lists what the failed one looked for. */
  readonly listCommand?: string | undefined;
  /** The command as it was typed. */
  readonly typed: string;
}

/** The five parts of any error. */
export function failureOf(error: unknown, context: FailureContext): Failure {
  if (error instanceof CliError) return error.failure;
  // By name: importing the classes would load the whole client for `pic --help`.
  if (isUnreachable(error)) return unreachable(error, context);
  if (error instanceof Error && error.name === "UnexpectedAnswerError") {
    const fix = `curl -i ${context.url}/healthz`;
    return { code: "unexpected_answer", message: error.message, fix, exitCode: exitCodes.unreachable };
  }
  if (error instanceof PicloudError) return refused(error, context);
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return { code: "bug_in_pic", message, cause: stack, exitCode: exitCodes.scriptFailed };
}

function isUnreachable(error: unknown): error is UnreachableError {
  return error instanceof Error && error.name === "UnreachableError";
}

function unreachable(error: UnreachableError, context: FailureContext): Failure {
  const isLocal = /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(error.url);
  return {
    code: "unreachable",
    message: `nothing answers at ${error.url}`,
    cause: `${error.reason}${isLocal ? ": is the server started?" : ""}`,
    fix: isLocal ? "npm start" : `pic login${context.profileFlag} --url https://…`,
    exitCode: exitCodes.unreachable,
  };
}

function refused(error: PicloudError, context: FailureContext): Failure {
  // A message that names the only field says it all.
  const fields = error.fields?.filter((field) => !error.message.includes(field.message)) ?? [];
  const exitCode = exitCodeOf(error);
  return {
    code: "wireCode" in error ? String(error.wireCode) : error.code,
    message: error.message,
    cause: causeOf(error, fields),
    fix: fixOf(exitCode, error, context),
    exitCode,
  };
}

function causeOf(error: PicloudError, fields: readonly FieldError[]): string | undefined {
  if (fields.length > 0) return fields.map(({ path, message }) => `${path} ${message}`).join("; ");
  if (error.retryAfterMs !== undefined) return `try again in ${Math.ceil(error.retryAfterMs / 1000)} s`;
  if (error.code === "internal" && "requestId" in error) return `request ${String(error.requestId)}`;
  return undefined;
}

function fixOf(exitCode: ExitCode, error: PicloudError, context: FailureContext): string | undefined {
  if (error.code === "unauthenticated") return `pic login${context.profileFlag} --url ${context.url}`;
  if (error.code === "forbidden" || error.code === "csrf") return `pic whoami${context.profileFlag}`;
  if (exitCode === exitCodes.notFound) return context.listCommand;
  if (error.code === "stale" || exitCode === exitCodes.unreachable) return context.typed;
  return undefined;
}

/** Exit code for a refusal by PiCloud's API. */
export function exitCodeOf(error: PicloudError | ApiError): ExitCode {
  const status = "status" in error ? error.status : statusOfCode(error);
  if (status === 401 || status === 403) return exitCodes.notAllowed;
  if (status === 404 || status === 410) return exitCodes.notFound;
  if (status === 409) return exitCodes.conflict;
  // 429 is the same advice as 503: try again later.
  if (status === 503 || status === 429) return exitCodes.unreachable;
  if (status >= 400 && status < 500) return exitCodes.invalid;
  return exitCodes.scriptFailed;
}

/** An error of this side has no status; they are all about input. */
function statusOfCode(error: PicloudError): number {
  return error.code === "not_found" ? 404 : 422;
}

/** The error as text: code and sentence, frame, cause, fix. */
export function failureText(failure: Failure): string {
  const lines = [`error[${failure.code}]: ${failure.message}`];
  if (failure.frame !== undefined) lines.push(failure.frame);
  if (failure.cause !== undefined) lines.push(`cause: ${failure.cause}`);
  if (failure.fix !== undefined) lines.push(`fix:   ${failure.fix}`);
  return `${lines.join("\n")}\n`;
}
