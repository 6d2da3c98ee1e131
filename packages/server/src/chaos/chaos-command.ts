/** `picloud chaos`: the check of what is promised under faults, on a throw-away data folder, for whoever runs a server. */
import { randomInt } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { readHolder } from "../platform/database/data-lock.ts";
import { StartError } from "../platform/start-error.ts";
import { runChaos, type ChaosReport } from "./chaos.ts";
import { faultNames } from "./faults.ts";

export interface ChaosArguments {
  readonly kills: number;
  readonly minutes: number;
  readonly seed: number;
  readonly nodes: 1 | 2;
  /** Of the user's; absent: one of the system's temporary folder, removed when all went well. */
  readonly folder: string | undefined;
}

export const CHAOS_USAGE =
  "picloud chaos [--kills N] [--minutes M] [--seed S] [--nodes 1|2] [--folder EMPTY_FOLDER]";

const KILLS_MAX = 1_000_000;
const MINUTES_MAX = 100_000;
const SEED_MAX = 2 ** 32 - 1;

/** Throws {@link StartError} (exit code 2) that names the argument. */
export function parseChaosArguments(args: readonly string[]): ChaosArguments {
  const values = parseOptions(args);
  const nodes = whole("nodes", values["nodes"] ?? "1", [1, 2]);
  return {
    kills: whole("kills", values["kills"] ?? "200", [1, KILLS_MAX]),
    minutes: whole("minutes", values["minutes"] ?? "30", [1, MINUTES_MAX]),
    seed: values["seed"] === undefined ? randomInt(SEED_MAX) : whole("seed", values["seed"], [0, SEED_MAX]),
    nodes: nodes === 2 ? 2 : 1,
    folder: values["folder"],
  };
}

function parseOptions(args: readonly string[]): Readonly<Record<string, string | undefined>> {
  const option = { type: "string" } as const;
  const options = { kills: option, minutes: option, seed: option, nodes: option, folder: option };
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`${problem}\nusage: ${CHAOS_USAGE}`, { cause, exitCode: 2 });
  }
}

function whole(name: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new StartError(`--${name} (${text}) is not a whole number from ${least} to ${most}`, { exitCode: 2 });
}

/** Runs the check; what it says goes to `print`. Gives the exit code: 0 if every promise was kept, 1 if not. */
export async function chaosCommand(
  args: readonly string[],
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const { folder: given, ...options } = parseChaosArguments(args);
  const folder = given === undefined ? temporaryFolder() : emptyFolder(path.resolve(given));
  print(
    `PiCloud chaos in ${folder}, seed ${options.seed}: up to ${options.kills} kills in ${options.minutes} minutes.`,
  );
  let isKept = true;
  try {
    const report = await runChaos({
      ...options,
      folder,
      signal,
      onProgress: progressPrinter(print),
    });
    for (const line of reportLines(report)) print(line);
    isKept = isBroken(report);
    return isKept ? 1 : 0;
  } finally {
    if (isKept) print(`Logs and data are kept in ${folder}.`);
    else fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

/** One line for so many faults. */
const PROGRESS_EVERY = 10;

function progressPrinter(print: (line: string) => void): (text: string) => void {
  let count = 0;
  return (text) => {
    if (++count % PROGRESS_EVERY === 0) print(`  ${text}`);
  };
}

/** PostgreSQL's own account must be able to walk through it. */
const FOLDER_MODE = 0o711;

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "picloud-chaos-"));
  fs.chmodSync(folder, FOLDER_MODE);
  return folder;
}

/** A folder that has anything in it is somebody's: nothing is done to it. Throws {@link StartError}. */
function emptyFolder(folder: string): string {
  if (!fs.existsSync(folder)) {
    fs.mkdirSync(folder, { recursive: true });
    fs.chmodSync(folder, FOLDER_MODE);
    return folder;
  }
  const holder = readHolder(folder);
  if (holder !== undefined)
    throw new StartError(
      `--folder: ${folder} is in use by a PiCloud ${holder.role} with process id ${holder.pid}`,
      {
        exitCode: 2,
      },
    );
  if (!fs.statSync(folder).isDirectory() || fs.readdirSync(folder).length > 0)
    throw new StartError(`--folder: ${folder} is not an empty folder; chaos works only in one of its own`, {
      exitCode: 2,
    });
  return folder;
}

export function isBroken({ verdicts }: ChaosReport): boolean {
  return verdicts.some(({ violations }) => violations.length > 0);
}

const VIOLATIONS_SHOWN = 10;

/** What a person reads at the end. */
export function reportLines(report: ChaosReport): string[] {
  const { writes, verdicts } = report;
  const seconds = (report.longestOutageMs / 1_000).toFixed(1);
  return [
    "",
    ...[...report.faults].map(([kind, count]) => counted(count, faultNames[kind])),
    counted(writes.acknowledged, "writes acknowledged"),
    counted(writes.unknown, "writes whose answer a fault took (stored or not, never twice)"),
    counted(writes.unsent, "writes that reached no server"),
    counted(report.takeovers, "deliveries taken over from a server that was lost"),
    counted(report.replays, "deliveries replayed that had lost five servers"),
    `  the longest time until writes were acknowledged again: ${seconds} s`,
    "",
    ...verdicts.flatMap(({ invariant, checked, violations }) => [
      `${violations.length === 0 ? "kept  " : "BROKEN"} ${counted(checked, invariant)}`,
      ...violations.slice(0, VIOLATIONS_SHOWN).map((violation) => `         ${violation}`),
      ...(violations.length > VIOLATIONS_SHOWN
        ? [`         and ${violations.length - VIOLATIONS_SHOWN} more`]
        : []),
    ]),
    "",
    isBroken(report)
      ? `A promise was broken${report.brokenAfter === undefined ? "" : ` after ${report.brokenAfter}`}; seed ${report.seed}.`
      : `All promises were kept through ${report.kills} kills; seed ${report.seed}.`,
  ];
}

function counted(count: number, what: string): string {
  return `${String(count).padStart(7)}  ${what}`;
}
