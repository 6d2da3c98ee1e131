/** Isolates and contexts of isolated-vm. Nothing of ours is put into them but the text of the runtime and frames. */
import ivm from "isolated-vm";

import { GUEST_FILENAME, guestText, rhaiGuestText } from "../guest-text.ts";
import { Realm } from "./realm.ts";
import type { ContextState, Run, Script } from "./state.ts";

/** Contexts that an isolate keeps warm. */
const CONTEXTS_MAX = 32;
/** Of Rhai, whose artifacts share a context of V8. */
const UNITS_MAX = 256;
/** isolated-vm makes no smaller isolate. */
const MEMORY_MB_MIN = 8;
/** A reading of the heap is good for so long: it costs 2 µs. */
const HEAP_READING_MS = 20;

/** The runtime's text with V8's code cache for it. */
export interface Guest {
  readonly text: string;
  readonly cache: ivm.ExternalCopy<ArrayBuffer>;
}

/** The runtimes by language. The one for Rhai is made by `warmUp`, or else when the first Rhai script comes. */
export class Guests {
  rhaiTexts = { runtime: "", compiler: "" };
  readonly #javascript: Guest;
  readonly #rhaiText: (runtime: string) => string;
  #rhai: Guest | undefined;

  constructor(javascript: Guest, rhaiText: (runtime: string) => string) {
    this.#javascript = javascript;
    this.#rhaiText = rhaiText;
  }

  /** `language` of an artifact; empty for JavaScript. */
  of(language: string): Guest {
    if (language === "") return this.#javascript;
    return (this.#rhai ??= compileGuest(this.#rhaiText(this.rhaiTexts.runtime)));
  }

  /** Compiles the one for Rhai in a thread: half a tenth of a second that nobody should wait for. */
  async warmUp(): Promise<void> {
    const text = this.#rhaiText(this.rhaiTexts.runtime);
    const vm = new ivm.Isolate({ memoryLimit: 32 });
    try {
      const script: CachedScript = await vm.compileScript(text, {
        filename: GUEST_FILENAME,
        produceCachedData: true,
      });
      const cache = script.cachedData;
      if (cache !== undefined) this.#rhai ??= { text, cache };
    } finally {
      vm.dispose();
    }
  }
}

/** Reads the runtimes and compiles the first. Has to happen before the process gives up its right to read. */
export function loadGuests(): Guests {
  return new Guests(compileGuest(guestText()), rhaiGuestText());
}

type CachedScript = ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> };

function compileGuest(text: string): Guest {
  const vm = new ivm.Isolate({ memoryLimit: 32 });
  const script: CachedScript = vm.compileScriptSync(text, {
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
  readonly key: string;
  readonly isolate: GuestIsolate;
  state: ContextState = "new";
  /** Frames that wait for an entry, in order. */
  queue: { readonly run: Run; readonly text: string }[] = [];
  /** Runs that have been put into this context and have not finished. */
  readonly runs = new Set<Run>();
  calls = 0;
  /** Takes no new runs; goes when its last run ends. */
  isRetired = false;
  /** Number of this artifact in its realm. */
  readonly unit: number;
  readonly #realm: Realm;
  #isReleased = false;

  constructor(script: Script, isolate: GuestIsolate, realm: Realm) {
    this.key = contextKey(script);
    this.isolate = isolate;
    this.#realm = realm;
    this.unit = realm.addUnit();
  }

  /** Evaluates the runtime if it is not there; no code of a user. Throws if the isolate is at its limit. */
  build(): void {
    this.#realm.build();
  }

  /** One entry in the thread pool. Resolves with what it threw: the number 0, the runtime's sentinel, if all is well. */
  async enter(frames: string, timeoutMs: number): Promise<unknown> {
    return await this.#realm.enter(frames, timeoutMs);
  }

  /** What the entry left behind. Runs no user code. */
  collect(): string {
    return this.#realm.collect();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#realm.dropUnit(this.unit);
  }
}

/** A context is loaded for one artifact with the limits that it counts itself. */
function contextKey({ hash, logBytes, responseBytes, rhaiLimits }: Script): string {
  return `${hash} ${logBytes} ${responseBytes} ${rhaiLimits}`;
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
  readonly #guests: Guests;
  readonly #runtimeScripts = new Map<Guest, ivm.Script>();
  #rhaiRealm: Realm | undefined;
  readonly #memoryBytes: number;

  constructor(options: {
    readonly key: string;
    readonly script: Script;
    readonly guests: Guests;
    readonly onCatastrophe: (isolate: GuestIsolate, message: string) => void;
  }) {
    this.key = options.key;
    this.appId = options.script.appId;
    this.#guests = options.guests;
    const memoryMb = Math.max(MEMORY_MB_MIN, options.script.memoryMb);
    this.#memoryBytes = memoryMb * 2 ** 20;
    this.vm = new ivm.Isolate({
      memoryLimit: memoryMb,
      onCatastrophicError: (message) => options.onCatastrophe(this, message),
    });
  }

  #realmFor(language: string): Realm {
    const make = (): Realm => new Realm(this.vm, () => this.#runtimeScript(language));
    return language === "" ? make() : (this.#rhaiRealm ??= make());
  }

  #runtimeScript(language: string): ivm.Script {
    const guest = this.#guests.of(language);
    const known = this.#runtimeScripts.get(guest);
    if (known !== undefined) return known;
    const { text, cache } = guest;
    const script = this.vm.compileScriptSync(text, { filename: GUEST_FILENAME, cachedData: cache });
    this.#runtimeScripts.set(guest, script);
    return script;
  }

  /** The context for new runs of a script; made when there is none, always for a script that wants fresh ones. */
  contextFor(script: Script): GuestContext {
    const key = contextKey(script);
    const found = this.contexts.get(key);
    if (found !== undefined && !(script.isFresh && found.state !== "new")) {
      this.contexts.delete(key);
      this.contexts.set(key, found);
      if (!script.isFresh || found.queue.length === 0) return found;
    }
    this.#dropIdleContexts(script.artifact.language === "" ? CONTEXTS_MAX : UNITS_MAX);
    const made = new GuestContext(script, this, this.#realmFor(script.artifact.language));
    if (found !== undefined) this.retire(found);
    this.contexts.set(key, made);
    return made;
  }

  retire(context: GuestContext): void {
    context.isRetired = true;
    if (this.contexts.get(context.key) === context) this.contexts.delete(context.key);
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
  #dropIdleContexts(contextsMax: number): void {
    const isFull = this.heapBytes > this.#memoryBytes / 2;
    if (!isFull && this.contexts.size < contextsMax) return;
    for (const context of this.contexts.values()) {
      if (context.runs.size > 0 || context.queue.length > 0) continue;
      this.retire(context);
      if (!isFull) return;
    }
  }
}
