/** `pic totp on` and `off`: the second factor of your own account. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { inputError } from "../failure.ts";
import { say } from "../io.ts";
import { lineReader } from "../line-reader.ts";
import { rowPrinter } from "../output.ts";

export function defineTotp(command: Command, cli: Cli): void {
  command
    .command("on")
    .description("Turn it on: shows a secret for your authenticator app, then recovery codes")
    .action(async () => await turnOn(cli));
  command
    .command("off")
    .description("Turn it off")
    .option("--totp <code>", "code of the second factor, or a recovery code; asked for if left out")
    .action(async (flags: { readonly totp?: string }) => await turnOff(cli, flags.totp));
}

async function turnOn(cli: Cli): Promise<void> {
  const { io } = cli;
  if (!io.input.isTerminal) {
    const cause = "it shows a secret, and then asks for a code that is made from it";
    throw inputError("the second factor is turned on at a terminal", { cause });
  }
  const { users } = (await cli.client()).api;
  const password = await io.input.ask("password: ", { hidden: true });
  const { secret, uri } = await users.begin_totp({ password });
  const { renderUnicodeCompact } = await import("uqr");
  say(io, renderUnicodeCompact(uri, { border: 2 }));
  say(io, `Scan this with your authenticator app, or type its secret there: ${secret}`);
  const confirmed = await users.confirm_totp({ totp: await io.input.ask("code that it shows: ") });
  say(
    io,
    "the second factor is on. Keep these recovery codes; each is good for one log-in without your app:",
  );
  const printer = rowPrinter(io, cli.format(), ["recovery_code"]);
  printer.print(confirmed.recovery_codes.map((code) => ({ recovery_code: code })));
  printer.end();
  if (confirmed.revoked_sessions > 0) say(io, `other sessions that ended: ${confirmed.revoked_sessions}`);
}

async function turnOff(cli: Cli, given: string | undefined): Promise<void> {
  const { users } = (await cli.client()).api;
  const lines = lineReader(cli.io, "printf '%s\\n' PASSWORD CODE | pic totp off");
  const password = await lines("password: ", true);
  const totp = given ?? (await lines("code: ", false));
  const { removed } = await users.remove_totp({ password, totp });
  say(cli.io, removed ? "the second factor is off" : "there was no second factor");
}
