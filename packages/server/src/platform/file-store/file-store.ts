/** Where the bytes of files are: a folder or an S3 bucket. Names are `<app id>/<content id>`, both UUIDs of ours; a name
 *  is written once and never changed, so readers need no lock. */
import { PicloudError } from "@picloud/contract";

/** Bytes from `start` on, up to and without `end`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

export interface StoredContent {
  readonly name: string;
  readonly modifiedAt: Date;
}

export interface FileStore {
  /** Folder or bucket, for messages to the operator. */
  readonly place: string;
  /** Answers when the bytes are on disk and have their name; before, nobody sees them. A source that fails leaves
   *  nothing. Asks for the next chunk when the last one is written. Throws `unavailable`: full, or out of reach. */
  write(name: string, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Reads as fast as it is asked. Throws {@link MissingContent}; `unavailable` when out of reach. */
  read(name: string, span: ByteSpan): AsyncIterable<Uint8Array>;
  /** What is not there is removed already. */
  remove(name: string): Promise<void>;
  /** All contents, in no order. */
  list(): AsyncIterable<StoredContent>;
  /** Removes what unfinished writes left that began before this time. Gives their number. */
  sweepUnfinished(before: Date): Promise<number>;
}

/** The store has no content of this name. */
export class MissingContent extends Error {
  override readonly name = "MissingContent";
}

/** The form of names; what else lies in the folder or bucket is not ours. */
export const contentNamePattern = /^[0-9a-f-]{36}\/[0-9a-f-]{36}$/;

/** Name of the mark that says whose folder or bucket it is. */
export const MARK = "picloud-instance";

/** A store that others use too can't be told from ours by its content: {@link FileStore} and the mark in it. */
export interface MarkedStore extends FileStore {
  /** The instance id in the mark; `undefined` where there is none yet. */
  readMark(): Promise<string | undefined>;
  /** Writes the mark if there is none. */
  writeMark(instanceId: string): Promise<void>;
}

/** A failure of the store that a later try may not meet. */
export function storeFailed(place: string, cause: unknown): PicloudError {
  if (cause instanceof PicloudError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new PicloudError(
    "unavailable",
    isFull
      ? "The server's disk for files is full: nothing was stored. Delete files, or have its operator make room."
      : "The server's store of files can't be used now; try again. Its log has the reason.",
    { cause: new Error(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }) },
  );
}
