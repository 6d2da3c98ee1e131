/**
 * THE wire: every frame between server, executor and isolate, with its sizes.
 *
 * Frame: kind (1 char), size of the whole frame, run, id (numbers: four chars of 7 bits, lowest first), then parts, each
 * a length and its text. Lengths count UTF-16 units. A frame inside an isolate is just that. On the pipe each frame has
 * the 8 chars of its run's token before it (`NO_TOKEN` for frames of the executor itself), and travels in envelopes:
 * payload bytes (uint32, little endian), one flag byte, payload. Flag 0 is latin1, 1 is UTF-16; never UTF-8, which would
 * rewrite lone surrogates.
 *
 * Frames from an executor are hostile: `parseFromExecutor` accepts the closed set of kinds below and nothing else.
 */

/** Raised with every change; a child of another version ends itself. */
export const PROTOCOL_VERSION = 4;

/** Frames that enter an isolate. Parts are in the comment. */
export const INTO = {
  entry: "E", // id = unit that the frames are for. Time of the entry, ms. Always the first frame
  // services JSON, name, code, seed, log bytes, response bytes; for Rhai its limits as JSON and, for one that compiles text,
  // the compiler. Makes the context ready for one artifact
  load: "L",
  drop: "D", // id = unit that is not needed any more; Rhai only
  invoke: "I", // id = INVOKE flags | script << 3. seed, ctx JSON, method, url, headers, body; method is empty for events
  reply: "R", // id = call. JSON of the value, no part for an absent one; then bytes of its member `data`, if it has one
  refuse: "X", // id = call. code, message, "1" if retryable, details JSON or ""
  timer: "T", // id = timer. It fired
  abort: "A", // code, message
  chunk: ">", // id = stream, of an incoming stream: one part, text or bytes
  end: ".",
  fail: "!",
  pull: "?", // id = stream, of an outgoing stream: credit in bytes
  cancel: "#",
} as const;

/** Frames that leave an isolate. */
export const OUT = {
  result: "r", // id = status | RESULT flags. header block, body
  head: "h", // id = status. header block; the body follows as a stream
  done: "d", // answer and all of waitUntil are finished. Ends at the executor, which sends `finished`
  error: "e", // id = class of ERROR. name, message, stack, code of the PicloudError
  call: "c", // id = call. service, method, JSON of each argument; a BYTES_PART or TEXT_PART may follow
  log: "l", // id = level, or LOG_CUT. message, fields JSON or "", time ms
  timerSet: "t", // id = timer. ms. Ends at the executor
  timerClear: "u", // id = timer. Ends at the executor
  loaded: "x", // id = LOADED flags. Ends at the executor
  loadFailed: "y", // name, message, stack. Ends at the executor
  dirty: "z", // a global was added: no new run in this context. Ends at the executor
  warning: "w", // event name, fields JSON. For the operator's log
  chunk: ">",
  end: ".",
  fail: "!",
  pull: "?",
  cancel: "#",
} as const;

/** Frames of the server to an executor; those of runs (`INTO` but entry, load and timer) travel as they are. */
export const TO_EXECUTOR = {
  boot: "V", // id = version. services JSON, server time ms, memory ceiling MiB, Rhai runtime, Rhai compiler
  ping: "P", // id = number. server time ms
  artifact: "C", // hash, name, code, language
  script: "S", // id = number. app, script, artifact hash, memory MiB, cpu ms, log bytes, response bytes, Rhai limits JSON
  forget: "G", // id = script number
} as const;

/** Frames of an executor to the server; those of runs (`OUT` but the ones that end at the executor) travel as they are. */
export const FROM_EXECUTOR = {
  ready: "V", // id = version
  pong: "P", // id = number of the ping
  finished: "o", // id = call number in its context. cpu µs, heap bytes. The last frame of a run
  limit: "m", // id = LIMIT. The run is the offender
  lost: "q", // id = LOST. The isolate of the run is gone
  stuck: "g", // the run's entry does not end; the executor has to be replaced
  event: "w", // event name, fields JSON. For the operator's log
} as const;

export const INVOKE = { bytes: 1, event: 2, solo: 4 } as const;
export const RESULT = { bytes: 1024, done: 2048 } as const;
export const STATUS_MASK = 1023;
export const ERROR = { script: 0, load: 1, malformed: 2, response: 3, size: 4, calls: 5 } as const;
export const LOADED = { fresh: 1, transaction: 2 } as const;
/** Broken: the isolate failed in a way that no script can bring about. */
export const LIMIT = { cpu: 1, memory: 2, broken: 3 } as const;
/** How much a lost run had to do with the loss: it had not started, it waited, it was in the entry that was cut. */
export const LOST = { queued: 0, waited: 1, suspect: 2 } as const;
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;
/** Log id of the marker "limit reached"; its text is made by the server. */
export const LOG_CUT = 8;
/** What a line counts beside its text, or empty lines would have no limit. */
export const LOG_LINE_BYTES = 32;

export const TOKEN_CHARS = 8;
export const NO_TOKEN = "\0".repeat(TOKEN_CHARS);
export const FRAME_HEAD_CHARS = 13;
export const ENVELOPE_HEAD_BYTES = 5;
/** Largest of all: a response at its ceiling (64 MiB, two bytes a char) and the frames that were sent before it. */
export const ENVELOPE_BYTES_MAX = 2 * (66 * 1024 * 1024);
/** A writer starts a new envelope when the waiting text is longer. */
export const ENVELOPE_CHARS_SOFT = 512 * 1024;
export const BODY_CHARS_MAX = 64 * 1024 * 1024 + 1024;
export const HEADER_BLOCK_CHARS_MAX = 32 * 1024;
export const CALL_CHARS_MAX = 16 * 1024 * 1024;
export const CALL_ARGS_MAX = 8;
/** First char of the last part of a call that carries bytes: one char for each, or text that is to become UTF-8. No JSON
 *  begins with either. */
export const BYTES_PART = "\u0001";
export const TEXT_PART = "\u0002";
export const NAME_CHARS_MAX = 128;
export const MESSAGE_CHARS_MAX = 16 * 1024;
export const STACK_CHARS_MAX = 8 * 1024;
export const CHUNK_CHARS_MAX = 64 * 1024;
export const PENDING_CALLS_MAX = 100;
export const TIMERS_MAX = 1000;

/** The other side broke the protocol. From an executor it means that the process has to go. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

/** A number below 2^28 as four chars. */
export function encodeNumber(n: number): string {
  return String.fromCharCode(n & 127, (n >> 7) & 127, (n >> 14) & 127, (n >> 21) & 127);
}

/** The number at a place; throws where there is none. */
export function decodeNumber(text: string, at: number): number {
  const a = text.charCodeAt(at);
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  const d = text.charCodeAt(at + 3);
  if ((a | b | c | d) > 127 || !(at + 4 <= text.length)) throw new ProtocolError("not a number");
  return a | (b << 7) | (c << 14) | (d << 21);
}

/** One frame without token. */
export function encodeFrame(kind: string, run: number, id: number, parts: readonly string[]): string {
  let body = "";
  for (const part of parts) body += encodeNumber(part.length) + part;
  return kind + encodeNumber(FRAME_HEAD_CHARS + body.length) + encodeNumber(run) + encodeNumber(id) + body;
}

/** A frame found in a text: where it starts (after the token) and ends. */
export interface FrameAt {
  readonly kind: string;
  readonly run: number;
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Reads the head of the frame at `start`; throws if it does not fit into the text. */
export function frameAt(text: string, start: number): FrameAt {
  const size = decodeNumber(text, start + 1);
  const end = start + size;
  if (size < FRAME_HEAD_CHARS || end > text.length) throw new ProtocolError("frame does not fit");
  return {
    kind: text.charAt(start),
    run: decodeNumber(text, start + 5),
    id: decodeNumber(text, start + 9),
    start,
    end,
  };
}

/** All parts of a frame, at most `max`. */
export function framePartsOf(text: string, frame: FrameAt, max: number): string[] {
  const parts: string[] = [];
  let at = frame.start + FRAME_HEAD_CHARS;
  while (at < frame.end) {
    const length = decodeNumber(text, at);
    at += 4;
    if (at + length > frame.end || parts.length === max) throw new ProtocolError("part does not fit");
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
}

/** A frame of an executor, checked: kinds, number of parts and their sizes. `token` is where its token begins. */
export type FromExecutor =
  | { readonly kind: "ready"; readonly version: number }
  | { readonly kind: "pong"; readonly number: number }
  | { readonly kind: "event"; readonly event: string; readonly fields: string }
  | {
      readonly kind: "finished";
      readonly call: number;
      readonly cpuMicros: number;
      readonly heapBytes: number;
    }
  | { readonly kind: "limit"; readonly limit: number }
  | { readonly kind: "lost"; readonly how: number }
  | { readonly kind: "stuck" }
  | {
      readonly kind: "result";
      readonly status: number;
      readonly isBytes: boolean;
      readonly headers: string;
      readonly body: string;
    }
  | { readonly kind: "head"; readonly status: number; readonly headers: string }
  | {
      readonly kind: "error";
      readonly errorClass: number;
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly code: string;
    }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly service: string;
      readonly method: string;
      readonly args: readonly string[];
    }
  | {
      readonly kind: "log";
      readonly level: number;
      readonly message: string;
      readonly fields: string;
      readonly at: number;
    }
  | { readonly kind: "stream"; readonly op: string; readonly id: number; readonly part: string };

/** How many parts a kind has (least, most) and how long each may be; the last bound holds for all further parts. */
const SHAPES: Readonly<Record<string, readonly [number, number, ...number[]]>> = {
  [FROM_EXECUTOR.ready]: [0, 0],
  [FROM_EXECUTOR.pong]: [0, 0],
  [FROM_EXECUTOR.event]: [2, 2, NAME_CHARS_MAX, 4096],
  [FROM_EXECUTOR.finished]: [2, 2, 16, 16],
  [FROM_EXECUTOR.limit]: [0, 0],
  [FROM_EXECUTOR.lost]: [0, 0],
  [FROM_EXECUTOR.stuck]: [0, 0],
  [OUT.result]: [2, 2, HEADER_BLOCK_CHARS_MAX * 2, BODY_CHARS_MAX],
  [OUT.head]: [1, 1, HEADER_BLOCK_CHARS_MAX * 2],
  [OUT.error]: [4, 4, NAME_CHARS_MAX, MESSAGE_CHARS_MAX, STACK_CHARS_MAX, NAME_CHARS_MAX],
  [OUT.call]: [2, 2 + CALL_ARGS_MAX, NAME_CHARS_MAX, NAME_CHARS_MAX, CALL_CHARS_MAX],
  [OUT.log]: [3, 3, MESSAGE_CHARS_MAX, MESSAGE_CHARS_MAX, 24],
  [OUT.chunk]: [1, 1, CHUNK_CHARS_MAX],
  [OUT.end]: [0, 0],
  [OUT.fail]: [1, 1, MESSAGE_CHARS_MAX],
  [OUT.pull]: [1, 1, 16],
  [OUT.cancel]: [1, 1, MESSAGE_CHARS_MAX],
};

/** Checks and reads one frame of an executor. Throws `ProtocolError` and nothing else. */
export function parseFromExecutor(text: string, frame: FrameAt): FromExecutor {
  const shape = SHAPES[frame.kind];
  if (shape === undefined) throw new ProtocolError("unknown kind of frame");
  const parts = framePartsOf(text, frame, shape[1]);
  if (parts.length < shape[0]) throw new ProtocolError("frame without its parts");
  for (let i = 0; i < parts.length; i++) {
    const max = shape[Math.min(i + 2, shape.length - 1)] ?? 0;
    if ((parts[i] ?? "").length > max) throw new ProtocolError("part is too long");
  }
  return readFrame(frame, parts);
}

function readFrame(frame: FrameAt, parts: readonly string[]): FromExecutor {
  const [a = "", b = "", c = "", d = ""] = parts;
  switch (frame.kind) {
    case OUT.result:
      return {
        kind: "result",
        status: frame.id & STATUS_MASK,
        isBytes: (frame.id & RESULT.bytes) !== 0,
        headers: a,
        body: b,
      };
    case FROM_EXECUTOR.finished:
      return { kind: "finished", call: frame.id, cpuMicros: count(a), heapBytes: count(b) };
    case OUT.call:
      return { kind: "call", id: frame.id, service: a, method: b, args: parts.slice(2) };
    case OUT.log:
      return { kind: "log", level: frame.id, message: a, fields: b, at: count(c) };
    case OUT.error:
      return { kind: "error", errorClass: frame.id, name: a, message: b, stack: c, code: d };
    case OUT.head:
      return { kind: "head", status: frame.id & STATUS_MASK, headers: a };
    default:
      return readExecutorFrame(frame, a, b);
  }
}

function readExecutorFrame(frame: FrameAt, a: string, b: string): FromExecutor {
  switch (frame.kind) {
    case FROM_EXECUTOR.ready:
      return { kind: "ready", version: frame.id };
    case FROM_EXECUTOR.pong:
      return { kind: "pong", number: frame.id };
    case FROM_EXECUTOR.event:
      return { kind: "event", event: a, fields: b };
    case FROM_EXECUTOR.limit:
      return { kind: "limit", limit: frame.id };
    case FROM_EXECUTOR.lost:
      return { kind: "lost", how: frame.id };
    case FROM_EXECUTOR.stuck:
      return { kind: "stuck" };
    default:
      return { kind: "stream", op: frame.kind, id: frame.id, part: a };
  }
}

/** A number sent as text: not negative, finite. */
function count(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new ProtocolError("not a count");
  return value;
}
