/** The isolates of all apps in an executor, and the line in which apps wait for a thread. */
import { GuestIsolate, type Guests } from "./isolate.ts";
import type { Script } from "./state.ts";

/** So long after a long entry the last free thread is not for its app. */
export const LONG_APP_MS = 10_000;
const ISOLATES_MAX = 64;

export interface App {
  readonly isolates: Map<string, GuestIsolate>;
  /** Isolates with frames and without an entry, in turn. */
  readonly ready: GuestIsolate[];
  isInTurn: boolean;
  lastLongMs: number;
  /** Entries that are inside one of its isolates. */
  running: number;
}

export interface AppsOptions {
  readonly guests: Guests;
  readonly heapBytesMax: number;
  readonly onCatastrophe: (isolate: GuestIsolate, message: string) => void;
}

export class Apps {
  readonly #options: AppsOptions;
  readonly #apps = new Map<string, App>();
  readonly #turns: App[] = [];
  #isolates = 0;

  constructor(options: AppsOptions) {
    this.#options = options;
  }

  of(isolate: GuestIsolate): App | undefined {
    return this.#apps.get(isolate.appId);
  }

  /** The isolate for runs of a script: of its app and memory limit, or its own if it has long entries. */
  isolateFor(script: Script): GuestIsolate {
    let app = this.#apps.get(script.appId);
    const key = script.record.isLong ? `${script.memoryMb} ${script.scriptId}` : String(script.memoryMb);
    const found = app?.isolates.get(key);
    if (found !== undefined) return found;
    this.#makeRoom();
    app = this.#apps.get(script.appId);
    if (app === undefined) {
      app = { isolates: new Map(), ready: [], isInTurn: false, lastLongMs: -LONG_APP_MS, running: 0 };
      this.#apps.set(script.appId, app);
    }
    const { guests, onCatastrophe } = this.#options;
    const isolate = new GuestIsolate({ key, script, guests, onCatastrophe });
    this.#isolates++;
    app.isolates.set(key, isolate);
    return isolate;
  }

  /** Puts an isolate with frames and without an entry in its app's line. */
  offer(isolate: GuestIsolate): void {
    if (isolate.isBusy || isolate.isQueued || isolate.ready.length === 0) return;
    const app = this.#apps.get(isolate.appId);
    if (app === undefined) return;
    isolate.isQueued = true;
    app.ready.push(isolate);
    if (app.isInTurn) return;
    app.isInTurn = true;
    this.#turns.push(app);
  }

  /** The next isolate in turn of an app that `mayRun`; `undefined` if there is none. */
  next(mayRun: (app: App) => boolean): GuestIsolate | undefined {
    for (let i = 0; i < this.#turns.length; i++) {
      const app = this.#turns[i];
      if (app === undefined || !mayRun(app)) continue;
      this.#turns.splice(i, 1);
      const isolate = app.ready.shift();
      app.isInTurn = app.ready.length > 0;
      if (app.isInTurn) this.#turns.push(app);
      if (isolate === undefined) continue;
      isolate.isQueued = false;
      return isolate;
    }
    return undefined;
  }

  /** Disposes an isolate; its runs are the caller's to look after. */
  remove(isolate: GuestIsolate): void {
    const app = this.#apps.get(isolate.appId);
    if (app !== undefined) {
      if (app.isolates.get(isolate.key) === isolate) app.isolates.delete(isolate.key);
      const at = app.ready.indexOf(isolate);
      if (at >= 0) app.ready.splice(at, 1);
      if (app.isolates.size === 0 && app.running === 0 && !app.isInTurn && !isLongApp(app)) {
        this.#apps.delete(isolate.appId);
      }
    }
    isolate.ready.length = 0;
    this.#isolates--;
    if (!isolate.vm.isDisposed) isolate.vm.dispose();
  }

  /** Makes place for one more isolate: the longest idle goes first. */
  #makeRoom(): void {
    let heap = 0;
    const idle: GuestIsolate[] = [];
    for (const app of this.#apps.values()) {
      for (const isolate of app.isolates.values()) {
        heap += isolate.heapBytes;
        if (isolate.runs.size === 0 && !isolate.isBusy) idle.push(isolate);
      }
    }
    idle.sort((a, b) => a.lastUsedMs - b.lastUsedMs);
    for (const isolate of idle) {
      if (this.#isolates < ISOLATES_MAX && heap < this.#options.heapBytesMax) return;
      heap -= isolate.heapBytes;
      this.remove(isolate);
    }
  }
}

/** Whether an entry of the app was a long one lately. */
export function isLongApp(app: App): boolean {
  return performance.now() - app.lastLongMs < LONG_APP_MS;
}
