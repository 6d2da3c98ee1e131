/** For the tests of this package: jobs, a host that keeps what it is told, and scripts in the compiled form. */
import { createHash } from "node:crypto";

import type {
  Artifact,
  Host,
  HostCall,
  Job,
  LogLine,
  Outcome,
  RunLimits,
  Sandbox,
  SandboxOptions,
  ServiceMethod,
} from "../sandbox.ts";
import { createSandbox } from "../sandbox.ts";

export const SERVICES: readonly ServiceMethod[] = [
  { service: "kv", method: "get", on: "collection", effect: "read" },
  { service: "kv", method: "set", on: "collection", effect: "write" },
  { service: "kv", method: "list", on: "collection", effect: "read" },
  { service: "invented", method: "do_it", effect: "none" },
];

export const LIMITS: RunLimits = {
  timeoutMs: 20_000,
  cpuMs: 5_000,
  memoryMb: 64,
  hostCalls: 1_000,
  responseBytes: 6 * 1024 * 1024,
  logBytes: 256 * 1024,
};

/** A script in the form that the compile pass emits; `body` is the text of the module's function, which returns exports. */
export function artifact(body: string, name = "test.ts"): Artifact {
  const code = `(async function ($p) { 'use strict'; const { g: $g, s: $s, r: $r, t: $t, u: $u } = $p; const { kv, invented, log, PicloudError } = $p.import("picloud"); ${body}\n})`;
  return { hash: createHash("sha256").update(name).update(code).digest("hex"), name, code };
}

/** A script whose default export is the given function expression. */
export function handler(fn: string, name?: string): Artifact {
  return artifact(`return { default: ${fn} };`, name);
}

export interface JobOptions {
  readonly app?: string;
  readonly script?: string;
  readonly limits?: Partial<RunLimits>;
  readonly url?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: Uint8Array | string;
  readonly event?: unknown;
  readonly ctx?: Record<string, unknown>;
  readonly seed?: Uint8Array;
}

export function job(code: Artifact, options: JobOptions = {}): Job {
  const { app = "app", script = code.hash.slice(0, 12), body = "" } = options;
  return {
    executionId: "execution",
    appId: app,
    scriptId: script,
    artifact: code,
    limits: { ...LIMITS, ...options.limits },
    seed: options.seed ?? new Uint8Array(32).fill(7),
    input:
      options.event === undefined
        ? {
            kind: "http",
            method: options.method ?? "GET",
            url: options.url ?? "http://test/",
            headers: options.headers ?? [],
            body: typeof body === "string" ? Buffer.from(body) : body,
          }
        : { kind: "event", event: JSON.stringify(options.event) },
    ctx: JSON.stringify({
      execution_id: "execution",
      trigger_depth: 0,
      app: { id: app, slug: app },
      ...options.ctx,
    }),
  };
}

/** Keeps all that a run asks; answers calls by `answer`. */
export class TestHost implements Host {
  readonly calls: HostCall[] = [];
  readonly lines: LogLine[] = [];
  readonly restarts: string[] = [];
  readonly #answer: (call: HostCall) => Promise<string | undefined>;

  constructor(answer: (call: HostCall) => Promise<string | undefined> = async () => "null") {
    this.#answer = answer;
  }

  async call(call: HostCall): Promise<string | undefined> {
    this.calls.push(call);
    return await this.#answer(call);
  }

  log(line: LogLine): void {
    this.lines.push(line);
  }

  restart(reason: string): void {
    this.restarts.push(reason);
  }
}

export interface Answer extends Outcome {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
  readonly host: TestHost;
}

/** Runs a job to its end. */
export async function run(sandbox: Sandbox, work: Job, host = new TestHost()): Promise<Answer> {
  const started = sandbox.start(work, host);
  const head = await started.head;
  const outcome = await started.done;
  const body =
    head === undefined
      ? ""
      : typeof head.body === "string"
        ? head.body
        : Buffer.from(head.body).toString("latin1");
  return { ...outcome, status: head?.status, headers: head?.headers ?? [], body, host };
}

export function testSandbox(options: Partial<SandboxOptions> = {}): Sandbox & { readonly events: string[] } {
  const events: string[] = [];
  const sandbox = createSandbox({
    services: SERVICES,
    executors: 1,
    isolation: "shared",
    now: Date.now,
    log: (level, event, fields) => events.push(`${level} ${event} ${JSON.stringify(fields)}`),
    ...options,
  });
  return Object.assign(sandbox, { events });
}

/** Polls until a condition holds. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error("the condition did not come true");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
