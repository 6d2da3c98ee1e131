/** A run of a `transaction: true` script: all that it writes is one transaction, which commits when the script returns and
 *  leaves nothing when it fails. To whoever started it, a run like any other. */
import { setTimeout as sleep } from "node:timers/promises";
import { PicloudError } from "@picloud/contract";
import type { Head, Host, Outcome, Run, RunError } from "@picloud/sandbox";
import { isConnectionError, isLockTimeout, isSerializationFailure } from "../platform/database/pg-errors.ts";
import type {
  OpenTransaction,
  TransactionSlot,
  TransactionSlots,
} from "../platform/database/transaction-slots.ts";
import type { Logger } from "../platform/logger.ts";
import { within } from "../platform/within.ts";
import { createTransactionCalls, type CallIn, type TransactionCalls } from "./transaction-calls.ts";
import type { TransactionScope } from "./transaction-scope.ts";

/** Code of a run that its scope refused without an error. */
export const REFUSED = "refused";
/** Tries of one run before its conflicts become an error. */
const TRIES_MAX = 5;
/** A run waits so long for a connection. */
const SLOT_WAIT_MS = 1_500;
/** With less time left no further try begins. */
const TIME_LEFT_MIN_MS = 20;
/** Tries that conflicted would meet again if they all came back at once. */
const PAUSE_BASE_MS = 4;

export interface TransactionRunOptions {
  readonly slots: TransactionSlots;
  readonly appId: string;
  /** For all tries together. */
  readonly limitMs: number;
  readonly scope: TransactionScope | undefined;
  /** Starts the script from its beginning, with this much time. */
  readonly start: (host: Host, limitMs: number) => Run;
  readonly call: CallIn;
  readonly onLine: Host["log"];
  /** The script starts again: what the try before has left beside the database is to be forgotten. */
  readonly restart: (reason: string) => void;
  /** Nothing that the script wrote stays. */
  readonly undone: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

/** `committed`: everything stays. `rolled_back`: nothing. `refused`: the scope said no, nothing ran. `busy`: no connection
 *  was free, nothing ran. `unknown`: the answer to COMMIT was lost. */
export type TransactionEnding = "committed" | "rolled_back" | "refused" | "busy" | "unknown";

export interface TransactionRun extends Run {
  /** Known when `head` has resolved. */
  ending(): TransactionEnding;
}

export function startTransactionRun(options: TransactionRunOptions): TransactionRun {
  const state: RunState = { cpuMs: 0, run: undefined, aborted: undefined, ending: "rolled_back" };
  const head = Promise.withResolvers<Head | undefined>();
  const done = Promise.withResolvers<Outcome>();
  const work = async (): Promise<void> => {
    const end = await runTries(options, state);
    state.ending = end.ending;
    if (end.ending !== "committed") options.undone();
    head.resolve(end.head);
    done.resolve(await outcomeOf(end, state));
  };
  work().catch((error: unknown) => {
    // Whatever it is, somebody waits for the answer.
    options.log.error("transaction_run_failed", { error });
    head.resolve(undefined);
    done.resolve(withError(state, ours("internal", "The transaction failed inside PiCloud.")));
  });
  return {
    head: head.promise,
    done: done.promise,
    abort(code, message) {
      state.aborted ??= ours(code, message);
      state.run?.abort(code, message);
    },
    ending: () => state.ending,
  };
}

interface RunState {
  /** Of the tries before. */
  cpuMs: number;
  run: Run | undefined;
  aborted: RunError | undefined;
  ending: TransactionEnding;
}

interface TriesEnd {
  readonly ending: TransactionEnding;
  readonly head?: Head | undefined;
  /** The last try, if the script was started. */
  readonly run?: Run;
  /** Instead of what the run says itself. */
  readonly error?: RunError;
}

async function runTries(options: TransactionRunOptions, state: RunState): Promise<TriesEnd> {
  const slot = await options.slots.take(options.appId, SLOT_WAIT_MS);
  if (slot === undefined)
    return {
      ending: "busy",
      error: ours("overloaded", "All connections for transactions are taken; try again.", true),
    };
  try {
    const endMs = performance.now() + options.limitMs;
    for (let tries = 1; ; tries++) {
      const end = await runTry(options, state, slot, endMs - performance.now());
      if (end !== "again") return end;
      const pauseMs = Math.random() * PAUSE_BASE_MS * 2 ** tries;
      if (tries === TRIES_MAX || endMs - performance.now() - pauseMs < TIME_LEFT_MIN_MS)
        return conflicts(tries);
      const message = `run again: its transaction met another one that wrote the same (try ${tries + 1})`;
      options.restart(message);
      options.onLine({ level: "warn", message, at: options.now() });
      await sleep(pauseMs);
    }
  } finally {
    slot.release();
  }
}

function conflicts(tries: number): TriesEnd {
  const message = `Other transactions wrote what this one had read, ${tries} times in a row; try again.`;
  return { ending: "rolled_back", error: ours("conflict_retries", message, true) };
}

async function runTry(
  options: TransactionRunOptions,
  state: RunState,
  slot: TransactionSlot,
  limitMs: number,
): Promise<TriesEnd | "again"> {
  if (state.aborted !== undefined) return { ending: "rolled_back", error: state.aborted };
  let open: OpenTransaction | undefined;
  try {
    open = await slot.begin(limitMs);
    if (options.scope !== undefined && !(await options.scope.begin(open.db))) {
      await open.rollback();
      return { ending: "refused", error: ours(REFUSED, "The run was refused.") };
    }
  } catch (error) {
    void open?.rollback();
    return failureOf(options, error);
  }
  const calls = createTransactionCalls(open, options.call);
  const end = await runScript(options, state, { open, calls, limitMs });
  calls.settle(end !== "again" && end.ending === "committed");
  // Not waited for: a statement that still runs holds it up, and the slot waits for it.
  void open.rollback();
  return end;
}

interface Try {
  readonly open: OpenTransaction;
  readonly calls: TransactionCalls;
  readonly limitMs: number;
}

/** From the first instruction of the script to the commit. */
async function runScript(
  options: TransactionRunOptions,
  state: RunState,
  { open, calls, limitMs }: Try,
): Promise<TriesEnd | "again"> {
  let hasReturned = false;
  const host: Host = {
    call: async (call) => await calls.call(call),
    log: options.onLine,
    // The script had only read, and reads the same again.
    restart: options.restart,
    returned() {
      hasReturned = true;
      calls.close();
    },
  };
  const endMs = performance.now() + limitMs;
  const run = options.start(host, limitMs);
  state.run = run;
  const head = await Promise.race([run.head, calls.conflict]);
  // A call that nobody waits for is part of it nevertheless, within the time of all.
  const areDone = !hasReturned || (await within(calls.done(), endMs - performance.now())) === true;
  if (head === "conflict" || calls.hasConflict()) return dropped(state, run);
  if (!hasReturned) return failed(options, state, { open, run });
  const refusal = areDone ? (state.aborted ?? lostOf(open)) : tooLate(limitMs);
  if (refusal !== undefined) {
    dropped(state, run);
    return { ending: "rolled_back", error: refusal };
  }
  try {
    await options.scope?.end(open.db, head);
  } catch (error) {
    return lastFailure(options, state, run, error);
  }
  try {
    await open.commit();
  } catch (error) {
    if (!isConnectionError(error)) return lastFailure(options, state, run, error);
    dropped(state, run);
    options.log.error("commit_unknown", { error });
    const message =
      "The connection to the database was lost during the commit: whether it took place is not known.";
    return { ending: "unknown", error: ours("commit_unknown", message) };
  }
  return { ending: "committed", head, run };
}

/** A script that failed because its connection was lost says nothing about itself. */
function failed(
  { log }: TransactionRunOptions,
  state: RunState,
  { open, run }: { readonly open: OpenTransaction; readonly run: Run },
): TriesEnd {
  const lost = state.aborted === undefined ? lostOf(open) : undefined;
  if (lost === undefined) return { ending: "rolled_back", run };
  log.warn("database_unavailable", { error: lost.message });
  dropped(state, run);
  return { ending: "rolled_back", error: lost };
}

function lastFailure(
  options: TransactionRunOptions,
  state: RunState,
  run: Run,
  error: unknown,
): TriesEnd | "again" {
  dropped(state, run);
  return failureOf(options, error);
}

/** Ends a run whose transaction is gone; what it still does is of no interest but for its account. */
function dropped(state: RunState, run: Run): "again" {
  run.abort("aborted", "Its transaction is over.");
  void run.done.then(({ cpuMs }) => (state.cpuMs += cpuMs));
  state.run = undefined;
  return "again";
}

function lostOf(open: OpenTransaction): RunError | undefined {
  return open.isLost
    ? ours("unavailable", "The connection to the database was lost; try again.", true)
    : undefined;
}

function tooLate(limitMs: number): RunError {
  return ours("timeout", `The calls of the script took longer than ${Math.round(limitMs)} ms.`);
}

/** Of the statements around the script. */
function failureOf({ log }: TransactionRunOptions, error: unknown): TriesEnd | "again" {
  if (isSerializationFailure(error) || isLockTimeout(error)) return "again";
  if (isConnectionError(error)) {
    log.warn("database_unavailable", { error });
    return {
      ending: "rolled_back",
      error: ours("unavailable", "The database can't be reached; try again.", true),
    };
  }
  // The scope's own refusal.
  if (error instanceof PicloudError)
    return { ending: "refused", error: ours(error.code, error.message, error.retryable) };
  log.error("transaction_failed", { error });
  return { ending: "rolled_back", error: ours("internal", "The transaction failed inside PiCloud.") };
}

async function outcomeOf(end: TriesEnd, state: RunState): Promise<Outcome> {
  if (end.error !== undefined || end.run === undefined)
    return withError(state, end.error ?? ours("internal", "The run ended without an answer."));
  const outcome = await end.run.done;
  const account = { ...outcome, cpuMs: outcome.cpuMs + state.cpuMs };
  if (end.ending === "committed" || outcome.error === undefined) return account;
  const { error } = outcome;
  // What it wrote is undone, so that another try can't do it twice.
  return {
    ...account,
    wrote: false,
    error: error.code === "executor_lost" ? { ...error, retryable: true } : error,
  };
}

function withError(state: RunState, error: RunError): Outcome {
  return { error, cpuMs: state.cpuMs, heapBytes: 0, contextCall: 0, wrote: false };
}

function ours(code: string, message: string, retryable = false): RunError {
  return { code, name: "PicloudError", message, retryable };
}
