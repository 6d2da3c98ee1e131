/** Verbs of `pic users` that are more than their endpoint: a password that is asked for, and the two states of
 *  `users set --disabled` as words of their own. */
import { Option } from "commander";
import type { Command } from "commander";
import { instanceRoles } from "@picloud/contract/values";
import type { InstanceRole } from "@picloud/contract/values";
import type { Cli } from "../cli.ts";
import { lineReader, newPassword } from "../line-reader.ts";
import { printRow } from "../output.ts";

const columns = ["username", "role", "state", "id"];

export function defineUsersSwitch(command: Command, cli: Cli, disabled: boolean): void {
  command.argument("<id>", "by username or id").action(async (id: string) => {
    const { users } = (await cli.client()).api;
    cli.failsWith({ listCommand: "pic users ls" });
    printRow(cli.io, cli.format(), { ...(await users.update({ id, disabled })) }, columns);
  });
}

export function defineUsersCreate(command: Command, cli: Cli): void {
  command
    .alias("add")
    .argument("<username>")
    .addOption(new Option("--role <role>", "instance role").choices(instanceRoles).default("member"))
    .addHelpText(
      "after",
      "\nThe password is asked for, or a line of stdin. To let them choose it: pic users invite.",
    )
    .action(async (username: string, { role }: { readonly role: InstanceRole }) => {
      const { users } = (await cli.client()).api;
      const again = `pic users create ${username}`;
      const lines = lineReader(cli.io, `printf '%s\\n' PASSWORD | ${again}`);
      const password = await newPassword(cli.io, lines, again);
      printRow(cli.io, cli.format(), { ...(await users.create({ username, role, password })) }, columns);
    });
}
