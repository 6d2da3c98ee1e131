/** `pic apps delete <app>`: shows what is inside first, and takes it along only when that was asked for. */
import type { Command } from "commander";
import type { PicloudClient } from "@picloud/client";
import { countedWords, PicloudError } from "@picloud/contract/values";
import type { Cli } from "../cli.ts";
import { CliError, exitCodes, inputError } from "../failure.ts";
import { say } from "../io.ts";
import { printRow } from "../output.ts";
import { shellWord } from "../shell-word.ts";

const columns = ["slug", "name", "state", "id", "created_at"];

interface DeleteFlags {
  readonly force?: true;
  readonly yes?: true;
}

export function defineAppsDelete(command: Command, cli: Cli): void {
  command
    .alias("rm")
    .argument("<app>", "by slug or id")
    .option("--force", "with everything that is inside: scripts, data, members and keys")
    .option("-y, --yes", "do not ask before")
    .action(async (app: string, flags: DeleteFlags) => await deleteApp(cli, app, flags));
}

type Apps = PicloudClient["api"]["apps"];
type App = Awaited<ReturnType<Apps["delete"]>>;

async function deleteApp(cli: Cli, app: string, flags: DeleteFlags): Promise<void> {
  cli.failsWith({ listCommand: "pic apps ls" });
  const { apps } = (await cli.client()).api;
  const isAsked = flags.force !== true || (flags.yes !== true && cli.io.input.isTerminal);
  if (!isAsked) {
    printDeleted(cli, await apps.delete({ app, force: true }));
    return;
  }
  // What is asked about is what the server finds inside; an app with nothing inside needs no question.
  const result = await attempt(apps, app);
  if (result.deleted !== undefined) {
    printDeleted(cli, result.deleted);
    return;
  }
  if (flags.force !== true) throw notEmpty(cli, app, result.content);
  await confirm(cli, app, result.content);
  printDeleted(cli, await apps.delete({ app, force: true }));
}

/** `content`: why it was refused, in words. */
type Attempt = { readonly deleted: App } | { readonly deleted?: undefined; readonly content: string };

async function attempt(apps: Apps, app: string): Promise<Attempt> {
  try {
    return { deleted: await apps.delete({ app }) };
  } catch (error) {
    if (!(error instanceof PicloudError) || error.code !== "not_empty") throw error;
    const counts = Object.entries(error.details ?? {});
    return { content: counts.map(([kind, count]) => countedWords(kind, Number(count))).join(", ") };
  }
}

function notEmpty(cli: Cli, app: string, content: string): CliError {
  const { profile, url } = cli.flags();
  const flags = [
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(url === undefined ? [] : ["--url", url]),
  ];
  return new CliError({
    code: "not_empty",
    message: `the app ${app} still holds ${content}; nothing was deleted`,
    fix: ["pic", "apps", "delete", app, "--force", ...flags].map(shellWord).join(" "),
    exitCode: exitCodes.conflict,
  });
}

async function confirm(cli: Cli, app: string, content: string): Promise<void> {
  const answer = await cli.io.input.ask(`delete the app ${app} with ${content}, for good? [y/N] `);
  if (/^y(?:es)?$/i.test(answer.trim())) return;
  throw inputError("nothing was deleted", { code: "cancelled" });
}

function printDeleted(cli: Cli, app: App): void {
  printRow(cli.io, cli.format(), { ...app }, columns);
  say(cli.io, `${app.slug} is off; what it held goes now: pic apps show ${shellWord(app.slug)}`);
}
