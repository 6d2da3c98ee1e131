/** `pic logout`: revokes the session on the server and deletes it here. May be repeated. */
import type { Command } from "commander";
import { clientFor } from "../cli.ts";
import type { Cli } from "../cli.ts";
import { readProfiles, updateProfiles } from "../credentials.ts";
import { CliError, exitCodes } from "../failure.ts";
import { say } from "../io.ts";
import { profileNameOf } from "../session.ts";

export function defineLogout(command: Command, cli: Cli): void {
  command.action(async () => await logout(cli));
}

async function logout(cli: Cli): Promise<void> {
  const { io } = cli;
  const name = profileNameOf(io, cli.flags());
  const { [name]: profile } = await readProfiles(io);
  if ((io.env["PICLOUD_TOKEN"] ?? "") !== "") say(io, "note: PICLOUD_TOKEN stays set in this shell");
  if (profile === undefined) {
    say(io, "not logged in");
    return;
  }
  // A key belongs to programs too: it ends with `pic api-keys rm`, and is only forgotten here.
  const isKey = profile.token.startsWith("pic_");
  const trouble = isKey ? undefined : await revoke(cli, profile.url, profile.token);
  await updateProfiles(io, (now) => {
    const { [name]: found, ...others } = now;
    // Whoever logged in meanwhile stays logged in.
    return found?.token === profile.token ? others : now;
  });
  if (isKey) {
    say(io, `forgot the API key for ${profile.url}; it stays good: pic api-keys rm ends it`);
    return;
  }
  if (trouble === undefined) {
    say(io, `logged out of ${profile.url}`);
    return;
  }
  throw new CliError({
    code: "not_revoked",
    message: `logged out here, but ${profile.url} was not told: the session there lives until it expires`,
    cause: trouble,
    exitCode: exitCodes.unreachable,
  });
}

/** Ends the session on the server; answers why not. One that is not known there (any more) is as good as revoked. */
async function revoke(cli: Cli, url: string, token: string): Promise<string | undefined> {
  const client = await clientFor(cli.io, { url, token });
  try {
    await client.api.users.logout({});
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "unauthenticated") return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}
