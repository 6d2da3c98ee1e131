/** Every change of the control plane (apps, scripts, routes, triggers, users, sessions) goes through here. */
import type { Platform } from "../platform.ts";
import type { Queryable, Transaction } from "./database.ts";

export interface ControlChange {
  /** What this node is told after the commit: `deployed` for what runs, `access` for who may. */
  readonly signal: "deployed" | "access";
  readonly appId?: string;
}

/** Runs `work` in one transaction that also counts the change and notifies all nodes inside it, so that a crash can't
 *  lose the notice. The counter's row is locked from the first statement on: control-plane changes run one after
 *  another, and what `work` checks stays true until its commit. So `work` must be short: no compiling, no network. */
export async function controlChange<T>(
  platform: Pick<Platform, "db" | "signals">,
  change: ControlChange,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const run = async (): Promise<{ readonly value: T }> =>
    await platform.db.write.begin(async (tx) => {
      await tx`update control_changes set counter = counter + 1`;
      const value = await work(tx);
      await tx`select pg_notify('picloud_control', ${`${change.signal} ${change.appId ?? ""}`})`;
      return { value };
    });
  const result = await inTurn(platform.db, run);
  platform.signals.send(change.signal, change.appId);
  return result.value;
}

/** The last change of each database that this process has open. */
const turns = new WeakMap<object, Promise<unknown>>();

/** One after another within the process too: changes that wait for the row would each hold a connection that the writes
 *  of scripts need. */
async function inTurn<T>(db: object, run: () => Promise<T>): Promise<T> {
  const before = turns.get(db) ?? Promise.resolve();
  const mine = before.then(run);
  // Whether this one fails is its caller's matter, not the next one's.
  turns.set(
    db,
    mine.then(
      () => undefined,
      () => undefined,
    ),
  );
  return await mine;
}

/** How many changes there have been; a node that knows this number is current. */
export async function readControlCounter(db: Queryable): Promise<number> {
  const [row] = await db<{ counter: number }[]>`select counter::float8 as counter from control_changes`;
  return row?.counter ?? 0;
}

/** Wakes this node for the changes of others, and after each time the connection was away. Gives the function that ends
 *  it. */
export async function listenForControlChanges(
  platform: Pick<Platform, "db" | "signals">,
): Promise<() => Promise<void>> {
  const { signals } = platform;
  const listening = await platform.db.side.listen(
    "picloud_control",
    (notice) => {
      const [signal, appId] = notice.split(" ");
      if (signal === "deployed" || signal === "access")
        signals.send(signal, appId === "" ? undefined : appId);
    },
    () => {
      signals.send("deployed");
      signals.send("access");
    },
  );
  return async () => await listening.unlisten();
}
