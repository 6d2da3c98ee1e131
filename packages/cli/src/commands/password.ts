/** `pic password`: your own, asked for and never an argument. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { lineReader, newPassword } from "../line-reader.ts";
import { printRow } from "../output.ts";

export function definePassword(command: Command, cli: Cli): void {
  command
    .addHelpText("after", "\nWithout a terminal stdin holds two lines: the old password, then the new one.")
    .action(async () => {
      const { users } = (await cli.client()).api;
      const lines = lineReader(cli.io, "printf '%s\\n' OLD NEW | pic password");
      const oldPassword = await lines("old password: ", true);
      const password = await newPassword(cli.io, lines, "pic password");
      const done = await users.change_password({ old_password: oldPassword, new_password: password });
      printRow(cli.io, cli.format(), done);
    });
}
