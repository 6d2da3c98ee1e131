/** `pic deploy FILE`: plan first, then one atomic switch. */
import type { Command } from "commander";
import type { PicloudClient } from "@picloud/client";
import { PicloudError, uuidPattern } from "@picloud/contract/values";
import type { Cli } from "../cli.ts";
import { checkRhai } from "../check-rhai.ts";
import { codeFrame } from "../code-frame.ts";
import { CliError, exitCodes, inputError, usageError } from "../failure.ts";
import { say, tinted } from "../io.ts";
import { printRow, rowPrinter, safeForTerminal } from "../output.ts";
import { parseRouteFlag } from "../project.ts";
import type { RouteFlag } from "../project.ts";
import { readProject } from "../project-scripts.ts";
import type { ProjectScript } from "../project-scripts.ts";
import { invokeAndPrint } from "../invoke-script.ts";
import { shellWord } from "../shell-word.ts";

interface DeployFlags {
  readonly name?: string;
  readonly module?: true;
  readonly route?: readonly RouteFlag[];
  readonly auth?: string;
  readonly dispatchMode?: string;
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
    .argument(
      "<files...>",
      "sources of scripts: .ts, .mts, .js, .mjs or .rhai; modules that they import come with them",
    )
    .option("--name <name>", "name of the first script (the file's, without its extension)")
    .option("--module", "the first script is a module: others import it, and it answers nothing itself")
    .option(
      "--route <route>",
      "'METHOD /path' that the first script answers; may be given more than once",
      collectRoute,
    )
    .option("--auth <auth>", "who may call the routes of --route: public | member")
    .option(
      "--dispatch-mode <mode>",
      "when the routes of --route are answered: sync (by the script) | async (202, and it runs later)",
    )
    .option("--dry-run", "show what would change and stop")
    .option("--prune", "also delete routes that --route does not name, and the app's other scripts")
    .option("-y, --yes", "do not ask before deleting")
    .option("-m, --message <why>", "why; shown in the list of versions")
    .option("--invoke", "run the first script once afterwards and print its answer")
    .addHelpText("after", "\nWithout --route the routes of the script stay as they are.")
    .action(async (files: readonly string[], flags: DeployFlags) => await deploy(cli, files, flags));
}

function collectRoute(text: string, previous: readonly RouteFlag[] = []): readonly RouteFlag[] {
  return [...previous, parseRouteFlag(text)];
}

async function deploy(cli: Cli, files: readonly string[], flags: DeployFlags): Promise<void> {
  cli.failsWith({ listCommand: "pic apps ls" });
  refuseWithoutRoute(files, flags);
  const started = cli.io.clock();
  const options = { name: flags.name, isModule: flags.module === true };
  const scripts = await readProject(cli.io, files, options);
  const [first] = scripts;
  if (first === undefined) throw new Error("commander gave no file");
  for (const script of scripts) if (script.language === "rhai") await checkRhai(script);
  const client = await cli.client();
  const manifest = manifestOf(cli.app(), scripts, flags);
  const plan = await client.api.deployments.plan(manifest);
  sayChanges(cli, plan);
  if (flags.dryRun === true) {
    printPlan(cli, plan);
    return;
  }
  if (flags.yes !== true) await confirmDeletions(cli, plan);
  const deployment = await apply(client, manifest, scripts, plan);
  say(cli.io, `live in ${Math.round(cli.io.clock() - started)} ms`);
  await printDeployment(cli, deployment, scripts);
  if (flags.invoke === true) await invokeAndPrint(cli, { scriptId: liveOf(deployment, first).id }, {});
}

function refuseWithoutRoute(files: readonly string[], flags: DeployFlags): void {
  if (flags.route !== undefined) return;
  const { auth, dispatchMode } = flags;
  const settings = Object.entries({ "--auth": auth, "--dispatch-mode": dispatchMode });
  for (const [flag, value] of settings) {
    if (value === undefined) continue;
    throw usageError(
      `${flag} is about the routes of --route, and there is none`,
      `pic deploy ${files.map(shellWord).join(" ")} ${flag} ${shellWord(value)} --route 'GET /path'`,
    );
  }
}

function liveOf(deployment: Deployment, script: ProjectScript): LiveScript {
  const live = deployment.scripts.find(({ name }) => name === script.name);
  if (live === undefined) throw new Error(`the server deployed something else than ${script.name}`);
  return live;
}

/** `--route` is about the first script. */
function manifestOf(app: string, scripts: readonly ProjectScript[], flags: DeployFlags): Manifest {
  // The server knows which values are right, also those of later versions.
  const auth = flags.auth as "public" | "member" | undefined;
  const dispatch_mode = flags.dispatchMode as "sync" | "async" | undefined;
  const settings = {
    ...(auth === undefined ? {} : { auth }),
    ...(dispatch_mode === undefined ? {} : { dispatch_mode }),
  };
  const routes = flags.route?.map((route) => ({ ...route, ...settings }));
  return {
    app,
    scripts: scripts.map(({ name, language, kind, sourceHash }, i) => ({
      name,
      language,
      source_hash: sourceHash,
      ...(kind === undefined ? {} : { kind }),
      ...(routes === undefined || i > 0 ? {} : { routes }),
    })),
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

/** `--prune` with a few files can delete every other script of the app: a person is asked, a program has said so. */
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
  files: readonly ProjectScript[],
  plan: Plan,
): Promise<Deployment> {
  const sources = new Map(files.map(({ name, source }) => [name, source]));
  const scripts = manifest.scripts.map((entry) => {
    const source = plan.missing.includes(entry.name) ? sources.get(entry.name) : undefined;
    return source === undefined ? entry : { ...entry, source };
  });
  try {
    return await client.api.deployments.apply({ ...manifest, scripts, base: plan.base });
  } catch (error) {
    throw explained(error, files);
  }
}

/** Compile errors with their place in the file; a stale plan in words. */
function explained(error: unknown, scripts: readonly ProjectScript[]): unknown {
  if (!(error instanceof PicloudError)) return error;
  const again = `pic deploy ${scripts.map(({ file }) => shellWord(file)).join(" ")}`;
  if (error.code === "stale") {
    return new CliError({
      code: "stale",
      message: "the app was changed by someone else after the plan; nothing was deployed",
      cause: error.message,
      fix: `${again} --dry-run`,
      exitCode: exitCodes.conflict,
    });
  }
  if (error.code !== "compile_error") return error;
  const {
    script: name,
    line,
    column,
    hint,
    excerpt,
  } = (error.details ?? {}) as Readonly<Record<string, unknown>>;
  // A script that is not deployed may break too; the server shows its line.
  const script = scripts.find((one) => one.name === name) ?? (name === undefined ? scripts[0] : undefined);
  const hasPlace = typeof line === "number" && typeof column === "number";
  const shown = typeof excerpt === "string" ? safeForTerminal(excerpt) : undefined;
  return new CliError({
    code: error.code,
    message: `${error.message.replace(/\.$/, "")}; the live version stays`,
    frame:
      script !== undefined && hasPlace
        ? codeFrame(script.source, { file: script.file, line, column })
        : shown,
    cause: typeof hint === "string" ? hint : undefined,
    fix: again,
    exitCode: exitCodes.invalid,
  });
}

type LiveScript = Deployment["scripts"][number];

/** One row a URL. A script without routes is reached by its id, a module not at all. */
async function printDeployment(
  cli: Cli,
  deployment: Deployment,
  scripts: readonly ProjectScript[],
): Promise<void> {
  const client = await cli.client();
  const base = await appUrl(client, cli.app());
  const rows: DeployedRow[] = [];
  for (const script of scripts) {
    const live = liveOf(deployment, script);
    const urls = live.kind === "module" ? [] : await urlsOf(client, live, base);
    rows.push(...urls.map((url) => ({ ...url, script: live.name, version: live.version })));
    if (urls.length === 0) rows.push({ method: "", url: "", script: live.name, version: live.version });
  }
  if (cli.format() === "json") {
    const urls = rows.filter(({ url }) => url !== "").map(({ method, url }) => ({ method, url }));
    printRow(cli.io, "json", { ...deployment, urls });
    return;
  }
  const printer = rowPrinter(cli.io, "tsv", ["script", "version", "method", "url"]);
  printer.print(rows.map((row) => ({ ...row })));
  printer.end();
}

interface DeployedRow {
  readonly script: string;
  readonly version: number;
  readonly method: string;
  readonly url: string;
}

async function urlsOf(
  client: PicloudClient,
  live: LiveScript,
  base: string,
): Promise<{ method: string; url: string }[]> {
  const { items: routes } = await client.api.routes.listOfScript({ id: live.id, limit: 1000 });
  const urls: { method: string; url: string }[] = routes.map(({ method, path }) => ({
    method,
    url: base + path,
  }));
  if (urls.length === 0) urls.push({ method: "POST", url: `${client.url}/api/v1/execute/${live.id}` });
  return urls;
}

/** Where the app's routes are: the default app at the root of the server, others under `/a/{slug}`. */
async function appUrl(client: PicloudClient, app: string): Promise<string> {
  const slug = uuidPattern.test(app) ? (await client.api.apps.get({ app })).slug : app;
  return slug === "default" ? client.url : `${client.url}/a/${slug}`;
}
