/** `pic docs|kv export` and `import`: whole collections, in the memory of one request. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { PicloudError } from "@picloud/contract";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { inputError } from "../failure.ts";
import { say } from "../io.ts";
import type { Io } from "../io.ts";

/** What a collection of a service holds. */
interface Kind {
  readonly service: "docs" | "kv";
  readonly plural: string;
  readonly exportHelp: string;
  readonly importHelp: string;
}

const documents: Kind = {
  service: "docs",
  plural: "documents",
  exportHelp: "Each line is a document with its envelope; pic docs import takes them back.",
  importHelp: `
A line is {"data": {…}}, with an "id" if it has one: a document with that id is replaced, else one is added.
created_at and updated_at are kept if they are given. Lines are committed in batches.`,
};

const entries: Kind = {
  service: "kv",
  plural: "entries",
  exportHelp: "Each line is an entry; pic kv import takes them back.",
  importHelp: `
A line is {"key": "…", "value": …}, with "expires_at" if it expires: an entry with that key is replaced. What has expired
by then is left out. Lines are committed in batches.`,
};

export const defineDocsExport = (command: Command, cli: Cli): void => defineExport(command, cli, documents);
export const defineDocsImport = (command: Command, cli: Cli): void => defineImport(command, cli, documents);
export const defineKvExport = (command: Command, cli: Cli): void => defineExport(command, cli, entries);
export const defineKvImport = (command: Command, cli: Cli): void => defineImport(command, cli, entries);

/** Items between two lines of progress. */
const PROGRESS_EVERY = 10_000;

function defineExport(command: Command, cli: Cli, { service, plural, exportHelp }: Kind): void {
  command
    .argument("<collection>")
    .addHelpText("after", `\n${exportHelp}`)
    .action(async (collection: string) => {
      const { io } = cli;
      cli.failsWith({ listCommand: `pic ${service} collections --app ${cli.app()}` });
      const client = await cli.client();
      const stream = await client.exportLines({ app: cli.app(), service, collection });
      let count = 0;
      for await (const bytes of stream) {
        io.out.write(bytes);
        await io.out.drained?.();
        const before = Math.floor(count / PROGRESS_EVERY);
        for (const byte of bytes) if (byte === LINE_FEED) count++;
        if (Math.floor(count / PROGRESS_EVERY) > before) say(io, `${shown(count)} ${plural} …`);
      }
      say(io, `exported ${shown(count)} ${plural} of ${collection}`);
    });
}

const LINE_FEED = 10;

function defineImport(command: Command, cli: Cli, kind: Kind): void {
  command
    .argument("<collection>")
    .argument("<file>", "JSON lines; - reads stdin")
    .addHelpText("after", kind.importHelp)
    .action(async (collection: string, file: string) => {
      cli.failsWith({ listCommand: "pic apps ls" });
      await importFile(cli, kind, { collection, file });
    });
}

/** Lines and bytes of one request. */
const BATCH_LINES = 1_000;
const BATCH_CHARS = 4 * 1_048_576;

async function importFile(
  cli: Cli,
  { service, plural }: Kind,
  { collection, file }: { readonly collection: string; readonly file: string },
): Promise<void> {
  const { io } = cli;
  const client = await cli.client();
  const ref = { app: cli.app(), service, collection };
  const total = { imported: 0, created: 0, replaced: 0, expired: 0, lines: 0 };
  let batch: string[] = [];
  let chars = 0;
  const flush = async (): Promise<void> => {
    const lines = { text: batch.join("\n"), firstLine: total.lines - batch.length + 1 };
    const answer = await client.importLines(ref, lines).catch((error: unknown) => {
      say(io, `stored before it failed: ${shown(total.imported + storedOf(error))} ${plural}`);
      throw error;
    });
    const before = Math.floor(total.imported / PROGRESS_EVERY);
    total.imported += answer.imported;
    total.created += answer.created;
    total.replaced += answer.replaced;
    total.expired += answer.expired ?? 0;
    if (Math.floor(total.imported / PROGRESS_EVERY) > before) say(io, `${shown(total.imported)} ${plural} …`);
    batch = [];
    chars = 0;
  };
  for await (const line of linesOf(await piecesOf(io, file), file)) {
    total.lines++;
    batch.push(line);
    chars += line.length;
    if (batch.length >= BATCH_LINES || chars >= BATCH_CHARS) await flush();
  }
  if (batch.length > 0) await flush();
  const { imported, created, replaced, expired } = total;
  const left = expired === 0 ? "" : `, ${shown(expired)} had expired`;
  say(
    io,
    `imported ${shown(imported)} ${plural} into ${collection}: ${shown(created)} new, ${shown(replaced)} replaced${left}`,
  );
}

/** What a request that failed had stored by then. */
function storedOf(error: unknown): number {
  const details: unknown = error instanceof PicloudError ? error.details : undefined;
  if (typeof details !== "object" || details === null || !("imported" in details)) return 0;
  return typeof details.imported === "number" ? details.imported : 0;
}

async function piecesOf(io: Io, file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === "-") return io.input.pieces?.() ?? once(await io.input.bytes());
  const path = resolve(io.cwd, file);
  try {
    await stat(path);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw inputError(`the file ${file} can't be read`, { cause });
  }
  return createReadStream(path, { signal: io.signal });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** Empty lines too: errors name the file's own lines. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for await (const bytes of pieces) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw inputError(`${file === "-" ? "stdin" : file} is not UTF-8 text`);
    throw error;
  }
  if (rest !== "") yield rest;
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
