/** The real world: this process, its terminal and its streams. */
import { once } from "node:events";
import { homedir } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { buffer } from "node:stream/consumers";
import { Writable } from "node:stream";
import { CliError, exitCodes } from "./failure.ts";
import type { Io, Sink } from "./io.ts";

export function processIo(): Io {
  const interrupted = new AbortController();
  const interrupt = (): void => {
    // Requests, streams and reads of stdin end with this; a second Ctrl+C kills.
    interrupted.abort();
    process.stdin.destroy();
  };
  process.once("SIGINT", interrupt);
  // A reader that has seen enough (`pic logs | head`) is not a failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  return {
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    platform: process.platform,
    input: {
      isTerminal: process.stdin.isTTY,
      bytes: async () => new Uint8Array(await buffer(process.stdin)),
      pieces: () => process.stdin,
      ask: async (question, options) =>
        await ask(question, options?.hidden === true, { interrupt, signal: interrupted.signal }),
    },
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    signal: interrupted.signal,
    clock: () => performance.now(),
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    isTerminal: stream.isTTY,
    write: (data) => void stream.write(data),
    drained: async () => {
      if (stream.writableNeedDrain) await once(stream, "drain");
    },
  };
}

interface Interruption {
  readonly interrupt: () => void;
  readonly signal: AbortSignal;
}

async function ask(
  question: string,
  isHidden: boolean,
  { interrupt, signal }: Interruption,
): Promise<string> {
  const lines = createInterface({
    input: process.stdin,
    // Without a terminal as output the interface echoes nothing; the terminal itself does, unless it is in raw mode.
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: isHidden,
  });
  // Only now the terminal echoes nothing: who types as soon as the question is there must not see a secret.
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => reject(noAnswer()));
      // In raw mode Ctrl+C is a key and no signal.
      lines.once("SIGINT", interrupt);
      signal.addEventListener("abort", () => lines.close(), { once: true });
    });
  } finally {
    lines.close();
    if (isHidden) process.stderr.write("\n");
  }
}

function noAnswer(): CliError {
  return new CliError({
    code: "usage",
    message: "the input ended before an answer",
    exitCode: exitCodes.usage,
  });
}
