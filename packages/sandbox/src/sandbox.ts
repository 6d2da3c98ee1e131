/** Runs untrusted JavaScript text in killable child processes. Knows no service names: they are data in the options. */
import { Pool } from "./host/pool.ts";

export { rhaiFunctionNames, rhaiWaitingFunctionNames } from "./rhai-functions.ts";
export { standardFunctionNames, standardLibrary } from "./standard-library.ts";
export type { StandardFunction, StandardNamespace } from "./standard/table.ts";

/** One callable of a service as scripts see it. `on: "collection"` makes it a method of the handle that
 *  `service.collection(name)` gives; the name then travels as the first argument. Method names are snake_case here and
 *  camelCase in TypeScript. `effect` decides whether a run that made this call may be run again from its start. */
export interface ServiceMethod {
  readonly service: string;
  readonly method: string;
  readonly on?: "collection";
  readonly effect: "read" | "write" | "none";
  /** Where in a reply the names are PiCloud's own and turn into camelCase: nowhere (values of users), in the object, in
   *  each object of the array, or in a page and each of its items. Default: page for methods called `list`, else data. */
  readonly reply?: "data" | "record" | "records" | "page";
  /** This argument (the collection's name not counted) is an object whose member `data`, bytes or a string, crosses as
   *  bytes beside the JSON. */
  readonly bytesArgument?: number;
  /** Bytes at any depth of an argument become base64 text; without this they are refused. */
  readonly bytesAsText?: true;
}

/** Compiled script. `hash` is the cache key: equal hash means equal code. `code` is an expression in the function form
 *  that the compile pass emits; `name` is the file name in stack traces, whose positions are those of `code`. A script
 *  with modules has them before itself: `(function(u){return function(p){return p.l(specifiers,u)}})([…units])`. Of Rhai,
 *  `code` is what its compiler emits, and positions are those of the source: the code carries the way back. */
export interface Artifact {
  readonly hash: string;
  readonly name: string;
  readonly code: string;
  /** Default: `javascript`, which is also what TypeScript becomes. `rhai-eval`: Rhai that compiles text at run time. */
  readonly language?: ArtifactLanguage;
}

export type ArtifactLanguage = "javascript" | "rhai" | "rhai-eval";

/** Limits that compiled Rhai counts itself. 0: none. */
export interface RhaiLimits {
  readonly operations: number;
  readonly callDepth: number;
  /** Of UTF-8. */
  readonly stringBytes: number;
  readonly arrayItems: number;
  readonly mapEntries: number;
}

/** Units: milliseconds, MiB, bytes. */
export interface RunLimits {
  readonly timeoutMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly hostCalls: number;
  readonly responseBytes: number;
  readonly logBytes: number;
  /** For Rhai scripts; absent: none. */
  readonly rhai?: RhaiLimits;
}

export interface HttpInput {
  readonly kind: "http";
  readonly method: string;
  /** Absolute URL as the script sees it. */
  readonly url: string;
  /** Flat list name, value, name, value, … as received, credentials of the platform already removed. */
  readonly headers: readonly string[];
  /** The whole body. */
  readonly body: Uint8Array;
}

export interface EventInput {
  readonly kind: "event";
  /** JSON text of `ctx.event`, snake_case. */
  readonly event: string;
}

export interface Job {
  readonly executionId: string;
  readonly appId: string;
  readonly scriptId: string;
  readonly artifact: Artifact;
  readonly limits: RunLimits;
  /** 32 bytes; seeds every source of chance in the run. */
  readonly seed: Uint8Array;
  readonly input: HttpInput | EventInput;
  /** JSON text, snake_case, of everything in `ctx` that is not the request or the event (`api.md` §2):
   *  execution_id, request_id, root_execution_id, parent_execution_id?, trigger_depth, is_dead_letter_handler, app,
   *  script, principal?, deadline (ms since the epoch), params?, route?, remote_addr?. */
  readonly ctx: string;
}

export interface HostCall {
  readonly service: string;
  readonly method: string;
  /** JSON text of each argument, not yet parsed: hostile. Trailing absent arguments are left out. */
  readonly args: readonly string[];
  /** The member `data` of a method with a `bytesArgument`, if the script gave one. */
  readonly bytes?: Uint8Array;
}

/** JSON text of the value, `undefined` for an absent one; or an object as JSON and the bytes of its member `data`. */
export type HostReply = string | undefined | { readonly json: string; readonly bytes: Uint8Array };

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** JSON text of an object. */
  readonly fields?: string;
  /** Milliseconds since the epoch: the clock of the entry. */
  readonly at: number;
}

/** What the run may ask of its host. */
export interface Host {
  /** Rejects with an error that has
   *  `code: string`, `message: string`, `retryable?: boolean`, `details?: unknown`. */
  call(call: HostCall): Promise<HostReply>;
  log(line: LogLine): void;
  /** The script has given its answer, or the handler of an event has returned: called before `head` resolves, and not for a
   *  run that fails. Calls that come later are of `waitUntil`. */
  returned?(): void;
  /** The run starts again from its beginning: forget its log lines and counts. */
  restart(reason: string): void;
}

/** Answer of an HTTP run. `body` is text (to be sent as UTF-8) or bytes. */
export interface Head {
  readonly status: number;
  /** Flat list name, value, …; names lower case, validated. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** How a run failed. `code` is one of: script_error, compile_error (the script does not load), malformed_request,
 *  bad_response, upstream_failed, timeout, cpu_timeout, memory_limit, size_limit, host_calls_limit, executor_lost,
 *  overloaded, aborted, internal. */
export interface RunError {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  /** The script's own frames only: `at handler (hello.ts:3:9)`. */
  readonly stack?: string;
  /** Code of a service error that the script did not catch. */
  readonly causeCode?: string;
  readonly retryable: boolean;
}

export interface Outcome {
  readonly error?: RunError;
  /** Time inside entries, this run's share. */
  readonly cpuMs: number;
  /** Heap of the isolate after the run's last entry, 0 if none ended. */
  readonly heapBytes: number;
  /** 0 = first call in its context. */
  readonly contextCall: number;
  /** The run made at least one call with `effect: "write"`. */
  readonly wrote: boolean;
}

export interface Run {
  /** HTTP runs: the answer, as soon as the script gave it (waitUntil may go on). Rejects never: a run that fails before
   *  its answer resolves with `undefined` and `done` tells why. Event runs: `undefined` when the handler returned. */
  readonly head: Promise<Head | undefined>;
  /** Resolves once, when nothing of the run goes on any more. */
  readonly done: Promise<Outcome>;
  /** Ends the run: its deadline, client or server is gone. `done` then has the given code. */
  abort(code: "aborted" | "timeout" | "overloaded", message: string): void;
}

/** Texts of the Rhai package: the sandbox imports nothing of the other packages, so whoever makes it hands them over.
 *  Each is an expression of ASCII characters. */
export interface RhaiTexts {
  /** Evaluates to the runtime that compiled scripts get. Evaluated in the contexts of Rhai scripts only. */
  readonly runtime: string;
  /** Evaluates to the compiler. Evaluated only for scripts that compile text at run time. */
  readonly compiler: string;
}

export interface SandboxOptions {
  readonly services: readonly ServiceMethod[];
  /** Absent: artifacts of Rhai don't load. */
  readonly rhai?: RhaiTexts;
  /** Number of executor processes that serve; one hot standby is kept beside them. */
  readonly executors: number;
  /** One executor process per app instead of shared ones. */
  readonly isolation: "shared" | "process";
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Operational events of the sandbox itself: executor started, lost, killed. */
  readonly log: (
    level: "debug" | "info" | "warn" | "error",
    event: string,
    fields: Record<string, unknown>,
  ) => void;
}

export interface Sandbox {
  start(job: Job, host: Host): Run;
  /** Executors that are up and answer their pings. */
  ready(): boolean;
  /** Process ids of all executors, for doctor, tests and benchmarks. */
  pids(): readonly number[];
  /** Ends all executors; runs in flight end with `aborted`. */
  close(): Promise<void>;
}

/** Starts the executors; runs that come before they are up wait for them. */
export function createSandbox(options: SandboxOptions): Sandbox {
  return new Pool(options);
}
