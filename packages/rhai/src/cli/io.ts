/** What the command needs of its process. */
import { readFileSync } from "node:fs";
import { stdin, stdout } from "node:process";
import process from "node:process";

export interface Io {
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when the reader keeps up. */
  write(text: string): Promise<void>;
  complain(text: string): void;
  /** Throws as node:fs does. */
  readFile(path: string): string;
}

export function processIo(): Io {
  return {
    input: stdin,
    write: async (text) => {
      if (stdout.write(text)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      stdout.once("drain", resolve);
      await promise;
    },
    complain: (text) => void process.stderr.write(text),
    readFile: (path) => readFileSync(path, "utf8"),
  };
}
