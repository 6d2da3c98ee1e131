/** Environment → settings: read once, checked as a whole, every problem told with the form that is accepted. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseEnv } from "node:util";
import { LIMITS, limitVariable, parseLimits, type Limits } from "./platform/settings/limit-settings.ts";
import { StartError } from "./platform/start-error.ts";
import { settingsTable, type Machine, type Setting } from "./platform/settings/settings-table.ts";

type Table = ReturnType<typeof settingsTable>;

/** All settings by their name in camelCase, without the prefix: `PICLOUD_DATA_DIR` is `dataDir`. */
export type Config = { readonly [K in keyof Table]: Table[K] extends Setting<infer T> ? T : never } & {
  /** Limits of scripts: what applies without a setting of the script's own, and the most that it may ask for. */
  readonly limits: Limits;
};

/** What is wrong with one variable. */
export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
  /** The accepted form. */
  readonly form: string;
}

/** One or more settings are unknown or invalid; the message has a line for each. Exit code 2. */
export class ConfigError extends StartError {
  override readonly name = "ConfigError";
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ name, problem, form }) => `${name} ${problem}; accepted: ${form}`).join("\n"), {
      exitCode: 2,
    });
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the process's environment and `.env` in the working folder. Throws {@link ConfigError}. */
export function loadConfig(): Config {
  const machine = thisMachine();
  return parseConfig({ ...readDotEnv(machine.workingFolder), ...process.env }, machine);
}

/** The machine that defaults depend on. */
export function thisMachine(): Machine {
  return {
    workingFolder: process.cwd(),
    isRoot: process.getuid?.() === 0,
    cores: os.availableParallelism(),
  };
}

/** A `.env` file as variables; the real environment goes before it. */
function readDotEnv(workingFolder: string): Environment {
  const file = path.join(workingFolder, ".env");
  let content: string;
  try {
    content = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    const problem = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      { name: file, problem: `cannot be read (${problem})`, form: "a readable file, or none" },
    ]);
  }
  return parseEnv(content);
}

/**
 * Turns variables into settings. An empty variable counts as unset. Throws {@link ConfigError} with all problems, and
 * nothing else.
 */
export function parseConfig(environment: Environment, machine: Machine): Config {
  const table = settingsTable(machine);
  const problems: SettingProblem[] = findUnknown(environment, table);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(table)) {
    const given = environment[setting.name];
    values[key] = given === undefined || given === "" ? setting.fallback : parseOne(setting, given, problems);
  }
  values["limits"] = parseLimits(environment, problems);
  // Every key of the table was filled by its own setting; the mapped type is lost in the loop.
  const config = values as Config;
  if (problems.length === 0) checkTogether(config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function parseOne(setting: Setting<unknown>, given: string, problems: SettingProblem[]): unknown {
  const parsed = setting.form.schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? "is not valid";
  const problem = setting.isSecret ? reason : `(${shorten(given)}) ${reason}`;
  problems.push({ name: setting.name, problem, form: setting.form.form });
  return undefined;
}

const SHOWN_CHARS_MAX = 60;

/** A value in a message: on one line and not too long. */
export function shorten(value: string): string {
  return JSON.stringify(value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}…` : value);
}

/** Rules that hold between settings. */
function checkTogether(config: Config, problems: SettingProblem[]): void {
  if ((config.bootstrapAdminUsername === undefined) !== (config.bootstrapAdminPassword === undefined)) {
    const isNameMissing = config.bootstrapAdminUsername === undefined;
    problems.push({
      name: `PICLOUD_BOOTSTRAP_ADMIN_${isNameMissing ? "USERNAME" : "PASSWORD"}`,
      problem: "is missing",
      form: "both of PICLOUD_BOOTSTRAP_ADMIN_USERNAME and PICLOUD_BOOTSTRAP_ADMIN_PASSWORD, or neither",
    });
  }
  if (config.devMode && !isLoopback(config.listen.host)) {
    problems.push({
      name: "PICLOUD_LISTEN",
      problem: `(${shorten(config.listen.host)}) is no loopback address, which PICLOUD_DEV_MODE=true asks for`,
      form: "127.0.0.1:port, [::1]:port or localhost:port; any other with PICLOUD_DEV_MODE=false",
    });
  }
  if (config.filesUrl !== undefined) checkFilesUrl(config, problems);
  if (config.triggerRetryBaseMs > config.triggerRetryMaxMs) {
    problems.push({
      name: "PICLOUD_TRIGGER_RETRY_BASE_MS",
      problem: `(${config.triggerRetryBaseMs}) is more than PICLOUD_TRIGGER_RETRY_MAX_MS (${config.triggerRetryMaxMs})`,
      form: "a number that is not more than PICLOUD_TRIGGER_RETRY_MAX_MS",
    });
  }
}

/** 10,000 parts, the most of an upload, of 5 MiB. */
const BUCKET_FILE_BYTES_MAX = 52_428_800_000;

function checkFilesUrl(config: Config, problems: SettingProblem[]): void {
  if (config.filesRoot !== undefined) {
    problems.push({
      name: "PICLOUD_FILES_URL",
      problem: "and PICLOUD_FILES_ROOT are both set",
      form: "one of the two: a bucket or a folder",
    });
  }
  if (config.fileMaxBytes > BUCKET_FILE_BYTES_MAX) {
    problems.push({
      name: "PICLOUD_FILE_MAX_BYTES",
      problem: `(${config.fileMaxBytes}) is more than a bucket takes`,
      form: `at most ${BUCKET_FILE_BYTES_MAX} with PICLOUD_FILES_URL`,
    });
  }
  const missing = {
    awsAccessKeyId: "AWS_ACCESS_KEY_ID",
    awsSecretAccessKey: "AWS_SECRET_ACCESS_KEY",
  } as const;
  for (const [key, name] of Object.entries(missing)) {
    if (config[key as keyof typeof missing] !== undefined) continue;
    problems.push({ name, problem: "is missing", form: "text; PICLOUD_FILES_URL needs it" });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Variables with our prefix that are not the server's: of `pic` and of tests. */
const IGNORED = /^PICLOUD_(?:URL$|TOKEN$|TEST_|CLI_E2E_)/;

function findUnknown(environment: Environment, table: Table): SettingProblem[] {
  const known = new Set(Object.values<{ name: string }>(table).map((setting) => setting.name));
  for (const name of Object.keys(LIMITS)) {
    known.add(limitVariable(name));
    known.add(`${limitVariable(name)}_MAX`);
  }
  const unknown = Object.keys(environment).filter(
    (name) =>
      name.startsWith("PICLOUD_") &&
      !known.has(name) &&
      !IGNORED.test(name) &&
      environment[name] !== undefined,
  );
  return unknown.toSorted().map((name) => ({
    name,
    problem: `is no setting; did you mean ${nearest(name, known)}?`,
    form: "the names in docs/reference/settings.md",
  }));
}

function nearest(name: string, known: ReadonlySet<string>): string {
  let best = { name: "", distance: Number.POSITIVE_INFINITY };
  for (const candidate of known) {
    const distance = editDistance(name.slice(0, 100), candidate);
    if (distance < best.distance) best = { name: candidate, distance };
  }
  return best.name;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** One line of the reference page of settings. */
export interface SettingDescription {
  readonly name: string;
  readonly default: string;
  readonly form: string;
  readonly doc: string;
}

/** All settings in the order of the table, for `docs/reference/settings.md`. */
export function describeSettings(): readonly SettingDescription[] {
  const table = settingsTable({ workingFolder: "/", isRoot: false, cores: 1 });
  const plain = Object.values<Setting<unknown>>(table).map((setting) => ({
    name: setting.name,
    default: setting.shownDefault,
    form: setting.form.form,
    doc: setting.doc,
  }));
  const limits = Object.entries(LIMITS).flatMap(([name, limit]) => [
    {
      name: limitVariable(name),
      default: String(limit.default),
      form: limit.form,
      doc: `Limit \`${name}\` of scripts that set none.`,
    },
    {
      name: `${limitVariable(name)}_MAX`,
      default: String(limit.ceiling),
      form: limit.form,
      doc: `The most that a script may set for \`${name}\`.`,
    },
  ]);
  return [...plain, ...limits];
}
