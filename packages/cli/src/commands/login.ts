/** `pic login`: by name and password, by a token, or by the one-time token of a set-up, an invitation or a reset. */
import { PicloudError } from "@picloud/contract/values";
import type { Command } from "commander";
import { clientFor } from "../cli.ts";
import type { Cli } from "../cli.ts";
import { readProfiles, updateProfiles } from "../credentials.ts";
import type { Profile } from "../credentials.ts";
import { usageError } from "../failure.ts";
import { say } from "../io.ts";
import type { Io } from "../io.ts";
import { lineReader, newPassword } from "../line-reader.ts";
import type { LineReader } from "../line-reader.ts";
import { printRow } from "../output.ts";
import { checkedUrl, defaultUrl, profileNameOf } from "../session.ts";

interface LoginFlags {
  readonly username?: string;
  readonly token?: string | true;
  readonly setup?: string;
  readonly invite?: string;
  readonly reset?: string;
  readonly totp?: string;
}

/** One-time tokens, and what they are for. */
const links = {
  setup: "make the first owner of",
  invite: "accept the invitation to",
  reset: "set a new password on",
} as const;
type LinkKind = keyof typeof links;

export function defineLogin(command: Command, cli: Cli): void {
  command
    .option("--username <name>", "user name; the password is asked for or read from stdin")
    .option("--token [token]", "store this token; without a value it is asked for or read from stdin")
    .option("--setup <token>", "make the first owner of a new server with the token that its start printed")
    .option("--invite <token>", "accept an invitation: choose a password with its token")
    .option("--reset <token>", "choose a new password with the token of a reset")
    .option("--totp <code>", "code of the second factor; asked for where the account wants one")
    .addHelpText(
      "after",
      "\nWithout a terminal stdin holds the lines that would be asked for: user name, then password.",
    )
    .action(async (flags: LoginFlags) => await login(cli, flags));
}

async function login(cli: Cli, flags: LoginFlags): Promise<void> {
  const { io } = cli;
  const ways = (["setup", "token", "invite", "reset"] as const).filter((way) => flags[way] !== undefined);
  if (ways.length > 1) {
    throw usageError(`${ways.map((way) => `--${way}`).join(" and ")} exclude each other`, "pic login --help");
  }
  const profileName = profileNameOf(io, cli.flags());
  const profiles = await readProfiles(io);
  const url = checkedUrl(
    cli.flags().url ?? (io.env["PICLOUD_URL"] || undefined) ?? profiles[profileName]?.url ?? defaultUrl,
  );
  const entered = await enter(io, flags, url);
  const { token, user } = await openSession(cli, url, { ...entered, totp: flags.totp });
  const profile: Profile = { url, token, username: user.username };
  await updateProfiles(io, (now) => ({ ...now, [profileName]: profile }));
  say(io, `logged in to ${url} as ${user.username} (${user.role})`);
  if (cli.flags().output !== undefined) {
    printRow(io, cli.format(), { ...user, url, profile: profileName });
  }
}

type Entered =
  | { readonly by: "token"; readonly token: string }
  | { readonly by: "password"; readonly username: string; readonly password: string }
  | { readonly by: "setup"; readonly token: string; readonly username: string; readonly password: string }
  | { readonly by: "invite" | "reset"; readonly token: string; readonly password: string };

async function enter(io: Io, flags: LoginFlags, url: string): Promise<Entered> {
  const lines = lineReader(io, "printf '%s\\n' NAME PASSWORD | pic login");
  const environment = io.env["PICLOUD_TOKEN"] ?? "";
  if (typeof flags.token === "string") return { by: "token", token: flags.token };
  if (flags.token === true) return { by: "token", token: await lines("token: ", true) };
  const link = linkOf(flags);
  if (link !== undefined) return await enterByLink(io, { ...link, username: flags.username, lines, url });
  if (flags.username === undefined && environment !== "") return { by: "token", token: environment };
  if (io.input.isTerminal) say(io, `log in to ${url}`);
  const username = flags.username ?? (await lines("user name: ", false));
  return { by: "password", username, password: await lines("password: ", true) };
}

function linkOf(flags: LoginFlags): { readonly kind: LinkKind; readonly token: string } | undefined {
  const { setup, invite, reset } = flags;
  if (setup !== undefined) return { kind: "setup", token: setup };
  if (invite !== undefined) return { kind: "invite", token: invite };
  return reset === undefined ? undefined : { kind: "reset", token: reset };
}

/** A new password; with a set-up token also a new name. */
async function enterByLink(
  io: Io,
  link: {
    readonly kind: LinkKind;
    readonly token: string;
    readonly username: string | undefined;
    readonly lines: LineReader;
    readonly url: string;
  },
): Promise<Entered> {
  const { kind, token, lines } = link;
  if (io.input.isTerminal) say(io, `${links[kind]} ${link.url}`);
  const username = kind === "setup" ? (link.username ?? (await lines("user name: ", false))) : "";
  const password = await newPassword(io, lines, `pic login --${kind} ${token}`);
  return kind === "setup" ? { by: kind, token, username, password } : { by: kind, token, password };
}

interface OpenSession {
  readonly token: string;
  readonly user: { readonly id: string; readonly username: string; readonly role: string };
}

async function openSession(
  cli: Cli,
  url: string,
  entered: Entered & { readonly totp: string | undefined },
): Promise<OpenSession> {
  if (entered.by === "token") {
    const client = await clientFor(cli.io, { url, token: entered.token });
    return { token: entered.token, user: await client.api.users.me({}) };
  }
  const client = await clientFor(cli.io, { url });
  switch (entered.by) {
    case "password":
      return await logIn(cli.io, client, entered);
    case "setup": {
      const { token, username, password } = entered;
      return await client.api.users.setup({ token, username, password });
    }
    case "invite": {
      const { token, password } = entered;
      return await client.api.users.accept_invite({ token, password });
    }
    case "reset": {
      const { token, password } = entered;
      const { username } = await client.api.users.reset_password({ token, password });
      return await logIn(cli.io, client, { ...entered, username });
    }
    default:
      return entered satisfies never;
  }
}

/** Asks for the code of the second factor once the server wants one. */
async function logIn(
  io: Io,
  client: Awaited<ReturnType<typeof clientFor>>,
  given: { readonly username: string; readonly password: string; readonly totp: string | undefined },
): Promise<OpenSession> {
  const { username, password, totp } = given;
  try {
    return await client.api.users.login({ username, password, ...(totp === undefined ? {} : { totp }) });
  } catch (error) {
    if (totp !== undefined || !wantsCode(error)) throw error;
    if (!io.input.isTerminal) {
      throw usageError("this account wants a code of its second factor", "pic login --totp CODE");
    }
    const code = await io.input.ask("code: ", { hidden: false });
    return await client.api.users.login({ username, password, totp: code });
  }
}

function wantsCode(error: unknown): boolean {
  if (!(error instanceof PicloudError) || typeof error.details !== "object" || error.details === null)
    return false;
  return "reason" in error.details && error.details.reason === "totp_required";
}
