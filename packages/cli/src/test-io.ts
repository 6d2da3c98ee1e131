/** A world for tests of `pic`: strings instead of streams, a home of its own, answers from a table. */
import type { Io } from "./io.ts";

export interface TestIo extends Io {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export interface TestIoOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly homeDir?: string;
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** Answers of a person, in order; there is a terminal if they are given. */
  readonly answers?: readonly string[];
  readonly fetch?: typeof globalThis.fetch;
  readonly signal?: AbortSignal;
}

export function testIo(options: TestIoOptions = {}): TestIo {
  const written = { out: "", err: "" };
  const answers = [...(options.answers ?? [])];
  const isTerminal = options.answers !== undefined;
  return {
    env: options.env ?? {},
    cwd: options.cwd ?? "/nowhere",
    homeDir: options.homeDir ?? "/nowhere",
    platform: "linux",
    input: {
      isTerminal,
      bytes: async () => {
        const stdin = options.stdin ?? "";
        return await Promise.resolve(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
      },
      ask: async (question) => {
        written.err += question;
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`no answer to "${question}"`);
        return await Promise.resolve(answer);
      },
    },
    out: { isTerminal: false, write: (data) => void (written.out += decode(data)) },
    err: { isTerminal: false, write: (data) => void (written.err += decode(data)) },
    signal: options.signal ?? new AbortController().signal,
    clock: () => 0,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    stdout: () => written.out,
    stderr: () => written.err,
  };
}

function decode(data: string | Uint8Array): string {
  return typeof data === "string" ? data : new TextDecoder().decode(data);
}

export interface SentRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export type Answers = Readonly<
  Record<string, Response | ((request: SentRequest) => Response | Promise<Response>)>
>;

/** A `fetch` that answers `"GET /api/…"` (without the query) from a table and notes what was sent. What the table does
 *  not have is refused like a closed port. */
export function tableFetch(answers: Answers): { fetch: typeof globalThis.fetch; sent: SentRequest[] } {
  const sent: SentRequest[] = [];
  const answer: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const note = {
      method: request.method,
      path: url.pathname + url.search,
      headers: request.headers,
      body: await request.text(),
    };
    sent.push(note);
    const found = answers[`${request.method} ${url.pathname}`];
    if (found === undefined) {
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
      });
    }
    return found instanceof Response ? found.clone() : await found(note);
  };
  return { fetch: answer, sent };
}
