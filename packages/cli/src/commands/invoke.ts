/** `pic invoke <script> [body]`. */
import type { Command } from "commander";
import { uuidPattern } from "@picloud/contract/values";
import type { Cli } from "../cli.ts";
import { usageError } from "../failure.ts";
import { invokeAndPrint } from "../invoke-script.ts";
import { shellWord } from "../shell-word.ts";
import { isJson, looksLikeJson, notJson, readValueArgument } from "../value-argument.ts";

interface InvokeFlags {
  readonly header?: readonly (readonly [string, string])[];
  readonly include?: true;
  readonly async?: true;
  readonly logs: boolean;
}

export function defineInvoke(command: Command, cli: Cli): void {
  command
    .argument("<script>", "by name (in --app) or id")
    .argument("[body]", "JSON or text; @file and @- (stdin) are read, @@x is the text @x")
    .option("-H, --header <name:value>", "request header; may be given more than once", collectHeader)
    .option("-i, --include", "also show status and headers, on stderr")
    .option("--async", "answer when the request is stored; it runs when a slot is free")
    .option("--no-logs", "do not show what the run logged")
    .addHelpText(
      "after",
      `
The script's answer goes to stdout, its log to stderr. With --async the answer is PiCloud's: when it was
accepted, and the execution's id for pic executions show.
Exit code: 0 for status 2xx and 3xx; 1 for another answer of the script, or when it failed;
3 to 7 when PiCloud did not run it: 3 not allowed, 4 not found, 6 unreachable or busy, 7 bad request.`,
    )
    .action(
      async (script: string, body: string | undefined, flags: InvokeFlags) =>
        await invoke(cli, script, body, flags),
    );
}

function collectHeader(
  text: string,
  previous: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined || /[\r\n\0]/.test(value)) {
    throw usageError(`"${text}" is not a header`, "pic invoke SCRIPT -H 'content-type: text/plain'");
  }
  return [...previous, [name, value]];
}

async function invoke(cli: Cli, script: string, body: string | undefined, flags: InvokeFlags): Promise<void> {
  const app = cli.app();
  cli.failsWith({ listCommand: `pic scripts ls --app ${shellWord(app)}` });
  const headers = new Headers();
  for (const [name, value] of flags.header ?? []) headers.append(name, value);
  if (flags.async === true) headers.set("prefer", "respond-async");
  const bytes = body === undefined ? undefined : await bodyOf(cli, body, headers);
  const target = uuidPattern.test(script) ? { scriptId: script } : { app, name: script };
  await invokeAndPrint(cli, target, {
    headers,
    ...(bytes === undefined ? {} : { body: bytes }),
    include: flags.include === true,
    // Of what has not run yet there is none.
    hidesLogs: !flags.logs || flags.async === true,
  });
}

/** The body's bytes, and its content type unless a header says it: JSON if it is JSON, else text, else bytes. */
async function bodyOf(cli: Cli, argument: string, headers: Headers): Promise<Uint8Array<ArrayBuffer>> {
  const read = await readValueArgument(cli.io, argument);
  if (headers.has("content-type")) return read.bytes;
  if (read.text === undefined) headers.set("content-type", "application/octet-stream");
  else if (isJson(read.text)) headers.set("content-type", "application/json");
  // Most likely a typing error; with -H content-type anything can be sent.
  else if (looksLikeJson(read.text)) throw notJson(read, read.text);
  else headers.set("content-type", "text/plain; charset=utf-8");
  return read.bytes;
}
