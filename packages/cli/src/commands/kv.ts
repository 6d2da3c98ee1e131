/** `pic kv get` and `pic kv set`: values as one writes them in a shell. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { JsonText } from "@picloud/contract/values";
import { inputError } from "../failure.ts";
import { say } from "../io.ts";
import { jsonLine, printRow } from "../output.ts";
import { jsonOrString, plainString, readValueArgument, strictJson } from "../value-argument.ts";

const entryColumns = ["collection", "key", "value", "version", "expires_at", "updated_at", "written_by"];

export function defineKvGet(command: Command, cli: Cli): void {
  command
    .argument("<collection>")
    .argument("<key>")
    .option("--raw", "a string without quotes and escapes, as it is stored")
    .addHelpText("after", "\nPrints the value as JSON; with --output the whole entry.")
    .action(async (collection: string, key: string, flags: { readonly raw?: true }) => {
      const app = cli.app();
      cli.failsWith({ listCommand: `pic kv ls ${collection} --app ${app}` });
      const entry = await (await cli.client()).api.kv.get({ app, collection, key });
      if (flags.raw === true) {
        if (typeof entry.value !== "string") {
          throw inputError(`${collection}/${key} is not a string`, {
            fix: `pic kv get ${collection} ${key}`,
          });
        }
        cli.io.out.write(entry.value);
        if (cli.io.out.isTerminal) cli.io.out.write("\n");
      } else if (cli.flags().output === undefined) cli.io.out.write(`${jsonLine(entry.value)}\n`);
      else printRow(cli.io, cli.format(), { ...entry }, entryColumns);
    });
}

interface SetFlags {
  readonly string?: true;
  readonly json?: true;
  readonly ttl?: string;
}

export function defineKvSet(command: Command, cli: Cli): void {
  command
    .argument("<collection>")
    .argument("<key>")
    .argument("<value>", "JSON or text; @file and - (stdin) are read, @@x is the text @x")
    .option("--string", "store text as a string even if it is JSON")
    .option("--json", "refuse what is not JSON")
    .option("--ttl <duration>", "time until it expires: 250ms, 30s, 5m, 12h, 3d")
    .addHelpText(
      "after",
      `
What is JSON is stored as that value (42 is a number, "42" a string); other text as a string.
Text that begins with {, [ or " and is not JSON is refused: use --string if it is meant so.`,
    )
    .action(async (collection: string, key: string, argument: string, flags: SetFlags) => {
      const app = cli.app();
      cli.failsWith({ listCommand: "pic apps ls" });
      const read = await readValueArgument(cli.io, argument);
      const parse = flags.string === true ? plainString : flags.json === true ? strictJson : jsonOrString;
      const value = parse(read);
      const result = await (
        await cli.client()
      ).api.kv.set({ app, collection, key, value, ...(flags.ttl === undefined ? {} : { ttl: flags.ttl }) });
      // What was taken for what is said, but never the value: it may be a secret.
      say(cli.io, `${collection}/${key}: ${kindOf(value)}`);
      printRow(cli.io, cli.format(), result);
    });
}

function kindOf(given: unknown): string {
  const value: unknown = given instanceof JsonText ? JSON.parse(given.text) : given;
  if (value === null) return "null";
  if (typeof value === "string") return `string of ${value.length} characters`;
  if (Array.isArray(value)) return `array of ${value.length}`;
  return typeof value;
}
