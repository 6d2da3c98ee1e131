/** Kills processes of a throw-away instance at random points while writers write and handlers handle, and checks after each
 *  what was promised: nothing acknowledged is lost, each event is delivered at least once. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "../platform/database/database.ts";
import { logIn, type AdminClient } from "./api-client.ts";
import { countOutbox, readClock, readState, type StoredState } from "./chaos.repository.ts";
import { faultNames, isKill, makeFault, planFaults, type FaultKind } from "./faults.ts";
import { openInstance, type ChaosInstance } from "./instance.ts";
import { judge, type Verdict } from "./invariants.ts";
import { createJournal, type Journal, type Outcome } from "./journal.ts";
import { createRandom } from "./random.ts";
import { APP, COLLECTIONS, deployWorkload, handlersOf, sources } from "./workload.ts";
import { startWriters, type Writers } from "./writers.ts";

export interface ChaosOptions {
  /** Absolute, exists, empty: everything is kept in it. */
  readonly folder: string;
  readonly kills: number;
  /** No fault is begun after this time. */
  readonly minutes: number;
  readonly seed: number;
  readonly nodes: 1 | 2;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** More environment of each server, by its number. */
  readonly env?: (node: number) => Readonly<Record<string, string>>;
  /** After the last check; for tests that break a promise by hand, and look again. */
  readonly atEnd?: (end: ChaosEnd) => Promise<void>;
}

export interface ChaosEnd {
  readonly sql: Sql;
  readonly appId: string;
  /** The whole check once more, on what is stored now. */
  readonly check: () => Promise<readonly Verdict[]>;
}

export interface ChaosReport {
  readonly seed: number;
  /** Made, by kind. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly kills: number;
  readonly writes: Readonly<Record<Exclude<Outcome, "open">, number>>;
  /** Deliveries that were taken over from a life that was lost. */
  readonly takeovers: number;
  /** Dead letters that were replayed before the last check. */
  readonly replays: number;
  /** The longest time from a fault until writes were acknowledged again. */
  readonly longestOutageMs: number;
  readonly verdicts: readonly Verdict[];
  /** The fault after which a promise was found broken; absent if that was at the end, or none was. */
  readonly brokenAfter?: string;
}

/** Short, so that a node that stands still past it costs little. */
const LEASE_MS = 2_000;
/** Between the moment when all works again and the next fault. */
const CALM_MS_MAX = 100;
/** Writes that show that all works again. */
const ACKNOWLEDGED_MIN = 2;
/** A restart of everything, on a slow machine. */
const OUTAGE_MS_MAX = 90_000;
const SETTLE_MS_MAX = 180_000;
const POLL_MS = 20;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, nodes, folder } = options;
  const instance = await openInstance({
    folder,
    nodes,
    leaseMs: LEASE_MS,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  try {
    return await torment(instance, options);
  } catch (error) {
    throw new Error(
      `chaos with seed ${seed} failed: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    await instance.close();
  }
}

interface Run {
  readonly options: ChaosOptions;
  readonly instance: ChaosInstance;
  readonly admin: AdminClient;
  readonly appId: string;
  readonly journal: Journal;
  readonly writers: Writers;
  readonly made: Map<FaultKind, number>;
  longestOutageMs: number;
}

async function torment(instance: ChaosInstance, options: ChaosOptions): Promise<ChaosReport> {
  const { seed } = options;
  const [first, ...more] = instance.nodes.map(({ server }) => server.url);
  const admin = await logIn(() => first ?? "", instance.owner);
  const appId = await deployWorkload(admin);
  const journal = createJournal();
  const writers = startWriters({ journal, seed, urls: [first ?? "", ...more], token: admin.token });
  const run: Run = { options, instance, admin, appId, journal, writers, made: new Map(), longestOutageMs: 0 };
  try {
    const broken = await makeFaults(run);
    await writers.stop();
    if (broken !== undefined) return report(run, broken.verdicts, { brokenAfter: broken.after });
    const replays = await settle(run);
    const verdicts = await checkWhole(run);
    await options.atEnd?.({ sql: instance.sql, appId, check: async () => await checkWhole(run) });
    return report(run, verdicts, { replays });
  } finally {
    await writers.stop();
  }
}

interface Broken {
  readonly after: string;
  readonly verdicts: readonly Verdict[];
}

/** Fault after fault, each with its check; ends at the first promise that is found broken. */
async function makeFaults(run: Run): Promise<Broken | undefined> {
  const { options, instance, journal, made } = run;
  const { seed, kills, nodes, signal } = options;
  const random = createRandom(seed);
  const endMs = performance.now() + options.minutes * 60_000;
  const plan = planFaults({ kills, nodes, random });
  await untilAcknowledged(run, "the start");
  for (const [at, kind] of plan.entries()) {
    if (signal?.aborted === true || performance.now() > endMs) return undefined;
    await sleep(random.below(CALM_MS_MAX));
    const part = await beginPart(run);
    await makeFault(kind, { instance, random, leaseMs: LEASE_MS });
    made.set(kind, (made.get(kind) ?? 0) + 1);
    await untilAcknowledged(run, faultNames[kind]);
    const verdicts = await checkPart(run, part);
    const after = `fault ${at + 1}: ${faultNames[kind]}`;
    if (verdicts.some(({ violations }) => violations.length > 0)) return { after, verdicts };
    options.onProgress?.(`${after}; ${journal.count("acknowledged")} writes acknowledged`);
  }
  return undefined;
}

async function untilAcknowledged(run: Run, after: string): Promise<void> {
  const { journal } = run;
  const [before, startMs] = [journal.count("acknowledged"), performance.now()];
  while (journal.count("acknowledged") < before + ACKNOWLEDGED_MIN) {
    if (run.instance.nodes.some(({ server }) => server.pid() === 0))
      throw new Error(`a server has ended by itself after ${after}; its log is in ${run.options.folder}`);
    if (performance.now() - startMs > OUTAGE_MS_MAX)
      throw new Error(`no write was acknowledged for ${OUTAGE_MS_MAX} ms after ${after}`);
    await sleep(POLL_MS);
  }
  run.longestOutageMs = Math.max(run.longestOutageMs, performance.now() - startMs);
}

/** Where a part of the run begins, in the journal's time and in the database's. */
interface Part {
  readonly since: string;
  readonly sinceMs: number;
}

async function beginPart({ instance, journal }: Run): Promise<Part> {
  const since = await whenAnswered(async () => await readClock(instance.sql));
  return { since, sinceMs: journal.now() };
}

async function checkPart(run: Run, part: Part): Promise<Verdict[]> {
  const { journal, writers, appId, instance } = run;
  // First what was told, then what is stored: what is acknowledged in between is of the next part.
  const writes = journal.since(part.sinceMs).map((write) => ({ ...write }));
  const state = await readWith(run, part.since);
  writers.setBacklog(await whenAnswered(async () => await countOutbox(instance.sql, appId)));
  return judge({ writes, state, find: journal.find, handlersOf, isWhole: false, isSettled: false });
}

async function checkWhole(run: Run): Promise<Verdict[]> {
  const { journal, writers } = run;
  const state = await readWith(run, "-infinity");
  return [
    ...judge({
      writes: journal.since(0),
      state,
      find: journal.find,
      handlersOf,
      isWhole: true,
      isSettled: true,
    }),
    {
      invariant: "every refusal is one that a fault explains",
      checked: journal.count("unknown") + journal.count("unsent"),
      violations: writers.unexplained,
    },
  ];
}

async function readWith({ instance, appId }: Run, since: string): Promise<StoredState> {
  const query = { appId, since, collections: COLLECTIONS, sources: Object.keys(sources) };
  return await whenAnswered(async () => await readState(instance.sql, query));
}

/** The database may be on its way back. */
async function whenAnswered<T>(read: () => Promise<T>): Promise<T> {
  const end = performance.now() + OUTAGE_MS_MAX;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** Waits until no delivery is left and the executions of servers that are gone are marked as lost; replays what became a dead letter because the servers
 *  that held it were killed. Gives how many. What is still there after the time is for the check to tell. */
async function settle(run: Run): Promise<number> {
  const end = performance.now() + SETTLE_MS_MAX;
  let replays = 0;
  while (performance.now() < end) {
    const { outbox, deadLetters, running } = await readWith(run, "infinity");
    const open = deadLetters.filter(({ is_resolved: is, code }) => !is && code === "lease_lost");
    for (const { id } of open) await run.admin.call("POST", `/apps/${APP}/dead_letters/${id}/replay`, {});
    replays += open.length;
    if (outbox.length + open.length + running === 0) break;
    await sleep(POLL_MS * 5);
  }
  return replays;
}

function report(
  { options, instance, journal, made, longestOutageMs }: Run,
  verdicts: readonly Verdict[],
  more: { readonly replays?: number; readonly brokenAfter?: string },
): ChaosReport {
  const { replays = 0, brokenAfter } = more;
  return {
    seed: options.seed,
    faults: made,
    kills: [...made].reduce((sum, [kind, count]) => sum + (isKill(kind) ? count : 0), 0),
    writes: {
      acknowledged: journal.count("acknowledged"),
      unknown: journal.count("unknown"),
      unsent: journal.count("unsent"),
    },
    takeovers: instance.nodes.reduce((sum, { server }) => sum + server.logged("delivery_taken_over"), 0),
    replays,
    longestOutageMs,
    verdicts,
    ...(brokenAfter === undefined ? {} : { brokenAfter }),
  };
}
