/** The executor processes: which app is where, one hot standby, and what happens when one is lost. */
import { createHash } from "node:crypto";

import { LIMIT, LOST } from "../protocol.ts";
import type { Host, Job, Run, Sandbox, SandboxOptions, ServiceMethod } from "../sandbox.ts";
import { Execution, type ExecutionOwner } from "./execution.ts";
import { type ExecutorEvents, ExecutorProcess, freeUid } from "./executor-process.ts";
import { Watchdog } from "./watchdog.ts";

/** Runs that wait for an executor to come up. */
const WAITING_MAX = 1024;
/** With `isolation: process`: executors at most, and how long one without runs is kept. */
const OWN_PROCESSES_MAX = 64;
const OWN_IDLE_MS = 60_000;
/** No answer for so long: no new runs. */
const PAUSE_MS = 250;
/** Runs of other apps have so long to end before a stuck executor is killed. */
const STUCK_GRACE_MS = 1_000;
/** Executors that ended before they were ready: after so many in a row a start waits. */
const FAILED_STARTS_MAX = 3;
const RESTART_DELAY_MS = 1_000;

/** A place for an executor. Shared places are numbered; an app's own place has its id. */
interface Place {
  readonly name: string;
  process: ExecutorProcess | undefined;
}

export class Pool implements Sandbox, ExecutionOwner {
  readonly effects: ReadonlyMap<string, ServiceMethod["effect"]>;
  readonly #options: SandboxOptions;
  readonly #places = new Map<string, Place>();
  readonly #processes = new Set<ExecutorProcess>();
  #standby: ExecutorProcess | undefined;
  /** Each knows its place. Not a Set: one that changes with every run keeps old tables, and with them old runs, alive until
   *  a full garbage collection (half of all garbage survived, under load a third of the server's time). */
  readonly #live: Execution[] = [];
  #waiting: Execution[] = [];
  /** Order of the places for an app. */
  readonly #orders = new Map<string, readonly Place[]>();
  /** Executors that are to be killed, and when. */
  readonly #doomed = new Map<ExecutorProcess, number>();
  readonly #watchdog: Watchdog;
  #failedStarts = 0;
  #isClosed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.effects = new Map(options.services.map((s) => [`${s.service}.${s.method}`, s.effect]));
    if (options.isolation === "shared") {
      for (let i = 0; i < Math.max(1, options.executors); i++) {
        const name = String(i);
        this.#places.set(name, { name, process: this.#spawn() });
      }
    }
    this.#standby = this.#spawn();
    this.#watchdog = new Watchdog({ processes: () => this.#processes, onTick: (now) => this.#onTick(now) });
  }

  start(job: Job, host: Host): Run {
    const execution = new Execution(this, job, host, performance.now());
    execution.livePlace = this.#live.push(execution) - 1;
    if (this.#isClosed) execution.abort("aborted", "the sandbox is closed");
    else this.place(execution);
    return execution;
  }

  place(execution: Execution): void {
    if (this.#isClosed) {
      execution.abort("aborted", "the sandbox is closed");
      return;
    }
    const process = this.#processFor(execution.job.appId);
    if (process !== undefined) execution.startOn(process);
    else if (this.#waiting.length < WAITING_MAX) this.#waiting.push(execution);
    else execution.abort("overloaded", "no executor is ready");
  }

  now(): number {
    return this.#options.now();
  }

  forget(execution: Execution): void {
    const last = this.#live.pop();
    if (last === undefined || last === execution) return;
    this.#live[execution.livePlace] = last;
    last.livePlace = execution.livePlace;
  }

  ready(): boolean {
    for (const { process } of this.#places.values()) if (process?.isOpen === true) return true;
    return this.#standby?.isOpen === true;
  }

  pids(): readonly number[] {
    return [...this.#processes].map(({ pid }) => pid);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watchdog.close();
    for (const execution of this.#live.slice()) execution.abort("aborted", "the server is shutting down");
    this.#waiting = [];
    const gone = [...this.#processes].map((process) => this.#gone(process));
    for (const process of this.#processes) process.kill("closed");
    await Promise.all(gone);
    for (const execution of this.#live.slice()) execution.finish(0, 0, 0);
  }

  readonly #goneWaiters = new Map<ExecutorProcess, () => void>();

  async #gone(process: ExecutorProcess): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#goneWaiters.set(process, () => resolve(undefined));
    await promise;
  }

  #processFor(appId: string): ExecutorProcess | undefined {
    if (this.#options.isolation === "process") return this.#ownProcess(appId);
    for (const { process } of this.#order(appId)) {
      if (process !== undefined && this.#takesRuns(process)) return process;
    }
    return undefined;
  }

  #takesRuns(process: ExecutorProcess): boolean {
    if (!process.isReady || process.isGone || process.isDoomed) return false;
    const since = process.unansweredSinceMs;
    return since === undefined || performance.now() - since < PAUSE_MS;
  }

  /** Rendezvous hashing: an app finds its warm isolates again, and moves only when its executor is gone. */
  #order(appId: string): readonly Place[] {
    const known = this.#orders.get(appId);
    if (known !== undefined) return known;
    const weight = ({ name }: Place): string => createHash("sha256").update(`${appId} ${name}`).digest("hex");
    const order = [...this.#places.values()]
      .map((place) => ({ place, weight: weight(place) }))
      .toSorted((a, b) => (a.weight < b.weight ? -1 : 1))
      .map(({ place }) => place);
    if (this.#orders.size > 10_000) this.#orders.clear();
    this.#orders.set(appId, order);
    return order;
  }

  #ownProcess(appId: string): ExecutorProcess | undefined {
    const place = this.#places.get(appId);
    if (place?.process !== undefined) return this.#takesRuns(place.process) ? place.process : undefined;
    if (this.#places.size >= OWN_PROCESSES_MAX && !this.#endIdle()) return undefined;
    const made: Place = { name: appId, process: undefined };
    this.#places.set(appId, made);
    this.#fill(made);
    return made.process !== undefined && this.#takesRuns(made.process) ? made.process : undefined;
  }

  #endIdle(): boolean {
    const idle = [...this.#places.values()]
      .filter(({ process }) => process === undefined || process.runCount === 0)
      .toSorted((a, b) => (a.process?.idleSinceMs ?? 0) - (b.process?.idleSinceMs ?? 0))[0];
    if (idle === undefined) return false;
    this.#places.delete(idle.name);
    idle.process?.kill("closed");
    return true;
  }

  /** Puts the standby into a place and starts a new one. */
  #fill(place: Place): void {
    place.process = this.#standby ?? this.#spawn();
    this.#standby = this.#spawn();
    this.#options.log("info", "executor_took_place", { place: place.name, pid: place.process.pid });
  }

  #spawn(): ExecutorProcess {
    const events: ExecutorEvents = {
      onReady: () => this.#onReady(),
      onExit: (process, why) => this.#onExit(process, why),
      onStuck: (process, offender, isSuspect) => this.#onStuck(process, offender, isSuspect),
    };
    const uid = freeUid(new Set([...this.#processes].map((process) => process.uid)));
    const process = new ExecutorProcess(this.#options, events, uid);
    this.#processes.add(process);
    this.#options.log("debug", "executor_started", {
      pid: process.pid,
      ...(uid === undefined ? {} : { uid }),
    });
    return process;
  }

  #onReady(): void {
    this.#failedStarts = 0;
    this.#placeWaiting();
  }

  #placeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const execution of waiting) if (!execution.isDone) this.place(execution);
  }

  #onExit(process: ExecutorProcess, why: string): void {
    this.#processes.delete(process);
    this.#doomed.delete(process);
    this.#goneWaiters.get(process)?.();
    if (this.#isClosed) return;
    if (!process.wasReady) this.#failedStarts++;
    this.#replace(process);
    const isExplained = process.offenders.size > 0;
    for (const execution of process.runs) {
      if (execution === undefined) continue;
      // Without a report of the executor every run may have been inside the entry that ended it.
      const wasInside = !isExplained || process.offenders.has(execution);
      execution.lose(wasInside ? LOST.suspect : LOST.waited, `its executor ended: ${why}`);
    }
    this.#placeWaiting();
  }

  #replace(process: ExecutorProcess): void {
    const isFailing = this.#failedStarts >= FAILED_STARTS_MAX;
    const act = (): void => {
      if (this.#isClosed) return;
      if (process === this.#standby) this.#standby = this.#spawn();
      for (const place of this.#places.values()) {
        if (place.process !== process) continue;
        if (this.#options.isolation === "process" && process.runCount === 0) this.#places.delete(place.name);
        else this.#fill(place);
      }
    };
    if (isFailing) {
      this.#options.log("error", "executors_do_not_start", { failed: this.#failedStarts });
      setTimeout(act, RESTART_DELAY_MS).unref();
    } else act();
  }

  /** An entry does not end: the standby takes over at once, other apps' runs have a second, then it is killed. */
  #onStuck(process: ExecutorProcess, offender: Execution, isSuspect: boolean): void {
    process.offenders.add(offender);
    if (!isSuspect) offender.offend("it could not be interrupted", LIMIT.cpu);
    if (this.#doomed.has(process)) return;
    process.isDoomed = true;
    this.#doomed.set(process, performance.now() + STUCK_GRACE_MS);
    this.#replace(process);
    this.#placeWaiting();
  }

  #onTick(nowMs: number): void {
    for (const [process, atMs] of this.#doomed) if (nowMs >= atMs) process.kill("an entry did not end");
    for (const execution of this.#live.slice()) {
      if (nowMs >= execution.giveUpMs) execution.finish(0, 0, 0);
      else if (nowMs >= execution.deadlineMs) {
        execution.abort("timeout", `more than ${execution.job.limits.timeoutMs} ms`);
      }
    }
    if (this.#waiting.length > 0) this.#placeWaiting();
    if (this.#options.isolation !== "process") return;
    for (const { name, process } of this.#places.values()) {
      if (process === undefined || process.runCount > 0 || nowMs - process.idleSinceMs < OWN_IDLE_MS)
        continue;
      this.#places.delete(name);
      process.kill("closed");
    }
  }
}
