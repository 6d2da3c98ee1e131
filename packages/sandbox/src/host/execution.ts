/** One run: its state in the server, and every frame that an executor sends for it. */
import { isUtf8 } from "node:buffer";

import {
  BYTES_PART,
  encodeFrame,
  type FromExecutor,
  INTO,
  INVOKE,
  LOG_CUT,
  LOG_LEVELS,
  LOG_LINE_BYTES,
  LOST,
  PENDING_CALLS_MAX,
  TEXT_PART,
} from "../protocol.ts";
import type {
  Head,
  Host,
  HostCall,
  HostReply,
  Job,
  LogLine,
  Outcome,
  Run,
  RunError,
  ServiceMethod,
} from "../sandbox.ts";
import type { ExecutorProcess } from "./executor-process.ts";
import { parseHeaderBlock } from "./headers.ts";
import { errorOf, lostError, limitError, runError } from "./run-errors.ts";

/** After it was aborted a run has so long to end by itself, for its account. */
export const ABORT_GRACE_MS = 250;

/** Of one log message, as UTF-8. */
const MESSAGE_BYTES_MAX = 16 * 1024;

export interface ExecutionOwner {
  /** Effect of each method, by `service.method`. */
  readonly effects: ReadonlyMap<string, ServiceMethod["effect"]>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Gives the run to an executor again. */
  place(execution: Execution): void;
  /** The run is over. */
  forget(execution: Execution): void;
}

export class Execution implements Run {
  readonly job: Job;
  readonly head: Promise<Head | undefined>;
  readonly done: Promise<Outcome>;
  /** When its wall time is up; on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** The owner's. */
  livePlace = 0;
  /** Set by the executor process that has the run. */
  slot = 0;
  token = "";
  process: ExecutorProcess | undefined;
  /** Shares no entry: it was in one that was cut. */
  isSolo = false;
  /** When an aborted run is given up. */
  giveUpMs = Infinity;
  isDone = false;
  readonly #owner: ExecutionOwner;
  readonly #host: Host;
  readonly #resolveHead: (head: Head | undefined) => void;
  readonly #resolveDone: (outcome: Outcome) => void;
  /** Counts tries: what belongs to an earlier one is dropped. */
  #try = 0;
  #isAnswered = false;
  #hasWritten = false;
  #calls = 0;
  #pending = 0;
  #logBytes = 0;
  #isLogCut = false;
  #error: RunError | undefined;
  #isEnding = false;
  #wasCut = false;

  constructor(owner: ExecutionOwner, job: Job, host: Host, nowMs: number) {
    this.#owner = owner;
    this.job = job;
    this.#host = host;
    this.deadlineMs = nowMs + job.limits.timeoutMs;
    const head = Promise.withResolvers<Head | undefined>();
    const done = Promise.withResolvers<Outcome>();
    this.head = head.promise;
    this.done = done.promise;
    this.#resolveHead = head.resolve;
    this.#resolveDone = done.resolve;
  }

  /** Sends the run to an executor. */
  startOn(process: ExecutorProcess): void {
    this.process = process;
    const script = process.admit(this);
    const { input } = this.job;
    const seed = Buffer.from(this.job.seed).toString("latin1");
    let flags = this.isSolo ? INVOKE.solo : 0;
    let parts: string[];
    if (input.kind === "event") {
      flags |= INVOKE.event;
      parts = [seed, this.job.ctx, "", "", "", input.event];
    } else {
      const { body, isBytes } = bodyText(input.body);
      if (isBytes) flags |= INVOKE.bytes;
      const headers = input.headers.length === 0 ? "" : `${input.headers.join("\0")}\0`;
      parts = [seed, this.job.ctx, input.method, input.url, headers, body];
    }
    process.send(this.token + encodeFrame(INTO.invoke, this.slot, flags | (script << 3), parts));
  }

  abort(code: "aborted" | "timeout" | "overloaded", message: string): void {
    this.#stop(runError(code, message, code === "overloaded"));
  }

  /** Ends the run with an error; what it still does is of no interest but for its account. */
  #stop(error: RunError): void {
    if (this.isDone || this.#isEnding) return;
    this.#error ??= error;
    this.#isEnding = true;
    this.#answer(undefined);
    if (this.process === undefined || this.process.isGone) {
      this.finish(0, 0, 0);
      return;
    }
    this.giveUpMs = performance.now() + ABORT_GRACE_MS;
    this.process.send(this.token + encodeFrame(INTO.abort, this.slot, 0, [error.code, error.message]));
  }

  /** The executor of this run is gone, or its isolate. `how`: one of LOST. */
  lose(how: number, reason: string): void {
    if (this.isDone) return;
    this.process?.revoke(this);
    this.process = undefined;
    const mayTry = how !== LOST.suspect || !this.#wasCut;
    if (this.#isEnding || this.#isAnswered || this.#hasWritten || !mayTry) {
      this.#endLost(reason);
      return;
    }
    if (how === LOST.suspect) this.isSolo = this.#wasCut = true;
    this.#try++;
    this.#calls = this.#pending = this.#logBytes = 0;
    this.#isLogCut = false;
    if (how !== LOST.queued) {
      this.#host.restart(reason);
      this.#log({ level: "warn", message: `run again: ${reason}`, at: this.#owner.now() });
    }
    this.#owner.place(this);
  }

  #endLost(reason: string): void {
    if (!this.#isEnding) {
      this.#error ??= lostError(reason, this.#hasWritten);
      if (this.#isAnswered) {
        this.#log({ level: "error", message: `lost after its answer: ${reason}`, at: this.#owner.now() });
      }
    }
    this.finish(0, 0, 0);
  }

  /** The run took its executor with it. */
  offend(reason: string, limit: number): void {
    if (this.isDone) return;
    this.#error ??= limitError(limit, this.job.limits, reason);
    this.finish(this.job.limits.cpuMs, 0, 0);
  }

  /** A checked frame under this run's token. */
  accept(frame: FromExecutor): void {
    if (frame.kind === "finished") {
      this.#onFinished(frame);
      return;
    }
    if (frame.kind === "lost") {
      this.lose(frame.how, "its isolate hit a limit");
      return;
    }
    if (this.#isEnding) return;
    switch (frame.kind) {
      case "result":
        this.#onResult(frame);
        return;
      case "call":
        this.#onCall(frame.id, callOf(frame));
        return;
      case "log":
        this.#onLog(frame);
        return;
      case "error":
        this.#fail(errorOf(frame, this.job));
        return;
      case "limit":
        this.#fail(limitError(frame.limit, this.job.limits, ""));
        return;
      case "head":
      case "stream":
      case "stuck":
      case "ready":
      case "pong":
      case "event":
        // Streams have their kinds on the wire, but no executor of this version opens one.
        this.#fail(runError("internal", "a frame that this version does not know", false));
        return;
      default:
        frame satisfies never;
    }
  }

  #onFinished(frame: FromExecutor & { kind: "finished" }): void {
    this.process?.revoke(this);
    this.finish(frame.cpuMicros / 1000, frame.heapBytes, frame.call);
  }

  #onResult(frame: FromExecutor & { kind: "result" }): void {
    if (this.#isAnswered) return;
    if (this.job.input.kind === "event") {
      this.#host.returned?.();
      this.#answer(undefined);
      return;
    }
    const headers = parseHeaderBlock(frame.headers);
    if (headers === undefined) {
      this.#fail(runError("bad_response", "the response has an invalid or forbidden header", false));
    } else if (frame.status < 200 || frame.status > 599) {
      this.#fail(
        runError("bad_response", `the response has the status ${frame.status}: 200 to 599 are valid`, false),
      );
    } else if (bytesOf(frame.body, frame.isBytes) > this.job.limits.responseBytes) {
      this.#fail(limitlessSize(this.job.limits.responseBytes));
    } else {
      const body = frame.isBytes ? Buffer.from(frame.body, "latin1") : frame.body;
      this.#host.returned?.();
      this.#answer({ status: frame.status, headers, body });
    }
  }

  #onCall(id: number, call: HostCall): void {
    const effect = this.#owner.effects.get(`${call.service}.${call.method}`);
    if (effect === undefined) {
      this.#refuse(id, "invalid", `${call.service}.${call.method} does not exist`, this.#try);
      return;
    }
    if (++this.#calls > this.job.limits.hostCalls || ++this.#pending > PENDING_CALLS_MAX) {
      const message = `more than ${this.job.limits.hostCalls} calls of services, or more than ${PENDING_CALLS_MAX} at a time`;
      this.#stop(runError("host_calls_limit", message, false));
      return;
    }
    if (effect === "write") this.#hasWritten = true;
    void this.#call(id, call, this.#try);
  }

  async #call(id: number, call: HostCall, tryNumber: number): Promise<void> {
    try {
      const value = await this.#host.call(call);
      this.#reply(encodeReply(this.slot, id, value), tryNumber);
    } catch (error) {
      const { code, message, retryable, details } = serviceError(error);
      this.#refuse(id, code, message, tryNumber, retryable, details);
    }
  }

  // oxlint-disable-next-line max-params -- one more would be an object for each refused call
  #refuse(
    id: number,
    code: string,
    message: string,
    tryNumber: number,
    retryable = false,
    details = "",
  ): void {
    const parts = [code, message, retryable ? "1" : "", details];
    this.#reply(encodeFrame(INTO.refuse, this.slot, id, parts), tryNumber);
  }

  #reply(frame: string, tryNumber: number): void {
    if (this.isDone || tryNumber !== this.#try) return;
    this.#pending--;
    this.process?.send(this.token + frame);
  }

  #onLog(frame: FromExecutor & { kind: "log" }): void {
    if (this.#isLogCut) return;
    const { logBytes } = this.job.limits;
    const message = cutMessage(frame.message);
    this.#logBytes += LOG_LINE_BYTES + Buffer.byteLength(message) + Buffer.byteLength(frame.fields);
    if (frame.level === LOG_CUT || this.#logBytes > logBytes) {
      this.#isLogCut = true;
      const marker = `log limit of ${logBytes} bytes reached, further lines dropped`;
      this.#log({ level: "warn", message: marker, at: frame.at });
      return;
    }
    const level = LOG_LEVELS[frame.level] ?? "info";
    const line: LogLine = { level, message, at: frame.at };
    this.#log(frame.fields === "" ? line : { ...line, fields: frame.fields });
  }

  #log(line: LogLine): void {
    this.#host.log(line);
  }

  #fail(error: RunError): void {
    this.#error ??= error;
    this.#answer(undefined);
  }

  #answer(head: Head | undefined): void {
    this.#isAnswered = true;
    this.#resolveHead(head);
  }

  finish(cpuMs: number, heapBytes: number, contextCall: number): void {
    if (this.isDone) return;
    this.isDone = true;
    this.process?.abandon(this);
    if (!this.#isAnswered && this.#error === undefined) {
      this.#error = runError("internal", "the run ended without an answer", false);
    }
    this.#answer(undefined);
    const outcome = { cpuMs, heapBytes, contextCall, wrote: this.#hasWritten };
    this.#resolveDone(this.#error === undefined ? outcome : { ...outcome, error: this.#error });
    this.#owner.forget(this);
  }
}

/** At most 16 KiB of UTF-8, of whole characters. */
function cutMessage(message: string): string {
  if (message.length * 3 <= MESSAGE_BYTES_MAX || Buffer.byteLength(message) <= MESSAGE_BYTES_MAX)
    return message;
  return Buffer.from(message)
    .subarray(0, MESSAGE_BYTES_MAX)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
}

/** Text if the bytes are valid UTF-8, else one char for each byte. */
function bodyText(bytes: Uint8Array): { readonly body: string; readonly isBytes: boolean } {
  if (bytes.length === 0) return { body: "", isBytes: false };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer)
    ? { body: buffer.toString("utf8"), isBytes: false }
    : { body: buffer.toString("latin1"), isBytes: true };
}

function bytesOf(body: string, isBytes: boolean): number {
  return isBytes ? body.length : Buffer.byteLength(body);
}

function limitlessSize(bytes: number): RunError {
  return runError("size_limit", `the response is longer than ${bytes} bytes`, false);
}

/** Bytes come as a last part that no JSON could be: one char says what it is, then one char for each byte, or text. */
function callOf({ service, method, args }: FromExecutor & { kind: "call" }): HostCall {
  const last = args.at(-1) ?? "";
  const mark = last.charAt(0);
  if (mark !== BYTES_PART && mark !== TEXT_PART) return { service, method, args };
  const bytes = Buffer.from(last.slice(1), mark === BYTES_PART ? "latin1" : "utf8");
  return { service, method, args: args.slice(0, -1), bytes };
}

function encodeReply(slot: number, id: number, value: HostReply): string {
  if (value === undefined) return encodeFrame(INTO.reply, slot, id, []);
  if (typeof value === "string") return encodeFrame(INTO.reply, slot, id, [value]);
  const { buffer, byteOffset, byteLength } = value.bytes;
  const bytes = Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
  return encodeFrame(INTO.reply, slot, id, [value.json, bytes]);
}

/** Reads what a service threw; anything without a code is ours and tells the script nothing. */
function serviceError(error: unknown): {
  code: string;
  message: string;
  retryable: boolean;
  details: string;
} {
  if (typeof error !== "object" || error === null || !("code" in error) || typeof error.code !== "string") {
    return { code: "internal", message: "internal error", retryable: false, details: "" };
  }
  const message = "message" in error && typeof error.message === "string" ? error.message : error.code;
  const retryable = "retryable" in error && error.retryable === true;
  const details = "details" in error && error.details !== undefined ? JSON.stringify(error.details) : "";
  return { code: error.code, message, retryable, details };
}
