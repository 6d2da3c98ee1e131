/** The commands made by hand. A line here replaces the derived command of the same name. */
import type { Command } from "commander";
import type { Cli } from "./cli.ts";

export interface HandMadeCommand {
  /** `deploy`, or `kv get` for a verb of a derived noun. */
  readonly path: string;
  readonly summary: string;
  /** Loads the command's file only when it is used, then adds arguments, flags and action. */
  readonly define: (command: Command, cli: Cli) => Promise<void>;
}

export const handMadeCommands: readonly HandMadeCommand[] = [
  {
    path: "login",
    summary: "Log in to a server and remember it",
    define: async (command, cli) => (await import("./commands/login.ts")).defineLogin(command, cli),
  },
  {
    path: "logout",
    summary: "End the session on the server and forget it here",
    define: async (command, cli) => (await import("./commands/logout.ts")).defineLogout(command, cli),
  },
  {
    path: "whoami",
    summary: "Show as whom and where you are logged in",
    define: async (command, cli) => (await import("./commands/whoami.ts")).defineWhoami(command, cli),
  },
  {
    path: "profiles",
    summary: "Show the log-ins that are remembered here",
    define: async (command, cli) => (await import("./commands/profiles.ts")).defineProfiles(command, cli),
  },
  {
    path: "password",
    summary: "Change your password; your other sessions end",
    define: async (command, cli) => (await import("./commands/password.ts")).definePassword(command, cli),
  },
  {
    path: "totp",
    summary: "Turn your second factor on or off",
    define: async (command, cli) => (await import("./commands/totp.ts")).defineTotp(command, cli),
  },
  {
    path: "deploy",
    summary: "Put a script and its routes live, all or nothing",
    define: async (command, cli) => (await import("./commands/deploy.ts")).defineDeploy(command, cli),
  },
  {
    path: "invoke",
    summary: "Run a script and print its answer",
    define: async (command, cli) => (await import("./commands/invoke.ts")).defineInvoke(command, cli),
  },
  {
    path: "rollback",
    summary: "Make the source of an old version live again",
    define: async (command, cli) => (await import("./commands/rollback.ts")).defineRollback(command, cli),
  },
  {
    path: "logs",
    summary: "Show what ran, how it ended and what it logged",
    define: async (command, cli) => (await import("./commands/logs.ts")).defineLogs(command, cli),
  },
  {
    path: "completion",
    summary: "Print the completion script of a shell",
    define: async (command, cli) => (await import("./commands/completion.ts")).defineCompletion(command, cli),
  },
  {
    path: "version",
    summary: "Show the versions of pic and of the server",
    define: async (command, cli) => (await import("./commands/version.ts")).defineVersion(command, cli),
  },
  {
    path: "scripts deploy",
    summary: "The same as pic deploy",
    define: async (command, cli) => (await import("./commands/deploy.ts")).defineDeploy(command, cli),
  },
  {
    path: "scripts invoke",
    summary: "The same as pic invoke",
    define: async (command, cli) => (await import("./commands/invoke.ts")).defineInvoke(command, cli),
  },
  {
    path: "scripts diff",
    summary: "Compare two versions of a script",
    define: async (command, cli) => (await import("./commands/scripts.ts")).defineScriptsDiff(command, cli),
  },
  {
    path: "users create",
    summary: "Create a user with a password",
    define: async (command, cli) => (await import("./commands/users.ts")).defineUsersCreate(command, cli),
  },
  {
    path: "apps delete",
    summary: "Delete an app; with --force and everything in it",
    define: async (command, cli) => (await import("./commands/apps.ts")).defineAppsDelete(command, cli),
  },
  {
    path: "users disable",
    summary: "Log a user out and keep them out",
    define: async (command, cli) =>
      (await import("./commands/users.ts")).defineUsersSwitch(command, cli, true),
  },
  {
    path: "users enable",
    summary: "Let a disabled user log in again",
    define: async (command, cli) =>
      (await import("./commands/users.ts")).defineUsersSwitch(command, cli, false),
  },
  {
    path: "files cp",
    summary: "Copy a file to the server or from it",
    define: async (command, cli) => (await import("./commands/files.ts")).defineFilesCp(command, cli),
  },
  {
    path: "kv get",
    summary: "Print the value of an entry",
    define: async (command, cli) => (await import("./commands/kv.ts")).defineKvGet(command, cli),
  },
  {
    path: "kv set",
    summary: "Write an entry",
    define: async (command, cli) => (await import("./commands/kv.ts")).defineKvSet(command, cli),
  },
  {
    path: "kv export",
    summary: "Print a collection as JSON lines, in byte order of the keys",
    define: async (command, cli) => (await import("./commands/lines.ts")).defineKvExport(command, cli),
  },
  {
    path: "kv import",
    summary: "Add or replace the entries of a file of JSON lines",
    define: async (command, cli) => (await import("./commands/lines.ts")).defineKvImport(command, cli),
  },
  {
    path: "pubsub publish",
    summary: "Publish a message to the triggers of its topic and to those who follow it",
    define: async (command, cli) => (await import("./commands/pubsub.ts")).definePubsubPublish(command, cli),
  },
  {
    path: "pubsub tail",
    summary: "Show messages as they are published",
    define: async (command, cli) => (await import("./commands/pubsub.ts")).definePubsubTail(command, cli),
  },
  {
    path: "docs export",
    summary: "Print a collection as JSON lines, oldest document first",
    define: async (command, cli) => (await import("./commands/lines.ts")).defineDocsExport(command, cli),
  },
  {
    path: "docs import",
    summary: "Add or replace the documents of a file of JSON lines",
    define: async (command, cli) => (await import("./commands/lines.ts")).defineDocsImport(command, cli),
  },
];
