/** `pic deploy FILE`: plan first, then one atomic switch. */
import type { Command } from "commander";
import type { PicloudClient } from "@picloud/client";
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { Cli } from "../cli.ts";
import { codeFrame } from "../code-frame.ts";
import { CliError, exitCodes, inputError, usageError } from "../failure.ts";
import { say, tinted } from "../io.ts";
import { printRow, rowPrinter, safeForTerminal } from "../output.ts";
import { parseRouteFlag, readScriptFile } from "../project.ts";
import type { RouteFlag, ScriptFile } from "../project.ts";
import { invokeAndPrint } from "../invoke-script.ts";
import { shellWord } from "../shell-word.ts";

interface DeployFlags {
  readonly name?: string;
  readonly route?: readonly RouteFlag[];
  readonly auth?: string;
  readonly dryRun?: true;
  readonly prune?: true;
  readonly yes?: true;
  readonly message?: string;
  readonly invoke?: true;
}

type Deployments = PicloudClient["api"]["deployments"];
type Manifest = Parameters<Deployments["plan"]>[0];
type Plan = Awaited<ReturnType<Deployments["plan"]>>;
type Deployment = Awaited<ReturnType<Deployments["apply"]>>;

export function defineDeploy(command: Command, cli: Cli): void {
  command
    .argument("<file>", "source of the script: .ts, .mts, .js or .mjs")
    .option("--name <name>", "name of the script (the file's, without its extension)")
    .option("--route <route>", "'METHOD /path' that it answers; may be given more than once", collectRoute)
    .option("--auth <auth>", "who may call the routes of --route: public | member")
    .option("--dry-run", "show what would change and stop")
    .option("--prune", "also delete routes that --route does not name, and the app's other scripts")
    .option("-y, --yes", "do not ask before deleting")
    .option("-m, --message <why>", "why; shown in the list of versions")
    .option("--invoke", "run it once afterwards and print its answer")
    .addHelpText("after", "\nWithout --route the routes of the script stay as they are.")
    .action(async (file: string, flags: DeployFlags) => await deploy(cli, file, flags));
}

function collectRoute(text: string, previous: readonly RouteFlag[] = []): readonly RouteFlag[] {
  return [...previous, parseRouteFlag(text)];
}

async function deploy(cli: Cli, file: string, flags: DeployFlags): Promise<void> {
  cli.failsWith({ listCommand: "pic apps ls" });
  if (flags.auth !== undefined && flags.route === undefined) {
    throw usageError(
      "--auth is about the routes of --route, and there is none",
      `pic deploy ${shellWord(file)} --auth ${shellWord(flags.auth)} --route 'GET /path'`,
    );
  }
  const started = cli.io.clock();
  const script = await readScriptFile(cli.io, file, flags.name);
  const client = await cli.client();
  const manifest = manifestOf(cli.app(), script, flags);
  const plan = await client.api.deployments.plan(manifest);
  sayChanges(cli, plan);
  if (flags.dryRun === true) {
    printPlan(cli, plan);
    return;
  }
  if (flags.yes !== true) await confirmDeletions(cli, plan);
  const deployment = await apply(client, manifest, script, plan);
  const live = deployment.scripts.find(({ name }) => name === script.name);
  if (live === undefined) throw new Error(`the server deployed something else than ${script.name}`);
  say(cli.io, `live in ${Math.round(cli.io.clock() - started)} ms`);
  await printDeployment(cli, deployment, live);
  if (flags.invoke === true) await invokeAndPrint(cli, { scriptId: live.id }, {});
}

function manifestOf(app: string, script: ScriptFile, flags: DeployFlags): Manifest {
  // The server knows which values are right, also those of later versions.
  const auth = flags.auth as "public" | "member" | undefined;
  return {
    app,
    scripts: [
      {
        name: script.name,
        language: script.language,
        source_hash: script.sourceHash,
        ...(flags.route === undefined
          ? {}
          : { routes: flags.route.map((route) => (auth === undefined ? route : { ...route, auth })) }),
      },
    ],
    prune: flags.prune === true,
    ...(flags.message === undefined ? {} : { message: flags.message }),
  };
}

const signs = { create: "+", update: "~", delete: "-", unchanged: "=" } as const;
const colours = { create: "green", update: "yellow", delete: "red", unchanged: "dim" } as const;

function sayChanges(cli: Cli, plan: Plan): void {
  for (const { action, kind, name, detail } of plan.changes) {
    const said = detail === "" && action === "unchanged" ? "unchanged" : detail;
    const line = `${signs[action]} ${kind} ${name}${said === "" ? "" : ` ${said}`}`;
    say(cli.io, tinted(cli.io, cli.io.err, colours[action], safeForTerminal(line)));
  }
}

function printPlan(cli: Cli, plan: Plan): void {
  if (cli.format() === "json") {
    printRow(cli.io, "json", { ...plan });
    return;
  }
  const printer = rowPrinter(cli.io, "tsv", ["action", "kind", "name", "detail"]);
  printer.print(plan.changes.map((change) => ({ ...change })));
  printer.end();
}

/** `--prune` of one file can delete every other script of the app: a person is asked, a program has said so. */
async function confirmDeletions(cli: Cli, plan: Plan): Promise<void> {
  const scripts = plan.changes.filter(({ action, kind }) => action === "delete" && kind === "script");
  if (scripts.length === 0 || !cli.io.input.isTerminal) return;
  const names = scripts.map(({ name }) => name).join(", ");
  const answer = await cli.io.input.ask(`delete ${scripts.length} scripts (${names})? [y/N] `);
  if (/^y(?:es)?$/i.test(answer.trim())) return;
  throw inputError("nothing was changed", { code: "cancelled" });
}

async function apply(
  client: PicloudClient,
  manifest: Manifest,
  script: ScriptFile,
  plan: Plan,
): Promise<Deployment> {
  const scripts = manifest.scripts.map((entry) =>
    plan.missing.includes(entry.name) ? { ...entry, source: script.source } : entry,
  );
  try {
    return await client.api.deployments.apply({ ...manifest, scripts, base: plan.base });
  } catch (error) {
    throw explained(error, script);
  }
}

/** Compile errors with their place in the file; a stale plan in words. */
function explained(error: unknown, script: ScriptFile): unknown {
  if (!(error instanceof PicloudError)) return error;
  if (error.code === "stale") {
    return new CliError({
      code: "stale",
      message: "the app was changed by someone else after the plan; nothing was deployed",
      cause: error.message,
      fix: `pic deploy ${shellWord(script.file)} --dry-run`,
      exitCode: exitCodes.conflict,
    });
  }
  if (error.code !== "compile_error") return error;
  const { line, column, hint } = (error.details ?? {}) as Readonly<Record<string, unknown>>;
  const hasPlace = typeof line === "number" && typeof column === "number";
  return new CliError({
    code: error.code,
    message: `${error.message}; the live version stays`,
    frame: hasPlace ? codeFrame(script.source, { file: script.file, line, column }) : undefined,
    cause: typeof hint === "string" ? hint : undefined,
    fix: `pic deploy ${shellWord(script.file)}`,
    exitCode: exitCodes.invalid,
  });
}

type LiveScript = Deployment["scripts"][number];

/** One row a URL. A script without routes is reached by its id. */
async function printDeployment(cli: Cli, deployment: Deployment, live: LiveScript): Promise<void> {
  const client = await cli.client();
  const [{ items: routes }, base] = await Promise.all([
    client.api.routes.listOfScript({ id: live.id, limit: 1000 }),
    appUrl(client, cli.app()),
  ]);
  const urls = routes.map(({ method, path }) => ({ method, url: base + path }));
  if (urls.length === 0) urls.push({ method: "POST", url: `${client.url}/api/v1/execute/${live.id}` });
  if (cli.format() === "json") {
    printRow(cli.io, "json", { ...deployment, urls });
    return;
  }
  const printer = rowPrinter(cli.io, "tsv", ["script", "version", "method", "url"]);
  printer.print(urls.map((url) => ({ ...url, script: live.name, version: live.version })));
  printer.end();
}

/** Where the app's routes are: the default app at the root of the server, others under `/a/{slug}`. */
async function appUrl(client: PicloudClient, app: string): Promise<string> {
  const slug = uuidPattern.test(app) ? (await client.api.apps.get({ app })).slug : app;
  return slug === "default" ? client.url : `${client.url}/a/${slug}`;
}
