/** One run of a script: its answer on stdout, its log on stderr, its outcome as exit code. */
import { parseErrorEnvelope } from "@picloud/client";
import type { ApiError, ExecuteRequest, ExecuteTarget, PicloudClient } from "@picloud/client";
import { errorCatalogue, PicloudError } from "@picloud/contract/values";
import type { Cli } from "./cli.ts";
import { CliError, ExitWith, exitCodeOf, exitCodes } from "./failure.ts";
import type { ExitCode } from "./failure.ts";
import { say, tinted } from "./io.ts";
import { safeForTerminal } from "./output.ts";

export interface InvokeOptions extends ExecuteRequest {
  /** Status and headers on stderr, always. */
  readonly include?: boolean;
  readonly hidesLogs?: boolean;
}

/** Runs the script and prints what came of it. Throws for everything that is not exit code 0. */
export async function invokeAndPrint(cli: Cli, target: ExecuteTarget, options: InvokeOptions): Promise<void> {
  const { include = false, hidesLogs = false, ...request } = options;
  const client = await cli.client();
  const response = await client.execute(target, { ...request, signal: cli.io.signal });
  const body = new Uint8Array(await response.arrayBuffer());
  const executionId = response.headers.get("x-picloud-execution") ?? undefined;
  const refusal = refusalIn(response, body, executionId);
  if (include) sayHead(cli, response);
  // Stdout holds what the script answered and nothing else.
  if (refusal === undefined) printBody(cli, body);
  const stack = executionId === undefined || hidesLogs ? undefined : await sayLog(cli, client, executionId);
  if (refusal !== undefined) {
    const exitCode = exitCodeOfRun(refusal, executionId);
    if (exitCode !== exitCodes.scriptFailed) throw refusal;
    throw new CliError({
      code: refusal.wireCode,
      message: refusal.message,
      frame: stack,
      fix: executionId === undefined ? undefined : `pic executions show ${executionId} --app ${cli.app()}`,
      exitCode,
    });
  }
  if (response.status < 400) return;
  if (executionId === undefined) {
    throw new CliError({
      code: "unexpected_answer",
      message: `${response.url} does not answer like PiCloud: status ${response.status}`,
      fix: `curl -i ${client.url}/healthz`,
      exitCode: exitCodes.unreachable,
    });
  }
  if (!include) say(cli.io, `HTTP ${response.status} ${response.statusText}`.trimEnd());
  throw new ExitWith(exitCodes.scriptFailed);
}

/** PiCloud's own error, or `undefined` for what the script answered. Without an execution nothing but PiCloud can have
 *  answered; with one, PiCloud's error names the execution, which an answer of a script has no reason to. */
function refusalIn(
  response: Response,
  body: Uint8Array,
  executionId: string | undefined,
): ApiError | undefined {
  if (response.status < 400 || !(response.headers.get("content-type") ?? "").startsWith("application/json")) {
    return undefined;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Not JSON: a script's own answer with the wrong content type.
    return undefined;
  }
  const error = parseErrorEnvelope(parsed, response.status);
  return executionId === undefined || error?.executionId === executionId ? error : undefined;
}

/** 1 for what the script did (threw, took too long, needed too much); else as for every refusal. */
export function exitCodeOfRun(error: ApiError, executionId: string | undefined): ExitCode {
  const isOfScript = errorCatalogue[error.code].blame === "script" || error.status === 502;
  if (executionId !== undefined && isOfScript && error.status !== 503) return exitCodes.scriptFailed;
  return exitCodeOf(error);
}

function sayHead(cli: Cli, response: Response): void {
  say(cli.io, `HTTP ${response.status} ${response.statusText}`.trimEnd());
  for (const [name, value] of response.headers) say(cli.io, `${name}: ${safeForTerminal(value)}`);
}

function printBody(cli: Cli, body: Uint8Array): void {
  if (body.length === 0) return;
  const { out } = cli.io;
  out.write(body);
  if (out.isTerminal && body.at(-1) !== 0x0a) out.write("\n");
}

const logTries = 20;
const logPauseMs = 50;

/** Says the run's lines, if its log can be read by who called, and answers the stack of its error. The record of a run
 *  may come a moment after its answer. */
async function sayLog(cli: Cli, client: PicloudClient, id: string): Promise<string | undefined> {
  const { token } = await cli.session();
  if (token === undefined) return undefined;
  for (let i = 0; i < logTries; i++) {
    try {
      const execution = await client.api.executions.get({ app: cli.app(), id });
      if (execution.status !== "running" || i === logTries - 1) {
        for (const line of execution.lines) say(cli.io, logLine(cli, line));
        return stackOf(execution.error?.stack);
      }
    } catch (error) {
      // The run is over and its outcome known: a log that can't be read does not change it. Not found can be a record
      // that comes in a moment, or a script of another app; others may run but not read.
      const isNotYet = error instanceof PicloudError && error.code === "not_found" && i < logTries - 1;
      if (!isNotYet) {
        say(cli.io, `note: no log (${error instanceof Error ? error.message : String(error)})`);
        return undefined;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, logPauseMs));
  }
  return undefined;
}

/** The lines `at …` of a stack: the message is said elsewhere. */
function stackOf(stack: string | null | undefined): string | undefined {
  const lines = (stack ?? "").split("\n").filter((line) => /^\s*at\s/.test(line));
  return lines.length === 0 ? undefined : safeForTerminal(lines.map((line) => `  ${line.trim()}`).join("\n"));
}

interface LogLine {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

const levelColours = { trace: "dim", debug: "dim", info: "green", warn: "yellow", error: "red" } as const;

function logLine(cli: Cli, { level, message, fields }: LogLine): string {
  const more = fields === undefined || Object.keys(fields).length === 0 ? "" : ` ${JSON.stringify(fields)}`;
  return `${tinted(cli.io, cli.io.err, levelColours[level], `[${level}]`)} ${safeForTerminal(message + more)}`;
}
