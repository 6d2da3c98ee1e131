/** SHA-256 of contents: of the whole and of each 1 MiB block while they are written, of each block before it is given out. */
import { createHash } from "node:crypto";
import { PicloudError } from "@picloud/contract";
import type { ByteSpan, FileStore } from "../../platform/file-store/file-store.ts";
import { MissingContent } from "../../platform/file-store/file-store.ts";

export const BLOCK_BYTES = 1_048_576;
const HASH_BYTES = 32;

export interface ContentSums {
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly blockHashes: Uint8Array;
}

/** Sums up what passes through, once. */
export class SummedContent {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #bytesMax: number;
  readonly #whole = createHash("sha256");
  readonly #blocks: Buffer[] = [];
  #block = createHash("sha256");
  #blockBytes = 0;
  #sizeBytes = 0;

  constructor(source: AsyncIterable<Uint8Array>, bytesMax: number) {
    this.#source = source;
    this.#bytesMax = bytesMax;
  }

  /** The bytes of the source. Throws `too_large` as soon as there are more than may be. */
  async *bytes(): AsyncIterable<Uint8Array> {
    for await (const chunk of this.#source) {
      this.#sizeBytes += chunk.length;
      if (this.#sizeBytes > this.#bytesMax) throw tooManyBytes(this.#bytesMax);
      this.#whole.update(chunk);
      this.#addToBlocks(chunk);
      yield chunk;
    }
  }

  /** After the last byte. */
  sums(): ContentSums {
    if (this.#blockBytes > 0) this.#endBlock();
    return {
      sizeBytes: this.#sizeBytes,
      sha256: this.#whole.digest("hex"),
      blockHashes: Buffer.concat(this.#blocks),
    };
  }

  #addToBlocks(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, BLOCK_BYTES - this.#blockBytes);
      this.#block.update(chunk.subarray(at, at + taken));
      this.#blockBytes += taken;
      at += taken;
      if (this.#blockBytes === BLOCK_BYTES) this.#endBlock();
    }
  }

  #endBlock(): void {
    this.#blocks.push(this.#block.digest());
    this.#block = createHash("sha256");
    this.#blockBytes = 0;
  }
}

export function tooManyBytes(bytesMax: number): PicloudError {
  return new PicloudError("too_large", `The file has more than ${bytesMax} bytes, the most of this server.`, {
    fields: [{ path: "data", message: `at most ${bytesMax} bytes` }],
  });
}

/** What is known of a content. */
export interface KnownContent {
  /** In the store. */
  readonly name: string;
  /** For messages. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly blockHashes: Uint8Array;
}

/** The bytes of a part, block by block; none of a block before all of it has been checked. Throws `corrupted`, which says
 *  what is wrong. Holds one block in memory. */
export async function* checkedContent(
  store: FileStore,
  content: KnownContent,
  span: ByteSpan,
): AsyncIterable<Uint8Array> {
  if (span.start >= span.end) return;
  const first = Math.floor(span.start / BLOCK_BYTES);
  const end = Math.min(Math.ceil(span.end / BLOCK_BYTES) * BLOCK_BYTES, content.sizeBytes);
  let number = first;
  for await (const block of blocksOf(store, content, { start: first * BLOCK_BYTES, end })) {
    checkBlock(content, number, block);
    const at = number * BLOCK_BYTES;
    yield block.subarray(Math.max(0, span.start - at), Math.min(block.length, span.end - at));
    number++;
  }
  if (number * BLOCK_BYTES < end)
    throw corrupted(content, `it ends before byte ${end} of ${content.sizeBytes}`);
}

/** Whole blocks, the last one as long as it is. */
async function* blocksOf(store: FileStore, content: KnownContent, span: ByteSpan): AsyncIterable<Buffer> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of store.read(content.name, span)) {
      for (let at = 0; at < chunk.length;) {
        const taken = Math.min(chunk.length - at, BLOCK_BYTES - bytes);
        parts.push(chunk.subarray(at, at + taken));
        bytes += taken;
        at += taken;
        if (bytes < BLOCK_BYTES) continue;
        yield Buffer.concat(parts, bytes);
        parts = [];
        bytes = 0;
      }
    }
  } catch (error) {
    if (error instanceof MissingContent) throw corrupted(content, "its bytes are missing", error);
    throw error;
  }
  if (bytes > 0) yield Buffer.concat(parts, bytes);
}

function checkBlock(content: KnownContent, number: number, block: Uint8Array): void {
  const at = number * BLOCK_BYTES;
  const bytes = Math.min(BLOCK_BYTES, content.sizeBytes - at);
  if (block.length < bytes)
    throw corrupted(content, `it ends at byte ${at + block.length} of ${content.sizeBytes}`);
  const expected = content.blockHashes.subarray(number * HASH_BYTES, (number + 1) * HASH_BYTES);
  if (!createHash("sha256").update(block).digest().equals(expected))
    throw corrupted(content, `the bytes from ${at} to ${at + bytes} are not those that were written`);
}

function corrupted({ file, name }: KnownContent, problem: string, cause?: unknown): PicloudError {
  return new PicloudError("corrupted", `The file ${file} is damaged: ${problem}.`, {
    details: { content: name },
    cause,
  });
}
