/** `pic <noun> <verb> --flags` for every endpoint whose contract has a verb. */
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import type { DerivedNoun, DerivedVerb, InputField } from "./derived-noun.ts";
import { printRow, rowPrinter } from "./output.ts";
import type { Row } from "./output.ts";
import { findScriptId } from "./script-name.ts";
import { readValueArgument, strictJson } from "./value-argument.ts";
import { say } from "./io.ts";

/** `add` is `create` and `rm` is `delete`, everywhere. */
const sameVerb: Readonly<Record<string, string>> = {
  add: "create",
  create: "add",
  rm: "delete",
  delete: "rm",
};

/** Adds the noun and its verbs. `replaced` holds the verbs that are made by hand: `kv get`. */
export function defineNoun(
  program: Command,
  cli: Cli,
  noun: DerivedNoun,
  replaced: ReadonlySet<string>,
): Command {
  const parent = program.command(noun.noun).description(noun.summary);
  for (const verb of noun.verbs) {
    if (!replaced.has(`${noun.noun} ${verb.verb}`)) defineVerb(parent, cli, verb);
  }
  return parent;
}

function defineVerb(parent: Command, cli: Cli, verb: DerivedVerb): void {
  const command = parent.command(verb.verb).description(verb.summary);
  const alias = sameVerb[verb.verb];
  if (alias !== undefined) command.alias(alias);
  for (const field of verb.positionals) {
    const name = isScriptReference(verb, field) ? "script" : field.name;
    command.argument(field.isRequired ? `<${name}>` : `[${name}]`, helpOf(field), parserOf(field));
  }
  for (const field of verb.flags) {
    for (const option of optionsOf(field)) command.addOption(option);
  }
  if (verb.isList) command.option("--all", "all pages, not only the first");
  command.action(async (...args: readonly unknown[]) => {
    await runVerb(cli, verb, args.slice(0, verb.positionals.length), command.opts());
  });
}

/** `--collection-glob <text>`; a boolean also has `--no-…`. */
function optionsOf(field: InputField): readonly Option[] {
  const flag = field.name.replaceAll("_", "-");
  const help = helpOf(field);
  if (field.kind === "boolean")
    return [new Option(`--${flag}`, help), new Option(`--no-${flag}`, "the opposite")];
  const option = new Option(`--${flag} <${field.kind === "number" ? "n" : field.kind}>`, help);
  const parser = parserOf(field);
  if (parser !== undefined) option.argParser(parser);
  if (field.isRequired) option.makeOptionMandatory();
  return [option];
}

function helpOf(field: InputField): string {
  if (field.choices.length > 0) return field.choices.join(" | ");
  if (field.name === "limit") return "most rows of a page, 1–1000 (100)";
  if (field.name === "cursor") return "where the next page begins";
  if (field.kind === "list") return "comma-separated, or given more than once";
  return field.kind === "json" ? "JSON, @file or - for stdin" : field.description;
}

type Parser = (text: string, previous: unknown) => unknown;

function parserOf(field: InputField): Parser | undefined {
  if (field.kind === "number") return parsedNumber;
  if (field.kind !== "list") return undefined;
  return (text, previous) => [...(Array.isArray(previous) ? previous : []), ...text.split(",")];
}

function parsedNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

async function runVerb(
  cli: Cli,
  verb: DerivedVerb,
  positionals: readonly unknown[],
  flags: Readonly<Record<string, unknown>>,
): Promise<void> {
  cli.failsWith({ listCommand: listCommand(cli, verb) });
  const input: Record<string, unknown> = {};
  if (verb.path.includes("{app}")) input["app"] = cli.app();
  for (const [i, field] of verb.positionals.entries()) {
    await put(cli, input, field, positionals[i]);
    if (isScriptReference(verb, field)) input["id"] = await findScriptId(cli, String(positionals[i]));
  }
  for (const field of verb.flags) await put(cli, input, field, flags[optionKey(field)]);
  if (verb.isList) {
    await printPages(cli, verb, input, flags["all"] === true);
    return;
  }
  const output = await (await cli.client()).call(verb.feature, verb.endpoint, input);
  if (isRow(output)) {
    printRow(cli.io, cli.format(), output, verb.columns);
    const { warnings } = output;
    if (Array.isArray(warnings)) for (const warning of warnings) say(cli.io, `warning: ${String(warning)}`);
    if ("raw_token" in output)
      say(cli.io, "note: keep raw_token now; the server has only its hash and can't show it again");
  } else say(cli.io, `${verb.noun} ${verb.verb}: done`);
}

async function put(
  cli: Cli,
  input: Record<string, unknown>,
  field: InputField,
  value: unknown,
): Promise<void> {
  if (value === undefined) return;
  input[field.name] =
    field.kind === "json" && typeof value === "string"
      ? strictJson(await readValueArgument(cli.io, value))
      : value;
}

/** commander's name of `--collection-glob`: `collectionGlob`. */
function optionKey(field: InputField): string {
  return field.name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `{id}` of `/scripts/{id}/…` may also be the script's name. */
function isScriptReference(verb: DerivedVerb, field: InputField): boolean {
  return field.name === "id" && verb.path.startsWith("/scripts/{id}");
}

function listCommand(cli: Cli, verb: DerivedVerb): string {
  const noun = verb.path.startsWith("/scripts/{id}") ? "scripts" : verb.noun;
  const isOfApp = noun === "scripts" || verb.path.startsWith("/apps/{app}/");
  return isOfApp ? `pic ${noun} ls --app ${cli.app()}` : `pic ${noun} ls`;
}

const pagesMost = 100_000;

async function printPages(
  cli: Cli,
  verb: DerivedVerb,
  input: Readonly<Record<string, unknown>>,
  isAll: boolean,
): Promise<void> {
  const client = await cli.client();
  let page = parsedPage(await client.call(verb.feature, verb.endpoint, input));
  // Nothing is printed before the first page is there: a failure leaves stdout empty.
  const printer = rowPrinter(cli.io, cli.format(), verb.columns);
  for (let count = 1; ; count++) {
    printer.print(page.items);
    if (page.nextCursor === null) break;
    if (!isAll || count >= pagesMost) {
      say(cli.io, `more rows: --cursor ${page.nextCursor} for the next page, --all for all`);
      break;
    }
    page = parsedPage(await client.call(verb.feature, verb.endpoint, { ...input, cursor: page.nextCursor }));
  }
  printer.end();
}

function parsedPage(output: unknown): { readonly items: readonly Row[]; readonly nextCursor: string | null } {
  if (!isRow(output) || !Array.isArray(output["items"]) || !output["items"].every(isRow)) {
    throw new Error("the server's answer is not a list; is it of another version than pic?");
  }
  const cursor = output["next_cursor"];
  return { items: output["items"], nextCursor: typeof cursor === "string" ? cursor : null };
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
