/** `pic files cp`: bytes up and down, in parts, with progress. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import type { Command } from "commander";
import { uuidPattern } from "@picloud/contract";
import type { PicloudClient } from "@picloud/client";
import type { Cli } from "../cli.ts";
import { CliError, exitCodes, inputError, usageError } from "../failure.ts";
import { say } from "../io.ts";
import { printRow } from "../output.ts";
import type { Row } from "../output.ts";
import { bytesText, showProgress } from "../progress.ts";

const columns = ["collection", "id", "name", "content_type", "size_bytes", "sha256"];

interface CpFlags {
  readonly type?: string;
  readonly name?: string;
  readonly force?: true;
}

export function defineFilesCp(command: Command, cli: Cli): void {
  command
    .argument("<from>", "file here, or :collection/ID on the server; - is stdin")
    .argument("<to>", ":collection, :collection/ID (replaces), or a file or folder here; - is stdout")
    .option("--type <type>", "content type of an upload (else by the ending of its name)")
    .option("--name <name>", "name of an upload (else that of the file)")
    .option("--force", "overwrite a file that is here")
    .addHelpText("after", "\npic files cp logo.png :pictures\npic files cp :pictures/ID copy.png")
    .action(async (from: string, to: string, flags: CpFlags) => {
      const [source, target] = [remoteOf(from), remoteOf(to)];
      cli.failsWith({
        listCommand: `pic files ls ${(source ?? target)?.collection ?? ""} --app ${cli.app()}`,
      });
      if (source === undefined && target !== undefined) await upload(cli, from, target, flags);
      else if (source !== undefined && target === undefined) await download(cli, source, to, flags);
      else {
        throw usageError(
          "one side is on the server, written with a colon, and the other one here",
          "pic files cp logo.png :pictures",
        );
      }
    });
}

interface Remote {
  readonly collection: string;
  readonly id?: string;
}

/** `:collection` or `:collection/ID`. A collection's name may have slashes of its own. */
function remoteOf(text: string): Remote | undefined {
  if (!text.startsWith(":")) return undefined;
  const slash = text.lastIndexOf("/");
  const last = text.slice(slash + 1);
  if (slash > 1 && uuidPattern.test(last)) return { collection: text.slice(1, slash), id: last };
  return { collection: text.slice(1).replace(/\/$/, "") };
}

async function upload(cli: Cli, from: string, { collection, id }: Remote, flags: CpFlags): Promise<void> {
  const { bytes, size } = await openSource(cli, from);
  const name = flags.name ?? (from === "-" ? undefined : basename(from));
  if (name === undefined && id === undefined)
    throw usageError("stdin has no name", `pic files cp - :${collection} --name NAME`);
  const progress = showProgress(cli.io, name ?? "stdin", size);
  const type = flags.type ?? typeOf(name ?? "");
  try {
    const client = await cli.client();
    const response = await client.transfer({
      method: id === undefined ? "POST" : "PUT",
      path: ["apps", cli.app(), "files", collection, ...(id === undefined ? [] : [id, "content"])],
      // A file that is replaced keeps its name, unless another one is asked for.
      query: id === undefined ? { name: name ?? "" } : flags.name === undefined ? {} : { name: flags.name },
      // Without one a file that is replaced keeps its type, too.
      headers: id !== undefined && flags.type === undefined ? {} : { "content-type": type },
      body: counted(bytes, progress.at),
    });
    progress.end();
    // Parsed by nothing else: the answer of an API that says what it is.
    const row = (await response.json()) as Row;
    printRow(cli.io, cli.format(), row, columns);
  } finally {
    progress.end();
  }
}

async function openSource(
  cli: Cli,
  from: string,
): Promise<{ readonly bytes: AsyncIterable<Uint8Array>; readonly size: number | undefined }> {
  if (from === "-") {
    const bytes = await cli.io.input.bytes();
    return { bytes: Readable.from([bytes]), size: bytes.length };
  }
  const path = resolve(cli.io.cwd, from);
  try {
    const about = await stat(path);
    if (!about.isFile()) throw new Error("it is no file");
    return { bytes: createReadStream(path, { highWaterMark: 262_144 }), size: about.size };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw inputError(`the file ${from} can't be read`, { cause });
  }
}

/** Web streams ask for the next part when the last one has gone. */
function counted(
  bytes: AsyncIterable<Uint8Array>,
  count: (done: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = bytes[Symbol.asyncIterator]();
  let done = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const step = await iterator.next();
        if (step.done === true) {
          controller.close();
          return;
        }
        done += step.value.length;
        count(done);
        controller.enqueue(new Uint8Array(step.value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

async function download(cli: Cli, { collection, id }: Remote, to: string, flags: CpFlags): Promise<void> {
  if (id === undefined) {
    throw usageError(
      `:${collection} is a collection, not a file`,
      `pic files ls ${collection}, then pic files cp :${collection}/ID ${to}`,
    );
  }
  const client = await cli.client();
  const app = cli.app();
  const file = await client.api.files.get({ app, collection, id });
  const target = to === "-" ? undefined : await targetOf(cli, to, file.name, flags);
  const progress = showProgress(cli.io, file.name, file.size_bytes);
  const hash = createHash("sha256");
  try {
    const body = await contentOf(client, ["apps", app, "files", collection, id, "content"], file);
    let done = 0;
    const parts = (async function* (): AsyncIterable<Uint8Array> {
      for await (const part of body) {
        hash.update(part);
        done += part.length;
        progress.at(done);
        yield part;
      }
      if (hash.digest("hex") !== file.sha256) throw damaged(file.name);
    })();
    if (target === undefined) await toStdout(cli, parts);
    else await toFile(parts, target);
  } finally {
    progress.end();
  }
  if (target !== undefined) say(cli.io, `${target}: ${bytesText(file.size_bytes)}`);
}

async function contentOf(
  client: PicloudClient,
  path: readonly string[],
  file: { readonly version: number; readonly sha256: string },
): Promise<ReadableStream<Uint8Array>> {
  // The file that was looked at, not one that replaces it now.
  const headers = { "if-match": `"${file.version}-${file.sha256.slice(0, 32)}"` };
  const { body } = await client.transfer({ method: "GET", path, headers });
  return body ?? new ReadableStream({ start: (controller) => controller.close() });
}

async function targetOf(cli: Cli, to: string, name: string, flags: CpFlags): Promise<string> {
  const path = resolve(cli.io.cwd, to);
  const about = await statOf(path);
  const isFolder = about?.isDirectory() === true;
  // The server refuses names that are paths; what comes over the wire is looked at again.
  if (isFolder && name !== basename(name))
    throw inputError(`${JSON.stringify(name)} is no name for a file here`);
  const target = isFolder ? join(path, name) : path;
  const isThere = (isFolder ? await statOf(target) : about) !== undefined;
  if (isThere && flags.force !== true) {
    throw new CliError({
      code: "already_exists",
      message: `${target} is there already`,
      fix: "add --force to overwrite it",
      exitCode: exitCodes.conflict,
    });
  }
  return target;
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all: what was cut off never has the name of the file. */
async function toFile(parts: AsyncIterable<Uint8Array>, target: string): Promise<void> {
  const part = `${target}.${randomBytes(4).toString("hex")}.part`;
  try {
    {
      await using handle = await open(part, "wx");
      for await (const bytes of parts) await handle.writeFile(bytes);
    }
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function toStdout(cli: Cli, parts: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const bytes of parts) {
    cli.io.out.write(bytes);
    await cli.io.out.drained?.();
  }
}

function damaged(name: string): CliError {
  return new CliError({
    code: "corrupted",
    message: `${name} did not arrive as it is on the server`,
    fix: "run the command again",
    exitCode: exitCodes.unreachable,
  });
}

const TYPES: Readonly<Record<string, string>> = {
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".xml": "application/xml",
  ".pdf": "application/pdf",
  ".zip": "application/zip",
  ".gz": "application/gzip",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".svg": "image/svg+xml",
  ".mp3": "audio/mpeg",
  ".wav": "audio/wav",
  ".mp4": "video/mp4",
  ".webm": "video/webm",
};

function typeOf(name: string): string {
  return TYPES[extname(name).toLowerCase()] ?? "application/octet-stream";
}
