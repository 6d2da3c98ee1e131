/** From arguments to exit code: builds only the commands that the arguments need, and prints failures. */
import { Command, CommanderError, Option } from "commander";
import { createCli } from "./cli.ts";
import type { Cli, GlobalFlags } from "./cli.ts";
import { handMadeCommands } from "./commands.ts";
import { CliError, ExitWith, exitCodes, failureOf, failureText } from "./failure.ts";
import type { Failure, FailureContext } from "./failure.ts";
import { tinted } from "./io.ts";
import type { Io } from "./io.ts";
import { outputFormats, safeForTerminal } from "./output.ts";
import { defaultUrl } from "./session.ts";
import { shellWord } from "./shell-word.ts";

/** Ended by Ctrl+C, as shells have it: 128 and the number of SIGINT. */
const interrupted = 130;

/** Runs `pic` with these arguments; answers the exit code and never throws. */
export async function runPic(io: Io, args: readonly string[]): Promise<number> {
  const program = createProgram(io);
  const hint: { listCommand?: string | undefined } = {};
  const cli = createCli(
    args[0] === completeWord ? hurried(io) : io,
    () => program.opts<GlobalFlags>(),
    ({ listCommand }) => {
      hint.listCommand = listCommand;
    },
  );
  try {
    if (args[0] === completeWord) return await complete(program, cli, args.slice(1));
    await defineCommands(program, cli, args);
    await program.parseAsync(args, { from: "user" });
    return io.signal.aborted ? interrupted : exitCodes.ok;
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode;
    if (io.signal.aborted) return interrupted;
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const failure =
      error instanceof CommanderError
        ? usageFailure(error, args, program)
        : failureOf(error, await contextOf(cli, args, hint.listCommand));
    // Messages may hold text of scripts and of strangers' servers.
    io.err.write(withColour(io, safeForTerminal(failureText(failure))));
    return failure.exitCode;
  }
}

/** What the scripts of `pic completion` call; not a command for people. */
const completeWord = "__complete";

/** Who presses Tab does not wait long for a server. */
const completionMs = 500;

function hurried(io: Io): Io {
  return { ...io, signal: AbortSignal.any([io.signal, AbortSignal.timeout(completionMs)]) };
}

async function complete(program: Command, cli: Cli, words: readonly string[]): Promise<number> {
  const { completions } = await import("./complete.ts");
  await defineCommands(program, cli, words.slice(0, -1));
  for (const word of await completions(program, cli, words)) cli.io.out.write(`${word}\n`);
  return exitCodes.ok;
}

function createProgram(io: Io): Command {
  return new Command("pic")
    .description("The command line of PiCloud")
    .usage("<command> [flags]")
    .addOption(new Option("--output <format>", "form of results").choices([...outputFormats]))
    .option("--app <app>", "app by slug or id (default)")
    .option("--profile <name>", "one of several log-ins (PIC_PROFILE, else default)")
    .option("--url <url>", `server (PICLOUD_URL, else the log-in's, else ${defaultUrl})`)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      // Usage errors are printed as failures; only help asked for by a missing verb comes here.
      writeErr: (text) => io.err.write(text),
      outputError: () => undefined,
    })
    .helpCommand(false)
    .exitOverride();
}

const flagsWithValue: ReadonlySet<string> = new Set(["--output", "--app", "--profile", "--url"]);

/** The first word that is not a global flag or its value. */
function firstWord(args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (flagsWithValue.has(arg)) i++;
    else if (!arg.startsWith("-")) return arg;
  }
  return undefined;
}

/** A command made by hand needs only its own file; anything else needs the nouns too. */
async function defineCommands(program: Command, cli: Cli, args: readonly string[]): Promise<void> {
  const word = firstWord(args);
  const daily = handMadeCommands.filter(({ path }) => !path.includes(" "));
  const wanted = daily.find(({ path }) => path === word);
  if (wanted !== undefined) {
    await wanted.define(program.command(wanted.path).description(wanted.summary), cli);
    return;
  }
  for (const { path, summary } of daily) program.command(path).description(summary);
  const { nouns } = await import("./nouns.generated.ts");
  const asked = nouns.find(({ noun }) => noun === word);
  for (const { noun, summary } of nouns) if (noun !== word) program.command(noun).description(summary);
  if (asked === undefined) return;
  const { defineNoun } = await import("./derive.ts");
  const verbs = handMadeCommands.filter(({ path }) => path.includes(" "));
  const replaced = new Set(verbs.map(({ path }) => path));
  const parent = defineNoun(program, cli, asked, replaced);
  for (const { path, summary, define } of verbs) {
    const [first, verb = ""] = path.split(" ");
    if (first === asked.noun) await define(parent.command(verb).description(summary), cli);
  }
}

/** commander's message, without its prefix, and with the nearest name as the fix. */
function usageFailure(error: CommanderError, args: readonly string[], program: Command): Failure {
  const command = commandPath(program, args);
  if (error.code === "commander.help") {
    return {
      code: "usage",
      message: `${command} needs a verb or command`,
      fix: `${command} --help`,
      exitCode: exitCodes.usage,
    };
  }
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const nearest = rest.join(" ").replaceAll(/[()]/g, "").trim();
  return {
    code: "usage",
    message: first,
    cause: nearest === "" ? undefined : nearest,
    fix: corrected(args, first, nearest) ?? `${command} --help`,
    exitCode: exitCodes.usage,
  };
}

/** What was typed, with the wrong word replaced by the only one that is near. */
function corrected(args: readonly string[], message: string, nearest: string): string | undefined {
  const wrong = /'([^']+)'$/.exec(message)?.[1];
  const right = /^Did you mean ([^\s,?]+)\?$/.exec(nearest)?.[1];
  if (wrong === undefined || right === undefined) return undefined;
  return typedCommand(args.map((arg) => (arg === wrong ? right : arg.replace(`${wrong}=`, `${right}=`))));
}

function typedCommand(args: readonly string[]): string {
  return ["pic", ...args].map(shellWord).join(" ");
}

/** `pic kv get`: as far as the words of the arguments are commands. */
function commandPath(program: Command, args: readonly string[]): string {
  let command = program;
  const words = ["pic"];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (flagsWithValue.has(arg)) i++;
    const next = command.commands.find((one) => one.name() === arg || one.aliases().includes(arg));
    if (next === undefined) continue;
    words.push(arg);
    command = next;
  }
  return words.join(" ");
}

async function contextOf(
  cli: Cli,
  args: readonly string[],
  listCommand: string | undefined,
): Promise<FailureContext> {
  const { profile } = cli.flags();
  return {
    url: await urlOf(cli),
    profileFlag: profile === undefined ? "" : ` --profile ${profile}`,
    listCommand,
    typed: typedCommand(args),
  };
}

/** The session may be what failed; the default is then as good as any. */
async function urlOf(cli: Cli): Promise<string> {
  try {
    return (await cli.session()).url;
  } catch (error) {
    if (error instanceof CliError) return defaultUrl;
    throw error;
  }
}

function withColour(io: Io, text: string): string {
  return text.replace(/^error\[[^\]]*\]/, (label) => tinted(io, io.err, "red", label));
}
