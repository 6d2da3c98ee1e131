/** `pic users disable <id>` and `enable`: the two states of `users set --disabled` as words of their own. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { printRow } from "../output.ts";

const columns = ["username", "role", "state", "id"];

export function defineUsersSwitch(command: Command, cli: Cli, disabled: boolean): void {
  command.argument("<id>", "by username or id").action(async (id: string) => {
    const { users } = (await cli.client()).api;
    cli.failsWith({ listCommand: "pic users ls" });
    printRow(cli.io, cli.format(), { ...(await users.update({ id, disabled })) }, columns);
  });
}
