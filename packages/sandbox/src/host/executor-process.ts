/** One executor process as the server sees it: its pipe, the runs it has, and what it was told. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, setPriority, totalmem } from "node:os";
import { dirname } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";

import { guestLibraryFolders } from "../guest-library.ts";
import {
  encodeFrame,
  frameAt,
  type FromExecutor,
  NO_TOKEN,
  parseFromExecutor,
  PROTOCOL_VERSION,
  ProtocolError,
  TO_EXECUTOR,
  TOKEN_CHARS,
  FROM_EXECUTOR,
} from "../protocol.ts";
import type { Job, SandboxOptions } from "../sandbox.ts";
import { EnvelopeReader, FrameWriter } from "../wire.ts";
import type { Execution } from "./execution.ts";

/** Scripts that an executor is told of at a time. */
const SCRIPTS_MAX = 1024;
const STDERR_BYTES_MAX = 4096;
/** What a process may use in all, at least and at most; its isolates may use half. One with the largest limit has to fit. */
const MEMORY_MB_MIN = 768;
const MEMORY_MB_MAX = 4096;
const TOKEN_POOL = 512;
const FIRST_UID = 200_001;

export interface ExecutorEvents {
  readonly onReady: (process: ExecutorProcess) => void;
  readonly onExit: (process: ExecutorProcess, why: string) => void;
  readonly onStuck: (process: ExecutorProcess, offender: Execution, isSuspect: boolean) => void;
}

export class ExecutorProcess {
  readonly events: ExecutorEvents;
  readonly pid: number;
  readonly uid: number | undefined;
  /** What it may use in all, MiB. */
  readonly memoryMb: number;
  isReady = false;
  wasReady = false;
  isGone = false;
  /** It has to go: no new runs. */
  isDoomed = false;
  /** Why it is being killed, if the server does it. */
  killReason = "";
  /** Runs that it reported as the cause of its end. */
  readonly offenders = new Set<Execution>();
  /** When the oldest ping without an answer was sent; `undefined` if all were answered. */
  unansweredSinceMs: number | undefined;
  /** CPU time of its main thread when it began to be silent, in clock ticks. */
  silentTicks: number | undefined;
  readonly runs: (Execution | undefined)[] = [];
  runCount = 0;
  /** Last time a run ended here. */
  idleSinceMs = performance.now();
  readonly #options: SandboxOptions;
  readonly #child: ChildProcess;
  readonly #writer: FrameWriter;
  readonly #freeSlots: number[] = [];
  /** Tokens of runs that were given up, by the slot that each still has. */
  readonly #abandoned = new Map<number, string>();
  readonly #scripts = new Map<string, { readonly number: number; readonly hash: string; runs: number }>();
  readonly #artifacts = new Set<string>();
  #nextScript = 1;
  #ping = 0;
  #stderr = "";
  #tokens = "";
  #warnedMs = -1000;

  constructor(options: SandboxOptions, events: ExecutorEvents, uid: number | undefined) {
    this.#options = options;
    this.events = events;
    this.uid = uid;
    const share = totalmem() / 2 ** 21 / Math.max(1, options.executors);
    this.memoryMb = Math.round(Math.min(MEMORY_MB_MAX, Math.max(MEMORY_MB_MIN, share)));
    this.#child = spawn(process.execPath, [...executorFlags(), ...(uid === undefined ? [] : [String(uid)])], {
      env: { LIBC: libc() },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      // A terminal's Ctrl+C goes to its whole process group: the server drains its runs first. An executor ends when
      // its channel does, so it does not outlive a server that is killed.
      detached: true,
    });
    this.pid = this.#child.pid ?? 0;
    const channel = this.#child.stdio[3];
    if (!(channel instanceof Duplex)) throw new Error("an executor has no channel");
    this.#writer = new FrameWriter(channel);
    const reader = new EnvelopeReader((text) => this.#onText(text));
    channel.on("data", (chunk: Buffer) => this.#guarded(() => reader.read(chunk)));
    channel.on("error", () => undefined); // "exit" tells; here it only must not be thrown
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_BYTES_MAX);
    });
    this.#child.on("error", (error) => this.#onGone(`could not start: ${error.message}`));
    this.#child.on("exit", (code, signal) => this.#onGone(signal ?? `exit code ${code}`));
    this.#push(encodeFrame(TO_EXECUTOR.boot, 0, PROTOCOL_VERSION, this.#bootParts()));
    lowerPriority(this.pid);
  }

  #bootParts(): string[] {
    const { services, now, rhai } = this.#options;
    const rhaiTexts = [rhai?.runtime ?? "", rhai?.compiler ?? ""];
    return [JSON.stringify(services), String(now()), String(this.memoryMb), ...rhaiTexts];
  }

  /** Is up and stays. A ping that is on its way says nothing: there is one ten times a second. */
  get isOpen(): boolean {
    return this.isReady && !this.isGone && !this.isDoomed;
  }

  /** Gives a run its slot and a token that nobody can guess, and returns the number of its script here. */
  admit(execution: Execution): number {
    const script = this.#scriptNumber(execution.job);
    execution.slot = this.#freeSlots.pop() ?? this.runs.length;
    execution.token = this.#token();
    this.runs[execution.slot] = execution;
    this.runCount++;
    return script;
  }

  /** The executor has let go of the run: its slot is free. */
  revoke(execution: Execution): void {
    if (this.#drop(execution)) this.#freeSlots.push(execution.slot);
  }

  /** From now on nothing is accepted under the run's token. The executor still has the run, so its slot stays taken
   *  until it says that the run ended: a new run there would be given what this one still has to say. */
  abandon(execution: Execution): void {
    if (this.#drop(execution)) this.#abandoned.set(execution.slot, execution.token);
  }

  #drop(execution: Execution): boolean {
    if (this.runs[execution.slot] !== execution) return false;
    this.runs[execution.slot] = undefined;
    this.runCount--;
    this.idleSinceMs = performance.now();
    return true;
  }

  #onAbandonedFrame(slot: number, kind: string): void {
    if (kind !== FROM_EXECUTOR.finished && kind !== FROM_EXECUTOR.lost) return;
    this.#abandoned.delete(slot);
    this.#freeSlots.push(slot);
  }

  /** Sends frames; each with its token. */
  send(text: string): void {
    if (!this.isGone) this.#writer.push(text);
  }

  ping(nowMs: number): void {
    this.#ping = (this.#ping + 1) & 0xffff;
    this.unansweredSinceMs ??= nowMs;
    this.#push(encodeFrame(TO_EXECUTOR.ping, 0, this.#ping, [String(this.#options.now())]));
  }

  kill(reason: string): void {
    if (this.isGone) return;
    this.killReason ||= reason;
    this.isDoomed = true;
    this.#child.kill("SIGKILL");
  }

  #push(frame: string): void {
    this.send(NO_TOKEN + frame);
  }

  #token(): string {
    if (this.#tokens === "") {
      const bytes = randomBytes(TOKEN_CHARS * TOKEN_POOL);
      for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) & 127;
      this.#tokens = bytes.toString("latin1");
    }
    const token = this.#tokens.slice(0, TOKEN_CHARS);
    this.#tokens = this.#tokens.slice(TOKEN_CHARS);
    // All zeros mean "no run".
    return token === NO_TOKEN ? this.#token() : token;
  }

  #scriptNumber(job: Job): number {
    const { appId, scriptId, artifact, limits } = job;
    const rhai = limits.rhai === undefined ? "" : JSON.stringify(limits.rhai);
    const key = `${appId} ${scriptId} ${artifact.hash} ${limits.memoryMb} ${limits.cpuMs} ${limits.logBytes} ${limits.responseBytes} ${rhai}`;
    const known = this.#scripts.get(key);
    if (known !== undefined) return known.number;
    if (this.#scripts.size >= SCRIPTS_MAX) this.#forgetOldest();
    const number = this.#nextScript;
    this.#nextScript = (this.#nextScript + 1) % 2 ** 24;
    if (!this.#artifacts.has(artifact.hash)) {
      this.#artifacts.add(artifact.hash);
      const { hash, name, code, language = "javascript" } = artifact;
      const parts = [hash, name, code, language === "javascript" ? "" : language];
      this.#push(encodeFrame(TO_EXECUTOR.artifact, 0, 0, parts));
    }
    const numbers = [limits.memoryMb, limits.cpuMs, limits.logBytes, limits.responseBytes].map(String);
    const parts = [appId, scriptId, artifact.hash, ...numbers, rhai];
    this.#push(encodeFrame(TO_EXECUTOR.script, 0, number, parts));
    this.#scripts.set(key, { number, hash: artifact.hash, runs: 0 });
    return number;
  }

  #forgetOldest(): void {
    for (const [key, { number, hash }] of this.#scripts) {
      this.#scripts.delete(key);
      this.#push(encodeFrame(TO_EXECUTOR.forget, 0, number, []));
      if (![...this.#scripts.values()].some((other) => other.hash === hash)) this.#artifacts.delete(hash);
      return;
    }
  }

  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#options.log("error", "executor_broke_protocol", { pid: this.pid, message: error.message });
      this.kill("it broke the protocol");
    }
  }

  #onText(text: string): void {
    for (let at = 0; at < text.length && !this.isDoomed;) {
      const frame = frameAt(text, at + TOKEN_CHARS);
      const tokenAt = at;
      at = frame.end;
      const execution = this.runs[frame.run];
      const abandoned = execution === undefined ? this.#abandoned.get(frame.run) : undefined;
      if (execution !== undefined && text.startsWith(execution.token, tokenAt)) {
        const parsed = parseFromExecutor(text, frame);
        if (parsed.kind === "stuck") this.events.onStuck(this, execution, frame.id === 1);
        else execution.accept(parsed);
      } else if (text.startsWith(NO_TOKEN, tokenAt)) this.#onOwnFrame(parseFromExecutor(text, frame));
      else if (abandoned !== undefined && text.startsWith(abandoned, tokenAt))
        this.#onAbandonedFrame(frame.run, frame.kind);
      // Any other frame is of a finished or revoked run: dropped.
    }
  }

  #onOwnFrame(frame: FromExecutor): void {
    if (frame.kind === "ready") {
      if (frame.version !== PROTOCOL_VERSION) throw new ProtocolError("executor of another version");
      this.isReady = this.wasReady = true;
      lowerPriority(this.pid);
      this.events.onReady(this);
    } else if (frame.kind === "pong") this.unansweredSinceMs = this.silentTicks = undefined;
    else if (frame.kind === "event") this.#onEvent(frame.event, frame.fields);
    else throw new ProtocolError("frame without its run");
  }

  /** At most one line a second: a script can cause warnings at will. */
  #onEvent(event: string, fields: string): void {
    const now = performance.now();
    if (now - this.#warnedMs < 1000) return;
    this.#warnedMs = now;
    this.#options.log("warn", "executor_event", { pid: this.pid, event, fields });
  }

  #onGone(why: string): void {
    if (this.isGone) return;
    this.isGone = true;
    this.isReady = false;
    const stderr = this.#stderr.trim();
    this.#options.log(this.killReason === "closed" ? "debug" : "warn", "executor_gone", {
      pid: this.pid,
      why: this.killReason || why,
      ...(stderr === "" ? {} : { stderr }),
    });
    this.events.onExit(this, this.killReason || why);
  }
}

/** The smallest user number that no live executor has; `undefined` where the server can't give one. */
export function freeUid(used: ReadonlySet<number | undefined>): number | undefined {
  if (process.platform === "win32" || process.getuid?.() !== 0) return undefined;
  let uid = FIRST_UID;
  while (used.has(uid)) uid++;
  return uid;
}

function executorFlags(): string[] {
  const main = fileURLToPath(new URL("../executor/main.ts", import.meta.url));
  const source = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
  const require = createRequire(import.meta.url);
  const isolatedVm = realpathSync(dirname(require.resolve("isolated-vm/package.json")));
  const build = realpathSync(
    dirname(createRequire(`${isolatedVm}/package.json`).resolve("node-gyp-build/package.json")),
  );
  // Type stripping looks for the package.json of the package and of the folders above a dependency.
  const library = Object.values(guestLibraryFolders()).map((folder) => `${folder}/*`);
  const own = [`${source}/*`, `${dirname(source)}/package.json`];
  const readable = [...own, `${isolatedVm}/*`, `${build}/*`, ...library];
  return [
    "--permission",
    "--allow-addons",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    // Without it neither timeout nor memory limit fires in most kinds of endless loop.
    "--no-concurrent-recompilation",
    "--enable-experimental-regexp-engine-on-excessive-backtracks",
    // isolated-vm can't run beside Node's start-up snapshot.
    "--no-node-snapshot",
    "--disable-warning=SecurityWarning",
    realpathSync(main),
  ];
}

/** node-gyp-build would look at the file system to find it out, which an executor may not. */
function libc(): string {
  const report: unknown = process.report?.getReport();
  const header =
    typeof report === "object" && report !== null && "header" in report ? report.header : undefined;
  const isGlibc = typeof header === "object" && header !== null && "glibcVersionRuntime" in header;
  return process.platform !== "linux" || isGlibc ? "glibc" : "musl";
}

/** Behind the server in every queue for a processor. Linux has a priority for each thread, so all are set. */
function lowerPriority(pid: number): void {
  const priority = constants.priority.PRIORITY_BELOW_NORMAL / 2;
  for (const id of process.platform === "linux" ? threadsOf(pid) : [pid]) {
    try {
      setPriority(id, priority);
    } catch {
      // A thread that has ended, or a system that forbids it: an executor at the server's priority works as well.
    }
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
