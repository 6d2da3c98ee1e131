/** What an executor knows of scripts and runs. */
import type { GuestContext } from "./isolate.ts";

/** Runs whose longest entries are remembered. */
const RECORD_RUNS = 100;
/** An entry longer than this makes its script a long one. */
export const LONG_ENTRY_MS = 20;

export interface Artifact {
  readonly name: string;
  readonly code: string;
  readonly language: string;
}

export type ContextState = "new" | "loading" | "ready";

/** A script as the server described it, with the record of its entries. */
export interface Script {
  readonly appId: string;
  readonly scriptId: string;
  readonly hash: string;
  readonly artifact: Artifact;
  readonly memoryMb: number;
  readonly cpuMs: number;
  readonly logBytes: string;
  readonly responseBytes: string;
  /** JSON of the limits that compiled Rhai counts. */
  readonly rhaiLimits: string;
  isFresh: boolean;
  readonly record: EntryRecord;
}

/** Longest entries of the last runs: the better of two windows of up to 100 runs. */
export class EntryRecord {
  #runs = 0;
  #current = 0;
  #previous = 0;
  #isKnown = false;

  get isKnown(): boolean {
    return this.#isKnown;
  }

  get longestMs(): number {
    return Math.max(this.#current, this.#previous);
  }

  get isLong(): boolean {
    return this.longestMs > LONG_ENTRY_MS;
  }

  add(entryMs: number): void {
    this.#isKnown = true;
    if (entryMs > this.#current) this.#current = entryMs;
  }

  endRun(): void {
    if (++this.#runs < RECORD_RUNS) return;
    this.#runs = 0;
    this.#previous = this.#current;
    this.#current = 0;
  }
}

export interface Run {
  readonly slot: number;
  readonly token: string;
  readonly script: Script;
  /** The `invoke` frame. */
  readonly text: string;
  context: GuestContext | undefined;
  isStarted: boolean;
  /** Shares no entry with other runs: it was in one that was cut. */
  readonly isSolo: boolean;
  cpuMicros: number;
  call: number;
  timers: Map<number, NodeJS.Timeout> | undefined;
  isEnded: boolean;
}

/** One `apply` that is outstanding. */
export interface Entry {
  readonly context: GuestContext;
  readonly runs: ReadonlySet<Run>;
  readonly isLoad: boolean;
  readonly timeoutMs: number;
  readonly startedMs: number;
  isReported: boolean;
}
