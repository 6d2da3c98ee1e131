/** `rhai eval --jsonl`: rows in, answers out, in order, whatever a row does. Rows run in a worker with bounded memory; one
 *  that takes too long, or exhausts the memory, ends with its worker, and the next row gets a fresh one. */
import { Worker } from "node:worker_threads";
import { idOf, refusal } from "./evaluate-line.ts";
import { type InputLine, inputLines } from "./input-lines.ts";
import { READY } from "./serve-lines.ts";

const LINE_CHARS_MAX = 32 * 1024 * 1024;
/** Beyond the limit of operations, which ends most endless rows after less than a second. */
const ROW_MS_MAX = 20_000;
const MEMORY_MB_MAX = 1_024;
/** Rows that are given to the worker before the first of them is answered. */
const AHEAD_MAX = 64;

export interface EvalOptions {
  /** A module that calls `serveLines` in a worker. */
  readonly workerUrl: URL;
  readonly input: AsyncIterable<Uint8Array>;
  /** Waits until the reader of the output keeps up. */
  readonly write: (text: string) => Promise<void>;
  readonly rowMsMax?: number;
  readonly memoryMbMax?: number;
}

export async function evalJsonl(options: EvalOptions): Promise<void> {
  await using rows = new RowWorker(options);
  const written: Promise<void>[] = [];
  let last: Promise<void> | undefined;
  for await (const line of inputLines(options.input, LINE_CHARS_MAX)) {
    if (line?.trim() === "") continue;
    // An answer leaves as soon as it is its turn: the sender of the rows may wait for it.
    last = writeAfter(last, answerTo(rows, line), options.write);
    written.push(last);
    if (written.length >= AHEAD_MAX) await written.shift();
  }
  await Promise.all(written);
}

async function writeAfter(
  previous: Promise<void> | undefined,
  answer: Promise<string>,
  write: EvalOptions["write"],
): Promise<void> {
  await previous;
  await write(`${await answer}\n`);
}

async function answerTo(rows: RowWorker, line: InputLine): Promise<string> {
  if (line !== undefined) return await rows.answer(line);
  return refusal(undefined, { variant: "MalformedRow", msg: `longer than ${LINE_CHARS_MAX} characters` });
}

interface Job {
  readonly line: string;
  readonly resolve: (answer: string) => void;
}

/** Gives lines to a worker, one answer each. */
class RowWorker {
  readonly #options: EvalOptions;
  /** Not answered yet; the first is the one that runs. */
  #jobs: Job[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #clock: NodeJS.Timeout | undefined;

  constructor(options: EvalOptions) {
    this.#options = options;
  }

  async answer(line: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#jobs.push({ line, resolve });
    this.#worker ??= this.#open();
    send(this.#worker, line);
    if (this.#jobs.length === 1) this.#startClock();
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#clock);
    await this.#worker?.terminate();
  }

  #open(): Worker {
    const { workerUrl, memoryMbMax = MEMORY_MB_MAX } = this.#options;
    this.#isReady = false;
    const worker = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: memoryMbMax } });
    worker.on("message", (answer: string) => {
      // An answer that was on its way when its worker was given up.
      if (worker !== this.#worker) return;
      if (answer !== READY) this.#settle(answer);
      else {
        this.#isReady = true;
        this.#startClock();
      }
    });
    worker.on("error", (error: Error & { code?: unknown }) => {
      if (worker !== this.#worker) return;
      const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#giveUp(isMemory ? "out of memory" : `${error.name}: ${error.message}`);
    });
    worker.on("exit", () => {
      if (worker === this.#worker) this.#giveUp("the worker ended");
    });
    return worker;
  }

  #settle(answer: string): void {
    clearTimeout(this.#clock);
    this.#jobs.shift()?.resolve(answer);
    this.#startClock();
  }

  /** Of the first row. The time that the worker takes to load is nobody's. */
  #startClock(): void {
    if (!this.#isReady || this.#jobs.length === 0) return;
    const msMax = this.#options.rowMsMax ?? ROW_MS_MAX;
    this.#clock = setTimeout(() => {
      const worker = this.#worker;
      this.#giveUp(`still running after ${msMax} ms`);
      void worker?.terminate();
    }, msMax);
  }

  /** The first row is to blame; a fresh worker gets the others. */
  #giveUp(reason: string): void {
    const [first, ...others] = this.#jobs;
    this.#jobs = others;
    this.#worker = undefined;
    clearTimeout(this.#clock);
    if (first !== undefined) first.resolve(refusal(idOf(first.line), { variant: "Stopped", msg: reason }));
    if (others.length === 0) return;
    this.#worker = this.#open();
    for (const { line } of others) send(this.#worker, line);
  }
}

function send(worker: Worker, line: string): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
  worker.postMessage(line);
}
