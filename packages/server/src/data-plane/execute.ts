/** THE way a script is run, whatever the reason: gate, causes, sandbox, record. */
import { PicloudError } from "@picloud/contract";
import type { Head, Host, HttpInput, Job, LogLine, Run, RunLimits, Sandbox } from "@picloud/sandbox";
import type { ExecutionRecorder } from "../features/executions/executions.service.ts";
import type { Context, ExecutionRef } from "../platform/context.ts";
import type { ExecutionEnd } from "../platform/database/execution-row.ts";
import type { Platform } from "../platform/platform.ts";
import { Slots } from "../platform/slots.ts";
import type { Calls } from "./calls.ts";
import type { Deployed } from "./deployed.ts";
import { callerError, executionEnd, mapLogLine } from "./execution-end.ts";
import { ctxText, deliveryRef, directRef, newSeed } from "./execution-ref.ts";
import type { CtxRequest } from "./execution-ref.ts";
import type { DeliveryResult, DeliveryRun } from "./execution-request.ts";
import type { Gate } from "./gate.ts";
import type { PreparedScript } from "./prepared-script.ts";
import { Receipt } from "./receipt.ts";
import { REFUSED, startTransactionRun, type TransactionRun } from "./transaction-run.ts";
import type { TransactionScope } from "./transaction-scope.ts";

export interface ExecutorOptions {
  readonly platform: Platform;
  readonly sandbox: Sandbox;
  readonly gate: Gate;
  readonly calls: Calls;
  readonly deployed: Deployed;
  readonly recorder: ExecutionRecorder;
}

/** A call over HTTP: of a route, or by id or name. */
export interface HttpRun extends CtxRequest {
  /** Of a transaction script: what else its transaction does. */
  readonly scope?: TransactionScope;
  readonly script: PreparedScript;
  readonly kind: "http" | "execute";
  /** Becomes the execution's id too. */
  readonly requestId: string;
  readonly routeId?: string | undefined;
  readonly input: HttpInput;
  /** Asked when the run is over: why nobody got or will get its answer (EXE-7). It went on to its end all the same. */
  readonly whyAbandoned: () => AbandonedReason | undefined;
}

export type AbandonedReason = "client_left" | "wait_ended";

export interface HttpExecution {
  /** The answer, or why there is none. Never rejects. `refused`: the run's scope said so, and nothing ran. */
  readonly answer: Promise<Head | PicloudError | "refused">;
}

export interface Executor {
  /** Throws `overloaded` when the gate is full and `unavailable` while draining. */
  http(run: HttpRun): HttpExecution;
  delivery(run: DeliveryRun): Promise<DeliveryResult>;
  /** Apps that have runs under way. */
  apps(): readonly string[];
  /** Ends the runs of an app; who waits for one is told that the app is gone. Gives how many were not ended before. */
  cancelApp(appId: string): number;
  /** Takes no new work; resolves when no run is left. Those still running after the time are aborted. */
  drain(timeoutMs: number): Promise<void>;
}

interface Flight {
  readonly ref: ExecutionRef;
  readonly script: PreparedScript;
  /** On the clock of `performance.now()`. */
  readonly startedTick: number;
  readonly run: Run;
  /** The run, if its script is a transaction. */
  readonly transaction: TransactionRun | undefined;
  readonly receipt: Receipt;
  lines: LogLine[];
  /** Lines that are still being found out. */
  readonly notes: Promise<void>[];
  /** The app is being deleted: whatever comes of the run, nobody gets it. */
  isAppGone: boolean;
}

export function createExecutor(options: ExecutorOptions): Executor {
  const flights: Flights = {
    open: new Slots(),
    isDraining: false,
    whenIdle: undefined,
    afterAnswers: turns(),
  };
  return {
    http: (request) => executeHttp(options, flights, request),
    delivery: async (request) => await executeDelivery(options, flights, request),
    apps: () => [...new Set(Array.from(flights.open, ({ script }) => script.app.id))],
    cancelApp: (appId) => cancelApp(flights, appId),
    async drain(timeoutMs) {
      flights.isDraining = true;
      if (flights.open.size === 0) return;
      const idle = new Promise<void>((resolve) => {
        flights.whenIdle = resolve;
      });
      const timer = setTimeout(() => {
        for (const { run } of flights.open) run.abort("aborted", "The server is shutting down.");
      }, timeoutMs);
      await idle;
      clearTimeout(timer);
    },
  };
}

/** Runs under way. */
interface Flights {
  readonly open: Slots<Flight>;
  isDraining: boolean;
  whenIdle: (() => void) | undefined;
  /** Resolves when the answers of this turn of the event loop are written. */
  afterAnswers: () => Promise<void>;
}

/** One promise for all who ask within a turn. What needs no haste waits for it: answers that are written close together
 *  cost their reader one wake-up, with other work between them one each. */
function turns(): () => Promise<void> {
  let turn: Promise<void> | undefined;
  return () =>
    (turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined;
        resolve();
      });
    }));
}

function cancelApp(flights: Flights, appId: string): number {
  let count = 0;
  for (const flight of flights.open) {
    if (flight.isAppGone || flight.script.app.id !== appId) continue;
    flight.isAppGone = true;
    flight.run.abort("aborted", "The app is being deleted.");
    count++;
  }
  return count;
}

function executeHttp(options: ExecutorOptions, flights: Flights, request: HttpRun): HttpExecution {
  const { platform, gate, recorder } = options;
  if (flights.isDraining) {
    throw new PicloudError("unavailable", "The server is shutting down.", { retryAfterMs: 1000 });
  }
  const { script } = request;
  if (!gate.acquire(script.app.id)) {
    throw new PicloudError("overloaded", "All execution slots are taken; try again.", { retryAfterMs: 1000 });
  }
  const flight = start(options, script, directRef(script, request, origin(platform)), request);
  const place = flights.open.add(flight);
  let httpStatus: number | undefined;
  const landing = land(options, flights, { flight, place }, () => httpStatus).then((landed) => {
    if (flight.transaction?.ending() === "refused") return landed;
    recorder.record(landed.end, flight.lines);
    const reason = request.whyAbandoned();
    if (reason !== undefined) recorder.recordAbandoned(abandonedRow(landed.end, reason));
    return landed;
  });
  const answer = async (): Promise<Head | PicloudError | "refused"> => {
    const head = await flight.run.head;
    if (flight.isAppGone) return new PicloudError("app_gone", "The app is being deleted.");
    if (head !== undefined) {
      httpStatus = head.status;
      return head;
    }
    const { error } = (await landing).outcome;
    if (error === undefined) return new PicloudError("internal", "The run ended without an answer.");
    if (error.code === REFUSED) return "refused";
    return callerError(error, script, platform.config.devMode);
  };
  return { answer: answer() };
}

async function executeDelivery(
  options: ExecutorOptions,
  flights: Flights,
  request: DeliveryRun,
): Promise<DeliveryResult> {
  const { platform, gate, deployed, recorder } = options;
  if (flights.isDraining) return { kind: "refused", reason: "draining" };
  const script = await unlessAppGone(deployed.script(await deployed.current(), request.scriptId));
  if (script === "app_gone") return { kind: "refused", reason: "app_gone" };
  if (script === undefined) return { kind: "refused", reason: "script_missing" };
  if (!script.live.enabled) return { kind: "refused", reason: "script_disabled" };
  if (!gate.acquire(script.app.id)) return { kind: "refused", reason: "gate_full" };
  const flight = start(options, script, deliveryRef(script, request, origin(platform)), beginOf(request));
  const place = flights.open.add(flight);
  let httpStatus: number | undefined;
  if (request.request !== undefined) void flight.run.head.then((head) => (httpStatus = head?.status));
  const { outcome, end } = await land(options, flights, { flight, place }, () => httpStatus);
  const ending = flight.transaction?.ending();
  if (ending === "refused") return { kind: "refused", reason: "claim_lost" };
  if (ending === "busy") return { kind: "refused", reason: "gate_full" };
  if (ending === "committed") {
    recorder.record(end, flight.lines);
    return { kind: "completed" };
  }
  recorder.recordLines(end, flight.lines);
  if (outcome.error === undefined) return { kind: "ended", end };
  const { code, retryable } = outcome.error;
  return { kind: "ended", end, error: { code, message: end.errorMessage ?? code, retryable } };
}

/** What a delivery hands to its script: the event, or the request that was answered before. */
function beginOf({ event, request, principal, scope }: DeliveryRun): BeginRequest {
  if (request === undefined) return { input: { kind: "event", event }, principal, scope };
  const { input, params, route, remoteAddr } = request;
  return { input, params, route: route?.path, remoteAddr, principal, scope };
}

async function unlessAppGone<T>(script: Promise<T>): Promise<T | "app_gone"> {
  try {
    return await script;
  } catch (error) {
    if (error instanceof PicloudError && error.code === "app_gone") return "app_gone";
    throw error;
  }
}

/** Resolves when the run is over, with its row; its slot is free then. */
async function land(
  { gate, platform }: ExecutorOptions,
  flights: Flights,
  { flight, place }: { readonly flight: Flight; readonly place: number },
  status: () => number | undefined,
): Promise<Landing> {
  const outcome = await flight.run.done;
  if (flight.notes.length > 0) await Promise.all(flight.notes);
  const durationMs = performance.now() - flight.startedTick;
  const endedAt = new Date(platform.now());
  const receipt = flight.receipt.text();
  await flights.afterAnswers();
  flights.open.delete(place);
  gate.release(flight.script.app.id);
  if (flights.open.size === 0) flights.whenIdle?.();
  return {
    outcome,
    end: executionEnd({ ...flight, outcome, httpStatus: status(), durationMs, endedAt, receipt }),
  };
}

interface Landing {
  readonly outcome: Awaited<Run["done"]>;
  readonly end: ExecutionEnd;
}

interface BeginRequest extends CtxRequest {
  readonly input: Job["input"];
  /** Of a transaction script. */
  readonly scope?: TransactionScope | undefined;
}

function origin(platform: Platform): { nodeId: string; startedAt: Date } {
  return { nodeId: platform.nodeId, startedAt: new Date(platform.now()) };
}

/** Hands the run to the sandbox, with the host that answers its calls and keeps its lines. */
function start(
  options: ExecutorOptions,
  script: PreparedScript,
  ref: ExecutionRef,
  request: BeginRequest,
): Flight {
  const { platform, calls } = options;
  const startedTick = performance.now();
  const receipt = new Receipt();
  // Most runs of a cheap route call nothing: the context is made with the first call.
  let made: Context | undefined;
  const ctx = (): Context => (made ??= callContext({ platform, ref, receipt, request }, flight));
  const host: Host = {
    call: (call) => calls(ctx(), call),
    log(line) {
      flight.lines.push(mapLogLine(line, script));
    },
    restart() {
      // Whoever starts it again logs the reason as the first line of the new try.
      flight.lines = [];
      receipt.clear();
    },
  };
  const attempt: Attempt = { script, ref, request, host, receipt };
  const transaction = script.isTransaction ? startTransaction(options, attempt, ctx) : undefined;
  const run = transaction ?? options.sandbox.start(jobOf(attempt, script.limits), host);
  const flight: Flight = {
    ref,
    script,
    startedTick,
    run,
    transaction,
    receipt,
    lines: [],
    notes: [],
    isAppGone: false,
  };
  return flight;
}

interface Attempt {
  readonly script: PreparedScript;
  readonly ref: ExecutionRef;
  readonly request: BeginRequest;
  readonly host: Host;
  readonly receipt: Receipt;
}

function startTransaction(
  { platform, sandbox, calls }: ExecutorOptions,
  attempt: Attempt,
  ctx: () => Context,
): TransactionRun {
  const { script, ref, request, host, receipt } = attempt;
  const { limits } = script;
  return startTransactionRun({
    slots: platform.db.transactions,
    appId: ref.app.id,
    limitMs: limits.timeoutMs,
    scope: request.scope,
    start: (inTransaction, limitMs) =>
      sandbox.start(jobOf(attempt, { ...limits, timeoutMs: Math.ceil(limitMs) }), inTransaction),
    call: async (call, transaction) =>
      await calls(transaction === undefined ? ctx() : { ...ctx(), transaction }, call),
    onLine: (line) => host.log(line),
    restart: (reason) => host.restart(reason),
    undone: () => receipt.clear(),
    now: platform.now,
    log: platform.log.child({ executionId: ref.id, appId: ref.app.id }),
  });
}

function jobOf({ script, ref, request }: Attempt, limits: RunLimits): Job {
  return {
    executionId: ref.id,
    appId: script.app.id,
    scriptId: script.script.id,
    artifact: script.artifact,
    limits,
    seed: newSeed(),
    input: request.input,
    ctx: ctxText(script, ref, request, ref.startedAt.getTime() + script.limits.timeoutMs),
  };
}

interface CallOrigin extends Pick<Attempt, "ref" | "request" | "receipt"> {
  readonly platform: Platform;
}

function callContext(
  { platform, ref, receipt, request: { principal } }: CallOrigin,
  flight: Pick<Flight, "lines" | "notes">,
): Context {
  const warn = (message: string): void => {
    flight.lines.push({ at: platform.now(), level: "warn", message });
  };
  return {
    kind: "run",
    requestId: ref.requestId,
    execution: ref,
    receipt,
    ...(principal === undefined ? {} : { principal }),
    log: platform.log.child({ executionId: ref.id, appId: ref.app.id }),
    warnAuthor: (message, more) => {
      if (more === undefined) warn(message);
      else
        flight.notes.push(more.then((text) => warn(text === "" ? message : `${message} It went: ${text}`)));
    },
  };
}

function abandonedRow(
  end: ExecutionEnd,
  reason: string,
): Parameters<ExecutionRecorder["recordAbandoned"]>[0] {
  const { app, id, script } = end.ref;
  const { status, errorCode } = end;
  return { appId: app.id, executionId: id, scriptId: script.id, reason, status, errorCode };
}
