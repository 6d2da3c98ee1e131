/** What is deployed, as this node knows it: routes and live scripts. Read again when this node changes it (at once) or
 *  another one does (within a second); without a database the last known state goes on serving. */
import { LRUCache } from "lru-cache";
import { findScriptByName, loadLiveScript } from "../features/scripts/scripts.service.ts";
import { loadRouteTable } from "../features/routes/routes.service.ts";
import { readControlCounter } from "../platform/database/control-change.ts";
import type { Platform } from "../platform/platform.ts";
import { prepareScript } from "./prepared-script.ts";
import type { PreparedScript } from "./prepared-script.ts";
import { createRouteTable } from "./route-table.ts";
import type { RouteTable } from "./route-table.ts";

export interface DeployedState {
  readonly routes: RouteTable;
  /** Apps that have routes. */
  readonly appIdBySlug: ReadonlyMap<string, string>;
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

export function createDeployed(platform: Platform): Deployed {
  const { db, now, log, signals } = platform;
  let state: DeployedState | undefined;
  let counter = -1;
  let checkedAt = 0;
  let lateUntil = 0;
  /** Changes this node was told of, and how many of them the state is known to hold. Until those are equal all requests
   *  wait, also those that come while it is being read: a writer's next request must see the change. */
  let changes = 0;
  let seenChanges = -1;
  const isStale = (): boolean => seenChanges !== changes;
  let checking: Promise<DeployedState> | undefined;

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
    const found = await within(checked, now() < lateUntil ? 0 : patience);
    if (found === undefined) lateUntil = now() + ageMaxMs;
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
    script: async (of, id) => await scriptOf(platform, of, id),
    scriptId: async (app, name) => await findScriptByName(db.read, app, name),
    close: unsubscribe,
  };
}

async function loadState(platform: Platform): Promise<DeployedState> {
  const routes = await loadRouteTable(platform.db.read);
  return {
    routes: createRouteTable(routes),
    appIdBySlug: new Map(routes.map(({ app }) => [app.slug, app.id])),
    scripts: new LRUCache({ max: platform.config.scriptCacheSize }),
    loading: new Map(),
  };
}

/** What the promise gives, or `undefined` if it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function scriptOf(
  platform: Platform,
  { scripts, loading }: DeployedState,
  id: string,
): Promise<PreparedScript | undefined> {
  const cached = scripts.get(id);
  if (cached !== undefined) return cached;
  const underWay = loading.get(id);
  if (underWay !== undefined) return await underWay;
  const reading = loadLiveScript(platform, id).then((live) => live && prepareScript(live));
  loading.set(id, reading);
  try {
    const script = await reading;
    if (script !== undefined) scripts.set(id, script);
    return script;
  } finally {
    loading.delete(id);
  }
}
