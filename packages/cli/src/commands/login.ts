/** `pic login`: by name and password, by a token, or by the one-time set-up token of a new server. */
import type { Command } from "commander";
import { clientFor } from "../cli.ts";
import type { Cli } from "../cli.ts";
import { readProfiles, writeProfiles } from "../credentials.ts";
import type { Profile } from "../credentials.ts";
import { inputError, usageError } from "../failure.ts";
import { say } from "../io.ts";
import type { Io } from "../io.ts";
import { printRow } from "../output.ts";
import { checkedUrl, defaultUrl, profileNameOf } from "../session.ts";

interface LoginFlags {
  readonly username?: string;
  readonly token?: string | true;
  readonly setup?: string;
}

export function defineLogin(command: Command, cli: Cli): void {
  command
    .option("--username <name>", "user name; the password is asked for or read from stdin")
    .option("--token [token]", "store this token; without a value it is asked for or read from stdin")
    .option("--setup <token>", "make the first owner of a new server with the token that its start printed")
    .addHelpText(
      "after",
      "\nWithout a terminal stdin holds the lines that would be asked for: user name, then password.",
    )
    .action(async (flags: LoginFlags) => await login(cli, flags));
}

async function login(cli: Cli, flags: LoginFlags): Promise<void> {
  const { io } = cli;
  if (flags.setup !== undefined && flags.token !== undefined) {
    throw usageError("--setup and --token exclude each other", "pic login --help");
  }
  const profileName = profileNameOf(io, cli.flags());
  const profiles = await readProfiles(io);
  const url = checkedUrl(
    cli.flags().url ?? (io.env["PICLOUD_URL"] || undefined) ?? profiles[profileName]?.url ?? defaultUrl,
  );
  const entered = await enter(io, flags, url);
  const { token, user } = await openSession(cli, url, entered);
  const profile: Profile = { url, token, username: user.username };
  await writeProfiles(io, { ...profiles, [profileName]: profile });
  say(io, `logged in to ${url} as ${user.username} (${user.role})`);
  if (cli.flags().output !== undefined) {
    printRow(io, cli.format(), { ...user, url, profile: profileName });
  }
}

type Entered =
  | { readonly by: "token"; readonly token: string }
  | { readonly by: "password"; readonly username: string; readonly password: string }
  | { readonly by: "setup"; readonly token: string; readonly username: string; readonly password: string };

async function enter(io: Io, flags: LoginFlags, url: string): Promise<Entered> {
  const lines = lineReader(io);
  const environment = io.env["PICLOUD_TOKEN"] ?? "";
  if (typeof flags.token === "string") return { by: "token", token: flags.token };
  if (flags.token === true) return { by: "token", token: await lines("token: ", true) };
  if (flags.setup === undefined && flags.username === undefined && environment !== "") {
    return { by: "token", token: environment };
  }
  if (io.input.isTerminal) {
    say(io, flags.setup === undefined ? `log in to ${url}` : `make the first owner of ${url}`);
  }
  const username = flags.username ?? (await lines("user name: ", false));
  const password = await lines("password: ", true);
  if (flags.setup === undefined) return { by: "password", username, password };
  if (io.input.isTerminal && password !== (await lines("password again: ", true))) {
    throw inputError("the two passwords differ", { fix: `pic login --setup ${flags.setup}` });
  }
  return { by: "setup", token: flags.setup, username, password };
}

/** Asks on a terminal; else takes the next line of stdin. */
function lineReader(io: Io): (question: string, hidden: boolean) => Promise<string> {
  let rest: string[] | undefined;
  return async (question, hidden) => {
    if (io.input.isTerminal) return await io.input.ask(question, { hidden });
    rest ??= new TextDecoder().decode(await io.input.bytes()).split(/\r?\n/);
    const line = rest.shift();
    if (line !== undefined && line !== "") return line;
    const what = question.replace(": ", "");
    throw usageError(`stdin has no line with the ${what}`, "printf '%s\\n' NAME PASSWORD | pic login");
  };
}

interface OpenSession {
  readonly token: string;
  readonly user: { readonly id: string; readonly username: string; readonly role: string };
}

async function openSession(cli: Cli, url: string, entered: Entered): Promise<OpenSession> {
  switch (entered.by) {
    case "token": {
      const client = await clientFor(cli.io, { url, token: entered.token });
      return { token: entered.token, user: await client.api.users.me({}) };
    }
    case "password": {
      const client = await clientFor(cli.io, { url });
      return await client.api.users.login({ username: entered.username, password: entered.password });
    }
    case "setup": {
      const client = await clientFor(cli.io, { url });
      const { token, username, password } = entered;
      return await client.api.users.setup({ token, username, password });
    }
    default:
      return entered satisfies never;
  }
}
