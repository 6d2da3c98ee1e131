/** Files in a folder: temporary file, fsync, rename, fsync of the folder. A crash leaves a temporary file or a whole one. */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import fs from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { contentNamePattern, MARK, MissingContent, storeFailed } from "./file-store.ts";
import type { ByteSpan, MarkedStore, StoredContent } from "./file-store.ts";

const UNFINISHED = "unfinished";
const READ_BYTES = 262_144;

/** Makes the folder with the first write. Modes are 0700 and 0600, whatever the umask is. */
export function openFolderStore(root: string): MarkedStore {
  const synced = new Set<string>();
  const fileOf = (name: string): string => {
    const [app = "", content = ""] = name.split("/");
    // The last characters of a UUID v7 are random: even folders.
    return path.join(root, app, content.slice(-2), content);
  };
  const failed = (error: unknown): unknown => storeFailed(root, error);

  const ensure = async (folder: string): Promise<void> => {
    if (synced.has(folder)) return;
    await makeFolder(folder);
    if (synced.size > FOLDERS_KNOWN_MAX) synced.clear();
    synced.add(folder);
  };
  const place = async (file: string, temporary: string): Promise<void> => {
    await ensure(path.dirname(file));
    await fs.rename(temporary, file);
    await syncFolder(path.dirname(file));
  };

  return {
    place: root,
    async write(name, source) {
      const temporary = path.join(root, UNFINISHED, path.basename(name));
      try {
        await ensure(path.dirname(temporary));
        await writeSynced(temporary, source);
        await place(fileOf(name), temporary);
      } catch (error) {
        await fs.rm(temporary, { force: true });
        throw isSystemError(error) ? failed(error) : error;
      }
    },
    async *read(name, span) {
      try {
        yield* readSpan(fileOf(name), span);
      } catch (error) {
        if (isCode(error, "ENOENT")) throw new MissingContent(name, { cause: error });
        throw isSystemError(error) ? failed(error) : error;
      }
    },
    async remove(name) {
      await fs.rm(fileOf(name), { force: true });
    },
    list: () => listContents(root),
    async sweepUnfinished(before) {
      let removed = 0;
      for await (const entry of entriesOf(path.join(root, UNFINISHED))) {
        const file = path.join(root, UNFINISHED, entry);
        if (((await modifiedAt(file)) ?? before) >= before) continue;
        await fs.rm(file, { force: true });
        removed++;
      }
      return removed;
    },
    readMark: async () => await readMark(root),
    writeMark: async (instanceId) => await writeMark(root, instanceId),
  };
}

async function readMark(root: string): Promise<string | undefined> {
  try {
    return (await fs.readFile(path.join(root, MARK), "utf8")).trim();
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function writeMark(root: string, instanceId: string): Promise<void> {
  await makeFolder(root);
  const temporary = path.join(root, `${MARK}.${randomUUID()}`);
  await writeSynced(temporary, [Buffer.from(`${instanceId}\n`)]);
  try {
    // Unlike a rename it does not replace another one's mark.
    await fs.link(temporary, path.join(root, MARK));
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await fs.rm(temporary, { force: true });
  }
  await syncFolder(root);
}

/** Folders that are known to be there and synced; one for each app and two characters. */
const FOLDERS_KNOWN_MAX = 65_536;

async function writeSynced(
  file: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  await using handle = await fs.open(file, "wx", 0o600);
  for await (const chunk of source) await writeAll(handle, chunk);
  await handle.sync();
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
}

async function* readSpan(file: string, { start, end }: ByteSpan): AsyncIterable<Uint8Array> {
  if (start >= end) return;
  const stream = createReadStream(file, { start, end: end - 1, highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
}

/** Makes the folder and what is missing above it, each synced into its parent: after a crash a file has its path. */
async function makeFolder(folder: string): Promise<void> {
  const first = await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) {
    await fs.chmod(made, 0o700);
    await syncFolder(path.dirname(made));
  }
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await fs.open(folder, "r");
  await handle.sync();
}

async function* listContents(root: string): AsyncIterable<StoredContent> {
  for await (const app of entriesOf(root)) {
    if (app.length !== 36) continue;
    for await (const shard of entriesOf(path.join(root, app))) {
      for await (const content of entriesOf(path.join(root, app, shard))) {
        const name = `${app}/${content}`;
        const modified = await modifiedAt(path.join(root, app, shard, content));
        if (modified !== undefined && contentNamePattern.test(name)) yield { name, modifiedAt: modified };
      }
    }
  }
}

/** Names in a folder; none for what is no folder (any more). */
async function* entriesOf(folder: string): AsyncIterable<string> {
  try {
    for await (const entry of await fs.opendir(folder)) yield entry.name;
  } catch (error) {
    if (!isCode(error, "ENOENT") && !isCode(error, "ENOTDIR")) throw error;
  }
}

async function modifiedAt(file: string): Promise<Date | undefined> {
  try {
    return (await fs.stat(file)).mtime;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Of the operating system, not of the source. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "code" in error;
}
