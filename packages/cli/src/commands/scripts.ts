/** `pic scripts diff`: a diff as a diff, not as a cell of a table. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { usageError } from "../failure.ts";
import { printRow, safeForTerminal } from "../output.ts";
import { findScriptId } from "../script-name.ts";
import { shellWord } from "../shell-word.ts";

export function defineScriptsDiff(command: Command, cli: Cli): void {
  command
    .argument("<script>", "by name (in --app) or id")
    .argument("<from>", "version")
    .argument("<to>", "version")
    .addHelpText("after", "\nPrints a unified diff; with --output a row with it.")
    .action(async (script: string, from: string, to: string) => {
      const versions = { from: versionOf(from), to: versionOf(to) };
      const id = await findScriptId(cli, script);
      cli.failsWith({
        listCommand: `pic scripts versions ${shellWord(script)} --app ${shellWord(cli.app())}`,
      });
      const result = await (await cli.client()).api.scripts.diff({ id, ...versions });
      if (cli.flags().output !== undefined) printRow(cli.io, cli.format(), result);
      else cli.io.out.write(cli.io.out.isTerminal ? safeForTerminal(result.diff) : result.diff);
    });
}

function versionOf(text: string): number {
  const version = Number(text);
  if (Number.isInteger(version) && version > 0) return version;
  throw usageError(`"${text}" is not a version: a whole number from 1`, "pic scripts diff --help");
}
