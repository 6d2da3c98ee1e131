/** What may come next on a command line: `pic __complete <words>` prints one word a line, for the shells' completion. */
import type { Argument, Command, Option } from "commander";
import type { Cli } from "./cli.ts";
import { readProfiles } from "./credentials.ts";
import type { DerivedVerb } from "./derived-noun.ts";
import { nouns } from "./nouns.generated.ts";

const namesMost = 200;

/** Where names come from: a noun, its verb that lists, and the column. */
type Source = readonly [noun: string, verb: string, column: string];

/** By the name of an argument or flag, for all nouns. */
const sources: Readonly<Record<string, Source>> = {
  app: ["apps", "ls", "slug"],
  app_id: ["apps", "ls", "slug"],
  script: ["scripts", "ls", "name"],
  host: ["domains", "ls", "host"],
  collection: ["kv", "collections", "collection"],
  user: ["users", "ls", "username"],
  user_id: ["members", "ls", "username"],
};

/** Candidates for the last word. `program` has the commands that the words name. Never throws: without a server, a
 *  log-in or the right there is nothing to offer. */
export async function completions(
  program: Command,
  cli: Cli,
  words: readonly string[],
): Promise<readonly string[]> {
  const current = words.at(-1) ?? "";
  const { command, valueOf, position } = placeOf(program, words.slice(0, -1));
  const found = await candidates({ program, command, cli, valueOf, position, current });
  // Names come from a server; only what is one plain word may reach a shell.
  return found.filter((word) => word.startsWith(current) && /^[\u0021-\u007e]+$/.test(word));
}

interface Place {
  readonly command: Command;
  /** The flag whose value comes next. */
  readonly valueOf: Option | undefined;
  /** How many arguments the command has got. */
  readonly position: number;
}

/** Walks the words before the one that is completed; global flags among them take effect. */
function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let position = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word.startsWith("-")) {
      const option = optionsOf(program, command).find((one) => [one.long, one.short].includes(word));
      if (option === undefined || option.isBoolean()) continue;
      if (i + 1 === words.length) return { command, valueOf: option, position };
      i += 1;
      if (program.options.includes(option)) program.setOptionValue(option.attributeName(), words[i]);
      continue;
    }
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) position += 1;
    else command = next;
  }
  return { command, valueOf: undefined, position };
}

function optionsOf(program: Command, command: Command): readonly Option[] {
  return command === program ? program.options : [...command.options, ...program.options];
}

interface Wanted extends Place {
  readonly program: Command;
  readonly cli: Cli;
  readonly current: string;
}

async function candidates(wanted: Wanted): Promise<readonly string[]> {
  const { program, command, cli, valueOf, position, current } = wanted;
  if (valueOf !== undefined) return await valuesOf(cli, command, valueOf);
  if (current.startsWith("-"))
    return [...optionsOf(program, command).flatMap(({ long }) => long ?? []), "--help"];
  if (command.commands.length > 0) return position > 0 ? [] : command.commands.map((one) => one.name());
  const argument: Argument | undefined = command.registeredArguments[position];
  return argument === undefined ? [] : await namesOf(cli, command, argument.name());
}

async function valuesOf(cli: Cli, command: Command, option: Option): Promise<readonly string[]> {
  if (option.argChoices !== undefined) return option.argChoices;
  const name = (option.long ?? "").slice(2).replaceAll("-", "_");
  if (name === "profile") return Object.keys(await orNone(readProfiles(cli.io), {}));
  const choices = verbOf(command)?.flags.find((field) => field.name === name)?.choices ?? [];
  return choices.length > 0 ? choices : await namesOf(cli, command, name);
}

async function namesOf(cli: Cli, command: Command, name: string): Promise<readonly string[]> {
  const verb = verbOf(command);
  const choices = verb?.positionals.find((field) => field.name === name)?.choices ?? [];
  if (choices.length > 0) return choices;
  const own: Source | undefined =
    verb === undefined ? undefined : [verb.noun, "ls", verb.noun === "users" ? "username" : "id"];
  const source = sources[name] ?? (name === "id" ? own : undefined);
  // What is made now has no name yet.
  if (source === undefined || (source[0] === verb?.noun && ["create", "add"].includes(verb.verb))) return [];
  return await orNone(listed(cli, source), []);
}

/** The endpoint behind a derived command. */
function verbOf(command: Command): DerivedVerb | undefined {
  const noun = nouns.find((one) => one.noun === command.parent?.name());
  return noun?.verbs.find((one) => one.verb === command.name());
}

async function listed(cli: Cli, [noun, verb, column]: Source): Promise<readonly string[]> {
  const list = nouns.find((one) => one.noun === noun)?.verbs.find((one) => one.verb === verb);
  if (list === undefined) return [];
  const input = { ...(list.path.includes("{app}") ? { app: cli.app() } : {}), limit: namesMost };
  const client = await cli.client();
  const page = await client.call(list.feature, list.endpoint, input);
  const { items } = page as { readonly items: readonly Readonly<Record<string, unknown>>[] };
  return items.map((item) => item[column]).filter((name) => typeof name === "string");
}

async function orNone<T>(work: Promise<T>, none: T): Promise<T> {
  try {
    return await work;
  } catch {
    // A line that is being typed has no place for an error; the command itself will tell it.
    return none;
  }
}
