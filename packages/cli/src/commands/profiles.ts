/** `pic profiles`: the log-ins that this machine remembers. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { readProfiles } from "../credentials.ts";
import { rowPrinter } from "../output.ts";
import { profileNameOf } from "../session.ts";

const columns = ["name", "current", "url", "username"];

export function defineProfiles(command: Command, cli: Cli): void {
  command
    .addHelpText(
      "after",
      "\nOne more: pic login --profile NAME. Use it: --profile NAME or PIC_PROFILE. Forget it: pic logout --profile NAME.",
    )
    .action(async () => {
      const current = profileNameOf(cli.io, cli.flags());
      const printer = rowPrinter(cli.io, cli.format(), columns);
      const rows = Object.entries(await readProfiles(cli.io)).map(([name, { url, username }]) => ({
        name,
        current: name === current,
        url,
        username: username ?? null,
      }));
      printer.print(rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
      printer.end();
    });
}
