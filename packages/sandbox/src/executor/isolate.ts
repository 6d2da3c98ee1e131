/** Isolates and contexts of isolated-vm. Nothing of ours is put into them but the text of the runtime and frames. */
import ivm from "isolated-vm";

import { GUEST_FILENAME, guestText } from "../guest-text.ts";
import type { ContextState, Run, Script } from "./state.ts";

/** Contexts that an isolate keeps warm. */
const CONTEXTS_MAX = 32;
/** isolated-vm makes no smaller isolate. */
const MEMORY_MB_MIN = 8;
/** A reading of the heap is good for so long: it costs 2 µs. */
const HEAP_READING_MS = 20;

/** The runtime's text with V8's code cache for it. */
export interface Guest {
  readonly text: string;
  readonly cache: ivm.ExternalCopy<ArrayBuffer>;
}

/** Reads and compiles the runtime. Has to happen before the process gives up its right to read. */
export function loadGuest(): Guest {
  const vm = new ivm.Isolate({ memoryLimit: 32 });
  const text = guestText();
  const script: ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> } = vm.compileScriptSync(text, {
    filename: GUEST_FILENAME,
    produceCachedData: true,
  });
  // One evaluation shows at the start, not at the first request, that runtime and engine fit each other.
  script.runSync(vm.createContextSync(), { reference: true }).release();
  const cache = script.cachedData;
  vm.dispose();
  if (cache === undefined) throw new Error("V8 gave no code cache");
  return { text, cache };
}

/** One script artifact in one isolate. Entered only through `enter` and `collect`. */
export class GuestContext {
  readonly hash: string;
  readonly isolate: GuestIsolate;
  state: ContextState = "new";
  /** Frames that wait for an entry, in order. */
  queue: { readonly run: Run; readonly text: string }[] = [];
  /** Runs that have been put into this context and have not finished. */
  readonly runs = new Set<Run>();
  calls = 0;
  /** Takes no new runs; goes when its last run ends. */
  isRetired = false;
  #context: ivm.Context | undefined;
  #step: ivm.Reference<(frames: string) => undefined> | undefined;
  #drain: ivm.Reference<() => string> | undefined;

  constructor(hash: string, isolate: GuestIsolate) {
    this.hash = hash;
    this.isolate = isolate;
  }

  /** Evaluates the runtime; no code of a user. Throws if the isolate is at its limit. */
  build(): void {
    this.#context = this.isolate.vm.createContextSync();
    const runtime = this.isolate.runtimeScript().runSync(this.#context, { reference: true });
    this.#step = runtime.getSync("step", { reference: true });
    this.#drain = runtime.getSync("drain", { reference: true });
    runtime.release();
  }

  /** One entry in the thread pool. Resolves with what it threw: the number 0, the runtime's sentinel, if all is well. */
  async enter(frames: string, timeoutMs: number): Promise<unknown> {
    try {
      await this.#step?.apply(undefined, [frames], { timeout: timeoutMs });
    } catch (error) {
      return error;
    }
    return undefined;
  }

  /** What the entry left behind. Runs no user code. */
  collect(): string {
    const out: unknown = this.#drain?.applySync(undefined, []);
    return typeof out === "string" ? out : "";
  }

  release(): void {
    if (!this.isolate.vm.isDisposed) {
      this.#step?.release();
      this.#drain?.release();
      this.#context?.release();
    }
    this.#step = this.#drain = this.#context = undefined;
  }
}

/** One V8 isolate of an app. */
export class GuestIsolate {
  readonly key: string;
  readonly appId: string;
  readonly vm: ivm.Isolate;
  readonly contexts = new Map<string, GuestContext>();
  /** Contexts with waiting frames, in turn. */
  readonly ready: GuestContext[] = [];
  /** All runs inside, of every context. */
  readonly runs = new Set<Run>();
  isBusy = false;
  isQueued = false;
  lastUsedMs = 0;
  heapBytes = 0;
  #heapReadMs = -HEAP_READING_MS;
  readonly #guest: Guest;
  #runtimeScript: ivm.Script | undefined;
  readonly #memoryBytes: number;

  constructor(options: {
    readonly key: string;
    readonly script: Script;
    readonly guest: Guest;
    readonly onCatastrophe: (isolate: GuestIsolate, message: string) => void;
  }) {
    this.key = options.key;
    this.appId = options.script.appId;
    this.#guest = options.guest;
    const memoryMb = Math.max(MEMORY_MB_MIN, options.script.memoryMb);
    this.#memoryBytes = memoryMb * 2 ** 20;
    this.vm = new ivm.Isolate({
      memoryLimit: memoryMb,
      onCatastrophicError: (message) => options.onCatastrophe(this, message),
    });
  }

  runtimeScript(): ivm.Script {
    return (this.#runtimeScript ??= this.vm.compileScriptSync(this.#guest.text, {
      filename: GUEST_FILENAME,
      cachedData: this.#guest.cache,
    }));
  }

  /** The context for new runs of a script; made when there is none, always for a script that wants fresh ones. */
  contextFor(script: Script): GuestContext {
    const found = this.contexts.get(script.hash);
    if (found !== undefined && !(script.isFresh && found.state !== "new")) {
      this.contexts.delete(script.hash);
      this.contexts.set(script.hash, found);
      if (!script.isFresh || found.queue.length === 0) return found;
    }
    this.#dropIdleContexts();
    const made = new GuestContext(script.hash, this);
    if (found !== undefined) this.retire(found);
    this.contexts.set(script.hash, made);
    return made;
  }

  retire(context: GuestContext): void {
    context.isRetired = true;
    if (this.contexts.get(context.hash) === context) this.contexts.delete(context.hash);
    if (context.runs.size === 0 && context.queue.length === 0 && !this.isBusy) context.release();
  }

  /** Nanoseconds spent inside, of wall time: isolated-vm calls it CPU time. */
  spentMs(): number {
    return Number(this.vm.cpuTime) / 1e6;
  }

  /** Heap and external memory. Only while no entry is inside. */
  readHeap(nowMs: number): number {
    if (nowMs - this.#heapReadMs >= HEAP_READING_MS) {
      const heap = this.vm.getHeapStatisticsSync();
      this.heapBytes = heap.used_heap_size + heap.externally_allocated_size;
      this.#heapReadMs = nowMs;
    }
    return this.heapBytes;
  }

  /** Idle contexts, the longest unused first: one if there are many, all if they hold half of the memory. */
  #dropIdleContexts(): void {
    const isFull = this.heapBytes > this.#memoryBytes / 2;
    if (!isFull && this.contexts.size < CONTEXTS_MAX) return;
    for (const context of this.contexts.values()) {
      if (context.runs.size > 0 || context.queue.length > 0) continue;
      this.retire(context);
      if (!isFull) return;
    }
  }
}
