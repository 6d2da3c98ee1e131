/** `pic whoami`: as whom and where. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { printRow } from "../output.ts";

export function defineWhoami(command: Command, cli: Cli): void {
  command.action(async () => {
    const client = await cli.client();
    const { profileName } = await cli.session();
    const me = await client.api.users.me({});
    const { key, ...user } = me;
    // Flat, so that it is one row; a session has no such columns.
    const limits =
      key === undefined
        ? {}
        : { key: key.name, scopes: key.scopes, app_id: key.app_id, expires_at: key.expires_at };
    printRow(cli.io, cli.format(), { ...user, ...limits, url: client.url, profile: profileName });
  });
}
