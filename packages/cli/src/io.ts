/** What `pic` needs of the world around it, so that tests can give it another one. */

export interface Sink {
  readonly isTerminal: boolean;
  readonly write: (data: string | Uint8Array) => void;
  /** Resolves when what was written has been taken, for output that is longer than memory. */
  readonly drained?: () => Promise<void>;
}

export interface Input {
  readonly isTerminal: boolean;
  /** Everything up to the end of the input. */
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
  /** The same piece by piece, for input that is longer than memory. */
  readonly pieces?: () => AsyncIterable<Uint8Array>;
  /** Asks on the terminal; `hidden` shows nothing of what is typed. */
  readonly ask: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
  readonly input: Input;
  /** Results only. */
  readonly out: Sink;
  /** Everything said to the person at the terminal. */
  readonly err: Sink;
  /** Aborts on Ctrl+C. */
  readonly signal: AbortSignal;
  /** Milliseconds, for durations only. */
  readonly clock: () => number;
  readonly fetch?: typeof globalThis.fetch;
}

/** A line for the person at the terminal. */
export function say(io: Io, line: string): void {
  io.err.write(`${line}\n`);
}

/** Text in a colour, if the sink is a terminal and nobody asked for none (no-color.org). */
export function tinted(io: Io, sink: Sink, colour: "red" | "yellow" | "green" | "dim", text: string): string {
  const isPlain = !sink.isTerminal || (io.env["NO_COLOR"] ?? "") !== "" || io.env["TERM"] === "dumb";
  if (isPlain) return text;
  const codes = { red: "31", yellow: "33", green: "32", dim: "2" } as const;
  return `\u001b[${codes[colour]}m${text}\u001b[0m`;
}
