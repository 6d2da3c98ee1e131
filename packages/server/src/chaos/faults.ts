/** What is done to an instance: processes are killed, and, with two nodes, one stands still or its way to the database fails. */
import { setTimeout as sleep } from "node:timers/promises";
import { listNodeSessions } from "./chaos.repository.ts";
import { childrenOf, kill9 } from "./child-processes.ts";
import type { ChaosInstance, ChaosNode } from "./instance.ts";
import type { Random } from "./random.ts";

/** Ends a process with `kill -9`. */
export const killKinds = ["executor", "backend", "server", "postgres"] as const;
export type KillKind = (typeof killKinds)[number];

/** Ends nothing; only with two nodes. */
export const disturbanceKinds = ["stall", "hang", "pause", "half_open"] as const;
export type DisturbanceKind = (typeof disturbanceKinds)[number];

export type FaultKind = KillKind | DisturbanceKind;

/** What each fault is, for people. */
export const faultNames: Readonly<Record<FaultKind, string>> = {
  executor: "kill -9 of an executor",
  backend: "kill -9 of a process of PostgreSQL that serves a node",
  server: "kill -9 of a server",
  postgres: "kill -9 of PostgreSQL",
  stall: "a server stands still for longer than its lease",
  hang: "a server's connections to the database hang for 5 s and then break",
  pause: "the database answers nothing for 5 s",
  half_open: "a server's connection for notifications goes silent",
};

/** Shares of the kills: what costs a restart is rare. */
const SHARES: Readonly<Record<KillKind, number>> = {
  executor: 0.75,
  backend: 0.16,
  server: 0.05,
  postgres: 0.04,
};
const DISTURBANCE_MS = 5_000;
/** One of each kind for so many kills, with two nodes. */
const KILLS_PER_DISTURBANCE = 25;

export interface FaultPlan {
  readonly kills: number;
  readonly nodes: 1 | 2;
  readonly random: Random;
}

/** Faults in the order in which they come: every kind of kill is among them as soon as there are four. */
export function planFaults({ kills, nodes, random }: FaultPlan): readonly FaultKind[] {
  const counts = killKinds.map((kind) => ({ kind, count: Math.max(1, Math.round(kills * SHARES[kind])) }));
  const [most, ...others] = counts;
  const rest = others.flatMap(({ kind, count }) => Array.from({ length: count }, () => kind)).slice(0, kills);
  const plan = Array.from({ length: kills }, (_, at) => rest[at] ?? most?.kind ?? "executor");
  const disturbances =
    nodes === 1
      ? []
      : disturbanceKinds.flatMap((kind) =>
          Array.from({ length: Math.ceil(kills / KILLS_PER_DISTURBANCE / 2) }, () => kind),
        );
  return random.shuffle<FaultKind>([...plan, ...disturbances]);
}

export function isKill(kind: FaultKind): kind is KillKind {
  return killKinds.some((kill) => kill === kind);
}

export interface FaultOptions {
  readonly instance: ChaosInstance;
  readonly random: Random;
  readonly leaseMs: number;
}

/** Makes one fault. What has to be started by someone is running again when it resolves; what the product itself starts
 *  again may not be. */
export async function makeFault(kind: FaultKind, options: FaultOptions): Promise<void> {
  const { instance, random, leaseMs } = options;
  const node = random.pick(instance.nodes);
  switch (kind) {
    case "executor":
      return await killExecutor(node, random);
    case "backend":
      return await killSession(instance, random);
    case "server":
      return await killServer(instance, node, options);
    case "postgres":
      return await killPostgres(instance);
    case "stall":
      node.server.signal("SIGSTOP");
      await sleep(leaseMs * (1 + random.next()) + STALL_MORE_MS);
      node.server.signal("SIGCONT");
      return;
    case "hang":
      node.front?.hang();
      await sleep(DISTURBANCE_MS);
      await node.front?.reconnect();
      return;
    case "pause":
      await Promise.all(instance.nodes.map(async ({ front }) => await front?.pause(DISTURBANCE_MS)));
      return;
    case "half_open":
      node.front?.muteListeners();
      return;
    default:
      kind satisfies never;
  }
}

/** Another node looks for leases that have ended every 2 s. */
const STALL_MORE_MS = 2_500;
/** How long something that is to be killed is waited for. */
const VICTIM_MS = 60_000;
const POLL_MS = 20;
/** The oldest executor is the one that works; the youngest waits as its standby. */
const OLDEST_SHARE = 0.8;

async function killExecutor({ server }: ChaosNode, random: Random): Promise<void> {
  await untilDone("an executor to kill", () => {
    const executors = childrenOf(server.pid(), "executor/main");
    const [oldest] = executors;
    if (oldest === undefined) return false;
    return kill9(random.next() < OLDEST_SHARE ? oldest : random.pick([oldest, ...executors]));
  });
}

async function killSession({ sql }: ChaosInstance, random: Random): Promise<void> {
  await untilDone("a process of PostgreSQL to kill", async () => {
    // While PostgreSQL recovers from the last fault there is no answer.
    const pids = await listNodeSessions(sql).catch((): number[] => []);
    const [first] = pids;
    return first !== undefined && kill9(random.next() < 0.5 ? first : random.pick([first, ...pids]));
  });
}

/** Waits of a server's next start: at once, while PostgreSQL runs on; or later, when it has been stopped after its server,
 *  or another node has taken over. */
const AT_ONCE_SHARE = 0.6;
const WITH_POSTGRES_SHARE = 0.25;

async function killServer(
  instance: ChaosInstance,
  { server }: ChaosNode,
  options: FaultOptions,
): Promise<void> {
  const { random, leaseMs } = options;
  const postmaster = instance.postmaster();
  server.signal("SIGKILL");
  if (instance.nodes.length === 1 && postmaster !== undefined && random.next() < WITH_POSTGRES_SHARE)
    kill9(postmaster);
  await server.ended();
  if (random.next() >= AT_ONCE_SHARE)
    await sleep(random.next() * (instance.nodes.length === 1 ? leaseMs : 2 * leaseMs));
  await server.start();
}

async function killPostgres(instance: ChaosInstance): Promise<void> {
  await untilDone("PostgreSQL, to kill it", () => {
    const pid = instance.postmaster();
    return pid !== undefined && kill9(pid);
  });
}

async function untilDone(what: string, act: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + VICTIM_MS;
  while (!(await act())) {
    if (performance.now() > end) throw new Error(`there was not ${what} in ${VICTIM_MS} ms`);
    await sleep(POLL_MS);
  }
}
