/** `pic logs [script]`: what ran, how it ended, what it logged; with `--follow` as it happens. */
import type { Command } from "commander";
import type { PicloudClient } from "@picloud/client";
import { parseDuration } from "@picloud/contract/values";
import type { Cli } from "../cli.ts";
import { usageError } from "../failure.ts";
import { say, tinted } from "../io.ts";
import { cellText, jsonLine, rowPrinter, tsvLine } from "../output.ts";
import type { Row } from "../output.ts";
import { findScriptId } from "../script-name.ts";
import { shellWord } from "../shell-word.ts";

interface LogsFlags {
  readonly follow?: true;
  readonly status?: string;
  readonly search?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly full?: true;
}

type Executions = PicloudClient["api"]["executions"];
type Execution = Awaited<ReturnType<Executions["list"]>>["items"][number];
type Filter = Omit<Parameters<Executions["list"]>[0], "app" | "limit" | "cursor">;

const columns = [
  "time",
  "script",
  "version",
  "kind",
  "status",
  "http",
  "ms",
  "summary",
  "execution",
] as const;

export function defineLogs(command: Command, cli: Cli): void {
  command
    .argument("[script]", "by name (in --app) or id; all of the app without it")
    .option("-f, --follow", "go on with what ends from now on; Ctrl+C ends it")
    .option("--status <status>", "running | ok | failed | lost")
    .option("--search <text>", "only with this text in a line, the error or the script's name")
    .option("--since <time>", "only what started since: 5m, 12h, 3d, or a time as 2026-01-31T08:00:00Z")
    .option("--limit <n>", "most executions, the newest (100; 10 with --follow)")
    .option("--full", "do not cut the summary")
    .addHelpText("after", "\nOldest first. With --output json the whole execution with its lines.")
    .action(async (script: string | undefined, flags: LogsFlags) => await logs(cli, script, flags));
}

async function logs(cli: Cli, script: string | undefined, flags: LogsFlags): Promise<void> {
  cli.failsWith({ listCommand: "pic apps ls" });
  const filter = filterOf(flags);
  const limit = limitOf(flags);
  const source = await sourceOf(cli, script);
  if (flags.follow === true) {
    await follow(cli, source, { filter, limit, isFull: flags.full === true });
    return;
  }
  const newest = await source.list({ ...filter, limit });
  const executions = newest.items.toReversed();
  if (cli.format() === "json") {
    const printer = rowPrinter(cli.io, "json", []);
    printer.print(executions.map((execution): Row => ({ ...execution })));
    printer.end();
    return;
  }
  cli.io.out.write(tsvLine(columns));
  for (const execution of executions) cli.io.out.write(tsvRow(cli, execution, flags.full === true));
  if (newest.next_cursor !== null && flags.limit === undefined) {
    say(cli.io, "older ones are not shown: see --limit and --since");
  }
}

interface LogSource {
  readonly list: (query: Filter & { readonly limit: number }) => Promise<{
    readonly items: readonly Execution[];
    readonly next_cursor: string | null;
  }>;
  readonly tail: (
    filter: Filter,
    options: { readonly signal: AbortSignal; readonly lastEventId?: string | undefined },
  ) => Promise<AsyncIterable<Execution>>;
}

/** Logs of the app or of one script. */
async function sourceOf(cli: Cli, script: string | undefined): Promise<LogSource> {
  const { executions } = (await cli.client()).api;
  if (script === undefined) {
    const app = cli.app();
    return {
      list: async (query) => await executions.list({ app, ...query }),
      tail: async (filter, options) => await executions.tail({ app, ...filter }, options),
    };
  }
  const id = await findScriptId(cli, script);
  cli.failsWith({ listCommand: `pic scripts ls --app ${shellWord(cli.app())}` });
  return {
    list: async (query) => await executions.listOfScript({ id, ...query }),
    tail: async (filter, options) => await executions.tailOfScript({ id, ...filter }, options),
  };
}

interface FollowOptions {
  readonly filter: Filter;
  readonly limit: number;
  readonly isFull: boolean;
}

/** How many ids are remembered to recognise an execution that comes from the list and from the stream. */
const seenMost = 10_000;

async function follow(cli: Cli, source: LogSource, { filter, limit, isFull }: FollowOptions): Promise<void> {
  const { resumed } = await import("@picloud/client");
  const { io } = cli;
  const open = async (lastEventId: string | undefined): Promise<AsyncIterable<Execution>> => {
    // The stream is opened before the list is read: what ends in between is in both, and in the stream only what is new.
    const stream = await source.tail(filter, {
      signal: io.signal,
      ...(lastEventId === undefined ? {} : { lastEventId }),
    });
    return lastEventId === undefined ? withBackfill(source, stream, { ...filter, limit }) : stream;
  };
  const seen = new Set<string>();
  let isFirst = true;
  const events = resumed(open, {
    signal: io.signal,
    onBreak: (error, pauseMs) => {
      const why = error instanceof Error ? error.message : "the server ended the stream";
      say(io, `connection lost (${why}); next try in ${pauseMs} ms`);
    },
  });
  for await (const execution of events) {
    if (seen.has(execution.id)) continue;
    seen.add(execution.id);
    if (seen.size > seenMost) seen.delete(seen.values().next().value ?? "");
    if (cli.format() === "json") io.out.write(`${jsonLine(execution)}\n`);
    else io.out.write((isFirst ? tsvLine(columns) : "") + tsvRow(cli, execution, isFull));
    isFirst = false;
  }
}

async function* withBackfill(
  source: LogSource,
  stream: AsyncIterable<Execution>,
  query: Filter & { readonly limit: number },
): AsyncGenerator<Execution, void, undefined> {
  const { items } = await source.list(query);
  // A running one comes by the stream when it ends.
  yield* items.filter(({ status }) => status !== "running").toReversed();
  yield* stream;
}

function filterOf(flags: LogsFlags): Filter {
  return {
    // The server knows the statuses.
    ...(flags.status === undefined ? {} : { status: flags.status as Execution["status"] }),
    ...(flags.search === undefined ? {} : { q: flags.search }),
    ...(flags.since === undefined ? {} : { since: sinceTime(flags.since, Date.now()) }),
  };
}

/** RFC 3339 for `5m` ago or for a time as it stands. */
export function sinceTime(text: string, nowMs: number): string {
  const duration = parseDuration(text);
  if (duration !== undefined) return new Date(nowMs - duration).toISOString();
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const time = isTime ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw usageError(`--since "${text}" is neither a duration nor a time`, "pic logs --since 5m");
}

function limitOf(flags: LogsFlags): number {
  if (flags.limit === undefined) return flags.follow === true ? 10 : 100;
  const limit = Number(flags.limit);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw usageError(`--limit "${flags.limit}" is not a number from 1 to 1000`, "pic logs --limit 1000");
}

const statusColours = { running: "yellow", ok: "green", failed: "red", lost: "red" } as const;
const summaryCharactersMost = 120;

function tsvRow(cli: Cli, execution: Execution, isFull: boolean): string {
  const cells = [
    execution.started_at,
    execution.script_name,
    execution.script_version,
    execution.kind,
    execution.status,
    execution.http_status,
    execution.duration_ms === null ? null : Math.round(execution.duration_ms * 10) / 10,
    isFull ? summaryOf(execution) : cut(summaryOf(execution)),
    execution.id,
  ].map(cellText);
  cells[4] = tinted(cli.io, cli.io.out, statusColours[execution.status], cells[4] ?? "");
  return `${cells.join("\t")}\n`;
}

/** The error, or the lines in a row. */
export function summaryOf(execution: Pick<Execution, "error" | "lines">): string {
  const { error, lines } = execution;
  const said = lines.map(({ message }) => message);
  return (error === null ? said : [`${error.code}: ${error.message}`, ...said]).join(" | ");
}

/** Cuts between characters as people see them. */
function cut(text: string): string {
  if (text.length <= summaryCharactersMost) return text;
  const end = new Intl.Segmenter().segment(text).containing(summaryCharactersMost - 1)?.index;
  return `${text.slice(0, end ?? 0)}…`;
}
