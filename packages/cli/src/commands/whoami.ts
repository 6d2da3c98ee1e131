/** `pic whoami`: as whom and where. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { printRow } from "../output.ts";

export function defineWhoami(command: Command, cli: Cli): void {
  command.action(async () => {
    const client = await cli.client();
    const { profileName } = await cli.session();
    const me = await client.api.users.me({});
    printRow(cli.io, cli.format(), { ...me, url: client.url, profile: profileName });
  });
}
