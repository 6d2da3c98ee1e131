/** What is deployed, as this node knows it: claimed hosts, routes and live scripts. Read again when this node changes it
 *  (at once) or another one does (within a second); without a database the last known state goes on serving. */
import { PicloudError } from "@picloud/contract";
import { LRUCache } from "lru-cache";
import { loadDeletingApps } from "../features/apps/apps.service.ts";
import { findScriptByName, loadLiveScript } from "../features/scripts/scripts.service.ts";
import { loadClaimedHosts } from "../features/domains/domains.service.ts";
import { loadRouteTable } from "../features/routes/routes.service.ts";
import { readControlCounter } from "../platform/database/control-change.ts";
import type { AppRef } from "../platform/context.ts";
import { isConnectionError } from "../platform/database/pg-errors.ts";
import { instanceHosts } from "../platform/instance-hosts.ts";
import type { Platform } from "../platform/platform.ts";
import { within } from "../platform/within.ts";
import { createHosts } from "./hosts.ts";
import type { Hosts } from "./hosts.ts";
import { prepareScript } from "./prepared-script.ts";
import type { PreparedScript } from "./prepared-script.ts";
import { createRouteTable } from "./route-table.ts";
import type { RouteTable } from "./route-table.ts";

export interface DeployedState {
  readonly hosts: Hosts;
  readonly routes: RouteTable;
  /** Apps that have routes or hosts. */
  readonly appIdBySlug: ReadonlyMap<string, string>;
  /** Apps that are being deleted, by slug. */
  readonly deleting: ReadonlyMap<string, AppRef>;
  readonly scripts: LRUCache<string, PreparedScript>;
  /** Scripts that are being read. What is not there is not kept: made-up ids would drive the real ones out. */
  readonly loading: Map<string, Promise<PreparedScript | undefined>>;
}

export interface Deployed {
  /** The state to serve a request from. A promise only when it must be read first. */
  current(): DeployedState | Promise<DeployedState>;
  /** The live version of a script, compiled; `undefined` if there is none. */
  script(state: DeployedState, id: string): Promise<PreparedScript | undefined>;
  /** By app (id or slug) and name. */
  scriptId(app: string, name: string): Promise<string | undefined>;
  close(): void;
}

/** While there is traffic the change counter is read this often. */
const checkEveryMs = 500;
/** A state that was checked longer ago than this is checked before it serves. */
const ageMaxMs = 1000;
/** So long a request waits for the check, longer if there is something new; then the last known state serves it. */
const patienceMs = 1000;
const changedPatienceMs = 5000;
/** A script that this node has never run has nothing to go on with; it may have to be compiled. */
const unknownPatienceMs = 15_000;

export function createDeployed(platform: Platform): Deployed {
  const { db, now, log, signals } = platform;
  let state: DeployedState | undefined;
  let counter = -1;
  let checkedAt = 0;
  const late = { until: 0 };
  /** Changes this node was told of, and how many of them the state is known to hold. Until those are equal all requests
   *  wait, also those that come while it is being read: a writer's next request must see the change. */
  let changes = 0;
  let seenChanges = -1;
  const isStale = (): boolean => seenChanges !== changes;
  let checking: Promise<DeployedState> | undefined;
  /** Scripts as they were read last. Any change drops what a state has read, and the database may then be away. */
  const known = new LRUCache<string, PreparedScript>({ max: platform.config.scriptCacheSize });

  const check = async (): Promise<DeployedState> => {
    const startedAt = now();
    try {
      for (;;) {
        const told = changes;
        const seen = await readControlCounter(db.read);
        if (state === undefined || seen !== counter) state = await loadState(platform);
        counter = seen;
        checkedAt = startedAt;
        seenChanges = told;
        if (!isStale()) return state;
      }
    } catch (error) {
      seenChanges = -1;
      if (state === undefined) throw error;
      log.warn("deployed_state_unchecked", { error });
      checkedAt = startedAt;
      return state;
    }
  };
  const checkOnce = async (): Promise<DeployedState> => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
    return await checking;
  };
  const unsubscribe = signals.on("deployed", () => {
    changes += 1;
  });
  // A database that hangs, or is being waited for, holds up no request for longer than this.
  const checkOrLast = async (last: DeployedState): Promise<DeployedState> => {
    const patience = isStale() ? changedPatienceMs : patienceMs;
    const checked = checkOnce();
    const found = await within(checked, now() < late.until ? 0 : patience);
    if (found === undefined) late.until = now() + ageMaxMs;
    return found ?? last;
  };
  return {
    current() {
      const age = now() - checkedAt;
      if (state === undefined) return checkOnce();
      if (isStale() || age > ageMaxMs || age < 0) return checkOrLast(state);
      if (age > checkEveryMs && checking === undefined) {
        checkOnce().catch((error: unknown) => log.warn("deployed_state_unchecked", { error }));
      }
      return state;
    },
    script: async (of, id) =>
      of.scripts.get(id) ?? (await scriptOf({ platform, state: of, known, late }, id)),
    scriptId: async (app, name) => await findScriptByName(db.read, app, name),
    close: unsubscribe,
  };
}

async function loadState(platform: Platform): Promise<DeployedState> {
  const { read } = platform.db;
  const [routes, claims, deleting] = await Promise.all([
    loadRouteTable(read),
    loadClaimedHosts(read),
    loadDeletingApps(read),
  ]);
  const claimants = claims.flatMap(({ slug, appId: id }) => (slug === undefined ? [] : [{ slug, id }]));
  const slugs = [...claimants, ...routes.map(({ app }) => app)];
  return {
    hosts: createHosts(instanceHosts(platform.config), claims),
    deleting: new Map(deleting.map((app) => [app.slug, app])),
    routes: createRouteTable(routes),
    appIdBySlug: new Map(slugs.map(({ slug, id }) => [slug, id])),
    scripts: new LRUCache({ max: platform.config.scriptCacheSize }),
    loading: new Map(),
  };
}

interface ScriptReads {
  readonly platform: Platform;
  readonly state: DeployedState;
  readonly known: LRUCache<string, PreparedScript>;
  /** Until then the database is not waited for: it was too late a moment ago. */
  readonly late: { until: number };
}

/** Reads a script, or gives it as it was known last when the database is away or late. */
async function scriptOf(reads: ScriptReads, id: string): Promise<PreparedScript | undefined> {
  const { platform, state, known, late } = reads;
  const last = known.get(id);
  const reading = readScript(reads, id);
  if (last === undefined) {
    const read = await within(asFound(reading), unknownPatienceMs);
    if (read !== undefined) return read.script;
    throw new PicloudError("unavailable", "The script can't be read now; try again.", {
      retryAfterMs: 1_000,
    });
  }
  const patience = platform.now() < late.until ? 0 : changedPatienceMs;
  const read = await within(asFound(orLast(platform.log, reading, last)), patience);
  if (read !== undefined) return read.script;
  late.until = platform.now() + ageMaxMs;
  // The next one that waits asks anew: this read may never end.
  if (patience > 0) state.loading.delete(id);
  return last;
}

/** Reads a script once for all that ask for it meanwhile, also when they no longer wait. */
async function readScript(
  { platform, state, known }: ScriptReads,
  id: string,
): Promise<PreparedScript | undefined> {
  const { scripts, loading } = state;
  const underWay = loading.get(id);
  if (underWay !== undefined) return await underWay;
  const reading = loadLiveScript(platform, id).then((live) => live && prepareScript(live));
  loading.set(id, reading);
  try {
    const script = await reading;
    if (script === undefined) known.delete(id);
    else {
      scripts.set(id, script);
      known.set(id, script);
    }
    return script;
  } finally {
    if (loading.get(id) === reading) loading.delete(id);
  }
}

/** Without the database the script goes on as it was known last. */
async function orLast(
  log: Platform["log"],
  reading: Promise<PreparedScript | undefined>,
  last: PreparedScript,
): Promise<PreparedScript | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    log.warn("script_unchecked", { scriptId: last.script.id, error });
    return last;
  }
}

/** Tells a script that is not there from one that took too long. */
async function asFound(
  reading: Promise<PreparedScript | undefined>,
): Promise<{ readonly script: PreparedScript | undefined }> {
  return { script: await reading };
}
