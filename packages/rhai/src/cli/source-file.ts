/** Scripts on disk, and the modules that they import. */
import { dirname, join } from "node:path";
import { type Io } from "./io.ts";

const STDIN = "-";
const CHARS_MAX = 16 * 1024 * 1024;

export interface SourceFile {
  readonly name: string;
  readonly text: string;
  /** Source of an imported module; undefined: there is no such file. */
  readonly resolve: (path: string) => string | undefined;
}

export async function readSource(io: Io, path: string): Promise<SourceFile> {
  const text = path === STDIN ? await readInput(io) : io.readFile(path);
  const folder = path === STDIN ? "." : dirname(path);
  return { name: path === STDIN ? "stdin" : path, text, resolve: moduleReader(io, folder) };
}

export function moduleReader(io: Io, folder: string): SourceFile["resolve"] {
  return (path) => {
    try {
      return io.readFile(join(folder, `${path}.rhai`));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  };
}

async function readInput(io: Io): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of io.input) {
    text += decoder.decode(chunk, { stream: true });
    // The parser refuses it anyhow; no need to hold more.
    if (text.length > CHARS_MAX) break;
  }
  return text + decoder.decode();
}
