/** The real world: this process, its terminal and its streams. */
import { homedir } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { buffer } from "node:stream/consumers";
import { Writable } from "node:stream";
import type { Io, Sink } from "./io.ts";

export function processIo(): Io {
  const interrupted = new AbortController();
  process.once("SIGINT", () => {
    interrupted.abort();
    // Whoever listens ends cleanly now; a second Ctrl+C kills.
    process.exitCode = 130;
  });
  // A reader that has seen enough (`pic logs | head`) is not a failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  return {
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    platform: process.platform,
    input: { isTerminal: process.stdin.isTTY, bytes: readAll, ask },
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    signal: interrupted.signal,
    clock: () => performance.now(),
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return { isTerminal: stream.isTTY, write: (data) => void stream.write(data) };
}

async function readAll(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await buffer(process.stdin));
}

async function ask(question: string, options: { readonly hidden?: boolean } = {}): Promise<string> {
  process.stderr.write(question);
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: options.hidden === true ? mute : process.stderr,
    terminal: true,
  });
  const closed = new AbortController();
  lines.once("close", () => closed.abort());
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await lines.question("", { signal: closed.signal });
  } finally {
    lines.close();
    if (options.hidden === true) process.stderr.write("\n");
  }
}
