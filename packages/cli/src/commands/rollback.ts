/** `pic rollback <script> [version]`: an old version's source goes live again, as a new version. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { inputError, usageError } from "../failure.ts";
import { say } from "../io.ts";
import { printRow } from "../output.ts";
import { findScriptId } from "../script-name.ts";
import { shellWord } from "../shell-word.ts";

const columns = ["name", "version", "id", "updated_at"];

export function defineRollback(command: Command, cli: Cli): void {
  command
    .argument("<script>", "by name (in --app) or id")
    .argument("[version]", "the one to go back to; the one before the live one if left out")
    .action(async (script: string, version: string | undefined) => await rollback(cli, script, version));
}

async function rollback(cli: Cli, script: string, wanted: string | undefined): Promise<void> {
  const { scripts } = (await cli.client()).api;
  const id = await findScriptId(cli, script);
  cli.failsWith({ listCommand: `pic scripts versions ${shellWord(script)} --app ${shellWord(cli.app())}` });
  const live = await scripts.get({ id });
  const version = wanted === undefined ? live.version - 1 : Number(wanted);
  if (wanted !== undefined && (!Number.isInteger(version) || version < 1)) {
    throw usageError(`"${wanted}" is not a version: a whole number from 1`, "pic rollback --help");
  }
  if (version < 1) throw inputError(`${live.name} has one version only: there is nothing to go back to`);
  const now = await scripts.rollback({ id, version });
  say(cli.io, `~ script ${now.name} v${live.version} → v${now.version} (the source of v${version})`);
  for (const { name, version: linked } of now.affected ?? [])
    say(cli.io, `~ script ${name} v${linked}, linked again with ${now.name}`);
  say(cli.io, "data written by the script is not rolled back");
  printRow(cli.io, cli.format(), { ...now }, columns);
}
