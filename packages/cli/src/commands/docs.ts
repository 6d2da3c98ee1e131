/** `pic docs export` and `pic docs import`: whole collections, in the memory of one request. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { PicloudError } from "@picloud/contract";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { inputError } from "../failure.ts";
import { say } from "../io.ts";
import type { Io } from "../io.ts";

/** Documents between two lines of progress. */
const PROGRESS_EVERY = 10_000;

export function defineDocsExport(command: Command, cli: Cli): void {
  command
    .argument("<collection>")
    .addHelpText("after", "\nEach line is a document with its envelope; pic docs import takes them back.")
    .action(async (collection: string) => {
      const { io } = cli;
      cli.failsWith({ listCommand: `pic docs collections --app ${cli.app()}` });
      const client = await cli.client();
      const stream = await client.exportLines({ app: cli.app(), service: "docs", collection });
      let count = 0;
      for await (const bytes of stream) {
        io.out.write(bytes);
        await io.out.drained?.();
        const before = Math.floor(count / PROGRESS_EVERY);
        for (const byte of bytes) if (byte === LINE_FEED) count++;
        if (Math.floor(count / PROGRESS_EVERY) > before) say(io, `${shown(count)} documents …`);
      }
      say(io, `exported ${shown(count)} documents of ${collection}`);
    });
}

const LINE_FEED = 10;

export function defineDocsImport(command: Command, cli: Cli): void {
  command
    .argument("<collection>")
    .argument("<file>", "JSON lines; - reads stdin")
    .addHelpText(
      "after",
      `
A line is {"data": {…}}, with an "id" if it has one: a document with that id is replaced, else one is added.
created_at and updated_at are kept if they are given. Lines are committed in batches.`,
    )
    .action(async (collection: string, file: string) => {
      cli.failsWith({ listCommand: "pic apps ls" });
      await importFile(cli, collection, file);
    });
}

/** Lines and bytes of one request. */
const BATCH_LINES = 1_000;
const BATCH_CHARS = 4 * 1_048_576;

async function importFile(cli: Cli, collection: string, file: string): Promise<void> {
  const { io } = cli;
  const client = await cli.client();
  const ref = { app: cli.app(), service: "docs", collection };
  const total = { imported: 0, created: 0, replaced: 0, lines: 0 };
  let batch: string[] = [];
  let chars = 0;
  const flush = async (): Promise<void> => {
    const lines = { text: batch.join("\n"), firstLine: total.lines - batch.length + 1 };
    const answer = await client.importLines(ref, lines).catch((error: unknown) => {
      say(io, `stored before it failed: ${shown(total.imported + storedOf(error))} documents`);
      throw error;
    });
    const before = Math.floor(total.imported / PROGRESS_EVERY);
    total.imported += answer.imported;
    total.created += answer.created;
    total.replaced += answer.replaced;
    if (Math.floor(total.imported / PROGRESS_EVERY) > before) say(io, `${shown(total.imported)} documents …`);
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
  const { imported, created, replaced } = total;
  say(
    io,
    `imported ${shown(imported)} documents into ${collection}: ${shown(created)} new, ${shown(replaced)} replaced`,
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
