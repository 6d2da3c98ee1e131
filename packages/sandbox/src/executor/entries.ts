/** Decides which frames enter which isolate when: batches, apps in turn, threads. */
import { availableParallelism } from "node:os";

import {
  decodeNumber,
  encodeFrame,
  ERROR,
  frameAt,
  framePartsOf,
  FROM_EXECUTOR,
  INTO,
  INVOKE,
  LOADED,
  NO_TOKEN,
  OUT,
  RESULT,
  TIMERS_MAX,
} from "../protocol.ts";
import { type App, Apps, isLongApp } from "./apps.ts";
import { type GuestContext, type GuestIsolate, type Guests } from "./isolate.ts";
import { causeOf, recover } from "./recovery.ts";
import { type Artifact, type Entry, LONG_ENTRY_MS, type Run, type Script } from "./state.ts";

/** Frames of one entry: at most so many, and no more once their scripts' longest entries add up to so much. */
const BATCH_FRAMES_MAX = 32;
const BATCH_MS = 25;
/** A run with less CPU time left than this enters alone: the others' time would count against it. */
const SOLO_REST_MS = 50;
const STUCK_AFTER_MS = 1_000;
const STUCK_CHECK_MS = 100;
const CPU_SAMPLE_MS = 5;
/** Of what the process may use. */
const MEMORY_SHARE_MAX = 0.85;

export interface EntriesOptions {
  readonly guests: Guests;
  readonly services: string;
  readonly memoryMb: number;
  /** Sends whole frames, each with its token. */
  readonly send: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The process can't go on: everything was reported. */
  readonly die: () => void;
}

export class Entries {
  readonly #options: EntriesOptions;
  readonly #threads = Math.max(2, availableParallelism());
  readonly #apps: Apps;
  readonly #scripts = new Map<number, Script>();
  readonly #artifacts = new Map<string, Artifact>();
  readonly #runs = new Map<number, Run>();
  readonly #entries = new Set<Entry>();
  #cpu = process.cpuUsage();
  #cpuSampledMs = 0;

  constructor(options: EntriesOptions) {
    this.#options = options;
    this.#apps = new Apps({
      guests: options.guests,
      heapBytesMax: (options.memoryMb / 2) * 1024 * 1024,
      onCatastrophe: (isolate, message) => this.#catastrophe(isolate, message),
    });
    setInterval(() => {
      this.#reportStuck();
      this.#watchMemory();
    }, STUCK_CHECK_MS).unref();
  }

  addArtifact(hash: string, artifact: Artifact): void {
    this.#artifacts.set(hash, artifact);
  }

  /** Its artifact has come before it. A run holds both, so it can still load when the server has forgotten them. */
  addScript(number: number, script: Omit<Script, "artifact">): void {
    const artifact = this.#artifacts.get(script.hash);
    if (artifact === undefined) throw new Error("script without its artifact");
    this.#scripts.set(number, { ...script, artifact });
  }

  /** The server has forgotten this script; its artifact goes with the last script that has it. */
  forgetScript(number: number): void {
    const script = this.#scripts.get(number);
    this.#scripts.delete(number);
    if (script === undefined) return;
    for (const other of this.#scripts.values()) if (other.hash === script.hash) return;
    this.#artifacts.delete(script.hash);
  }

  /** A frame of a run, from the server. */
  accept(token: string, text: string): void {
    const kind = text.charAt(0);
    const slot = decodeNumber(text, 5);
    if (kind === INTO.invoke) {
      this.#invoke(slot, token, text);
      return;
    }
    const run = this.#runs.get(slot);
    if (run === undefined || run.token !== token || run.isEnded) return;
    if (kind === INTO.abort && !run.isStarted) {
      const context = run.context;
      if (context !== undefined) context.queue = context.queue.filter((item) => item.run !== run);
      this.#endRun(run);
      return;
    }
    this.#enqueue(run, text);
  }

  #invoke(slot: number, token: string, text: string): void {
    const ref = decodeNumber(text, 9);
    const script = this.#scripts.get(ref >> 3);
    if (script === undefined) throw new Error("invoke of an unknown script");
    const run: Run = {
      slot,
      token,
      script,
      text,
      context: undefined,
      isStarted: false,
      isSolo: (ref & INVOKE.solo) !== 0,
      cpuMicros: 0,
      call: 0,
      timers: undefined,
      isEnded: false,
    };
    this.#runs.set(slot, run);
    this.place(run);
  }

  /** Gives a run that has not started its isolate and context, and puts its first frame into the queue. */
  place(run: Run): void {
    const { script } = run;
    const isolate = this.#apps.isolateFor(script);
    const context = isolate.contextFor(script);
    run.context = context;
    context.runs.add(run);
    isolate.runs.add(run);
    this.#enqueue(run, run.text);
  }

  #enqueue(run: Run, text: string): void {
    const context = run.context;
    if (context === undefined) return;
    const wasEmpty = context.queue.length === 0;
    context.queue.push({ run, text });
    if (wasEmpty) context.isolate.ready.push(context);
    this.#apps.offer(context.isolate);
  }

  /** Starts entries while threads are free. Called once per event-loop turn and after each entry. */
  pump(): void {
    while (this.#entries.size < this.#threads) {
      const isLast = this.#entries.size === this.#threads - 1;
      const isolate = this.#apps.next((app) => !isLast || !this.#isLong(app));
      if (isolate === undefined) return;
      const app = this.#apps.of(isolate);
      if (app !== undefined) this.#enter(app, isolate);
    }
  }

  #isLong(app: App): boolean {
    if (isLongApp(app)) return true;
    if (app.running === 0) return false;
    const now = performance.now();
    for (const entry of this.#entries) {
      const isOfApp = this.#apps.of(entry.context.isolate) === app;
      if (isOfApp && now - entry.startedMs > LONG_ENTRY_MS) return true;
    }
    return false;
  }

  #enter(app: App, isolate: GuestIsolate): void {
    let context = isolate.ready.shift();
    // The runs that waited for a turn may have been given up meanwhile.
    while (context?.queue.length === 0) context = isolate.ready.shift();
    if (context === undefined) return;
    const isLoad = context.state === "new";
    const head = encodeFrame(INTO.entry, 0, context.unit, [String(this.#options.now())]);
    const runs = new Set<Run>();
    let frames = head;
    let restMs: number;
    if (isLoad) {
      const first = context.queue[0];
      if (first === undefined) return;
      isolate.ready.unshift(context);
      context.state = "loading";
      for (const { run } of context.queue) runs.add(run);
      frames += this.#loadFrame(first.run);
      restMs = first.run.script.cpuMs;
    } else {
      const batch = takeBatch(context, runs);
      frames += batch.text;
      restMs = batch.restMs;
      if (context.queue.length > 0) isolate.ready.push(context);
    }
    const timeoutMs = Math.max(1, Math.ceil(restMs));
    const entry: Entry = {
      context,
      runs,
      isLoad,
      timeoutMs,
      startedMs: performance.now(),
      isReported: false,
    };
    this.#entries.add(entry);
    isolate.isBusy = true;
    app.running++;
    void this.#run(app, entry, frames);
  }

  #loadFrame(first: Run): string {
    const { script } = first;
    const { artifact } = script;
    const [seed = ""] = framePartsOf(first.text, frameAt(first.text, 0), 6);
    const parts = [this.#options.services, artifact.name, artifact.code, seed];
    parts.push(script.logBytes, script.responseBytes);
    if (artifact.language !== "") parts.push(script.rhaiLimits);
    if (artifact.language === "rhai-eval") parts.push(this.#options.guests.rhaiTexts.compiler);
    return encodeFrame(INTO.load, 0, 0, parts);
  }

  async #run(app: App, entry: Entry, frames: string): Promise<void> {
    const { context } = entry;
    const { isolate } = context;
    let isWell = false;
    try {
      if (entry.isLoad) context.build();
      const spentBefore = isolate.spentMs();
      const cpuBefore = this.#cpuSample(entry.startedMs);
      const thrown = await context.enter(frames, entry.timeoutMs);
      const out = thrown === 0 ? context.collect() : "";
      this.#leave(app, entry);
      if (thrown === 0 && !isolate.vm.isDisposed) {
        this.#account(app, entry, isolate.spentMs() - spentBefore, cpuBefore);
        this.#deliver(entry, out);
        isWell = true;
      }
    } catch {
      // The isolate refused: it is at its limit, or it broke the protocol. Both end below, for its own runs only.
    }
    if (isWell) this.#apps.offer(isolate);
    else {
      const elapsedMs = performance.now() - entry.startedMs;
      this.#leave(app, entry);
      app.lastLongMs = performance.now();
      this.cut(entry, causeOf(isolate.vm.isDisposed, elapsedMs, entry.timeoutMs), elapsedMs);
    }
    this.pump();
  }

  /** CPU time of the process, read at most every few milliseconds: a reading costs as much as a short entry. */
  #cpuSample(nowMs: number): NodeJS.CpuUsage {
    if (nowMs - this.#cpuSampledMs > CPU_SAMPLE_MS) {
      this.#cpuSampledMs = nowMs;
      this.#cpu = process.cpuUsage();
    }
    return this.#cpu;
  }

  #leave(app: App, entry: Entry): void {
    if (!this.#entries.delete(entry)) return;
    entry.context.isolate.isBusy = false;
    app.running--;
  }

  /** Bills an entry to its runs and keeps the record of their scripts. */
  #account(app: App, entry: Entry, spentMs: number, cpuBefore: NodeJS.CpuUsage): void {
    const { isolate } = entry.context;
    const now = performance.now();
    isolate.lastUsedMs = now;
    let entryMs = spentMs;
    if (spentMs > 5) {
      // What the whole process used bounds what the entry used: a machine under load does not make a script a long one.
      const used = process.cpuUsage(cpuBefore);
      entryMs = Math.min(spentMs, (used.user + used.system) / 1000);
      if (entryMs > LONG_ENTRY_MS) app.lastLongMs = now;
    }
    const shareMs = entryMs / Math.max(1, entry.runs.size);
    for (const run of entry.runs) {
      run.cpuMicros += Math.round((spentMs / entry.runs.size) * 1000);
      if (!entry.isLoad) run.script.record.add(shareMs);
    }
  }

  /** Sends on what an entry produced. It comes from an isolate and can only speak for the runs of its context. */
  #deliver(entry: Entry, out: string): void {
    const { context } = entry;
    for (let at = 0; at < out.length;) {
      const frame = frameAt(out, at);
      at = frame.end;
      if (frame.kind === OUT.loaded) this.#loaded(context, frame.id);
      else if (frame.kind === OUT.loadFailed) this.#loadFailed(context, framePartsOf(out, frame, 3));
      else if (frame.kind === OUT.dirty) this.#renew(context);
      else if (frame.kind === OUT.warning) this.#options.send(NO_TOKEN + out.slice(frame.start, frame.end));
      else {
        const run = this.#runs.get(frame.run);
        if (run === undefined || run.context !== context || run.isEnded) continue;
        this.#deliverRun(run, frame, out);
      }
    }
    if (context.state === "loading") {
      this.#loadFailed(context, [
        "Error",
        "the script waits for something that never comes while it loads",
        "",
      ]);
    }
    if (context.isRetired && context.runs.size === 0) context.release();
  }

  #deliverRun(run: Run, frame: ReturnType<typeof frameAt>, out: string): void {
    switch (frame.kind) {
      case OUT.done:
        this.#endRun(run);
        return;
      case OUT.timerSet:
        this.#setTimer(run, frame.id, Number(framePartsOf(out, frame, 1)[0]));
        return;
      case OUT.timerClear:
        clearTimeout(run.timers?.get(frame.id));
        run.timers?.delete(frame.id);
        return;
      default:
        this.#options.send(run.token + out.slice(frame.start, frame.end));
        if (frame.kind === OUT.result && (frame.id & RESULT.done) !== 0) this.#endRun(run);
    }
  }

  #setTimer(run: Run, id: number, delayMs: number): void {
    const timers = (run.timers ??= new Map<number, NodeJS.Timeout>());
    if (timers.size >= TIMERS_MAX) return;
    const fire = (): void => {
      timers.delete(id);
      if (run.isEnded) return;
      this.#enqueue(run, encodeFrame(INTO.timer, run.slot, id, []));
      this.pump();
    };
    timers.set(id, setTimeout(fire, delayMs));
  }

  /** The last frame of a run: its account. */
  #endRun(run: Run): void {
    const { context } = run;
    this.forget(run);
    run.script.record.endRun();
    let heap = 0;
    if (context !== undefined) {
      const { isolate } = context;
      if (!isolate.isBusy && !isolate.vm.isDisposed && run.isStarted)
        heap = isolate.readHeap(performance.now());
    }
    this.#options.send(
      run.token +
        encodeFrame(FROM_EXECUTOR.finished, run.slot, run.call, [String(run.cpuMicros), String(heap)]),
    );
  }

  /** Takes a run out of everything, without a word to the server. */
  forget(run: Run): void {
    run.isEnded = true;
    if (this.#runs.get(run.slot) === run) this.#runs.delete(run.slot);
    if (run.timers !== undefined) for (const timer of run.timers.values()) clearTimeout(timer);
    run.context?.runs.delete(run);
    run.context?.isolate.runs.delete(run);
  }

  #loaded(context: GuestContext, flags: number): void {
    context.state = "ready";
    if ((flags & LOADED.fresh) === 0) return;
    for (const { run } of context.queue) run.script.isFresh = true;
    this.#replace(context.queue.splice(1).map(({ run }) => run));
  }

  #loadFailed(context: GuestContext, parts: readonly string[]): void {
    const [name = "", message = "", stack = ""] = parts;
    const failed = context.queue.splice(0);
    context.isolate.ready.splice(
      0,
      context.isolate.ready.length,
      ...context.isolate.ready.filter((c) => c !== context),
    );
    context.state = "new";
    context.isolate.retire(context);
    for (const { run } of failed) {
      this.#options.send(
        run.token + encodeFrame(OUT.error, run.slot, ERROR.load, [name, message, stack, ""]),
      );
      run.isStarted = true;
      this.#endRun(run);
    }
    context.release();
  }

  /** A global was added: what follows gets a new context. */
  #renew(context: GuestContext): void {
    if (context.isRetired) return;
    context.isolate.retire(context);
    const waiting = context.queue.filter(({ run }) => !run.isStarted).map(({ run }) => run);
    context.queue = context.queue.filter(({ run }) => run.isStarted);
    this.#replace(waiting);
  }

  /** Places runs that had not started again. */
  #replace(runs: readonly Run[]): void {
    for (const run of runs) {
      run.context?.runs.delete(run);
      run.context?.isolate.runs.delete(run);
      this.place(run);
    }
  }

  /** An entry hit a limit: nothing of it has left the isolate, which goes with everything in it. */
  cut(entry: Entry, cause: number, elapsedMs: number): void {
    const { isolate } = entry.context;
    this.#apps.remove(isolate);
    recover({ entries: this, entry, cause, elapsedMs, send: this.#options.send });
  }

  /** An entry that does not come back (one long builtin can't be interrupted): the server has to replace this process. */
  #reportStuck(): void {
    const now = performance.now();
    for (const entry of this.#entries) {
      if (entry.isReported || now - entry.startedMs < entry.timeoutMs + STUCK_AFTER_MS) continue;
      entry.isReported = true;
      this.#reportOffenders(entry);
    }
  }

  /** Memory that V8 does not count against an isolate counts against the process: the longest entry goes before the server
   *  has to kill all. Its isolate is then disposed, as at its own limit. */
  #watchMemory(): void {
    const usedMb = process.memoryUsage.rss() / 2 ** 20;
    if (usedMb < this.#options.memoryMb * MEMORY_SHARE_MAX) return;
    const [longest] = [...this.#entries].toSorted((a, b) => a.startedMs - b.startedMs);
    if (longest !== undefined && !longest.context.isolate.vm.isDisposed) longest.context.isolate.vm.dispose();
  }

  #reportOffenders(entry: Entry): void {
    for (const run of entry.runs) {
      this.#options.send(
        run.token +
          encodeFrame(FROM_EXECUTOR.stuck, run.slot, entry.runs.size > 1 && !entry.isLoad ? 1 : 0, []),
      );
    }
  }

  /** V8 lost control over an isolate (out of memory where it can't be refused): the process has to end. */
  #catastrophe(isolate: GuestIsolate, message: string): void {
    const fields = JSON.stringify({ message: message.slice(0, 500), appId: isolate.appId });
    this.#options.send(NO_TOKEN + encodeFrame(FROM_EXECUTOR.event, 0, 0, ["isolate_catastrophe", fields]));
    for (const entry of this.#entries) {
      if (entry.context.isolate !== isolate) continue;
      recover({ entries: this, entry, cause: causeOf(true, 0, 1), elapsedMs: 0, send: this.#options.send });
    }
    this.#options.die();
  }
}

/** Takes frames of one entry out of the queue of its context. */
function takeBatch(
  context: GuestContext,
  runs: Set<Run>,
): { readonly text: string; readonly restMs: number } {
  const { queue } = context;
  let text = "";
  let sumMs = 0;
  let restMs = Infinity;
  let count = 0;
  while (count < queue.length && count < BATCH_FRAMES_MAX) {
    const item = queue[count];
    if (item === undefined) break;
    const { run } = item;
    const runRestMs = run.script.cpuMs - run.cpuMicros / 1000;
    const isAlone = run.isSolo || !run.script.record.isKnown || runRestMs < SOLO_REST_MS;
    if (isAlone && runs.size > 0 && !(runs.size === 1 && runs.has(run))) break;
    count++;
    text += item.text;
    runs.add(run);
    if (!run.isStarted) {
      run.isStarted = true;
      run.call = Math.min(context.calls++, 2 ** 28 - 1);
    }
    restMs = Math.min(restMs, runRestMs);
    sumMs += run.script.record.longestMs;
    if (sumMs >= BATCH_MS || (isAlone && queue[count]?.run !== run)) break;
  }
  queue.splice(0, count);
  return { text, restMs };
}
